"""One line a message: `key=value`, or JSON. The time is written by whoever collects the lines, or by us on request."""

from __future__ import annotations

import json
import logging
import sys
from typing import TextIO

LEVELS = {"DEBUG": logging.DEBUG, "INFO": logging.INFO, "WARN": logging.WARNING, "ERROR": logging.ERROR}


class KeyValueFormatter(logging.Formatter):
    """`ts=… level=… logger=… msg="…"`; a traceback follows as an escaped `trace`."""

    def format(self, record: logging.LogRecord) -> str:
        row = _row(self, record)
        return " ".join(f"{key}={_quoted(value)}" for key, value in row.items())


class JsonFormatter(logging.Formatter):
    """The same row as a JSON object."""

    def format(self, record: logging.LogRecord) -> str:
        return json.dumps(_row(self, record), ensure_ascii=False)


def set_up_logs(*, level: str, form: str = "text", stream: TextIO | None = None) -> None:
    """Sends all logs to `stream` (standard error). Raises `ValueError` for an unknown level or form."""
    if level.upper() not in LEVELS:
        raise ValueError(f"log level {level!r}: expected {' | '.join(LEVELS)}")
    if form not in ("text", "json"):
        raise ValueError(f"log form {form!r}: expected text | json")
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonFormatter() if form == "json" else KeyValueFormatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(LEVELS[level.upper()])
    for noisy in ("asyncio", "aiohttp.access", "aiosqlite", "matplotlib"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def _row(formatter: logging.Formatter, record: logging.LogRecord) -> dict[str, str]:
    row = {
        "ts": f"{record.created:.3f}",
        "level": record.levelname.lower(),
        "logger": record.name.removeprefix("galileo."),
        "msg": record.getMessage(),
    }
    if record.exc_info:
        row["trace"] = formatter.formatException(record.exc_info)
    return row


def _quoted(value: str) -> str:
    plain = value != "" and value.isprintable() and not any(character in value for character in ' "=')
    return value if plain else json.dumps(value, ensure_ascii=False)
