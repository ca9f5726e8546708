"""Whether this machine lets us listen somewhere, found out by trying."""

from __future__ import annotations

import socket


def can_listen(ip: str, port: int) -> bool:
    """Whether a server could listen at the address now (also False if one on the wildcard address has the port)."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((ip, port))
            probe.listen(1)
        except OSError:
            return False
        return True


def has_many_loopback_addresses() -> bool:
    """Whether all of 127.0.0.0/8 is ours (Linux), or 127.0.0.1 alone (macOS)."""
    return can_listen("127.0.0.2", 0)
