"""One run: a server, participants in processes of their own, faults by plan, and what came of it on file.

    python -m tests.robustness.run 17 --out folder      → folder/*.history, *.log

What lies on the server at the end, in the journal, in the record stream and with the groups, is part of the history.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import multiprocessing
import os
import random
import signal
import sys
import time
from collections.abc import Awaitable, Callable
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path

from galileo_bus.delivery.streams import EVENT_RECORDS, journal_of
from galileo_bus.transport.redis_address import RedisAddress
from galileo_bus.transport.redis_transport import RedisTransport
from galileo_schemas.events import PodCreated
from galileo_schemas.frame import EVENTS_CHANNEL, join_frame, split_frame
from galileo_schemas.registry import decode_frame, encode_frame

from tests.robustness.effect_store import EffectStore
from tests.robustness.fault_proxy import FaultProxy, Spoiling
from tests.robustness.histories import History
from tests.robustness.participants import Actor, Recorder, decision, pod_of, store_exists
from tests.robustness.plan import Fault, Plan, plan_of
from tests.robustness.worker import SOURCE_HEARTBEAT_S, live
from tests.robustness.worker_spec import WorkerSpec
from tests.servers import RedisServer

START_LIMIT_S = 15.0
DECIDERS_START_S = 0.25
SETTLE_LIMIT_S = 12.0
STOP_LIMIT_S = 10.0
JOURNAL = journal_of("scale_schedule")
OUTPUT_LIMIT = "--client-output-buffer-limit pubsub 256kb 128kb 1"
FLOOD_MESSAGES = 500
FLOOD_BYTES = 16_384


class Run:
    """What goes on in one run. `mutation` names a fault that is put into the bus of the participants."""

    def __init__(self, plan: Plan, folder: Path, *, mutation: str = "") -> None:
        self._plan = plan
        self._folder = folder
        self._mutation = mutation
        self._rng = random.Random(f"run {plan.seed}")
        self._server = RedisServer(folder / "valkey", durable=True, options=OUTPUT_LIMIT)
        self._history = History(folder, "runner")
        self._proxies: dict[str, FaultProxy] = {}
        self._processes: dict[str, ForkServerProcess] = {}
        self._turns = {name: asyncio.Lock() for name in (*plan.participants, "server")}
        self._lives: dict[str, int] = dict.fromkeys(plan.participants, 0)
        self._store = folder / "effects.sqlite"
        self._began_at = self._quiet_at = 0.0
        self._context: ForkServerContext = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(["tests.robustness.worker"])

    async def whole(self) -> None:
        """All of it; the server and the participants are gone when this returns."""
        store_exists(self._store)
        await asyncio.to_thread(self._server.start)
        try:
            await self._start_participants()
            await self._go_wrong()
            await self._settle()
            await self._stop_participants()
            await self._note_what_is_there()
        finally:
            for process in self._processes.values():
                process.kill()
                process.join()
            for proxy in self._proxies.values():
                await proxy.close()
            self._server.kill()
            self._history.close()

    # ------------------------------------------------------------ participants

    async def _start_participants(self) -> None:
        for name in self._plan.participants:
            proxy = self._proxies[name] = FaultProxy(self._server.port, rng=self._rng)
            await proxy.start()
        deciders = [name for name in self._plan.participants if name.startswith("decider")]
        for name in self._plan.participants:
            if name not in deciders:
                self._start(name)
        await self._until(self._all_run, START_LIMIT_S, "all participants run")
        self._began_at = time.time() + DECIDERS_START_S
        self._quiet_at = self._began_at + self._plan.says_s
        for name in deciders:
            self._start(name)
        self._history.note("plan", text=repr(self._plan), began_at=self._began_at, quiet_at=self._quiet_at)

    def _start(self, name: str) -> None:
        self._lives[name] += 1
        plan = self._plan
        spec = WorkerSpec(
            who=f"{name}/{self._lives[name]}",
            port=self._proxies[name].port,
            folder=self._folder,
            store=self._store,
            seed=plan.seed,
            quiet_at=self._quiet_at,
            keys=plan.keys,
            uvloop=plan.uvloop,
            mutation=self._mutation,
            decision_every_s=plan.decision_every_s,
            observation_every_s=plan.observation_every_s,
            record_every_s=plan.record_every_s,
            observation_bytes=20,
        )
        process = self._context.Process(target=live, args=(spec,), name=spec.who)
        process.start()
        self._processes[name] = process
        self._history.note("started", participant=spec.who)

    async def _all_run(self) -> bool:
        return all(self._has_noted(name, b'"what":"running"') for name in self._processes)

    def _has_noted(self, name: str, words: bytes) -> bool:
        path = self._folder / f"{name}-{self._lives[name]}.history"
        return path.exists() and words in path.read_bytes()

    def _kill(self, name: str) -> None:
        process = self._processes[name]
        process.kill()
        process.join()
        self._history.note("killed", participant=f"{name}/{self._lives[name]}")

    # ------------------------------------------------------------ faults

    async def _go_wrong(self) -> None:
        """Each fault and each publication by hand in its own time, side by side."""
        async with asyncio.TaskGroup() as group:
            for fault in self._plan.faults:
                group.create_task(self._strike(fault), name=f"{fault.kind} {fault.target}")
            for number, at_s in enumerate(self._plan.hand_s):
                group.create_task(self._publish_by_hand(number, at_s), name="by hand")
            group.create_task(self._wait_until(self._plan.says_s), name="all is said")
        for proxy in self._proxies.values():
            proxy.heal()
        self._history.note("healed")

    async def _wait_until(self, at_s: float) -> None:
        await asyncio.sleep(max(0.0, self._began_at + at_s - time.time()))

    async def _strike(self, fault: Fault) -> None:
        await self._wait_until(fault.at_s)
        async with self._turns[fault.target]:  # on a busy machine the one before may not be over yet
            self._history.note("fault", kind=fault.kind, target=fault.target, lasts_s=fault.lasts_s)
            if fault.kind == "kill_server":
                await self._kill_server(fault.lasts_s)
            elif fault.kind == "kill":
                self._kill(fault.target)
                await asyncio.sleep(fault.lasts_s)
                self._start(fault.target)
            else:
                await self._spoil(self._proxies[fault.target], fault)
            self._history.note("fault_over", kind=fault.kind, target=fault.target)

    async def _kill_server(self, down_s: float) -> None:
        await asyncio.to_thread(self._server.kill)
        self._history.note("server_killed")
        await asyncio.sleep(down_s)
        await asyncio.to_thread(self._server.start)
        self._history.note("server_back")

    async def _spoil(self, proxy: FaultProxy, fault: Fault) -> None:
        match fault.kind:
            case "delay":
                proxy.spoiling = Spoiling(delay_s=self._rng.uniform(0.02, 0.15))
            case "slow":
                proxy.spoiling = Spoiling(bytes_per_s=20_000)
            case "slice":
                proxy.spoiling = Spoiling(slices=True)
            case "refuse":
                proxy.spoiling = Spoiling(refuses=True)
                proxy.cut()
            case "cut":
                proxy.cut()
            case "black_hole" | "black_hole_cut":
                proxy.black_hole()
            case "lose_answers":
                proxy.lose_answers()
            case "overflow":
                proxy.spoiling = Spoiling(bytes_per_s=20_000)
                await asyncio.to_thread(self._flood)
            case _:
                raise ValueError(f"no such fault: {fault.kind}")
        await asyncio.sleep(fault.lasts_s)
        if fault.kind in ("black_hole_cut", "lose_answers", "overflow"):
            proxy.cut()
        proxy.heal()

    def _flood(self) -> None:
        """More than the server keeps for a subscriber that reads slowly; a user event, which services ignore."""
        frame = join_frame(time.time(), "flood", b'"' + b"x" * FLOOD_BYTES + b'"').decode()
        with contextlib.suppress(OSError):  # the server may have been killed meanwhile
            self._server.commands(*[("PUBLISH", EVENTS_CHANNEL, frame)] * FLOOD_MESSAGES)

    async def _publish_by_hand(self, number: int, at_s: float) -> None:
        await self._wait_until(at_s)
        pod = f"by-hand-{number}-well"
        frame = encode_frame(time.time(), decision(pod)).decode()
        calm = self._plan.calm_at(at_s, before_s=0.0, after_s=0.1)
        try:
            receivers = await asyncio.to_thread(self._server.command, "PUBLISH", EVENTS_CHANNEL, frame)
        except OSError:
            return  # no server, no publication
        self._history.note("by_hand", pod=pod, receivers=int(receivers.removeprefix(b":")), calm=calm)

    # ------------------------------------------------------------ the end

    async def _until(self, condition: Callable[[], Awaitable[bool]], limit_s: float, what: str) -> None:
        """Waits for a condition; that it did not come true is part of the history."""
        deadline = time.monotonic() + limit_s
        while not await condition():
            if time.monotonic() > deadline:
                self._history.note("not_so", what=what, within_s=limit_s)
                return
            await asyncio.sleep(0.03)

    async def _settle(self) -> None:
        """Until all that was said is with the server, and all that is there was acted on or kept."""
        address = RedisAddress(host="127.0.0.1", port=self._server.port)
        direct = RedisTransport(address, rng=self._rng)
        await direct.start()

        async def settled() -> bool:
            done = all((self._folder / f"{name}.done").exists() for name in self._processes if name[0] == "d")
            return (
                done
                and await direct.backlog(JOURNAL, group=Actor.name) == 0
                and await direct.backlog(EVENT_RECORDS, group=Recorder.name) == 0
            )

        try:
            await self._until(settled, SETTLE_LIMIT_S, "all is acted on and kept")
        finally:
            await direct.close()
        await asyncio.sleep(3 * SOURCE_HEARTBEAT_S)  # the last numbers are told by heartbeats

    async def _stop_participants(self) -> None:
        for name, process in self._processes.items():
            if process.is_alive() and process.pid is not None:
                os.kill(process.pid, signal.SIGTERM)
                self._history.note("told_to_stop", participant=f"{name}/{self._lives[name]}")
        deadline = time.monotonic() + STOP_LIMIT_S
        for name, process in self._processes.items():
            await asyncio.to_thread(process.join, max(0.0, deadline - time.monotonic()))
            if process.is_alive():
                self._history.note("not_so", what=f"{name} stops", within_s=STOP_LIMIT_S)

    async def _note_what_is_there(self) -> None:
        address = RedisAddress(host="127.0.0.1", port=self._server.port)
        direct = RedisTransport(address, rng=self._rng)
        await direct.start()
        try:
            for entry in await direct.range(JOURNAL, count=1_000_000):
                event = decode_frame(split_frame(entry.payload))
                assert event is not None
                assert event.meta is not None
                meta = event.meta
                self._history.note("journal", entry=entry.id, id=meta.id, pod=pod_of(event), key=meta.key)
            for entry in await direct.range(EVENT_RECORDS, count=1_000_000):
                for line in entry.payload.split(b"\n"):
                    event = decode_frame(split_frame(line))
                    if isinstance(event, PodCreated) and event.meta is not None:
                        self._history.note("record", entry=entry.id, id=event.meta.id)
        finally:
            await direct.close()
        store = EffectStore(self._store)
        for event_id, pod, key in store.effects():
            self._history.note("effect_is_there", id=event_id, pod=pod, key=key)
        for event_id in store.records():
            self._history.note("record_is_there", id=event_id)
        store.close()


def main() -> int:
    """Does one run and returns 0 if it came to its end; what came of it is for the checks to say."""
    parser = argparse.ArgumentParser(prog="tests.robustness.run", description=__doc__)
    parser.add_argument("seed", type=int)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--mutation", default="")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    asyncio.run(Run(plan_of(arguments.seed), arguments.out, mutation=arguments.mutation).whole())
    return 0


if __name__ == "__main__":
    sys.exit(main())
