"""Which rows of a batch are new. A pure function, shared by the database in a file and the one in memory."""

from collections.abc import Iterable

from galileo_backends.database.rows import EventRow


def new_events(rows: Iterable[EventRow], known_ids: Iterable[str]) -> list[EventRow]:
    """The events that are to be kept: those without an id, and the first of each id that is not known yet."""
    seen = set(known_ids)
    fresh: list[EventRow] = []
    for row in rows:
        if row.id is None:
            fresh.append(row)
        elif row.id not in seen:
            seen.add(row.id)
            fresh.append(row)
    return fresh
