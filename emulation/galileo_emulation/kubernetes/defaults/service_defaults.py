"""What the API adds to a service: its type, its addresses and its ports of nodes.

Addresses and ports are given out here, before the answer; what a client asks for itself must be free and of the right
range. An update that leaves out what was given out keeps it. Source: the behaviour of kube-apiserver 1.36 with IPv4
only.
"""

from ipaddress import ip_address, ip_network

from ..apiobjects import JsonObject
from ..checks.validation import wrong
from ..errors import ApiError, Cause, invalid
from ..kind import Surroundings

ADDRESSES = ip_network("10.96.0.0/12")
NODE_PORTS = range(30000, 32768)
_WITH_NODE_PORTS = ("NodePort", "LoadBalancer")
_CLIENT_IP_TIMEOUT_S = 10800


def set_up_service(body: JsonObject, surroundings: Surroundings) -> None:
    """Give out addresses and ports. Raises ApiError (422) when what is asked for is not to be had."""
    body["status"] = {"loadBalancer": {}}
    _give_out(body, surroundings)


def carry_service(new: JsonObject, old: JsonObject, surroundings: Surroundings) -> None:
    """Keep what was given out, take back what the new type does not have, and give out what it has besides."""
    after, before = new.setdefault("spec", {}), old["spec"]
    if after.get("type", "ClusterIP") == "ExternalName" and before["type"] != "ExternalName":
        _drop_unchanged(after, before, ("clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"))
        _drop_unchanged(after, before, ("internalTrafficPolicy",))
    elif before["type"] != "ExternalName":
        _keep_addresses(after, before)
    _keep_ports(after, before)
    _give_out(new, surroundings, own=old)


def _drop_unchanged(after: JsonObject, before: JsonObject, names: tuple[str, ...]) -> None:
    for name in names:
        if after.get(name) == before.get(name):
            after.pop(name, None)


def _keep_addresses(after: JsonObject, before: JsonObject) -> None:
    if "clusterIP" in after and after["clusterIP"] != before.get("clusterIP"):
        if after.get("clusterIPs") == before.get("clusterIPs"):
            after["clusterIPs"] = [after["clusterIP"]]
        return
    for name in ("clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"):
        if name in before:
            after.setdefault(name, before[name])


def _keep_ports(after: JsonObject, before: JsonObject) -> None:
    if before["type"] not in _WITH_NODE_PORTS:
        return
    known = {port.get("name", ""): port["nodePort"] for port in before.get("ports", []) if "nodePort" in port}
    if after.get("type", "ClusterIP") in _WITH_NODE_PORTS:
        taken = {port.get("nodePort") for port in after.get("ports", [])}
        for port in after.get("ports", []):
            number = known.get(port.get("name", ""))
            if "nodePort" not in port and number is not None and number not in taken:
                port["nodePort"] = number
        return
    for port in after.get("ports", []):
        if port.get("nodePort") == known.get(port.get("name", "")):
            port.pop("nodePort", None)
    _drop_unchanged(after, before, ("externalTrafficPolicy", "allocateLoadBalancerNodePorts"))


def _give_out(body: JsonObject, surroundings: Surroundings, own: JsonObject | None = None) -> None:
    spec = body.setdefault("spec", {})
    kind = spec.get("type", "ClusterIP")
    causes: list[Cause] = []
    if kind != "ExternalName":
        causes += _address_causes(spec, surroundings, own)
    if kind == "NodePort" or (kind == "LoadBalancer" and spec.get("allocateLoadBalancerNodePorts", True)):
        causes += _port_causes(spec, surroundings, own)
    if causes:
        raise _refused(body, causes)


def _refused(body: JsonObject, causes: list[Cause]) -> ApiError:
    return invalid("Service", "", body["metadata"].get("name", ""), causes)


def _address_causes(spec: JsonObject, surroundings: Surroundings, own: JsonObject | None) -> list[Cause]:
    asked = spec.get("clusterIP") or (spec.get("clusterIPs") or [""])[0]
    if asked == "None" or (own is not None and asked and asked == own["spec"].get("clusterIP")):
        spec["clusterIP"] = asked
        return []
    taken = {found["spec"].get("clusterIP") for found in surroundings.stored("", "services")}
    if not asked:
        spec["clusterIP"] = next(address for address in iter(surroundings.free_cluster_ip, "") if address not in taken)
        return []
    spec["clusterIP"] = asked
    try:
        address = ip_address(asked)
    except ValueError:
        return []  # the check of the whole object says so
    if address not in ADDRESSES:
        rule = f"failed to allocate IP {asked}: the provided IP ({asked}) is not in the valid range {ADDRESSES}"
        return [wrong("spec.clusterIPs", [asked], rule)]
    if asked in taken:
        return [wrong("spec.clusterIPs", [asked], f"failed to allocate IP {asked}: provided IP is already allocated")]
    return []


def _port_causes(spec: JsonObject, surroundings: Surroundings, own: JsonObject | None) -> list[Cause]:
    others = {
        (port["nodePort"], port.get("protocol", "TCP"))
        for found in surroundings.stored("", "services")
        if own is None or found["metadata"]["uid"] != own["metadata"]["uid"]
        for port in found["spec"].get("ports", [])
        if "nodePort" in port
    }
    causes = []
    for index, port in enumerate(spec.get("ports", [])):
        here, number, protocol = f"spec.ports[{index}].nodePort", port.get("nodePort"), port.get("protocol", "TCP")
        if number is None:
            number = _free_port(others, protocol, surroundings)
            if number is None:
                raise ApiError(
                    500, "InternalError", "Internal error occurred: failed to allocate a nodePort: range is full"
                )
            port["nodePort"] = number
        elif number not in NODE_PORTS:
            span = f"{NODE_PORTS.start}-{NODE_PORTS.stop - 1}"
            rule = f"provided port is not in the valid range. The range of valid ports is {span}"
            causes.append(wrong(here, number, rule))
        elif (number, protocol) in others:
            causes.append(wrong(here, number, "provided port is already allocated"))
        others.add((number, protocol))
    return causes


def _free_port(taken: set[tuple[int, str]], protocol: str, surroundings: Surroundings) -> int | None:
    free = [port for port in NODE_PORTS if (port, protocol) not in taken]
    return surroundings.rng.choice(free) if free else None


def default_service(body: JsonObject) -> None:
    """Type, ports, affinity, families and traffic policies."""
    spec = body.setdefault("spec", {})
    kind = spec.setdefault("type", "ClusterIP")
    if spec.setdefault("sessionAffinity", "None") == "ClientIP":
        client = spec.setdefault("sessionAffinityConfig", {}).setdefault("clientIP", {})
        client.setdefault("timeoutSeconds", _CLIENT_IP_TIMEOUT_S)
    else:
        spec.pop("sessionAffinityConfig", None)
    for port in spec.get("ports", []):
        port.setdefault("protocol", "TCP")
        if port.get("targetPort", 0) in (0, ""):
            port["targetPort"] = port.get("port")
    if kind != "ExternalName":
        _default_families(spec)
        spec.setdefault("internalTrafficPolicy", "Cluster")
    if kind in _WITH_NODE_PORTS or (kind == "ClusterIP" and spec.get("externalIPs")):
        spec.setdefault("externalTrafficPolicy", "Cluster")
    if kind == "LoadBalancer":
        spec.setdefault("allocateLoadBalancerNodePorts", True)


def _default_families(spec: JsonObject) -> None:
    if "clusterIP" not in spec:
        return
    spec.setdefault("clusterIPs", [spec["clusterIP"]])
    if spec["clusterIP"] == "None" and not spec.get("selector"):
        # Endpoints that somebody else writes may be of any family.
        policy, families = spec.setdefault("ipFamilyPolicy", "RequireDualStack"), ["IPv4", "IPv6"]
        spec.setdefault("ipFamilies", families if policy != "SingleStack" else families[:1])
        return
    spec.setdefault("ipFamilies", ["IPv4"])
    spec.setdefault("ipFamilyPolicy", "SingleStack")
