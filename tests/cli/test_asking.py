"""Commands ask on a real bus and print what was answered, or that nobody did."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from random import Random

import pytest
from galileo_bus.bus import Bus
from galileo_bus.service import Service, Settings, setting
from galileo_bus.service.runtime import Runtime
from galileo_cli.__main__ import main
from galileo_cli.connections import redis_transport
from galileo_cli.emulate.fault_desk import FaultDesk
from galileo_emulation.fault_table import FaultTable
from galileo_schemas.events import AskRefused, ClientMove, ClientPause, ClientResume, Fault, LoadMoved, LoadPaused
from galileo_schemas.frame import RawFrame

from tests.servers import RedisServer, free_port


class Anything:
    """Breaks whatever it is asked to, but the node `nowhere`."""

    async def begin(self, fault: Fault) -> None:
        if fault.node == "nowhere":
            raise LookupError("no node 'nowhere'; there are edge-1, edge-2")

    async def end(self, fault: Fault) -> None:
        return None


@dataclass(frozen=True)
class TunableSettings(Settings):
    limit: float = setting(0.5, "tunable_limit", doc="a limit", above=0, live=True)


class Tunable(Service):
    """Has one setting that can be changed."""

    name = "tunable"
    settings: TunableSettings


class System(threading.Thread):
    """A running system in a thread: it breaks things, has clients who obey, and a service with a live setting."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        super().__init__(daemon=True)
        self._environ = dict(environ)
        self._loop = asyncio.new_event_loop()
        self._over = asyncio.Event()
        self.ready = threading.Event()

    def run(self) -> None:
        try:
            self._loop.run_until_complete(self._live())
        finally:
            self._loop.close()

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._over.set)
        self.join(10.0)

    async def _live(self) -> None:
        transport = redis_transport(self._environ)
        await transport.start()
        runtime = Runtime(transport, environ=self._environ, now=time.time, seed=1)
        runtime.add(Tunable)
        bus = Bus(transport, source="world", now=time.time, rng=Random(1))
        everything = Anything()
        desk = FaultDesk(
            bus,
            FaultTable(("kill_node", "add_latency", "burn_cpu", "cut_bus")),
            {"kill_node": everything, "add_latency": everything, "burn_cpu": everything, "cut_bus": everything},
        )

        async def steer(event: object, _frame: RawFrame) -> None:
            assert isinstance(event, ClientPause | ClientResume | ClientMove)
            cause = (event.meta.id,) if event.meta else ()
            if isinstance(event, ClientMove):
                moved = LoadMoved(
                    fn=event.fn or "resnet", origin_zone=event.origin_zone, dest_zone=event.dest_zone, rps=20.0
                )
                await bus.say(moved, cause=cause)
            elif event.zone == "nowhere":
                await bus.say(AskRefused(ask="client_pause", reason="there is no zone 'nowhere'"), cause=cause)
            else:
                paused = LoadPaused(fn=event.fn, zone=event.zone, paused=isinstance(event, ClientPause))
                await bus.say(paused, cause=cause)

        for kind in (ClientPause, ClientResume, ClientMove):
            bus.listen(kind, steer)
        await bus.start()
        ending = asyncio.create_task(desk.run())
        running = asyncio.create_task(runtime.run(self._over))
        await runtime.started.wait()
        self.ready.set()
        await running
        ending.cancel()
        await asyncio.gather(ending, return_exceptions=True)
        await bus.close()
        await transport.close()


@pytest.fixture(autouse=True)
def _logs_stay_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    """A command of its own process may set up the logs; other tests listen to those of this one."""
    monkeypatch.setattr("galileo_cli.asking.set_up_logs", lambda **_named: None)


@pytest.fixture
def bus_environ(shared_redis: Callable[[str], RedisServer], monkeypatch: pytest.MonkeyPatch) -> None:
    server = shared_redis("valkey")
    server.command("FLUSHALL")
    monkeypatch.setenv("galileo_redis_host", "127.0.0.1")
    monkeypatch.setenv("galileo_redis_port", str(server.port))
    monkeypatch.setattr("galileo_cli.asking.FURTHER_ANSWERS_S", 0.05)


@pytest.fixture
def system(bus_environ: None, shared_redis: Callable[[str], RedisServer]) -> Iterator[System]:
    system = System({"galileo_redis_host": "127.0.0.1", "galileo_redis_port": str(shared_redis("valkey").port)})
    system.start()
    assert system.ready.wait(10.0)
    yield system
    system.stop()


@pytest.mark.parametrize(
    ("words", "line"),
    [
        ("fault kill-node edge-2 --for 30s", "fault: node edge-2 is down for 30 s"),
        ("fault kill-node edge-2", "fault: node edge-2 is down"),
        (
            "fault add-latency zone-a zone-b 150 --for 2m",
            "fault: 150 ms more between zone-a and zone-b for 120 s",
        ),
        ("fault burn-cpu edge-1 1.5", "fault: 1.5 cores of edge-1 are taken"),
        ("fault cut-bus gateway-zone-a", "fault: gateway-zone-a is cut off from the bus"),
        (
            "fault cut-bus trace_recorder --half-open --for 500ms",
            "fault: trace_recorder is cut off from the bus (half open) for 0.5 s",
        ),
        ("load pause", "all clients send nothing now"),
        ("load pause --fn resnet --zone zone-a", "clients of resnet in zone-a send nothing now"),
        ("load resume --zone zone-a", "clients in zone-a go on"),
        ("load move zone-a zone-b --fn resnet", "clients of resnet move from zone-a to zone-b (20 requests/s)"),
        ("set tunable tunable_limit 0.25", "tunable: tunable_limit is 0.25 now, was 0.5"),
    ],
)
def test_an_ask_that_is_met_prints_what_was_done(
    system: System, capsys: pytest.CaptureFixture[str], words: str, line: str
) -> None:
    assert main(words.split()) == 0
    assert capsys.readouterr().out == line + "\n"


@pytest.mark.parametrize(
    ("begin", "end", "line"),
    [
        ("kill-node edge-2", "restore-node edge-2", "fault ended: node edge-2 is down"),
        (
            "add-latency zone-a zone-b 10",
            "remove-latency zone-b zone-a",
            "fault ended: 10 ms more between zone-a and zone-b",
        ),
        ("burn-cpu edge-1 2", "stop-burning edge-1", "fault ended: 2 cores of edge-1 are taken"),
        ("cut-bus pod_creator", "restore-bus pod_creator", "fault ended: pod_creator is cut off from the bus"),
    ],
)
def test_what_was_broken_is_mended(
    system: System, capsys: pytest.CaptureFixture[str], begin: str, end: str, line: str
) -> None:
    assert main(["fault", *begin.split()]) == 0
    capsys.readouterr()
    assert main(["fault", *end.split()]) == 0
    assert capsys.readouterr().out == line + "\n"


@pytest.mark.parametrize(
    ("words", "line"),
    [
        ("fault kill-node nowhere", "galileo: fault refused: no node 'nowhere'; there are edge-1, edge-2"),
        (
            "fault restore-node edge-9",
            "galileo: fault_end refused: no such fault is in force; of kind kill_node there is: none",
        ),
        ("load pause --zone nowhere", "galileo: client_pause refused: there is no zone 'nowhere'"),
        (
            "set tunable tunable_limit -1",
            "galileo: setting_change refused: tunable: tunable_limit=-1: expected a number above 0 (a limit)",
        ),
    ],
)
def test_an_ask_that_is_refused_says_why_and_fails(
    system: System, capsys: pytest.CaptureFixture[str], words: str, line: str
) -> None:
    assert main(words.split()) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err == line + "\n"


def test_when_nobody_answers_it_says_so(bus_environ: None, capsys: pytest.CaptureFixture[str]) -> None:
    began = time.monotonic()
    assert main(["set", "absent", "x", "1"]) == 1
    assert 2.5 < time.monotonic() - began < 6.0
    assert capsys.readouterr().err.startswith("galileo: no answer within 3 s: expected a service absent")


def test_without_a_bus_it_is_one_line_within_two_seconds(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("galileo_redis_host", "127.0.0.1")
    monkeypatch.setenv("galileo_redis_port", str(free_port()))
    began = time.monotonic()
    assert main(["fault", "kill-node", "edge-1"]) == 2
    assert time.monotonic() - began < 2.0
    said = capsys.readouterr().err
    assert said.startswith("galileo: no answer from redis://127.0.0.1:")
    assert said.count("\n") == 1


@pytest.mark.parametrize("words", ["kill-node e --for soon", "kill-node e --for 0s", "burn-cpu e many", "kill-node"])
def test_what_is_no_ask_is_refused_before_anything_is_said(words: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["fault", *words.split()])
    assert ended.value.code == 2
    assert "error:" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["fault", "load", "set"])
def test_help_shows_examples(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([command, "--help"])
    assert ended.value.code == 0
    assert f"galileo {command} " in capsys.readouterr().out.split("examples:")[1]
