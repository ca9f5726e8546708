"""What a gateway knows: for each function of its zone, the targets and their weights.

The weights come from etcd, one key per function, whole lists each time:

    golb/function/<zone>/<function>  ->  {"ips": ["<host>:<port>", ...], "weights": [<integer>, ...]}

A target is a pod or another zone's gateway; which addresses are gateways is said separately. For each function there
are two rings, one of all targets and one of pods alone, since a request that another gateway forwarded must not be
sent to a gateway again. A value that is wrong leaves the function as it was.

When a zone's last pod of a function is taken out, requests that other gateways sent a moment ago are still on their
way. The pod drains for a while; such requests may go there, for `FORMER_PODS_S`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import cast

import orjson
from galileo_schemas.wire_weights import zone_prefix

from galileo_services.gateway.round_robin import RoundRobin

FORMER_PODS_S = 3.0


class InvalidWeights(ValueError):  # noqa: N818 - says what was found, as its message does
    """A key or value that is not taken: which key, what was found and what was expected, in one line."""


@dataclass(frozen=True, slots=True)
class Weights:
    """Addresses (host:port) and one integer weight >= 0 for each."""

    ips: tuple[str, ...]
    weights: tuple[int, ...]


@dataclass(slots=True)
class FunctionTargets:
    """One function's weights and the two rings made of them."""

    weights: Weights
    all: RoundRobin = field(default_factory=RoundRobin)
    pods: RoundRobin = field(default_factory=RoundRobin)
    former_pods: RoundRobin = field(default_factory=RoundRobin)
    former_until: float = 0.0


def split_address(address: str) -> tuple[str, int]:
    """The host and port of "host:port" or "[IPv6]:port". Raises ValueError if it is neither."""
    host, colon, port = address.rpartition(":")
    bracketed = host.startswith("[") and host.endswith("]")
    if bracketed:
        host = host[1:-1]
    usable = colon and host and (bracketed or ":" not in host) and not any(c in host for c in " /\r\n")
    if not usable or not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
        raise ValueError(f"{address!r} is no address; expected host:port")
    return host, int(port)


def parse_weights(key: str, value: bytes) -> Weights:
    """The weights in an etcd value. Raises InvalidWeights."""
    try:
        content = orjson.loads(value)
    except orjson.JSONDecodeError as error:
        raise InvalidWeights(f'{key}: not JSON ({error}); expected {{"ips": [...], "weights": [...]}}') from None
    if not isinstance(content, dict):
        raise InvalidWeights(f'{key}: found {_shown(content)}; expected {{"ips": [...], "weights": [...]}}')
    ips, weights = (_list(key, cast(dict[str, object], content), name) for name in ("ips", "weights"))
    if len(ips) != len(weights):
        raise InvalidWeights(f"{key}: {len(ips)} ips and {len(weights)} weights; expected one weight for each ip")
    return Weights(tuple(_address(key, ip) for ip in ips), tuple(_weight(key, weight) for weight in weights))


class WeightTable:
    """The functions of one zone. `own_address` is never a target: a gateway does not forward to itself.

    `now`: seconds on any clock.
    """

    def __init__(self, zone: str, *, own_address: str = "", now: Callable[[], float] = time.monotonic) -> None:
        self.zone = zone
        self._now = now
        self._prefix = zone_prefix(zone)
        self._own_address = own_address
        self._gateways: frozenset[str] = frozenset()
        self._functions: dict[str, FunctionTargets] = {}
        self._names: dict[str, str] = {}
        self._known: frozenset[str] = frozenset()

    @property
    def functions(self) -> dict[str, FunctionTargets]:
        """The targets by function name, as the table spells it. Not to be changed."""
        return self._functions

    def is_gateway(self, address: str) -> bool:
        return address in self._gateways

    def set_gateways(self, addresses: set[str]) -> None:
        """Say which addresses (host:port) are gateways, of all zones; everything else is a pod."""
        if addresses == self._gateways:
            return
        self._gateways = frozenset(addresses)
        for targets in self._functions.values():
            targets.former_until = 0.0  # one of them may be a gateway
            self._fill(targets)

    def set_known(self, functions: Iterable[str]) -> None:
        """Say which functions exist, with weights or without: those whose last pod is gone have none."""
        self._known = frozenset(_plain(function) for function in functions)

    def is_known(self, function: str) -> bool:
        """Whether a function exists, by either spelling."""
        return _plain(function) in self._known or self.find(function) is not None

    def apply(self, key: str, value: bytes | None) -> bool:
        """Take a change from etcd: a put, or a delete if `value` is None.

        Returns whether the key belongs to this zone. Raises InvalidWeights, and changes nothing, if it does and
        the name or the value is wrong.
        """
        if not key.startswith(self._prefix):
            return False
        name = key.removeprefix(self._prefix)
        if not name or "/" in name:
            raise InvalidWeights(f"{key}: found the function name {name!r}; expected one name without a slash")
        if value is None:
            self._functions.pop(name, None)
        else:
            weights = parse_weights(key, value)
            targets = self._functions.setdefault(name, FunctionTargets(weights))
            before = self._pods(targets.weights)
            targets.weights = weights
            self._fill(targets)
            if before and not self._pods(weights):
                targets.former_pods.update([ip for ip, _ in before], [weight for _, weight in before])
                targets.former_until = self._now() + FORMER_PODS_S
        self._names = {_plain(known): known for known in sorted(self._functions, reverse=True)}
        return True

    def find(self, function: str) -> FunctionTargets | None:
        """The targets of a function, whose name may be spelled with "-" or "_"; the exact spelling goes first."""
        exact = self._functions.get(function)
        if exact is not None:
            return exact
        known = self._names.get(_plain(function))
        return None if known is None else self._functions[known]

    def ring(self, targets: FunctionTargets, *, forwarded: bool) -> RoundRobin:
        """The ring that a request takes its turn in; `forwarded`: another gateway has chosen this zone already."""
        if not forwarded:
            return targets.all
        if not self._pods(targets.weights) and self._now() < targets.former_until:
            return targets.former_pods
        return targets.pods

    def _pairs(self, weights: Weights) -> list[tuple[str, int]]:
        return [pair for pair in zip(weights.ips, weights.weights, strict=True) if pair[0] != self._own_address]

    def _pods(self, weights: Weights) -> list[tuple[str, int]]:
        return [pair for pair in self._pairs(weights) if pair[0] not in self._gateways]

    def _fill(self, targets: FunctionTargets) -> None:
        pairs, pods = self._pairs(targets.weights), self._pods(targets.weights)
        targets.all.update([ip for ip, _ in pairs], [weight for _, weight in pairs])
        targets.pods.update([ip for ip, _ in pods], [weight for _, weight in pods])


def _plain(function: str) -> str:
    return function.replace("_", "-")


def _shown(value: object) -> str:
    text = orjson.dumps(value).decode()
    return text if len(text) <= 60 else f"{text[:57]}..."


def _list(key: str, content: dict[str, object], name: str) -> list[object]:
    found = content.get(name)
    if not isinstance(found, list):
        raise InvalidWeights(f"{key}: {name} is {_shown(found)}; expected a list")
    return found


def _address(key: str, found: object) -> str:
    try:
        split_address(found if isinstance(found, str) else "")
    except ValueError:
        raise InvalidWeights(f'{key}: {_shown(found)} in ips; expected "host:port"') from None
    return cast(str, found)


def _weight(key: str, found: object) -> int:
    if isinstance(found, bool) or not isinstance(found, int) or found < 0:
        raise InvalidWeights(f"{key}: {_shown(found)} in weights; expected an integer of 0 or more")
    return found
