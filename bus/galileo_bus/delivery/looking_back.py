"""What a stream holds from a place on, page by page, outside any group."""

from __future__ import annotations

from collections.abc import AsyncGenerator

from galileo_bus.transport import StreamEntry, Transport
from galileo_bus.transport.places import BEGINNING

PAGE = 1000


async def entries_after(
    transport: Transport, stream: str, *, after: str = BEGINNING
) -> AsyncGenerator[StreamEntry, None]:
    """All entries that are there now, the oldest first."""
    while True:
        page = await transport.range(stream, count=PAGE, after=after)
        for entry in page:
            yield entry
        if len(page) < PAGE:
            return
        after = page[-1].id
