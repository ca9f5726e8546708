"""Settings that are changed while a service runs: judged as at a start, followed at once, and said."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import ClassVar, TypeVar

import pytest
from galileo_bus.service import Service, SettingError, Settings, every, setting
from galileo_bus.service.live_settings import changed
from galileo_bus.service.service import Service as AnyService
from galileo_bus.transport import Transport
from galileo_schemas.event import Event
from galileo_schemas.events import AskRefused, SettingChange, SettingChanged
from galileo_schemas.frame import RawFrame

from tests.bus.hearing import until
from tests.bus.service.living import person, runtime_on

pytestmark = pytest.mark.looptime
E = TypeVar("E", bound=Event)


@dataclass(frozen=True)
class DialSettings(Settings):
    low: float = setting(1.0, "dial_low", "general_low", doc="lower end", at_least=0, live=True)
    high: float = setting(5.0, "dial_high", doc="upper end", live=True)
    interval: float = setting(10.0, "dial_interval", doc="s between turns", above=0, live=True)
    mode: str = setting("slow", "dial_mode", doc="how", choices=("slow", "fast"), live=True)
    per_function: dict[str, float] = setting({}, "dial_limit_<fn>", doc="limit of a function", above=0, live=True)
    port: int = setting(80, "dial_port", doc="port to listen on")


class Dial(Service):
    """Has a span that must not be empty, and turns each interval."""

    name = "dial"
    settings: DialSettings
    heard: ClassVar[list[Settings]] = []

    async def started(self) -> None:
        self.span = self.settings.high - self.settings.low
        self.befores: list[Settings] = []
        self.turned_at: list[float] = []

    def settings_changed(self, before: Settings) -> None:
        if self.settings.low > self.settings.high:
            raise SettingError("dial_low is at most dial_high")
        self.befores.append(before)
        self.span = self.settings.high - self.settings.low

    @every("interval")
    async def turn(self) -> None:
        self.turned_at.append(asyncio.get_running_loop().time())


class Other(Service):
    name = "other"
    settings: DialSettings


class House:
    """A dial, and somebody who changes its settings."""

    def __init__(self, transport: Transport) -> None:
        self.person = person(transport)
        self.answers: list[Event] = []
        for kind in (SettingChanged, AskRefused):
            self.person.listen(kind, self._take)

    async def _take(self, event: Event, _frame: RawFrame) -> None:
        self.answers.append(event)

    async def set(self, variable: str, value: str, *, service: str = "dial") -> Event:
        identity = await self.person.say(SettingChange(service=service, variable=variable, value=value))
        count = len(self.answers)
        await until(lambda: len(self.answers) > count)
        answer = self.answers[-1]
        assert answer.meta is not None
        assert answer.meta.cause == (identity,)
        return answer

    async def refused(self, variable: str, value: str) -> str:
        answer = await self.set(variable, value)
        assert isinstance(answer, AskRefused), answer
        assert answer.ask == "setting_change"
        assert "\n" not in answer.reason
        return answer.reason

    async def accepted(self, variable: str, value: str, *, service: str = "dial") -> SettingChanged:
        answer = await self.set(variable, value, service=service)
        assert isinstance(answer, SettingChanged), answer
        return answer


@asynccontextmanager
async def running(
    transport: Transport, *services: type[AnyService], instance: str = "", **environ: str
) -> AsyncIterator[tuple[House, list[Service]]]:
    runtime = runtime_on(transport, environ=environ)
    made = [runtime.add(service, instance=instance) for service in services]
    house = House(transport)
    await house.person.start()
    stop = asyncio.Event()
    task = asyncio.create_task(runtime.run(stop))
    await runtime.started.wait()
    try:
        yield house, made
    finally:
        stop.set()
        await task
        await house.person.close()


@pytest.fixture
async def dialled(memory: Transport) -> AsyncIterator[tuple[House, Dial]]:
    async with running(memory, Dial) as (house, (dial,)):
        assert isinstance(dial, Dial)
        yield house, dial


async def test_a_live_setting_is_followed_at_once_and_said_with_what_it_was(dialled: tuple[House, Dial]) -> None:
    house, dial = dialled
    said = await house.accepted("dial_high", "9")
    assert (said.service, said.variable, said.value, said.before) == ("dial", "dial_high", "9", "5")
    assert dial.settings.high == 9.0
    assert dial.span == 8.0
    assert dial.befores == [DialSettings()]


async def test_changes_add_up(dialled: tuple[House, Dial]) -> None:
    house, dial = dialled
    await house.accepted("dial_high", "9")
    await house.accepted("dial_low", "2")
    assert (dial.settings.low, dial.settings.high) == (2.0, 9.0)
    assert (await house.accepted("dial_high", "7")).before == "9"


@pytest.mark.parametrize(
    ("variable", "value", "reason"),
    [
        ("dial_low", "little", "dial: dial_low=little: expected a number"),
        ("dial_low", "-1", "dial: dial_low=-1: expected a number of at least 0 (lower end)"),
        ("dial_mode", "fats", "dial: dial_mode=fats: expected slow | fast (how)"),
        ("dial_low", "6", "dial: dial_low is at most dial_high"),
        ("dial_limit_resnet", "0", "dial: dial_limit_resnet=0: expected a number above 0 (limit of a function)"),
    ],
)
async def test_a_value_that_would_be_refused_at_a_start_is_refused_and_changes_nothing(
    dialled: tuple[House, Dial], variable: str, value: str, reason: str
) -> None:
    house, dial = dialled
    assert await house.refused(variable, value) == reason
    assert dial.settings == DialSettings()
    assert dial.span == 4.0
    await house.accepted("dial_high", "6")
    assert dial.settings == DialSettings(high=6.0)


async def test_a_setting_that_is_not_live_is_refused_and_those_that_are_are_named(dialled: tuple[House, Dial]) -> None:
    house, dial = dialled
    reason = await house.refused("dial_port", "81")
    assert reason.startswith("dial: dial_port: takes effect at a start only; can be changed while it runs: dial_low, ")
    assert dial.settings == DialSettings()


async def test_an_unknown_variable_is_refused_with_what_may_have_been_meant(dialled: tuple[House, Dial]) -> None:
    house, _dial = dialled
    assert "no such setting here; did you mean dial_high?" in await house.refused("dial_hihg", "9")


async def test_a_variable_of_a_family_changes_one_member(dialled: tuple[House, Dial]) -> None:
    house, dial = dialled
    assert (await house.accepted("dial_limit_resnet", "40")).before == ""
    assert (await house.accepted("dial_limit_resnet", "50")).before == "40"
    await house.accepted("dial_limit_blur", "9")
    assert dial.settings.per_function == {"resnet": 50.0, "blur": 9.0}


async def test_a_more_general_variable_does_not_go_before_one_that_is_set(memory: Transport) -> None:
    async with running(memory, Dial, dial_low="2") as (house, (dial,)):
        assert "dial_low is set and goes before it" in await house.refused("general_low", "3")
        assert dial.settings == DialSettings(low=2.0)
    async with running(memory, Dial) as (house, (dial,)):
        await house.accepted("general_low", "3")
        assert dial.settings == DialSettings(low=3.0)


async def test_only_the_service_that_is_meant_changes(memory: Transport) -> None:
    async with running(memory, Dial, Other) as (house, (dial, other)):
        await house.accepted("dial_high", "9", service="other")
        assert dial.settings == DialSettings()
        assert other.settings == DialSettings(high=9.0)


async def test_an_instance_is_meant_by_its_own_name_too(memory: Transport) -> None:
    async with running(memory, Dial, instance="dial-left") as (house, (dial,)):
        await house.accepted("dial_high", "9", service="dial-left")
        await house.accepted("dial_low", "2", service="dial")
        assert dial.settings == DialSettings(low=2.0, high=9.0)


async def test_an_interval_that_is_changed_holds_from_the_next_run_on(memory: Transport) -> None:
    began = asyncio.get_running_loop().time()
    async with running(memory, Dial) as (house, (dial,)):
        await house.accepted("dial_interval", "2")
        await asyncio.sleep(17.0)
        assert isinstance(dial, Dial)
        turned = [at - began for at in dial.turned_at]
    assert turned == pytest.approx([10.0, 12.0, 14.0, 16.0], abs=0.5)


def test_a_change_says_its_values_as_they_would_be_written() -> None:
    change = changed(DialSettings, {}, "dial_mode", " fast ")
    assert (change.before, change.after) == ("slow", "fast")
    assert change.settings == DialSettings(mode="fast")


def test_a_secret_cannot_be_live() -> None:
    with pytest.raises(ValueError, match="a secret cannot be live"):
        setting("", "x_password", doc="password", secret=True, live=True)
