"""HTTP/1.1 for the paths where time per request counts: a server, a client, and the messages between them.

Built on httptools and asyncio protocols. Whole messages only: bodies are bytes in memory, within limits.
"""

from galileo_backends.http.client import HttpClient
from galileo_backends.http.errors import BadResponse, ConnectFailed, ConnectionLost, HttpError, TimedOut
from galileo_backends.http.messages import Headers, Request, Response
from galileo_backends.http.request_reader import Limits
from galileo_backends.http.server import Server, serve
from galileo_backends.http.server_connection import Handler

__all__ = [
    "BadResponse",
    "ConnectFailed",
    "ConnectionLost",
    "Handler",
    "Headers",
    "HttpClient",
    "HttpError",
    "Limits",
    "Request",
    "Response",
    "Server",
    "TimedOut",
    "serve",
]
