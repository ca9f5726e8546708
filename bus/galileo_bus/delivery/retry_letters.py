"""Dead letters that are tried again: a decision goes back into its journal, a message is said again.

A decision is the same frame, with the same id, so that what it brings about happens once, however often it is tried.
It is not published: whoever watches has heard it.
"""

from __future__ import annotations

from galileo_schemas.frame import FrameError, split_frame
from galileo_schemas.registry import decode_frame

from galileo_bus.delivery.dead_letters import DeadEntry, DeadLetter, drop
from galileo_bus.delivery.rejections import said_as
from galileo_bus.delivery.streams import is_journal, is_record_stream
from galileo_bus.transport import BusRetention, Retention, Transport, TransportRefusedError


def why_not_again(letter: DeadLetter | None, *, now: float) -> str | None:
    """Why a letter cannot be tried again; None when it can."""
    if letter is None:
        return "was not written as a dead letter, and cannot be tried again"
    if not letter.is_whole:
        return f"cannot be tried again: only the beginning of its {letter.size_bytes:,} bytes was kept"
    if letter.kind == "rejected":
        return None
    if not is_journal(letter.where):
        return f"cannot be tried again: {letter.where} is no journal"
    try:
        event = decode_frame(split_frame(letter.message))
    except FrameError:
        return None  # whoever can read it by now is to act
    expires = None if event is None or event.meta is None else event.meta.expires
    if expires is not None and expires < now:
        return f"expired {now - expires:.0f} s ago: nobody would act on it"
    return None


async def try_again(transport: Transport, found: DeadEntry, *, retention: BusRetention) -> str:
    """Does so, and then deletes the letter; returns where it went.

    Raises `TransportUnavailableError`, and its subclass `TransportRefusedError` where the server takes no such message
    from us; then the letter stays.
    """
    letter = found.letter
    if letter is None:
        raise ValueError(f"{found.entry.id} is no letter")
    if letter.kind == "rejected":  # rejected once more, it is to be kept and said once more
        await transport.forget([letter.rejected_as, said_as(letter.rejected_as)])
    kept = _retention_of(letter.where, retention)
    if kept is not None:
        identity = f"again/{found.entry.id}"  # trying twice, as after a lost answer, is once
        await transport.append(letter.where, letter.message, identity=identity, retention=kept)
    else:
        await _publish(transport, letter)
    await drop(transport, [found.entry.id])
    return letter.where


def _retention_of(stream: str, retention: BusRetention) -> Retention | None:
    if is_journal(stream):
        return retention.journals
    return retention.records if is_record_stream(stream) else None


async def _publish(transport: Transport, letter: DeadLetter) -> None:
    refused = transport.refused
    transport.publish(letter.where, letter.message)
    await transport.flush()
    if transport.refused > refused:
        raise TransportRefusedError(f"no right to publish on {letter.where}")
