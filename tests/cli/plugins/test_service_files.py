"""A service in a file of any project: what lies beside it is found, and nobody's names clash."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from galileo_cli.commands.run import classes_named
from galileo_cli.plugins.loading import PluginError
from galileo_schemas.event import KINDS_BY_NAME

from tests.cli.plugins.installing import service_code


def names_in(path: Path) -> list[str]:
    return [found.__name__ for found in classes_named(str(path))]


def test_a_file_alone_may_import_its_neighbours(tmp_path: Path) -> None:
    (tmp_path / "limits_of_mine.py").write_text("LIMIT = 3\n")
    file = tmp_path / "mine.py"
    file.write_text("from limits_of_mine import LIMIT\n" + service_code("mine"))
    assert names_in(file) == ["Beating"]


def test_a_file_in_a_package_is_imported_as_a_part_of_it(tmp_path: Path) -> None:
    package = tmp_path / "flock" / "services"
    package.mkdir(parents=True)
    for folder in (package, package.parent):
        (folder / "__init__.py").write_text("")
    (package / "limits.py").write_text("LIMIT = 3\n")
    code = "from .limits import LIMIT\nimport flock.services.limits\nassert flock.services.limits.LIMIT is LIMIT\n"
    (package / "mine.py").write_text(code + service_code("mine"))
    (found,) = classes_named(str(package / "mine.py"))
    assert found.__module__ == "flock.services.mine"


@pytest.mark.parametrize("name", ["queue", "msgspec", "galileo_bus", "asyncio"])
def test_a_file_with_a_name_that_is_taken_takes_nothing_away(tmp_path: Path, name: str) -> None:
    before = sys.modules.get(name)
    file = tmp_path / f"{name}.py"
    file.write_text(service_code("mine"))
    assert names_in(file) == ["Beating"]
    assert sys.modules.get(name) is before


def test_neighbours_do_not_take_the_place_of_what_others_import(tmp_path: Path) -> None:
    (tmp_path / "wave.py").write_text("raise AssertionError('not meant')\n")  # of the standard library, not loaded yet
    file = tmp_path / "mine.py"
    file.write_text("import wave\n" + service_code("mine"))
    assert names_in(file) == ["Beating"]


def test_a_package_whose_name_is_taken_is_refused_in_one_line(tmp_path: Path) -> None:
    package = tmp_path / "json"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "mine.py").write_text(service_code("mine"))
    with pytest.raises(PluginError, match=r"its package json has a name that is taken by .*json/__init__\.py; rename"):
        names_in(package / "mine.py")


def test_a_file_is_loaded_once(tmp_path: Path) -> None:
    file = tmp_path / "mine.py"
    file.write_text(service_code("mine"))
    assert classes_named(str(file)) == classes_named(str(file))


def test_only_what_the_file_defines_is_run(tmp_path: Path) -> None:
    (tmp_path / "base_of_mine.py").write_text(service_code("base"))
    file = tmp_path / "mine.py"
    file.write_text('from base_of_mine import Beating\n\nclass Mine(Beating):\n    name = "mine"\n')
    assert names_in(file) == ["Mine"]


def test_a_base_without_a_name_is_not_run(tmp_path: Path) -> None:
    file = tmp_path / "mine.py"
    code = service_code("mine").replace('    name = "mine"\n', "")
    file.write_text(code + '\nclass Mine(Beating):\n    name = "mine"\n')
    assert names_in(file) == ["Mine"]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("x = 1\n", "defines no subclass of galileo_bus.service.Service"),
        ("import nothing_like_it\n", r"ModuleNotFoundError: No module named 'nothing_like_it' \(mine.py:1\)"),
        ("def f(:\n", r"SyntaxError: invalid syntax \(mine.py:1\)"),
        (
            service_code("mine").replace('    name = "mine"\n', ""),
            'Beating has no name; expected name = "…" in its body',
        ),
    ],
)
def test_a_file_that_cannot_be_run_is_one_line(tmp_path: Path, code: str, expected: str) -> None:
    (tmp_path / "mine.py").write_text(code)
    with pytest.raises(PluginError, match=expected) as raised:
        names_in(tmp_path / "mine.py")
    assert "\n" not in str(raised.value)


def test_a_handler_of_what_is_no_event_is_one_line(tmp_path: Path) -> None:
    code = service_code("mine").replace(
        "@every(1.0)\n    async def beat(self)", "@on(Event)\n    async def beat(self, event)"
    )
    (tmp_path / "mine.py").write_text("from galileo_bus.service import on\n" + code)
    with pytest.raises(PluginError, match=r"Beating\.beat takes Event, which is no registered event; expected @event"):
        names_in(tmp_path / "mine.py")


def test_a_file_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(PluginError, match="there is no such file"):
        names_in(tmp_path / "mine.py")


def test_what_failed_half_way_leaves_no_event_behind(tmp_path: Path) -> None:
    file = tmp_path / "mine.py"
    file.write_text(service_code("mine") + "\nraise ValueError('no')\n")
    with pytest.raises(PluginError):
        names_in(file)
    assert "mine_beat" not in KINDS_BY_NAME
    file.write_text(service_code("mine"))
    assert names_in(file) == ["Beating"]
