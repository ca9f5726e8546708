"""Takes a consumer group back in its stream: XGROUP SETID, never forward, and so that its lag stays known.

A group that is merely set to another id has no lag any more for the server: it would pass for one without a backlog.
So what it will read again is counted and taken from the number of entries that the server has it down for.
"""

from __future__ import annotations

from typing import Any

from redis.exceptions import ResponseError

from galileo_bus.transport.places import id_order

PAGE = 1000


async def rewind_group(client: Any, stream: str, *, group: str, after: str) -> int:
    """How many entries the group reads again. `client` is redis-py's. Raises `LookupError` for an unknown group."""
    try:
        rows = {bytes(row["name"]).decode(): row for row in await client.xinfo_groups(stream)}
    except ResponseError as error:
        if "no such key" not in str(error):
            raise
        rows = {}
    if group not in rows:
        raise LookupError(f"{stream} has no group {group}")
    was = bytes(rows[group]["last-delivered-id"]).decode()
    if id_order(was) <= id_order(after):
        return 0
    again = await _count(client, stream, after=after, up_to=was)
    read = rows[group]["entries-read"]
    known = [] if read is None else ["ENTRIESREAD", max(0, int(read) - again)]
    await client.execute_command("XGROUP SETID", stream, group, after, *known)
    return again


async def _count(client: Any, stream: str, *, after: str, up_to: str) -> int:
    count = 0
    while True:
        rows = await client.xrange(stream, min=f"({after}", max=up_to, count=PAGE)
        count += len(rows)
        if len(rows) < PAGE:
            return count
        after = bytes(rows[-1][0]).decode()
