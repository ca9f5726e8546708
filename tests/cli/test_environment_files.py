"""Environment files, as a shell can source them, and which of several sources of a variable wins."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from galileo_cli.environment import (
    LATEST_RUN,
    EnvironmentFileError,
    effective_environment,
    read_environment,
    write_environment,
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "env"


def test_lines_as_people_write_them(file: Path) -> None:
    file.write_text(
        """# the bus
galileo_redis_host=localhost
export galileo_redis_port=6390   # not the usual one

KUBECONFIG='/tmp/with space/config'
galileo_expdb_driver="sqlite"
galileo_redis_password=a=b#c
empty=
"""
    )
    assert read_environment(file) == {
        "galileo_redis_host": "localhost",
        "galileo_redis_port": "6390",
        "KUBECONFIG": "/tmp/with space/config",
        "galileo_expdb_driver": "sqlite",
        "galileo_redis_password": "a=b#c",
        "empty": "",
    }


def test_what_is_written_is_read_back_by_us_and_by_a_shell(file: Path) -> None:
    variables = {
        "plain": "1",
        "spaces": "a b",
        "quotes": 'it\'s "so"',
        "dollar": "$HOME `x` \\",
        "hash": "#1",
        "no": "",
    }
    write_environment(file, variables)
    assert read_environment(file) == variables
    shown = "".join(f'printf "%s|" "${name}";' for name in variables)
    sourced = subprocess.run(["sh", "-c", f". {file}; {shown}"], capture_output=True, text=True, check=True)
    assert sourced.stdout.split("|")[:-1] == list(variables.values())


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("just words", "expected name=value, got 'just words'"),
        ("2fast=1", "expected name=value, got '2fast=1'"),
        ("=1", "expected name=value, got '=1'"),
        ("name='half", "No closing quotation"),
        ("name=two words", "expected one value, put quotes around 'two words'"),
    ],
)
def test_a_mistake_is_named_with_file_and_line(file: Path, line: str, complaint: str) -> None:
    file.write_text(f"good=1\n{line}\n")
    with pytest.raises(EnvironmentFileError) as raised:
        read_environment(file)
    assert str(raised.value).startswith(f"{file}:2: ")
    assert complaint in str(raised.value)


def test_a_file_that_cannot_be_read_is_named(file: Path) -> None:
    with pytest.raises(EnvironmentFileError, match=r"env: cannot be read \(No such file or directory\)"):
        read_environment(file)
    file.write_bytes(b"name=\xff\xfe")
    with pytest.raises(EnvironmentFileError, match=r"env: cannot be read \(no UTF-8 text\)"):
        read_environment(file)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder in which a run was started, and a process without variables of the bus."""
    monkeypatch.chdir(tmp_path)
    for name in ("galileo_redis_host", "galileo_redis_port", "galileo_redis_url", "galileo_redis_password"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / LATEST_RUN).parent.mkdir(parents=True)
    (tmp_path / LATEST_RUN).write_text("export galileo_redis_port=6399\nexport probe=run\n")
    return tmp_path


def test_the_run_started_last_is_taken_when_nobody_said_where_the_bus_is(folder: Path) -> None:
    assert effective_environment(None)["galileo_redis_port"] == "6399"


def test_it_is_left_alone_when_somebody_did(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("galileo_redis_host", "elsewhere")
    assert "probe" not in effective_environment(None)


def test_the_processs_own_variables_go_before_a_files(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("probe", "process")
    assert effective_environment(None)["probe"] == "process"
    (folder / "mine").write_text("probe=file\nother=file\n")
    found = effective_environment("mine")
    assert (found["probe"], found["other"]) == ("process", "file")
    assert "galileo_redis_port" not in found
