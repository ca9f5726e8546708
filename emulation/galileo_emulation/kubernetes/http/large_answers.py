"""Answers of many megabytes, such as a list of 10,000 pods: sent in pieces, and let go of at the end.

An answer sent whole is kept by its connection until the next request there, and with clients that keep several
connections open so is a list for each. In pieces, others are served in between.
"""

import asyncio

from aiohttp import web

LARGE_BYTES = 1024 * 1024
_PIECE_BYTES = 256 * 1024


async def send_large(request: web.Request, encoded: bytes, *, patience_s: float) -> web.StreamResponse:
    """Send JSON. A client that takes no piece of it for `patience_s` is cut off."""
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    response.content_length = len(encoded)
    await response.prepare(request)
    try:
        whole = memoryview(encoded)
        for start in range(0, len(encoded), _PIECE_BYTES):
            async with asyncio.timeout(patience_s):
                await response.write(whole[start : start + _PIECE_BYTES])
        await response.write_eof()
    except TimeoutError:
        if request.transport is not None:
            request.transport.abort()
    return response
