"""Installed plug-ins are found by name, and one that is broken is told of without harm to the others."""

from __future__ import annotations

from pathlib import Path

import pytest
from galileo_cli.__main__ import main
from galileo_cli.plugins.installed import know_installed_events
from galileo_cli.plugins.loading import PluginError
from galileo_cli.service_table import UnknownServiceError, known_names, service_class
from galileo_schemas.event import KINDS_BY_NAME

from tests.cli.plugins.installing import install, service_code


def test_a_plug_in_is_found_by_its_name(site: Path) -> None:
    install(site, "beating", service_code("beating"))
    assert service_class("beating").__name__ == "Beating"
    assert known_names()[-1] == "beating"


def test_commands_name_it(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    install(site, "beating", service_code("beating"))
    for words in (["run", "--help"], ["config", "--help"]):
        with pytest.raises(SystemExit):
            main(words)
        assert "beating" in capsys.readouterr().out
    assert main(["services", "--available"]) == 0
    row = next(line for line in capsys.readouterr().out.splitlines() if line.startswith("beating"))
    assert row.split(maxsplit=3) == ["beating", "beating", "1.2", "Says that it is there."]
    assert main(["config", "beating"]) == 0
    assert capsys.readouterr().out == "beating\n"


def test_one_that_cannot_be_imported_is_one_line_and_the_others_are_there(
    site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    install(site, "beating", service_code("beating"))
    install(site, "broken", "import no_such_module_anywhere\n")
    assert main(["config"]) == 1
    told = capsys.readouterr()
    assert told.err == (
        "galileo: the plug-in broken of broken 1.2 cannot be loaded: ModuleNotFoundError: No module named "
        "'no_such_module_anywhere' (broken.py:1)\n"
    )
    assert "beating" in told.out.splitlines()
    assert main(["services", "--available"]) == 1
    assert "beating" in capsys.readouterr().out
    assert main(["run", "broken"]) == 2
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (
            "class Beating:\n",
            "IndentationError: expected an indented block after class definition on line 1 (broken.py:1)",
        ),
        ("\n1 / 0\n", "ZeroDivisionError: division by zero (broken.py:2)"),
        ("raise SystemExit(3)\n", "SystemExit: 3 (broken.py:1)"),
        ("x = 1\n", "AttributeError: module 'broken' has no attribute 'Beating'"),
    ],
)
def test_whatever_it_raises_is_told_with_its_place(site: Path, code: str, expected: str) -> None:
    install(site, "broken", code)
    with pytest.raises(PluginError) as raised:
        service_class("broken")
    assert str(raised.value) == f"the plug-in broken of broken 1.2 cannot be loaded: {expected}"


def test_one_that_is_no_service_is_refused(site: Path) -> None:
    install(site, "dumps", "from json import dumps\n", target="dumps")
    with pytest.raises(PluginError, match=r"dumps 1\.2: dumps:dumps is no service: expected a subclass of"):
        service_class("dumps")


def test_two_of_one_name_are_refused_with_who_brought_them(site: Path) -> None:
    install(site, "beating", service_code("beating"), distribution="first")
    install(site, "beating", service_code("beating"), distribution="second")
    with pytest.raises(PluginError, match=r"two plug-ins are called 'beating': .*first 1\.2, .*second 1\.2; uninstall"):
        service_class("beating")
    assert main(["config", "gateway"]) == 0


def test_one_with_a_name_of_ours_does_not_take_its_place(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    install(site, "gateway", service_code("gateway"))
    assert service_class("gateway").__module__ == "galileo_services.gateway.service"
    assert known_names().count("gateway") == 1
    assert main(["services", "--available"]) == 1
    told = capsys.readouterr().err
    assert told == "galileo: the plug-in gateway of gateway 1.2 has a name of Galileo's own, which goes first\n"


def test_an_unknown_name_is_answered_with_those_there_are(site: Path) -> None:
    install(site, "beating", service_code("beating"))
    with pytest.raises(UnknownServiceError, match="there is no service 'beeting'; expected one of: beating, cluster_"):
        service_class("beeting")


def test_its_events_are_known(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    install(site, "beating", service_code("beating"))
    install(site, "broken", service_code("broken") + "\n1 / 0\n")
    know_installed_events()
    assert "beating_beat" in KINDS_BY_NAME
    assert "broken_beat" not in KINDS_BY_NAME
    assert capsys.readouterr().err.splitlines() == [
        "galileo: the plug-in broken of broken 1.2 cannot be loaded: ZeroDivisionError: division by zero "
        "(broken.py:24); its events are not known"
    ]


def test_an_event_whose_name_is_taken_is_told_of_with_both_places(site: Path) -> None:
    install(site, "beating", service_code("beating").replace("beating_beat", "api_pressure"))
    with pytest.raises(PluginError) as raised:
        service_class("beating")
    assert str(raised.value) == (
        "the plug-in beating of beating 1.2 cannot be loaded: ValueError: event name 'api_pressure' is already taken "
        "by ApiPressure of galileo_schemas.events.pressure; give Beat another name (beating.py:8)"
    )
