"""Pods and the templates of pods."""

from ..apiobjects import JsonObject
from ..errors import Cause
from .containers import PodContext, containers_causes, host_port_causes, init_containers_causes
from .metadata import annotations_causes
from .names import dns_label, dns_subdomain, ip, name_causes, qualified_name
from .numbers import within
from .placement import affinity_causes, spread_causes, toleration_causes
from .resources import overhead_causes
from .security import pod_security_causes
from .selectors import labels_causes
from .validation import duplicate, forbidden, required, unsupported, wrong
from .volumes import volumes_causes

_RESTART_POLICIES = ("Always", "OnFailure", "Never")
_DNS_POLICIES = ("ClusterFirstWithHostNet", "ClusterFirst", "Default", "None")
_PREEMPTION_POLICIES = ("PreemptLowerPriority", "Never")
_MOST_SECONDS = 2**31 - 1
# Names of other objects in a pod's spec, and the form that each has.
_REFERENCES = {
    "serviceAccountName": dns_subdomain,
    "priorityClassName": dns_subdomain,
    "runtimeClassName": dns_subdomain,
    "nodeName": dns_subdomain,
    "hostname": dns_label,
    "subdomain": dns_label,
}


def pod_spec_causes(field: str, spec: JsonObject) -> list[Cause]:
    """Check a pod's spec, in a pod or in a template."""
    volumes = spec.get("volumes", [])
    causes = volumes_causes(f"{field}.volumes", volumes) if volumes else []
    pod = PodContext(
        volumes={volume.get("name", ""): volume for volume in volumes},
        claims=tuple(claim.get("name", "") for claim in spec.get("resourceClaims", ())),
        restart_policy=spec.get("restartPolicy", "Always"),
        host_network=spec.get("hostNetwork", False),
    )
    causes += _all_containers_causes(field, spec, pod)
    if pod.restart_policy not in _RESTART_POLICIES:
        causes.append(unsupported(f"{field}.restartPolicy", pod.restart_policy, _RESTART_POLICIES))
    if spec.get("dnsPolicy", "ClusterFirst") not in _DNS_POLICIES:
        causes.append(unsupported(f"{field}.dnsPolicy", spec["dnsPolicy"], _DNS_POLICIES))
    for name, form in _REFERENCES.items():
        if name in spec:
            causes += name_causes(f"{field}.{name}", spec[name], form)
    causes += _placement_causes(field, spec)
    causes += _setting_causes(field, spec)
    return causes


def _all_containers_causes(field: str, spec: JsonObject, pod: PodContext) -> list[Cause]:
    names: set[str] = set()
    ports: set[tuple[str, str, int]] = set()
    causes: list[Cause] = []
    init, main = spec.get("initContainers", []), spec.get("containers", [])
    if not main:
        causes.append(required(f"{field}.containers"))
    causes += containers_causes(f"{field}.containers", main, pod, names)
    causes += host_port_causes(f"{field}.containers", main, ports)
    if init:
        causes += init_containers_causes(f"{field}.initContainers", init, pod, names)
    return causes


def _placement_causes(field: str, spec: JsonObject) -> list[Cause]:
    causes: list[Cause] = []
    if "nodeSelector" in spec:
        causes += labels_causes(f"{field}.nodeSelector", spec["nodeSelector"])
    if "affinity" in spec:
        causes += affinity_causes(f"{field}.affinity", spec["affinity"])
    if "tolerations" in spec:
        causes += toleration_causes(f"{field}.tolerations", spec["tolerations"])
    if "topologySpreadConstraints" in spec:
        causes += spread_causes(f"{field}.topologySpreadConstraints", spec["topologySpreadConstraints"])
    seen = set()
    for index, gate in enumerate(spec.get("schedulingGates", ())):
        name, here = gate.get("name", ""), f"{field}.schedulingGates[{index}]"
        causes += name_causes(here, name, qualified_name)
        if name in seen:
            causes.append(duplicate(here, name))
        seen.add(name)
    return causes


def _setting_causes(field: str, spec: JsonObject) -> list[Cause]:
    causes: list[Cause] = []
    if spec.get("securityContext"):
        causes += pod_security_causes(f"{field}.securityContext", spec["securityContext"])
    if "activeDeadlineSeconds" in spec:
        causes += within(f"{field}.activeDeadlineSeconds", spec["activeDeadlineSeconds"], 1, _MOST_SECONDS)
    if "dnsConfig" in spec or spec.get("dnsPolicy") == "None":
        causes += _dns_causes(f"{field}.dnsConfig", spec)
    for index, alias in enumerate(spec.get("hostAliases", ())):
        causes += name_causes(f"{field}.hostAliases[{index}].ip", alias.get("ip", ""), ip)
        for hostname in alias.get("hostnames", []):
            causes += name_causes(f"{field}.hostAliases[{index}].hostnames", hostname, dns_subdomain)
    for index, gate in enumerate(spec.get("readinessGates", ())):
        here = f"{field}.readinessGates[{index}].conditionType"
        causes += name_causes(here, gate.get("conditionType", ""), qualified_name)
    if "overhead" in spec:
        causes += overhead_causes(f"{field}.overhead", spec["overhead"])
    if spec.get("preemptionPolicy", "Never") not in _PREEMPTION_POLICIES:
        causes.append(unsupported(f"{field}.preemptionPolicy", spec["preemptionPolicy"], _PREEMPTION_POLICIES))
    return causes


def _dns_causes(field: str, spec: JsonObject) -> list[Cause]:
    servers = spec.get("dnsConfig", {}).get("nameservers", [])
    if spec.get("dnsPolicy") == "None" and not servers:
        return [required(f"{field}.nameservers", "must provide at least one DNS nameserver when `dnsPolicy` is None")]
    causes = [
        cause
        for index, server in enumerate(servers)
        for cause in name_causes(f"{field}.nameservers[{index}]", server, ip)
    ]
    if len(servers) > 3:
        causes.append(wrong(f"{field}.nameservers", servers, "must not have more than 3 nameservers"))
    return causes


def template_causes(field: str, template: JsonObject) -> list[Cause]:
    """Check the template of pods in a workload."""
    metadata = template.get("metadata", {})
    causes = labels_causes(f"{field}.labels", metadata.get("labels", {}))
    causes += annotations_causes(f"{field}.annotations", metadata.get("annotations", {}))
    spec = template.get("spec", {})
    causes += pod_spec_causes(f"{field}.spec", spec)
    if spec.get("ephemeralContainers"):
        causes.append(
            forbidden(f"{field}.spec.ephemeralContainers", "ephemeral containers not allowed in pod template")
        )
    return causes
