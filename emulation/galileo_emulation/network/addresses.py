"""The plan of loopback addresses: which node and which pod has which address, on this machine, now.

Linux answers on all of 127.0.0.0/8. A world claims one /16 of it, 127.<slot>.0.0/16, by binding a UDP socket there for
as long as it lives, so that two worlds on one machine never meet. Node i (counted from 1) has 127.<slot>.<i>.1, its
pods 127.<slot>.<i>.2 to .254; a pod's address is used again only after all others of the node were.

Systems with one loopback address (macOS) put everything on 127.0.0.1. There each container port has to be another one:
`admit_pod` writes it into pods as they are created, as a mutating webhook would. Where a connection comes from cannot
be told there, so that latency is off.
"""

from __future__ import annotations

import logging
import socket
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from galileo_emulation.kubernetes.apiobjects import JsonObject
from galileo_emulation.network.free_ports import can_listen, has_many_loopback_addresses
from galileo_emulation.specification import PORT_OFFSET, SpecificationError

log = logging.getLogger(__name__)

LOCK_PORT = 24_601
FIRST_SLOT, LAST_SLOT = 20, 250
MAX_NODES = 254
FUNCTION_PORTS = range(8080, 8180)
SINGLE_ADDRESS = "127.0.0.1"
SINGLE_ADDRESS_PORTS = range(11_000, 11_000 + PORT_OFFSET - 1)


class NoAddressError(Exception):
    """No address or port is free; the message says what was looked for."""


@dataclass(frozen=True)
class PodAddress:
    """Where a pod is reached: its address, and for each container port the port that is advertised for it."""

    ip: str
    advertised: dict[int, int]

    def backend_port(self, container_port: int) -> int:
        """Where the pod's own program listens, behind the relay."""
        return self.advertised[container_port] + PORT_OFFSET


class AddressPlan(Protocol):
    """What the kubelets ask of the plan. `function_port` is a container port that is free on all addresses."""

    function_port: int
    many_addresses: bool

    def node_ip(self, node: str) -> str: ...

    def node_of(self, ip: str) -> str | None:
        """The node that an address belongs to; None if that cannot be told."""

    def take(self, node: str, container_ports: Iterable[int], *, host_network: bool = False) -> PodAddress:
        """An address for a new pod on `node`; raises NoAddressError or SpecificationError."""

    def give_back(self, node: str, address: PodAddress) -> None: ...

    def admit_pod(self, pod: JsonObject) -> None:
        """Change a new pod's container ports where they cannot be as they are."""

    def close(self) -> None:
        """Let others use the addresses."""


def claim_addresses(nodes: Sequence[str], *, single_address: bool = False) -> AddressPlan:
    """Claim addresses for a world with these nodes. `single_address` forces the plan of systems with one address."""
    if single_address or not has_many_loopback_addresses():
        log.warning("this machine has one loopback address: pods differ by port only, and network latency is off")
        return SingleAddressPlan(nodes)
    if len(nodes) > MAX_NODES:
        raise SpecificationError(f"{len(nodes)} nodes: at most {MAX_NODES} have addresses on one machine")
    for slot in range(FIRST_SLOT, LAST_SLOT + 1):
        lock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            lock.bind((f"127.{slot}.0.1", LOCK_PORT))
        except OSError:  # another world has this slot
            lock.close()
            continue
        try:
            return ManyAddressesPlan(nodes, slot, lock)
        except NoAddressError:
            lock.close()
            raise
    raise NoAddressError(
        f"all of 127.{FIRST_SLOT}.0.0/16 to 127.{LAST_SLOT}.0.0/16 are taken (UDP port {LOCK_PORT}): stop another world"
    )


class ManyAddressesPlan:
    """An address for every node and pod in 127.<slot>.0.0/16. `lock` holds the slot and is closed with the plan."""

    many_addresses = True

    def __init__(self, nodes: Sequence[str], slot: int, lock: socket.socket) -> None:
        self._lock = lock
        self._index = {node: index for index, node in enumerate(nodes, start=1)}
        self._nodes = list(nodes)
        self._prefix = f"127.{slot}."
        self._free = {node: deque(range(2, 255)) for node in nodes}
        self.function_port = self._free_function_port()

    def node_ip(self, node: str) -> str:
        return f"{self._prefix}{self._index[node]}.1"

    def node_of(self, ip: str) -> str | None:
        if not ip.startswith(self._prefix):
            return None
        index = int(ip.split(".")[2])
        return self._nodes[index - 1] if 1 <= index <= len(self._nodes) else None

    def take(self, node: str, container_ports: Iterable[int], *, host_network: bool = False) -> PodAddress:
        advertised = {port: port for port in container_ports}
        for port in advertised:
            if not 0 < port <= 65_535 - PORT_OFFSET:
                raise SpecificationError(f"containerPort {port}: expected 1 to {65_535 - PORT_OFFSET}")
        if host_network:
            return PodAddress(self.node_ip(node), advertised)
        if not self._free[node]:
            raise NoAddressError(f"node {node}: all {254 - 1} pod addresses are taken")
        return PodAddress(f"{self._prefix}{self._index[node]}.{self._free[node].popleft()}", advertised)

    def give_back(self, node: str, address: PodAddress) -> None:
        if address.ip != self.node_ip(node):
            self._free[node].append(int(address.ip.rsplit(".", 1)[1]))

    def admit_pod(self, pod: JsonObject) -> None:
        """Every pod has an address of its own, and any port on it."""

    def close(self) -> None:
        self._lock.close()

    def _free_function_port(self) -> int:
        # A program that listens on the wildcard has the port on every address, so that trying one address is enough.
        probe = f"{self._prefix}0.1"
        for port in FUNCTION_PORTS:
            if can_listen(probe, port) and can_listen(probe, port + PORT_OFFSET):
                return port
        raise NoAddressError(
            f"no port for functions: each of {FUNCTION_PORTS.start} to {FUNCTION_PORTS.stop - 1}, or its backend port "
            f"{PORT_OFFSET} above, is taken by a program that listens on all addresses"
        )


class SingleAddressPlan:
    """Everything on 127.0.0.1; every container port is another one."""

    many_addresses = False

    def __init__(self, nodes: Sequence[str]) -> None:
        self._nodes = set(nodes)
        self._free = deque(SINGLE_ADDRESS_PORTS)
        self.function_port = FUNCTION_PORTS.start

    def node_ip(self, node: str) -> str:
        if node not in self._nodes:
            raise KeyError(node)
        return SINGLE_ADDRESS

    def node_of(self, ip: str) -> str | None:
        return None

    def take(self, node: str, container_ports: Iterable[int], *, host_network: bool = False) -> PodAddress:
        return PodAddress(SINGLE_ADDRESS, {port: port for port in container_ports})

    def give_back(self, node: str, address: PodAddress) -> None:
        self._free.extend(port for port in address.advertised if port in SINGLE_ADDRESS_PORTS)

    def admit_pod(self, pod: JsonObject) -> None:
        for container in pod.get("spec", {}).get("containers", ()):
            for port in container.get("ports", ()):
                port["containerPort"] = self._free_port()

    def close(self) -> None:
        """Nothing is held."""

    def _free_port(self) -> int:
        for _ in range(len(self._free)):
            port = self._free.popleft()
            if can_listen(SINGLE_ADDRESS, port) and can_listen(SINGLE_ADDRESS, port + PORT_OFFSET):
                return port
            self._free.append(port)
        raise NoAddressError(f"no free port pair between {SINGLE_ADDRESS_PORTS.start} and {SINGLE_ADDRESS_PORTS.stop}")
