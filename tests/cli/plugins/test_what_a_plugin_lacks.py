"""`galileo check` names what is wrong with a plug-in, each in a line that says what to do."""

from __future__ import annotations

from pathlib import Path

import pytest
from galileo_cli.__main__ import main
from galileo_cli.service_table import SERVICES

from tests.cli.plugins.installing import install, service_code

EXAMPLES = Path(__file__).parents[3] / "examples" / "services"

WELL = '''
"""A plug-in."""

import asyncio
import time
from dataclasses import dataclass
from pathlib import Path

import galileo_schemas.events as known
from galileo_bus.service import Service, Settings, every, on, setting, watch
from galileo_schemas.event import Delivery, Event, event
from galileo_schemas.events import ApiPressure, ScaleSchedule
from galileo_schemas.events.scaling import PodCreationRequest


@event("mine_said", Delivery.OBSERVATION)
class MineSaid(Event, kw_only=True):
    """Something is said: `words`."""

    words: str


@dataclass(frozen=True)
class MineSettings(Settings):
    limit: float = setting(0.5, "mine_limit", doc="pressure that is too much", above=0)
    interval: float = setting(5.0, "mine_interval", doc="s between looks", above=0)


def load() -> str:
    return ""


class Mine(Service):
    """Says `mine_said`."""

    name = "mine"
    settings: MineSettings

    @on(ApiPressure)
    async def note(self, event: ApiPressure) -> None:
        await asyncio.sleep(0)

    @every("interval")
    async def look(self) -> None:
        decision = ScaleSchedule(
            fn="a", origin_zone="b", dest_zone="c", pod_creation_request=PodCreationRequest(pod_name="d")
        )
        await self.bus.say(decision, key="default/d", expires_in_s=10.0)
        await self.bus.say(MineSaid(words=load()))
'''


def check(folder: Path, capsys: pytest.CaptureFixture[str], code: str) -> tuple[int, list[str]]:
    (folder / "mine.py").write_text(code)
    (folder / "test_mine.py").write_text("from mine import Mine\n")
    status = main(["check", str(folder / "mine.py")])
    return status, capsys.readouterr().out.splitlines()


def test_of_one_that_is_well_a_short_list_is_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, lines = check(tmp_path, capsys, WELL)
    assert status == 0
    assert lines == [
        "ok     name: mine",
        "ok     docstring",
        "ok     settings documented and validated",
        "ok     does something",
        "ok     handlers take registered events",
        "ok     nothing seen that blocks",
        "ok     decisions with key and expiry",
        "ok     own events documented, with JSON Schemas: mine_said",
        "ok     tests found",
    ]


BAD = [
    ('    """Says `mine_said`."""\n', "", "Mine has no docstring: say in a sentence what it says, and what it acts on"),
    (
        'name = "mine"',
        'name = "My Mine"',
        "Mine: the name 'My Mine': use lower-case words with _, such as hot_gateways",
    ),
    (
        "@dataclass(frozen=True)\n",
        "",
        "MineSettings.limit is not read: write @dataclass(frozen=True) above MineSettings",
    ),
    (
        'limit: float = setting(0.5, "mine_limit", doc="pressure that is too much", above=0)',
        "limit: float = 0.5",
        'MineSettings.limit: write it as setting(default, "mine_limit", doc="…")',
    ),
    (
        'doc="pressure that is too much"',
        'doc=""',
        "MineSettings.limit: not documented: say in doc= what it means, and in which unit",
    ),
    (
        'setting(0.5, "mine_limit"',
        "setting(0.5",
        'MineSettings.limit: no environment variable sets it: name one, "mine_limit"',
    ),
    (
        'setting(0.5, "mine_limit"',
        'setting(0.0, "mine_limit"',
        "MineSettings.limit: its own default is refused (mine_limit=0: expected a number above 0 (pressure that is too "
        "much)): change the default, or what is accepted",
    ),
    (
        "settings: MineSettings",
        "settings: dict",
        "Mine: settings is a <class 'dict'>: make it a subclass of galileo_bus.service.Settings",
    ),
    (
        '@every("interval")',
        '@every("intervall")',
        "Mine.look: @every('intervall') names no setting (there are: limit, interval): name one, or give seconds",
    ),
    ('@every("interval")', "@every(0)", "Mine.look: every 0 s: expected more than 0"),
    (
        '@event("mine_said", Delivery.OBSERVATION)\n',
        "",
        'Mine.note: MineSaid is no registered event: write @event("its_name", Delivery.…) above the type',
    ),
    (
        "async def note(self, event: ApiPressure) -> None:\n        await asyncio.sleep(0)",
        "def note(self, event: ApiPressure) -> None:\n        pass",
        "Mine.note is awaited: write async def",
    ),
    (
        "def note(self, event: ApiPressure)",
        "def note(self)",
        "Mine.note takes 0 arguments: it is called with (event), or with (event, frame)",
    ),
    (
        "asyncio.sleep(0)",
        "asyncio.sleep(time.sleep(1))",
        "mine.py:LINE: time.sleep holds up all services of the process: use await asyncio.sleep(…)",
    ),
    (
        "await asyncio.sleep(0)",
        'open("limits")',
        "mine.py:LINE: open holds up all services of the process: use await asyncio.to_thread(…)",
    ),
    (
        'return ""',
        'return Path("words").read_text()',
        "mine.py:LINE: read_text, which look calls by load, holds up all services of the process: use await "
        "asyncio.to_thread(…)",
    ),
    (
        'key="default/d", expires_in_s=10.0',
        "expires_in_s=10.0",
        "mine.py:LINE: scale_schedule is said without key=: decisions of one key are acted on in order; name what it "
        "is about",
    ),
    (
        'key="default/d", expires_in_s=10.0',
        'key="default/d"',
        "mine.py:LINE: scale_schedule is said without expires_in_s=: after so many seconds nobody acts on it any more",
    ),
    (
        '    """Something is said: `words`."""\n',
        "",
        "MineSaid has no docstring: say what mine_said tells, and what its fields mean, with units",
    ),
    (
        '"mine_said", Delivery',
        '"MineSaid", Delivery',
        "MineSaid: the event name 'MineSaid': use lower-case words with _, such as gateway_hot",
    ),
    (
        "    words: str\n",
        "    words: str\n    path: Path | None = None\n",
        "MineSaid has no JSON Schema for other languages (Generating JSON schema for custom types requires either:):",
    ),
]


@pytest.mark.parametrize(("well", "ill", "told"), BAD, ids=[told.replace("/", "") for _, _, told in BAD])
def test_one_thing_that_is_wrong_is_told_and_makes_the_exit_status_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], well: str, ill: str, told: str
) -> None:
    assert WELL.count(well) == 1
    code = WELL.replace(well, ill)
    if "no registered event" in told:
        code = code.replace("@on(ApiPressure)", "@on(MineSaid)")
    told = told.replace("LINE", str(code[: code.find(ill)].count("\n") + 1))
    status, lines = check(tmp_path, capsys, code)
    assert status == 1
    assert [line for line in lines if line.startswith(f"wrong  {told}")], lines


def test_a_service_that_does_nothing_is_told_of(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = 'from galileo_bus.service import Service\n\nclass Mine(Service):\n    """Idle."""\n\n    name = "mine"\n'
    status, lines = check(tmp_path, capsys, code)
    assert status == 1
    assert "wrong  Mine does nothing: mark a method with @on(EventType), or with @every(seconds)" in lines
    assert lines[-1].startswith("1 thing is wrong with ")


def test_what_another_thread_or_a_later_call_does_is_not_held_against_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = WELL.replace(
        "await asyncio.sleep(0)", 'await asyncio.to_thread(open, "x")\n        later = lambda: open("y")'
    )
    status, _lines = check(tmp_path, capsys, code)
    assert status == 0


def test_hints_do_not_count(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, lines = check(
        tmp_path, capsys, WELL.replace('"mine_limit", doc="pressure that is too much", above=0', '"limit", doc="x"')
    )
    assert status == 0
    assert lines[2:4] == [
        "hint   MineSettings: others may use such variables: limit: begin with mine_",
        "hint   MineSettings: any number is accepted for limit: say above= or at_least= where some make no sense",
    ]


def test_without_a_test_it_is_told_which_to_write(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "alone").mkdir()
    (tmp_path / "alone" / "mine.py").write_text(WELL)
    assert main(["check", str(tmp_path / "alone" / "mine.py")]) == 1
    assert "wrong  no test names Mine: write test_mine.py with galileo_bus.testing" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["hot_gateways.py", "own_autoscaler.py"])
def test_the_examples_are_well(name: str) -> None:
    assert main(["check", str(EXAMPLES / name)]) == 0


@pytest.mark.parametrize("name", SERVICES)
def test_our_own_services_are_well(name: str) -> None:
    assert main(["check", name]) == 0


def test_an_installed_one_is_checked_by_its_name(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    install(site, "beating", service_code("beats"))
    assert main(["check", "beating"]) == 1
    told = capsys.readouterr().out
    assert "wrong  Beating: its name is 'beats' and its entry point's 'beating': use one for both" in told


def test_a_module_is_checked_by_its_name(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    package = site / "herd"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "words.py").write_text(
        "from galileo_schemas.event import Delivery, Event, event\n\n"
        '@event("moo", Delivery.RECORD)\nclass Moo(Event):\n'
        "    loud: bool = False\n"
    )
    (package / "cow.py").write_text("from herd.words import Moo\n" + service_code("cow"))
    assert main(["check", "herd.cow"]) == 1
    assert "wrong  Moo has no docstring: say what moo tells" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("plugin", "told"),
    [
        ("nothing_of_that_name", "'nothing_of_that_name' is no Python file, no installed plug-in and no module"),
        ("nowhere/mine.py", "nowhere/mine.py: there is no such file"),
        ("json", "json: defines no subclass of galileo_bus.service.Service"),
    ],
)
def test_what_is_no_plug_in_is_one_line(capsys: pytest.CaptureFixture[str], plugin: str, told: str) -> None:
    assert main(["check", plugin]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"galileo: {told}")
