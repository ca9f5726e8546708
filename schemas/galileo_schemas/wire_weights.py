"""The etcd contract of the load balancers: key `golb/function/<zone>/<fn>`, value `{"ips": […], "weights": […]}`."""

from __future__ import annotations

WEIGHTS_PREFIX = "golb/function/"


def weights_key(zone: str, fn: str) -> str:
    """The key of a function's weights in a zone."""
    return f"{WEIGHTS_PREFIX}{zone}/{fn}"


def zone_prefix(zone: str) -> str:
    """The prefix of a zone's keys; ends in a slash, so that `zone-a` does not match `zone-ab`."""
    return f"{WEIGHTS_PREFIX}{zone}/"
