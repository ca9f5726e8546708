"""Says so many events as fast as the bus takes them, as `galileo run` runs it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass

from galileo_bus.delivery.record_sender import RecordSender
from galileo_bus.service import Service, Settings, setting
from galileo_schemas.events import ApiPressure, ScaleSchedule
from galileo_schemas.events.scaling import PodCreationRequest

DECISIONS_IN_FLIGHT = 200
"""Decisions whose acceptance is awaited at the same time."""
TRACE_LINE = b"6f1c,1795538296.569,1795538296.571,1795538296.604,resnet,resnet-1,zone-a,200,0.033,10.0.0.7,zone-b"


@dataclass(frozen=True)
class SpeakerSettings(Settings):
    say: str = setting("observations", "bench_say", doc="what", choices=("observations", "decisions", "records"))
    count: int = setting(100_000, "bench_count", doc="how many", above=0)


class BenchSpeaker(Service):
    """Says so many events as fast as the bus takes them, once, and measures how long that took."""

    name = "bench_speaker"
    settings: SpeakerSettings
    took_s = 0.0
    cpu_s = 0.0

    def background(self) -> list[Coroutine[object, object, None]]:
        return [self._speak()]

    def figures(self) -> dict[str, float]:
        return {"took_s": self.took_s, "cpu_s": self.cpu_s}

    async def _speak(self) -> None:
        ways: dict[str, Callable[[int], Awaitable[None]]] = {
            "observations": self._observations,
            "decisions": self._decisions,
            "records": self._records,
        }
        began, cpu = time.perf_counter(), time.process_time()
        await ways[self.settings.say](self.settings.count)
        self.took_s, self.cpu_s = time.perf_counter() - began, time.process_time() - cpu
        await asyncio.Event().wait()

    async def _observations(self, count: int) -> None:
        for number in range(count):
            await self.bus.say(ApiPressure(node="gateway-zone-a", zone="zone-a", value=number / count))
        await self.bus.transport.flush()

    async def _decisions(self, count: int) -> None:
        numbers = iter(range(count))

        async def say_some() -> None:
            for number in numbers:
                request = PodCreationRequest(pod_name=f"resnet-{number}", container_name="resnet", image="resnet:1")
                decision = ScaleSchedule(
                    fn="resnet", origin_zone="zone-a", dest_zone="zone-b", pod_creation_request=request
                )
                await self.bus.say(decision, key=f"default/resnet-{number}", expires_in_s=30.0)

        await asyncio.gather(*(say_some() for _ in range(DECISIONS_IN_FLIGHT)))

    async def _records(self, count: int) -> None:
        records = RecordSender(self.bus.transport, "galileo/records/bench", new_id=self.bus.next_id)
        records.start()
        for number in range(count):
            records.add("galileo/results/traces", TRACE_LINE)
            if number % 5_000 == 0:
                await asyncio.sleep(0)
        await records.drain()
        await records.close(patience_s=1.0)
