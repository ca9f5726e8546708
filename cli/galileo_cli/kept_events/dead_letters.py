"""`galileo events dead`: lists dead letters, shows one whole, tries some again, drops some."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import datetime

import msgspec
from galileo_bus.delivery.dead_letters import DeadEntry, DeadLetter, dead_entries, drop
from galileo_bus.delivery.retry_letters import try_again, why_not_again
from galileo_bus.transport import BusRetention, Transport
from galileo_bus.transport.places import taken_at
from galileo_schemas.frame import FrameError, excerpt, split_frame

_HEAD = ("ID", "WHEN", "WHAT", "WHO", "REASON")
_REASON = 90
"""Characters of a reason in the table."""


async def list_letters(transport: Transport) -> int:
    """Prints a table, the newest last."""
    found = await dead_entries(transport)
    if not found:
        print("no dead letters")
        return 0
    rows = [_HEAD, *(_row(one) for one in found)]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    for row in rows:
        print("  ".join([*(cell.ljust(width) for cell, width in zip(row[:4], widths, strict=True)), row[4]]))
    return 0


async def show_letter(transport: Transport, entry_id: str) -> int:
    """Prints all of one; 1 when there is no such letter."""
    one = (await _known(transport)).get(entry_id)
    if one is None:
        return _complain(entry_id)
    print(_whole(one))
    return 0


async def retry_letters(transport: Transport, ids: Sequence[str], *, retention: BusRetention) -> int:
    """Tries these again; each that cannot be is one line, and makes the status 1."""
    status = 0
    known = await _known(transport)
    now = await transport.server_time()
    for entry_id in dict.fromkeys(ids):
        one = known.get(entry_id)
        reason = None if one is None else why_not_again(one.letter, now=now)
        if one is None or reason is not None:
            status = _complain(entry_id, reason)
            continue
        print(f"{entry_id} went to {await try_again(transport, one, retention=retention)} again")
    return status


async def drop_letters(transport: Transport, ids: Sequence[str]) -> int:
    """Deletes these; each that is not there is one line, and makes the status 1."""
    status = 0
    for entry_id in dict.fromkeys(ids):
        if await drop(transport, [entry_id]):
            print(f"{entry_id} is dropped")
        else:
            status = _complain(entry_id)
    return status


async def drop_all(transport: Transport) -> int:
    """Deletes all that there are."""
    dropped = await drop(transport, await _known(transport))
    print("no dead letters" if not dropped else f"dropped {dropped:,} dead {'letter' if dropped == 1 else 'letters'}")
    return 0


async def _known(transport: Transport) -> dict[str, DeadEntry]:
    return {one.entry.id: one for one in await dead_entries(transport)}


def _complain(entry_id: str, reason: str | None = None) -> int:
    print(
        f"galileo: {entry_id} {reason or 'is no dead letter; galileo events dead list has their ids'}", file=sys.stderr
    )
    return 1


def _row(one: DeadEntry) -> tuple[str, ...]:
    letter = one.letter
    if letter is None:
        return (
            one.entry.id,
            _clock(taken_at(one.entry.id)),
            "(in another form)",
            "",
            excerpt(one.entry.payload, _REASON),
        )
    reason = letter.reason if len(letter.reason) <= _REASON else f"{letter.reason[: _REASON - 1]}…"
    return one.entry.id, _clock(letter.ts), _what(letter), letter.service, " ".join(reason.split())


def _what(letter: DeadLetter) -> str:
    if letter.kind == "given_up":
        return f"{letter.event or 'a decision'} given up"
    return f"{letter.event or 'a message'} rejected on {letter.where}"


def _clock(ts: float) -> str:
    return datetime.fromtimestamp(ts).strftime("%Y-%m-%d %H:%M:%S")


def _whole(one: DeadEntry) -> str:
    letter = one.letter
    if letter is None:
        return one.entry.payload.decode("utf-8", "replace")
    kept = len(letter.message)
    facts = {
        "id": one.entry.id,
        "when": _clock(letter.ts),
        "what": _what(letter),
        "who": letter.service or "?",
        "where": letter.where + (f", entry {letter.entry}" if letter.entry else ""),
        "reason": letter.reason,
        "size": f"{letter.size_bytes:,} bytes" + ("" if letter.is_whole else f", of which {kept:,} were kept"),
    }
    lines = [f"{name:<8}{value}" for name, value in facts.items()]
    return "\n".join([*lines, "", _pretty(letter)])


def _pretty(letter: DeadLetter) -> str:
    """The message, its JSON over several lines where it is a frame with JSON; base64 where it is no text."""
    if letter.encoding == "base64":
        return f"base64: {letter.payload}"
    try:
        frame = split_frame(letter.message)
        return f"{frame.ts:.6f} {frame.name}\n{msgspec.json.format(frame.value, indent=2).decode()}"
    except (FrameError, msgspec.MsgspecError, UnicodeDecodeError):
        return letter.payload
