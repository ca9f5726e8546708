"""The HTTP shell of container logs: pieces of lines as the nodes hand them over."""

import contextlib

from aiohttp import web

from ..errors import ApiError, bad_request
from ..node_access import LogRequest, LogsUnavailableError, NodeAccess


async def send_log(request: web.Request, nodes: NodeAccess | None, asked: LogRequest) -> web.StreamResponse:
    """Answer with the log as plain text, endless when followed. Raises ApiError (400, 503)."""
    if nodes is None:
        raise ApiError(503, "ServiceUnavailable", "no node can be asked for logs")
    async with contextlib.aclosing(nodes.log(asked)) as pieces:
        first = b""
        try:
            first = await anext(pieces)
        except StopAsyncIteration:
            return web.Response(text="", content_type="text/plain")
        except LogsUnavailableError as error:
            raise bad_request(str(error)) from None
        response = web.StreamResponse(headers={"Content-Type": "text/plain"})
        await response.prepare(request)
        await response.write(first)
        async for piece in pieces:
            await response.write(piece)
        await response.write_eof()
        return response
