"""Whatever an instrument does, the others are read; what is wrong is told once and counted."""

from __future__ import annotations

import logging
import subprocess
from collections.abc import Callable

import pytest
from galileo_services.telemetry_agent.instruments.instrument import (
    Instrument,
    PartlyReadError,
    Reading,
    UnavailableError,
    UnreadableError,
)
from galileo_services.telemetry_agent.sampler import Sampler, in_words


class StandIn(Instrument):
    """Tells 1.0, unless it has something to raise."""

    def __init__(self, topic: str) -> None:
        self.topic = topic
        self.trouble: Exception | None = None

    def begin(self, at: float) -> None:
        self._meet()

    def read(self, at: float) -> list[Reading]:
        self._meet()
        return [Reading(self.topic, 1.0)]

    def _meet(self) -> None:
        if self.trouble is not None:
            raise self.trouble


class Two:
    """A sampler with a good instrument on either side of one that may be broken."""

    def __init__(self) -> None:
        self.broken = StandIn("broken")
        instruments = {"one": StandIn("one"), "broken": self.broken, "two": StandIn("two")}
        self.sampler = Sampler(instruments, log=logging.getLogger("galileo.telemetry_agent"))

    def topics(self) -> list[str]:
        return [one.topic for name in ("one", "broken", "two") for one in self.sampler.read(name, 0.0)]


TROUBLES: list[Callable[[], Exception]] = [
    lambda: FileNotFoundError(2, "No such file or directory", "/proc/x"),
    lambda: OSError(5, "Input/output error", "/sys/y"),
    lambda: UnreadableError("/proc/x", "a number", "none"),
    lambda: UnavailableError("it is gone"),
    lambda: subprocess.TimeoutExpired(["iw"], 2.0),
    lambda: ZeroDivisionError("a mistake of ours"),
]


@pytest.mark.parametrize("trouble", TROUBLES)
def test_the_others_are_read(trouble: Callable[[], Exception], caplog: pytest.LogCaptureFixture) -> None:
    two = Two()
    two.broken.trouble = trouble()
    for _ in range(3):
        assert two.topics() == ["one", "two"]
    assert two.sampler.failures == {"broken": 3}
    assert two.sampler.samples["one"] == 3
    told = [record for record in caplog.records if record.levelno == logging.WARNING]
    assert len(told) == 1
    assert "\n" not in told[0].getMessage()
    assert told[0].getMessage().startswith("broken: ")


def test_a_file_is_named_in_the_line(caplog: pytest.LogCaptureFixture) -> None:
    two = Two()
    two.broken.trouble = OSError(5, "Input/output error", "/sys/y")
    two.topics()
    assert "broken: /sys/y: Input/output error" in caplog.text


def test_a_mistake_of_ours_is_told_with_its_traceback(caplog: pytest.LogCaptureFixture) -> None:
    two = Two()
    two.broken.trouble = ZeroDivisionError("a mistake of ours")
    two.topics()
    two.topics()
    assert caplog.text.count("Traceback") == 1


def test_another_trouble_and_its_end_are_told_too(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    two = Two()
    for trouble in (UnavailableError("a"), UnavailableError("b"), None):
        two.broken.trouble = trouble
        two.topics()
    assert [record.getMessage() for record in caplog.records] == [
        "broken: a",
        "broken: b",
        "broken can be read again",
    ]


def test_what_could_be_read_is_kept() -> None:
    two = Two()
    two.broken.trouble = PartlyReadError("one container could not be read", [Reading("rest", 2.0)])
    assert two.topics() == ["one", "rest", "two"]
    assert (two.sampler.samples["broken"], two.sampler.failures["broken"]) == (1, 1)


@pytest.mark.parametrize("trouble", TROUBLES)
def test_one_that_cannot_begin_is_left_out_until_it_can(trouble: Callable[[], Exception]) -> None:
    two = Two()
    two.broken.trouble = trouble()
    assert two.sampler.begin(["one", "broken", "two"], 0.0) == ["one", "two"]
    assert set(two.sampler.left_out) == {"broken"}
    two.broken.trouble = None
    assert two.sampler.begin(["broken"], 1.0) == ["broken"]
    assert two.sampler.left_out == {}


def test_what_is_left_out_for_one_reason_is_told_together() -> None:
    left_out = {"signal": "no wireless device", "freq": "no cpufreq", "tx_bitrate": "no wireless device"}
    assert in_words(left_out) == "signal, tx_bitrate (no wireless device); freq (no cpufreq)"
