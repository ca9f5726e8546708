"""Services."""

from ..apiobjects import JsonObject
from ..errors import Cause
from .names import dns_label, dns_subdomain, ip, name_causes, port_name
from .numbers import port_number
from .selectors import labels_causes
from .validation import duplicate, forbidden, required, unsupported, wrong

_TYPES = ("ClusterIP", "ExternalName", "LoadBalancer", "NodePort")
_AFFINITIES = ("ClientIP", "None")
_TRAFFIC_POLICIES = ("Cluster", "Local")
_DISTRIBUTIONS = ("PreferClose", "PreferSameNode", "PreferSameZone")
_PROTOCOLS = ("SCTP", "TCP", "UDP")
_LONGEST_AFFINITY_S = 86400


def service_causes(body: JsonObject) -> list[Cause]:
    """Check a service."""
    spec = body["spec"]
    kind, headless = spec["type"], spec.get("clusterIP") == "None"
    causes: list[Cause] = []
    if kind not in _TYPES:
        causes.append(unsupported("spec.type", kind, _TYPES))
    if not spec.get("ports") and not headless and kind != "ExternalName":
        causes.append(required("spec.ports"))
    if kind in ("LoadBalancer", "NodePort") and headless:
        causes.append(wrong("spec.clusterIPs[0]", "None", f"may not be set to 'None' for {kind} services"))
    if kind == "ExternalName":
        causes += _external_name_causes(spec)
    causes += _port_causes(spec.get("ports", []), kind)
    causes += labels_causes("spec.selector", spec.get("selector", {}))
    causes += _address_causes(spec)
    return causes + _policy_causes(spec)


def _external_name_causes(spec: JsonObject) -> list[Cause]:
    causes = [
        forbidden(f"spec.{name}", "may not be set when `type` is 'ExternalName'")
        for name in ("clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy")
        if spec.get(name)
    ]
    name = spec.get("externalName", "").removesuffix(".")
    return causes + (name_causes("spec.externalName", name, dns_subdomain) if name else [required("spec.externalName")])


def _port_causes(ports: list[JsonObject], kind: str) -> list[Cause]:
    causes: list[Cause] = []
    names: set[str] = set()
    seen: set[tuple[str, int]] = set()
    for index, port in enumerate(ports):
        here, name = f"spec.ports[{index}]", port.get("name", "")
        if name:
            causes += name_causes(f"{here}.name", name, dns_label)
        elif len(ports) > 1:
            causes.append(required(f"{here}.name"))
        if name and name in names:
            causes.append(duplicate(f"{here}.name", name))
        names.add(name)
        number, protocol, target = port.get("port", 0), port["protocol"], port.get("targetPort")
        causes += port_number(f"{here}.port", number)
        if protocol not in _PROTOCOLS:
            causes.append(unsupported(f"{here}.protocol", protocol, _PROTOCOLS))
        if isinstance(target, str):
            causes += name_causes(f"{here}.targetPort", target, port_name)
        elif target is not None:
            causes += port_number(f"{here}.targetPort", target)
        if "nodePort" in port and kind not in ("NodePort", "LoadBalancer"):
            causes.append(forbidden(f"{here}.nodePort", f"may not be used when `type` is '{kind}'"))
        if (protocol, number) in seen:
            causes.append(duplicate(here, f"{protocol}/{number}"))
        seen.add((protocol, number))
    return causes


def _address_causes(spec: JsonObject) -> list[Cause]:
    causes: list[Cause] = []
    addresses = spec.get("clusterIPs", [])
    for index, text in enumerate(addresses):
        if text != "None":
            causes += name_causes(f"spec.clusterIPs[{index}]", text, ip)
        elif index:
            causes.append(wrong(f"spec.clusterIPs[{index}]", text, "'None' must be the first and only value"))
    if addresses and spec.get("clusterIP") != addresses[0]:
        causes.append(wrong("spec.clusterIPs[0]", addresses[0], "first value must match `clusterIP`"))
    for index, text in enumerate(spec.get("externalIPs", [])):
        causes += name_causes(f"spec.externalIPs[{index}]", text, ip)
    return causes


def _policy_causes(spec: JsonObject) -> list[Cause]:
    causes = [
        unsupported(f"spec.{name}", spec[name], offered)
        for name, offered in (
            ("sessionAffinity", _AFFINITIES),
            ("externalTrafficPolicy", _TRAFFIC_POLICIES),
            ("internalTrafficPolicy", _TRAFFIC_POLICIES),
            ("trafficDistribution", _DISTRIBUTIONS),
        )
        if name in spec and spec[name] not in offered
    ]
    timeout_s = spec.get("sessionAffinityConfig", {}).get("clientIP", {}).get("timeoutSeconds")
    if timeout_s is not None and not 0 < timeout_s <= _LONGEST_AFFINITY_S:
        rule = f"must be greater than 0 and less than {_LONGEST_AFFINITY_S}"
        causes.append(wrong("spec.sessionAffinityConfig.clientIP.timeoutSeconds", timeout_s, rule))
    return causes


def service_change_causes(new: JsonObject, old: JsonObject) -> list[Cause]:
    """An address that was given out stays, unless the service changes to or from one without."""
    after, before = new["spec"], old["spec"]
    if "ExternalName" in (after["type"], before["type"]):
        return []
    if after.get("clusterIP") != before.get("clusterIP"):
        addresses = after.get("clusterIPs", [])
        return [wrong("spec.clusterIPs[0]", addresses, "may not change once set")]
    return []
