"""Log lines: one a message, key=value or JSON, whatever is in them."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Callable, Iterator

import pytest
from galileo_bus.service.logs import set_up_logs

SetUp = Callable[[str, str], io.StringIO]


@pytest.fixture
def set_up() -> Iterator[SetUp]:
    """Sets logs up into a text that the test reads, and puts everything back."""
    root = logging.getLogger()
    kept, level = root.handlers[:], root.level

    def into(log_level: str, form: str) -> io.StringIO:
        stream = io.StringIO()
        set_up_logs(level=log_level, form=form, stream=stream)
        return stream

    yield into
    root.handlers[:] = kept
    root.setLevel(level)


def test_a_text_line_is_key_value_and_short_words_stay_bare(set_up: SetUp) -> None:
    out = set_up("info", "text")
    logging.getLogger("galileo.pod_creator").info("created %s", "resnet-1")
    logging.getLogger("galileo_bus.bus").warning("late")
    first, second = out.getvalue().splitlines()
    ts, rest = first.split(" ", 1)
    assert ts.startswith("ts=1")
    assert rest == 'level=info logger=pod_creator msg="created resnet-1"'
    assert second.endswith("level=warning logger=galileo_bus.bus msg=late")


@pytest.mark.parametrize(
    "message", ['say "x"', "a=b", "two\nlines", "tab\there", "\x1b[31mred", "", "ein Schluß", "c\rd"]
)
@pytest.mark.parametrize("form", ["text", "json"])
def test_a_message_is_one_line_and_can_be_read_back(set_up: SetUp, form: str, message: str) -> None:
    out = set_up("INFO", form)
    logging.getLogger("x").info("%s", message)
    (line,) = out.getvalue().splitlines()
    if form == "json":
        assert json.loads(line)["msg"] == message
    else:
        text = line.split("msg=", 1)[1]
        assert (json.loads(text) if text.startswith('"') else text) == message
        assert "\x1b" not in line


def test_a_traceback_is_in_the_same_line(set_up: SetUp) -> None:
    out = set_up("INFO", "json")
    try:
        raise ZeroDivisionError("no latency")
    except ZeroDivisionError:
        logging.getLogger("x").exception("reconcile failed")
    row = json.loads(out.getvalue())
    assert set(row) == {"ts", "level", "logger", "msg", "trace"}
    assert row["trace"].endswith("ZeroDivisionError: no latency")


def test_what_is_below_the_level_is_not_written(set_up: SetUp) -> None:
    out = set_up("WARN", "text")
    logging.getLogger("x").info("quiet")
    logging.getLogger("x").warning("loud")
    assert "quiet" not in out.getvalue()
    assert "loud" in out.getvalue()


def test_an_unknown_level_or_form_says_what_there_is() -> None:
    with pytest.raises(ValueError, match=r"log level 'LOUD': expected DEBUG \| INFO \| WARN \| ERROR"):
        set_up_logs(level="LOUD")
    with pytest.raises(ValueError, match=r"log form 'xml': expected text \| json"):
        set_up_logs(level="INFO", form="xml")
