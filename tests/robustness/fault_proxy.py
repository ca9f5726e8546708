"""A TCP proxy in front of the server, one a participant, that spoils what passes: late, cut, held, slow, in slices.

    participant → FaultProxy (what it does to both ways, now) → server

Everything may be switched while connections are open. What is held when a connection ends is gone, as on a real wire.
"""

from __future__ import annotations

import asyncio
import random
import socket
from dataclasses import dataclass

CHUNK_BYTES = 65536
SLOW_CHUNK_BYTES = 2048
MOST_SLICES = 64


@dataclass
class Spoiling:
    """What is done to the bytes that pass. `delay_s` a chunk; `bytes_per_s` 0: as fast as it goes."""

    delay_s: float = 0.0
    bytes_per_s: float = 0.0
    slices: bool = False
    refuses: bool = False


class FaultProxy:
    """Forwards to `127.0.0.1:port`, spoilt as `spoiling` says. `accepted` counts connections."""

    def __init__(self, port: int, *, rng: random.Random) -> None:
        self._target = port
        self._rng = rng
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()
        self._questions_pass = asyncio.Event()
        self._answers_pass = asyncio.Event()
        self.spoiling = Spoiling()
        self.port = 0
        self.accepted = 0
        self.heal()

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = int(self._server.sockets[0].getsockname()[1])

    async def close(self) -> None:
        assert self._server is not None
        self._server.close()
        for task in tuple(self._connections):
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)
        await self._server.wait_closed()

    # ------------------------------------------------------------ faults

    def heal(self) -> None:
        """Everything passes again, also what was held."""
        self.spoiling = Spoiling()
        self._questions_pass.set()
        self._answers_pass.set()

    def cut(self) -> None:
        """All connections end at once."""
        for task in self._connections:
            task.cancel()

    def black_hole(self) -> None:
        """Connections stay open and nothing passes, in either direction."""
        self._questions_pass.clear()
        self._answers_pass.clear()

    def lose_answers(self) -> None:
        """The server hears and does what is asked, and its answers do not come back."""
        self._answers_pass.clear()

    # ------------------------------------------------------------ passing on

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.accepted += 1
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        ways: list[asyncio.Task[None]] = []
        upstream: asyncio.StreamWriter | None = None
        try:
            if self.spoiling.refuses:
                return
            await self._questions_pass.wait()
            answers, upstream = await self._connect()
            ways = [
                asyncio.ensure_future(self._pass(reader, upstream, self._questions_pass)),
                asyncio.ensure_future(self._pass(answers, writer, self._answers_pass)),
            ]
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        except ConnectionError:
            pass  # no server there: the participant is cut for it
        except asyncio.CancelledError:
            pass  # cut; the stream server would log it
        finally:
            self._connections.discard(task)
            for way in ways:
                way.cancel()
            for end in (writer, upstream):
                if end is not None:
                    end.transport.abort()
            await asyncio.gather(*ways, return_exceptions=True)

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """With a small window, so that the server's own buffer fills when the participant is slow."""
        wire = socket.socket()
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, CHUNK_BYTES)
        wire.setblocking(False)
        try:
            await asyncio.get_running_loop().sock_connect(wire, ("127.0.0.1", self._target))
        except BaseException:
            wire.close()
            raise
        return await asyncio.open_connection(sock=wire)

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, passing: asyncio.Event) -> None:
        try:
            while data := await reader.read(SLOW_CHUNK_BYTES if self.spoiling.bytes_per_s else CHUNK_BYTES):
                spoiling = self.spoiling
                if spoiling.delay_s:
                    await asyncio.sleep(spoiling.delay_s)
                if spoiling.bytes_per_s:
                    await asyncio.sleep(len(data) / spoiling.bytes_per_s)
                await passing.wait()
                for piece in self._sliced(data) if spoiling.slices else (data,):
                    writer.write(piece)
                    await writer.drain()
                    if spoiling.slices:
                        await asyncio.sleep(0)
        except ConnectionError:
            pass  # one side has gone, and the other is cut for it

    def _sliced(self, data: bytes) -> list[bytes]:
        """Pieces of one to seven bytes, and the rest at once when there would be many."""
        pieces: list[bytes] = []
        start = 0
        while start < len(data) and len(pieces) < MOST_SLICES:
            end = start + self._rng.randint(1, 7)
            pieces.append(data[start:end])
            start = end
        return [*pieces, data[start:]] if start < len(data) else pieces
