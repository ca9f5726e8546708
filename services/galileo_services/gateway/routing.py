"""Where a request goes: from its target and the weight table to an address and the path to ask it for.

    /function/<function>[/<path>][?<query>]

A gateway of another zone is asked for the same path and chooses among its own pods. A pod knows nothing of functions'
names: it is asked for what follows the name, "/" if nothing does. A request that a gateway already forwarded goes to
pods alone, so that two gateways can never pass it back and forth.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import unquote

from galileo_services.gateway.round_robin import RoundRobin
from galileo_services.gateway.weight_table import WeightTable

_PREFIX = "/function/"


@dataclass(frozen=True, slots=True)
class Route:
    """Ask `address` (host:port) for `target`; the other fields serve to choose another way."""

    address: str
    target: str
    ring: RoundRobin
    pod_target: str
    gateway_target: str


@dataclass(frozen=True, slots=True)
class NoRoute:
    """Answer `status` with one line of `reason` instead."""

    status: int
    reason: str


def route(target: str, table: WeightTable, *, forwarded: bool) -> Route | NoRoute:
    """Choose where a request for `target` goes; moves the function's ring by one.

    `forwarded`: another gateway already forwarded the request (it carries X-Forwarded-For).
    """
    target = _origin_form(target)
    path, mark, query = target.partition("?")
    function, _, rest = path.removeprefix(_PREFIX).partition("/")
    if not path.startswith(_PREFIX) or not function:
        return NoRoute(404, f"{path} is no path of this gateway; expected /function/<function>[/<path>]")
    name = unquote(function)
    targets = table.find(name)
    if targets is None:
        if table.is_known(name):
            return NoRoute(503, f"function {name} has no replica, zone {table.zone}")
        return NoRoute(404, f"no function {name} in zone {table.zone}")
    ring = table.ring(targets, forwarded=forwarded)
    address = ring.pick()
    if address is None:
        which = "no replica in this zone for a forwarded request" if forwarded else "no replica"
        return NoRoute(503, f"function {name} has {which}, zone {table.zone}")
    return _to(address, table, ring, pod_target=f"/{rest}{mark}{query}", gateway_target=target)


def reroute(failed: Route, table: WeightTable, tried: set[str]) -> Route | None:
    """Another way for a request whose `tried` addresses could not be reached, or None if there is none."""
    address = failed.ring.alternative(tried)
    if address is None:
        return None
    return _to(address, table, failed.ring, pod_target=failed.pod_target, gateway_target=failed.gateway_target)


def _to(address: str, table: WeightTable, ring: RoundRobin, *, pod_target: str, gateway_target: str) -> Route:
    target = gateway_target if table.is_gateway(address) else pod_target
    return Route(address, target, ring, pod_target, gateway_target)


def _origin_form(target: str) -> str:
    # A server has to take "http://host/path" as well (RFC 9112, 3.2.2).
    if target.startswith("/") or "://" not in target:
        return target
    _, slash, path = target.partition("://")[2].partition("/")
    return f"{slash}{path}" if slash else "/"
