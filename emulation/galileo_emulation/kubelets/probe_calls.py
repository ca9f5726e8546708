"""Asks a container's server how it is, as a kubelet does: one HTTP request or one connection, within a time."""

from __future__ import annotations

import asyncio

from galileo_backends.http import Headers, HttpClient, HttpError

from galileo_emulation.functions.function_server import PROBE_AGENT
from galileo_emulation.kubelets.probes import HttpGet, NotPerformed, ProbeAction

_AGENT = f"{PROBE_AGENT}1.36"


async def failure_of(action: ProbeAction, server: tuple[str, int], *, timeout_s: float) -> str | None:
    """Why the probe failed, in a few words; None if it passed."""
    match action:
        case NotPerformed():
            return None
        case HttpGet():
            return await _get(action, server, timeout_s)
        case _:
            return await _connect(server, timeout_s)


async def _get(action: HttpGet, server: tuple[str, int], timeout_s: float) -> str | None:
    host, port = server
    client = HttpClient(timeout_s=timeout_s, connect_timeout_s=timeout_s)
    headers = [("User-Agent", _AGENT), ("Connection", "close"), *action.headers]
    try:
        response = await client.request("GET", host, port, action.path, Headers(headers))
    except (HttpError, ValueError) as error:
        return f'Get "http://{host}:{port}{action.path}": {error}'
    finally:
        await client.close()
    return None if 200 <= response.status < 400 else f"HTTP probe failed with statuscode: {response.status}"


async def _connect(server: tuple[str, int], timeout_s: float) -> str | None:
    try:
        async with asyncio.timeout(timeout_s):
            _, writer = await asyncio.open_connection(*server)
    except TimeoutError:
        return f"dial tcp {server[0]}:{server[1]}: no answer within {timeout_s:g} s"
    except OSError as error:
        return f"dial tcp {server[0]}:{server[1]}: {error.strerror or error}"
    writer.transport.abort()
    return None
