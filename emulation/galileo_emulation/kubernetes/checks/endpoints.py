"""The endpoints behind services, in their older form and as slices.

Unlike in Kubernetes, addresses in the loopback range are good ones: that is where the emulated pods are.
"""

from ipaddress import ip_address

from ..apiobjects import JsonObject
from ..errors import Cause
from .names import dns_label, dns_subdomain, ip, name_causes
from .numbers import port_number, within
from .validation import duplicate, required, unsupported, wrong
from .workloads import immutable

_PROTOCOLS = ("SCTP", "TCP", "UDP")
_ADDRESS_TYPES = ("FQDN", "IPv4", "IPv6")
_IP_VERSIONS = {"IPv4": 4, "IPv6": 6}
_MOST_ENDPOINTS = 1000
_MOST_ADDRESSES = 100


def endpoints_causes(body: JsonObject) -> list[Cause]:
    """Check the endpoints of a service in their older form."""
    causes: list[Cause] = []
    for index, subset in enumerate(body.get("subsets", [])):
        here = f"subsets[{index}]"
        if not subset.get("addresses") and not subset.get("notReadyAddresses"):
            causes.append(required(here, "must specify `addresses` or `notReadyAddresses`"))
        for name in ("addresses", "notReadyAddresses"):
            for place, address in enumerate(subset.get(name, [])):
                causes += _endpoint_ip_causes(f"{here}.{name}[{place}].ip", address.get("ip", ""))
        ports = subset.get("ports", [])
        for place, port in enumerate(ports):
            causes += _endpoint_port_causes(f"{here}.ports[{place}]", port, named=len(ports) > 1)
    return causes


def _endpoint_port_causes(field: str, port: JsonObject, *, named: bool) -> list[Cause]:
    name = port.get("name", "")
    causes = name_causes(f"{field}.name", name, dns_label) if name else []
    if named and not name:
        causes.append(required(f"{field}.name"))
    causes += port_number(f"{field}.port", port.get("port", 0))
    if port["protocol"] not in _PROTOCOLS:
        causes.append(unsupported(f"{field}.protocol", port["protocol"], _PROTOCOLS))
    return causes


def _endpoint_ip_causes(field: str, text: str) -> list[Cause]:
    causes = name_causes(field, text, ip)
    if causes:
        return causes
    address = ip_address(text)
    for refused, rule in (
        (address.is_unspecified, f"may not be unspecified ({text})"),
        (address.is_link_local, "may not be in the link-local range (169.254.0.0/16, fe80::/10)"),
        (address.is_multicast, "may not be in the multicast range (224.0.0.0/4, ff00::/8)"),
    ):
        if refused:
            causes.append(wrong(field, text, rule))
    return causes


def endpoint_slice_causes(body: JsonObject) -> list[Cause]:
    """Check a slice of a service's endpoints."""
    kind = body.get("addressType", "")
    causes: list[Cause] = []
    if not kind:
        causes.append(required("addressType"))
    elif kind not in _ADDRESS_TYPES:
        causes.append(unsupported("addressType", kind, _ADDRESS_TYPES))
    endpoints = body.get("endpoints") or []
    if len(endpoints) > _MOST_ENDPOINTS:
        causes.append(
            Cause(
                "FieldValueTooMany",
                f"Too many: {len(endpoints)}: must have at most {_MOST_ENDPOINTS} items",
                "endpoints",
            )
        )
    for index, endpoint in enumerate(endpoints):
        causes += _slice_endpoint_causes(f"endpoints[{index}]", endpoint, kind)
    return causes + _slice_port_causes(body.get("ports") or [])


def _slice_endpoint_causes(field: str, endpoint: JsonObject, kind: str) -> list[Cause]:
    addresses = endpoint.get("addresses", [])
    if not addresses:
        return [required(f"{field}.addresses", "must contain at least 1 address")]
    causes: list[Cause] = []
    if len(addresses) > _MOST_ADDRESSES:
        rule = f"Too many: {len(addresses)}: must have at most {_MOST_ADDRESSES} items"
        causes.append(Cause("FieldValueTooMany", rule, f"{field}.addresses"))
    for index, text in enumerate(addresses):
        here = f"{field}.addresses[{index}]"
        if kind == "FQDN":
            causes += name_causes(here, text, dns_subdomain)
        else:
            causes += _endpoint_ip_causes(here, text)
            if not causes and kind in _IP_VERSIONS and ip_address(text).version != _IP_VERSIONS[kind]:
                causes.append(wrong(here, text, f"must be an {kind} address"))
    if "hostname" in endpoint:
        causes += name_causes(f"{field}.hostname", endpoint["hostname"], dns_label)
    return causes


def _slice_port_causes(ports: list[JsonObject]) -> list[Cause]:
    causes: list[Cause] = []
    names: set[str] = set()
    for index, port in enumerate(ports):
        here, name = f"ports[{index}]", port["name"]
        if name:
            causes += name_causes(f"{here}.name", name, dns_label)
        if name in names:
            causes.append(duplicate(f"{here}.name", name))
        names.add(name)
        if port["protocol"] not in _PROTOCOLS:
            causes.append(unsupported(f"{here}.protocol", port["protocol"], _PROTOCOLS))
        if "port" in port:
            causes += within(f"{here}.port", port["port"], 1, 65535)
    return causes


def endpoint_slice_change_causes(new: JsonObject, old: JsonObject) -> list[Cause]:
    """A slice keeps its type of addresses."""
    return immutable("addressType", new.get("addressType"), old.get("addressType"))
