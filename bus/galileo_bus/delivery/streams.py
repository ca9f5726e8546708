"""The names of the streams behind decisions, records and rejected messages."""

from __future__ import annotations

EVENT_RECORDS = "galileo/records/events"
DEAD_LETTERS = "galileo/dead"


def journal_of(event_name: str) -> str:
    """The journal of a decision: a stream per event name, its entries the same frames as published."""
    return f"galileo/journal/{event_name}"


def event_of(journal: str) -> str:
    """The event name of a journal."""
    return journal.removeprefix(journal_of(""))


def is_journal(stream: str) -> bool:
    """Whether a stream of that name holds decisions."""
    return stream.startswith("galileo/journal/")


def is_record_stream(stream: str) -> bool:
    """Whether a stream of that name holds batches of records."""
    return stream.startswith("galileo/records/")
