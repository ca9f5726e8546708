"""`galileo config`: each setting says where its value comes from, and no password is shown."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from galileo_cli.__main__ import main
from galileo_cli.commands.config import without_password
from galileo_cli.environment import LATEST_RUN

LOOKBACK = "schedule_scale_opt_lookback"
REQUIREMENT = "schedule_scale_opt_latency_requirement_"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith(("galileo_redis_", "schedule_scale_opt"))]:
        monkeypatch.delenv(name)
    return tmp_path


def row(capsys: pytest.CaptureFixture[str], variable: str, *words: str) -> str:
    assert main(["config", *words]) == 0
    lines = capsys.readouterr().out.splitlines()
    return next(line.strip() for line in lines if line.strip().startswith(f"{variable} = "))


def test_a_value_is_a_default_or_from_a_file_or_from_the_environment(
    capsys: pytest.CaptureFixture[str], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "(default; " in row(capsys, LOOKBACK, "pressure_calculator")
    (folder / "mine").write_text(f"{LOOKBACK}=7\n")
    given = row(capsys, LOOKBACK, "pressure_calculator", "--env-file", "mine")
    assert given.startswith(f"{LOOKBACK} = 7   (from mine; ")
    monkeypatch.setenv(LOOKBACK, "9")
    given = row(capsys, LOOKBACK, "pressure_calculator", "--env-file", "mine")
    assert given.startswith(f"{LOOKBACK} = 9   (from the environment; ")


def test_a_value_given_by_a_more_general_variable_names_it(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("galileo_context_redis_host", "elsewhere")
    given = row(capsys, "galileo_redis_host", "connections")
    assert "(by galileo_context_redis_host from the environment; " in given


def test_values_of_a_family_may_come_from_both(
    capsys: pytest.CaptureFixture[str], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "mine").write_text(f"{REQUIREMENT}resnet=40\n")
    monkeypatch.setenv(f"{REQUIREMENT}mobilenet", "22")
    given = row(capsys, f"{REQUIREMENT}<fn>", "pressure_calculator", "--env-file", "mine")
    assert "from the environment and mine; " in given


def test_it_says_when_it_reads_the_file_of_the_last_run(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    (folder / LATEST_RUN).parent.mkdir(parents=True)
    (folder / LATEST_RUN).write_text(f"export {LOOKBACK}=8\n")
    assert main(["config", "pressure_calculator"]) == 0
    said = capsys.readouterr()
    assert said.err == "galileo: with runs/latest/env, of the run that was started last in this folder\n"
    assert f"{LOOKBACK} = 8   (from runs/latest/env; " in said.out


def test_a_name_that_is_no_service_prints_nothing_but_the_mistake(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["config", "pressure_calculator", "nosuch"]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("galileo: there is no service 'nosuch'")


def test_no_password_is_shown(
    capsys: pytest.CaptureFixture[str], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("galileo_redis_url", "redis://me:hunter2@host:6379/0")
    monkeypatch.setenv("galileo_redis_password", "hunter2")
    monkeypatch.setenv("galileo_etcd_password", "hunter2")
    monkeypatch.setenv("galileo_etcd_endpoints", "http://me:hunter2@a:1 http://b:2")
    assert main(["config"]) == 0
    said = capsys.readouterr()
    assert "hunter2" not in said.out + said.err
    assert "galileo_redis_url = redis://me:***@host:6379/0   (" in said.out
    assert "galileo_etcd_endpoints = http://me:***@a:1 http://b:2   (" in said.out


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("redis://:a/b@c@host", "redis://:***@host"),
        ("unix://me:x@/run/s", "unix://me:***@/run/s"),
        ("redis://host:6379/0", "redis://host:6379/0"),
    ],
)
def test_passwords_of_urls(text: str, shown: str) -> None:
    assert without_password(text) == shown
