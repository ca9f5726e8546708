"""Routing records: which hosts the original galileo's clients send a service's requests to, and with what weights.

In Redis a record is two lists in the same order, hosts and weights; the set `routing:services` names the services, and
whoever changes one publishes its name on `routing:updates`, so that clients drop what they keep of it. Weights are
written as decimal numbers and may be fractions. Nothing here reads or writes Redis.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from galileo_schemas.frame import FrameError, excerpt

ROUTING_SERVICES = "routing:services"
ROUTING_UPDATES = "routing:updates"


class RoutingRecord(NamedTuple):
    """Hosts (`host[:port]`) and their weights (0 or more), in the same order."""

    service: str
    hosts: tuple[str, ...]
    weights: tuple[float, ...]


class RoutingLists(NamedTuple):
    """What the two lists of a record hold, item by item."""

    hosts: tuple[str, ...]
    weights: tuple[str, ...]


def hosts_key(service: str) -> str:
    """The list of a service's hosts."""
    return f"routing:hosts:{service}"


def weights_key(service: str) -> str:
    """The list of a service's weights."""
    return f"routing:weights:{service}"


def parse_routing(service: str, hosts: Sequence[bytes], weights: Sequence[bytes]) -> RoutingRecord:
    """The record of two lists as Redis holds them; quotes and white space around an item are none of its.

    Raises `FrameError` that names the service when there are no hosts, when the lists differ in length, or when an item
    is no host or no weight.
    """
    if not hosts:
        raise FrameError(f"routing of {service!r:.80}: expected at least one host, the list is empty")
    if len(hosts) != len(weights):
        raise FrameError(f"routing of {service!r:.80}: expected a weight per host, got {len(hosts)} and {len(weights)}")
    record = RoutingRecord(service, tuple(map(_host, hosts)), tuple(map(_weight, weights)))
    _check(record)
    return record


def format_routing(record: RoutingRecord) -> RoutingLists:
    """The items of both lists. Raises `FrameError` when a reader would refuse the record."""
    if not record.hosts:
        raise FrameError(f"routing of {record.service!r:.80}: expected at least one host")
    if len(record.hosts) != len(record.weights):
        raise FrameError(f"routing of {record.service!r:.80}: expected a weight per host")
    _check(record)
    return RoutingLists(record.hosts, tuple(repr(float(weight)) for weight in record.weights))


def _check(record: RoutingRecord) -> None:
    if not _is_word(record.service):
        raise FrameError(f"a routed service has a name without white space, got {record.service!r:.80}")
    for host in record.hosts:
        if not _is_word(host):
            raise FrameError(f"routing of {record.service!r:.80}: expected host or host:port, got {host!r:.80}")
    for weight in record.weights:
        if not (math.isfinite(weight) and weight >= 0):
            raise FrameError(f"routing of {record.service!r:.80}: expected a weight of 0 or more, got {weight!r}")


def _is_word(text: str) -> bool:
    return bool(text) and text.isprintable() and not any(character.isspace() or character == '"' for character in text)


def _host(item: bytes) -> str:
    try:
        return _bare(item).decode()
    except UnicodeDecodeError:
        raise FrameError(f"a routed host is host or host:port, got {excerpt(item)}") from None


def _weight(item: bytes) -> float:
    try:
        return float(_bare(item))
    except ValueError:
        raise FrameError(f"a routing weight is a decimal number, got {excerpt(item)}") from None


def _bare(item: bytes) -> bytes:
    return item.strip().strip(b'"').strip()
