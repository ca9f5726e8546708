"""What can go wrong with a request that the client sends.

The types answer the one question a caller has before trying elsewhere: may the other side have acted on the request?
After ConnectFailed it has not, because nothing was sent. After every other error it may have.
"""

# ruff: noqa: N818 - the names say what happened, as asyncio's and the standard library's newer ones do

from __future__ import annotations


class HttpError(Exception):
    """A request that got no usable answer. The text says which host, and what happened."""


class ConnectFailed(HttpError):
    """No connection came about (refused, unreachable, no answer in time); nothing was sent."""


class TimedOut(HttpError):
    """No complete answer within the request's time."""


class ConnectionLost(HttpError):
    """The connection ended after sending began and before the answer was complete."""


class BadResponse(HttpError):
    """The other side answered something that is not an HTTP response, or one beyond the size limit."""
