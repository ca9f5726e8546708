"""The labels and annotations by which the cluster's parts are told apart."""

from __future__ import annotations

from collections.abc import Mapping

ZONE = "ether.edgerun.io/zone"
FUNCTION = "ether.edgerun.io/function"
TYPES = ("ether.edgerun.io/type", "type")
TYPE_GATEWAY = "api-gateway"
TYPE_FUNCTION = "fn"
CLIENT_FUNCTION = "client"
ROLE_PREFIX = "node-role.kubernetes.io/"
CLOUD_ROLE = "kubernetes.io/role"
HOSTNAME = "kubernetes.io/hostname"
DELAY_PREFIX = "delay_"
CAUSE_ANNOTATION = "galileo.edgerun.io/cause"
MANAGED_BY = "app.kubernetes.io/managed-by"
MANAGER = "galileo"
DEFAULT_ZONE = "main"


def zone_of(labels: Mapping[str, str]) -> str:
    """The zone that labels name; `main` when they name none."""
    return labels.get(ZONE) or DEFAULT_ZONE


def type_of(labels: Mapping[str, str]) -> str | None:
    """`api-gateway`, `fn`, or whatever else the type label says, under either of its spellings."""
    return next((labels[key] for key in TYPES if key in labels), None)
