"""What an author's test of a service can rely on: it hears, it is heard, time passes, and faults are not hidden."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from galileo_bus.service import Service, SettingError, Settings, every, on, setting
from galileo_bus.testing import running, virtual_time
from galileo_schemas.event import KINDS_BY_NAME, KINDS_BY_TYPE, Delivery, Event, event
from galileo_schemas.events import ApiPressure, ScaleImpossible, ScaleSchedule
from galileo_schemas.events.scaling import PodCreationRequest
from galileo_schemas.registry import kind_named


class Store:
    """What the service needs from outside."""

    def __init__(self, words: str) -> None:
        self.words = words


@dataclass(frozen=True)
class EchoSettings(Settings):
    interval: float = setting(10.0, "echo_interval", doc="s between reports", above=0)


class Echo(Service):
    """Says what it has heard, every interval; fails when it hears a negative value."""

    name = "echo"
    settings: EchoSettings

    def requires(self) -> tuple[type[object], ...]:
        return (Store,)

    async def started(self) -> None:
        self.values: list[float] = []
        self.acted: list[str] = []

    @on(ApiPressure)
    async def note(self, event: ApiPressure) -> None:
        if event.value < 0:
            raise ValueError("a pressure below 0")
        self.values.append(event.value)

    @on(ScaleSchedule)
    async def act(self, event: ScaleSchedule) -> None:
        self.acted.append(event.fn)

    @every("interval")
    async def report(self) -> None:
        words = f"{self.backend(Store).words} {self.values}"
        await self.bus.say(ScaleImpossible(fn="", origin_zone="", dest_zone="", reason=words))


STORED: dict[type[object], object] = {Store: Store("heard")}


def pressure(value: float) -> ApiPressure:
    return ApiPressure(node="gateway-a", zone="a", value=value)


@virtual_time
async def test_events_reach_the_service_and_what_it_says_is_heard() -> None:
    async with running(Echo, backends=STORED) as bench:
        await bench.say(pressure(0.4))
        bench.publish('1700000000.5 api_pressure {"node": "gateway-b", "zone": "b", "value": 0.5}')
        await bench.pass_time(10.5)
        assert [said.reason for said in bench.said(ScaleImpossible)] == ["heard [0.4, 0.5]"]
        assert bench.said(ApiPressure) == []
        assert [frame.name for frame in bench.frames("api_pressure")] == ["api_pressure", "api_pressure"]


@virtual_time
async def test_settings_are_given_as_variables() -> None:
    async with running(Echo, environ={"echo_interval": "600"}, backends=STORED) as bench:
        await bench.pass_time(599)
        assert bench.said(ScaleImpossible) == []
        assert len(await bench.until_said(ScaleImpossible, count=2, within_s=700)) == 2


@virtual_time
async def test_a_decision_reaches_its_actor() -> None:
    async with running(Echo, backends=STORED) as bench:
        request = PodCreationRequest(pod_name="resnet-1")
        decision = ScaleSchedule(fn="resnet", origin_zone="a", dest_zone="b", pod_creation_request=request)
        await bench.say(decision, key="default/resnet-1", expires_in_s=20)
        await bench.until(lambda: bench.service.acted)
        assert bench.service.acted == ["resnet"]


def test_a_wrong_setting_is_told_as_at_a_start() -> None:
    @virtual_time
    async def work() -> None:
        async with running(Echo, environ={"echo_interval": "0"}, backends=STORED):
            pytest.fail("it runs")

    with pytest.raises(SettingError, match="echo_interval=0: expected a number above 0"):
        work()


def test_a_backend_that_was_not_given_is_named() -> None:
    @virtual_time
    async def work() -> None:
        async with running(Echo):
            pytest.fail("it runs")

    with pytest.raises(LookupError, match="echo needs Store"):
        work()


def test_what_a_handler_raises_fails_the_test() -> None:
    @virtual_time
    async def work() -> None:
        async with running(Echo, backends=STORED) as bench:
            await bench.say(pressure(-1.0))
            await bench.pass_time(1)

    with pytest.raises(ValueError, match="a pressure below 0"):
        work()


def test_what_is_not_said_in_time_is_told_with_what_was() -> None:
    @virtual_time
    async def work() -> None:
        async with running(Echo, backends=STORED) as bench:
            await bench.say(pressure(1.0))
            await bench.until_said(ScaleImpossible, count=3, within_s=15)

    with pytest.raises(AssertionError, match="1 of 3 scale_impossible within 15 s; heard: api_pressure, scale_impo"):
        work()


@virtual_time
async def test_errors_that_are_expected_are_for_the_test_to_look_at() -> None:
    async with running(Echo, backends=STORED, errors_expected=True) as bench:
        await bench.say(pressure(-1.0))
        await bench.pass_time(1)
        assert [str(error) for error in bench.errors] == ["a pressure below 0"]


async def test_it_also_runs_where_real_time_passes() -> None:
    async with running(Echo, environ={"echo_interval": "0.01"}, backends=STORED) as bench:
        await bench.until_said(ScaleImpossible, within_s=5)


@pytest.fixture
def greeted() -> Iterator[type[Event]]:
    class Greeted(Event, kw_only=True):
        """Somebody was greeted."""

        whom: str

    yield event("greeted_at_the_bench", Delivery.OBSERVATION)(Greeted)
    del KINDS_BY_TYPE[Greeted], KINDS_BY_NAME["greeted_at_the_bench"]


def test_an_event_of_ones_own_needs_no_more_than_its_declaration(greeted: type[Event]) -> None:
    assert kind_named("greeted_at_the_bench") is not None

    class Greeter(Service):
        """Greets once a second."""

        name = "greeter"

        @every(1.0)
        async def greet(self) -> None:
            await self.bus.say(greeted(whom="you"))  # type: ignore[call-arg]

    @virtual_time
    async def work() -> None:
        async with running(Greeter) as bench:
            await bench.pass_time(3.5)
            assert len(bench.said(greeted)) == 3

    work()


@pytest.mark.looptime
async def test_it_runs_in_looptimes_virtual_time_as_well() -> None:
    async with running(Echo, backends=STORED) as bench:
        await bench.say(pressure(0.4))
        await bench.pass_time(10.5)
        assert [said.reason for said in bench.said(ScaleImpossible)] == ["heard [0.4]"]
