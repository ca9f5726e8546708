"""What every process does around its work: signals, logs, one line for what a person can mend."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from collections.abc import Iterator

import pytest
from galileo_bus.service import SettingError
from galileo_bus.transport import TransportUnavailableError
from galileo_cli.process import run_async, until_told_to_stop


@pytest.fixture(autouse=True)
def logs_as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


async def until_stopped(stop: asyncio.Event) -> None:
    async with asyncio.timeout(5):
        await stop.wait()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_work_in_order(number: signal.Signals) -> None:
    async def work(stop: asyncio.Event) -> None:
        os.kill(os.getpid(), number)
        await until_stopped(stop)

    assert run_async(until_told_to_stop(work, {})) == 0


@pytest.mark.parametrize(
    "error",
    [SettingError("gateway_node=: expected a name"), TransportUnavailableError("no bus at redis://localhost:6379/0")],
)
def test_what_a_person_can_mend_is_one_line(error: Exception, capsys: pytest.CaptureFixture[str]) -> None:
    async def work(stop: asyncio.Event) -> None:
        raise error

    assert run_async(until_told_to_stop(work, {})) == 2
    assert capsys.readouterr().err == f"galileo: {error}\n"


@pytest.mark.parametrize(
    ("environ", "complaint"),
    [
        ({"galileo_health_port": "http"}, "galileo_health_port=http: expected a whole number"),
        ({"galileo_log_form": "xml"}, "galileo_log_form=xml: expected text | json"),
        ({"galileo_logging_level": "LOUD"}, "galileo_logging_level=LOUD: expected DEBUG | INFO | WARN | ERROR"),
        ({"galileo_log_level": "LOUD"}, "galileo_log_level=LOUD: expected DEBUG | INFO | WARN | ERROR"),
    ],
)
def test_a_wrong_setting_ends_it_before_the_work_begins(
    environ: dict[str, str], complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    async def work(stop: asyncio.Event) -> None:
        raise AssertionError("the work began")

    assert run_async(until_told_to_stop(work, environ)) == 2
    assert capsys.readouterr().err.startswith(f"galileo: {complaint}")


def test_what_nobody_expected_keeps_its_traceback() -> None:
    async def work(stop: asyncio.Event) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run_async(until_told_to_stop(work, {}))
