"""One connection to Redis for the hot path, which makes itself again for ever.

Client libraries lose messages without a sign when the server cuts a slow subscriber, and do not notice a peer that
stopped answering. So publishing and subscribing run on this link: an asyncio protocol over hiredis' parser, a PING each
half a heartbeat, a cut when three of them stayed without any answer, which is within two heartbeats, and reconnection
with jittered backoff of at most a second.
"""

from __future__ import annotations

import asyncio
import logging
import random
import ssl
from collections import deque
from collections.abc import Callable
from typing import Any, cast

import hiredis

from galileo_bus.transport.redis_address import RedisAddress
from galileo_bus.transport.redis_sentinel import master_of

Reply = object
NextReply = Callable[[], Any]  # whatever the server says, in Python's own types
"""Gives the next reply that has come, False when there is none."""
HEARTBEAT_S = 1.0
BACKOFF_S = (0.02, 1.0)
PINGS_A_HEARTBEAT = 2
UNANSWERED_PINGS = 3
CLOSE_PATIENCE_S = 1.0
TURN_BYTES = 256 * 1024
"""Read in one go before others on the loop have a turn."""
NOT_YET = ("LOADING", "MASTERDOWN", "BUSY")  # answers of a server that will serve us soon

log = logging.getLogger(__name__)


def pack(*words: str | bytes | int) -> bytes:
    """A command in the protocol's wire form."""
    return cast(bytes, hiredis.pack_command(words))  # type: ignore[arg-type]  # its stub wants one word only


def pause_s(attempt: int, rng: random.Random) -> float:
    """Seconds to wait before attempt number `attempt` (from 0): doubling up to a second, jittered to its half."""
    low, cap = BACKOFF_S
    return min(cap, low * 2.0 ** min(attempt, 10)) * rng.uniform(0.5, 1.0)


def _tls_problem(error: ssl.SSLError) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate: {error.verify_message}"
    return error.reason or str(error)


class RedisLink(asyncio.Protocol):
    """Calls its owner back.

    `connected()` each time the server has let us in; `replies(next_reply)` when some have come, to be taken until there
    is none (False), the answers to heartbeats (b"PONG") among them; `lost()` when the connection breaks;
    `refused(reason)` when the server does not let us in.
    """

    def __init__(
        self,
        address: RedisAddress,
        *,
        name: str,
        connected: Callable[[], None],
        replies: Callable[[NextReply], None],
        refused: Callable[[str], None],
        lost: Callable[[], None] = lambda: None,
        writable: Callable[[], None] = lambda: None,
        rng: random.Random,
        heartbeat_s: float = HEARTBEAT_S,
    ) -> None:
        self._address = address
        self._name = name
        self._on_connected = connected
        self._on_replies = replies
        self._on_refused = refused
        self._on_lost = lost
        self._on_writable = writable
        self._rng = rng
        self._heartbeat_s = heartbeat_s
        self._reader = hiredis.Reader()
        self._transport: asyncio.Transport | None = None
        self._greetings = 0
        self._unanswered_pings = 0
        self._taken_bytes = 0
        self._closed = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._pings_sent: deque[float] = deque()
        self._away_since: float | None = None
        self.writable = False
        self.connections = 0
        self.sure_at = 0.0
        """The loop's time before which the server had sent us all that it had for us: of the last PING it answered."""

    def start(self) -> None:
        """Begins to connect, and to keep the connection."""
        self._away_since = asyncio.get_running_loop().time()
        self._task = asyncio.get_running_loop().create_task(self._keep(), name=f"redis-link {self._name}")
        self._task.add_done_callback(self._ended)

    async def close(self) -> None:
        """Disconnects for good; a peer that does not take what is still to be sent is not waited for."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        if self._transport is not None:
            self._transport.close()
            try:
                async with asyncio.timeout(CLOSE_PATIENCE_S):
                    await self._closed.wait()
            except TimeoutError:
                self._transport.abort()
                await self._closed.wait()

    def send(self, data: bytes) -> None:
        """Writes commands; only while connected."""
        if self._transport is not None:
            self._transport.write(data)

    @property
    def is_connected(self) -> bool:
        """Whether commands can be sent now."""
        return self._transport is not None

    @property
    def away_s(self) -> float:
        """For how many seconds the server has not let us in; 0 while it has, and after closing."""
        if self._away_since is None or self._task is None:
            return 0.0
        return asyncio.get_running_loop().time() - self._away_since

    def _ended(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            log.critical("%s: no connection to %s any more: %s", self._name, self._address.shown, error, exc_info=error)

    async def _keep(self) -> None:
        loop = asyncio.get_running_loop()
        attempt = 0
        while True:
            problem = "lost the connection"
            try:
                await self._connect()
                began = loop.time()
                await self._watch_over()
                # A server that accepts and closes at once (too many clients, a proxy) must not be asked in a hot loop.
                if loop.time() - began >= self._heartbeat_s:
                    attempt = 0
            except ssl.SSLError as error:
                problem = f"no TLS ({_tls_problem(error)})"
                self._on_refused(problem)
            except (OSError, TimeoutError) as error:
                problem = f"cannot connect ({error or 'no answer'})"
            if attempt in (0, 10):
                log.warning("%s: %s to %s; trying again", self._name, problem, self._address.shown)
            await asyncio.sleep(pause_s(attempt, self._rng))
            attempt += 1

    async def _connect(self) -> None:
        loop = asyncio.get_running_loop()
        self._closed = asyncio.Event()
        self._reader = hiredis.Reader()
        address = self._address
        async with asyncio.timeout(4 * self._heartbeat_s):
            if address.path is not None:
                await loop.create_unix_connection(lambda: self, address.path)
            else:
                context = address.tls_files.context() if address.tls else None
                host, port = await master_of(address)
                await loop.create_connection(lambda: self, host, port, ssl=context)

    async def _watch_over(self) -> None:
        """Sends PINGs until the connection is lost; cuts it when three of them stayed without any answer.

        PINGs are counted, not seconds: a loop that was busy for long has sent none, and must not blame the server.
        """
        while not self._closed.is_set():
            try:
                async with asyncio.timeout(self._heartbeat_s / PINGS_A_HEARTBEAT):
                    await self._closed.wait()
            except TimeoutError:
                if self._unanswered_pings >= UNANSWERED_PINGS and self._transport is not None:
                    log.warning("%s: %s stopped answering", self._name, self._address.shown)
                    self._transport.abort()
                else:
                    self._unanswered_pings += 1
                    self._ping()

    def _ping(self) -> None:
        self._pings_sent.append(asyncio.get_running_loop().time())
        self.send(pack("PING"))

    def answered(self) -> None:
        if self._pings_sent:
            self.sure_at = self._pings_sent.popleft()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._unanswered_pings = 0
        greetings = []  # ends in a PING, so that being let in means being served
        if self._address.password is not None:
            user = (self._address.username,) if self._address.username else ()
            greetings.append(pack("AUTH", *user, self._address.password))
        if self._address.database:
            greetings.append(pack("SELECT", self._address.database))
        if self._address.sentinels is not None:
            greetings.append(pack("ROLE"))  # the Sentinels' knowledge may be a moment old
        greetings.append(pack("PING"))
        self._greetings = len(greetings)
        self.send(b"".join(greetings))

    def data_received(self, data: bytes) -> None:
        self._unanswered_pings = 0
        reader = self._reader
        reader.feed(data)
        while self._greetings:
            reply = reader.gets()
            if reply is False:
                return
            self._greeted(reply)
        self._on_replies(reader.gets)
        self._taken_bytes += len(data)
        if self._taken_bytes > TURN_BYTES and self._transport is not None:
            # A burst must not be read to its end before those who work on it had a turn.
            self._taken_bytes = 0
            self._transport.pause_reading()
            asyncio.get_running_loop().call_soon(self._read_on, self._transport)

    def _read_on(self, transport: asyncio.Transport) -> None:
        if not transport.is_closing():
            transport.resume_reading()

    def _greeted(self, reply: Reply) -> None:
        if isinstance(reply, list) and reply[:1] != [b"master"]:
            log.warning("%s: %s is no master (any more)", self._name, self._address.shown)
            if self._transport is not None:
                self._transport.abort()
            return
        if isinstance(reply, hiredis.ReplyError):
            if not str(reply).startswith(NOT_YET):
                self._on_refused(str(reply))
            if self._transport is not None:
                self._transport.abort()
            return
        self._greetings -= 1
        if not self._greetings:
            self.writable = True
            self.connections += 1
            self._away_since = None
            self._pings_sent.clear()
            self.sure_at = asyncio.get_running_loop().time()
            self._on_connected()

    def pause_writing(self) -> None:
        self.writable = False

    def resume_writing(self) -> None:
        self.writable = True
        self._on_writable()

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        self.writable = False
        self._closed.set()
        if self._away_since is None:
            self._away_since = asyncio.get_running_loop().time()
        self._on_lost()
