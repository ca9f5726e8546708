"""Containers: what each has to say of itself, and what they may not say twice."""

from dataclasses import dataclass

from ..apiobjects import JsonObject
from ..errors import Cause
from .environment import environment_causes, environment_source_causes
from .names import dns_label, name_causes, port_name
from .numbers import port_number
from .probes import lifecycle_causes, probe_causes
from .resources import resize_policy_causes, resource_causes
from .security import container_security_causes
from .validation import duplicate, forbidden, required, unsupported, wrong

_PULL_POLICIES = ("Always", "IfNotPresent", "Never")
_MESSAGE_POLICIES = ("FallbackToLogsOnError", "File")
_PROTOCOLS = ("SCTP", "TCP", "UDP")
_PROPAGATIONS = ("Bidirectional", "HostToContainer", "None")
_PROBES = ("livenessProbe", "readinessProbe", "startupProbe")


@dataclass(frozen=True, slots=True)
class PodContext:
    """What a container's check has to know of its pod."""

    volumes: dict[str, JsonObject]
    claims: tuple[str, ...]
    restart_policy: str
    host_network: bool


def containers_causes(field: str, containers: list[JsonObject], pod: PodContext, names: set[str]) -> list[Cause]:
    """Check a list of containers. `names` are those taken already, to which theirs are added."""
    causes: list[Cause] = []
    for index, container in enumerate(containers):
        here = f"{field}[{index}]"
        causes += _identity_causes(here, container, names)
        causes += container_causes(here, container, pod)
    return causes


def init_containers_causes(field: str, containers: list[JsonObject], pod: PodContext, names: set[str]) -> list[Cause]:
    """Check init containers: only those that keep running (restartPolicy Always) have probes and hooks."""
    causes = containers_causes(field, containers, pod, names)
    for index, container in enumerate(containers):
        here, keeps_running = f"{field}[{index}]", container.get("restartPolicy") == "Always"
        if "restartPolicy" in container and container["restartPolicy"] not in ("Always", "OnFailure", "Never"):
            causes.append(
                unsupported(f"{here}.restartPolicy", container["restartPolicy"], ("Always", "OnFailure", "Never"))
            )
        if not keeps_running:
            refused = [name for name in ("lifecycle", *_PROBES) if name in container]
            rule = "may not be set for init containers without restartPolicy=Always"
            causes += [forbidden(f"{here}.{name}", rule) for name in refused]
    return causes


def host_port_causes(field: str, containers: list[JsonObject], taken: set[tuple[str, str, int]]) -> list[Cause]:
    """A port of the host goes to one container only."""
    causes = []
    for index, container in enumerate(containers):
        for place, port in enumerate(container.get("ports", ())):
            if "hostPort" not in port:
                continue
            key = (port.get("protocol", ""), port.get("hostIP", ""), port["hostPort"])
            if key in taken:
                causes.append(duplicate(f"{field}[{index}].ports[{place}].hostPort", "/".join(map(str, key))))
            taken.add(key)
    return causes


def _identity_causes(field: str, container: JsonObject, names: set[str]) -> list[Cause]:
    causes: list[Cause] = []
    image = container.get("image")
    if not image:
        causes.append(required(f"{field}.image"))
    elif image != image.strip():
        causes.append(wrong(f"{field}.image", image, "must not have leading or trailing whitespace"))
    name = container.get("name")
    if not name:
        causes.append(required(f"{field}.name"))
    elif name in names:
        causes.append(duplicate(f"{field}.name", name))
    else:
        causes += name_causes(f"{field}.name", name, dns_label)
        names.add(name)
    return causes


def container_causes(field: str, container: JsonObject, pod: PodContext) -> list[Cause]:
    """Check one container apart from its name and image."""
    causes: list[Cause] = []
    if "ports" in container:
        causes += _port_causes(f"{field}.ports", container["ports"], pod)
    if "env" in container:
        causes += environment_causes(f"{field}.env", container["env"])
    if "envFrom" in container:
        causes += environment_source_causes(f"{field}.envFrom", container["envFrom"])
    if "volumeMounts" in container:
        causes += _mount_causes(f"{field}.volumeMounts", container["volumeMounts"], pod)
    if "volumeDevices" in container:
        causes += _device_causes(f"{field}.volumeDevices", container["volumeDevices"], pod)
    for name in _PROBES:
        if name in container:
            causes += probe_causes(field, name, container[name])
    if "lifecycle" in container:
        causes += lifecycle_causes(f"{field}.lifecycle", container["lifecycle"])
    if container.get("imagePullPolicy", "Always") not in _PULL_POLICIES:
        causes.append(unsupported(f"{field}.imagePullPolicy", container["imagePullPolicy"], _PULL_POLICIES))
    if container.get("terminationMessagePolicy", "File") not in _MESSAGE_POLICIES:
        policy = container["terminationMessagePolicy"]
        causes.append(unsupported(f"{field}.terminationMessagePolicy", policy, _MESSAGE_POLICIES))
    causes += resource_causes(f"{field}.resources", container.get("resources", {}), pod.claims)
    if "resizePolicy" in container:
        causes += resize_policy_causes(f"{field}.resizePolicy", container["resizePolicy"], pod.restart_policy)
    if "securityContext" in container:
        causes += container_security_causes(f"{field}.securityContext", container["securityContext"])
    return causes


def _port_causes(field: str, ports: list[JsonObject], pod: PodContext) -> list[Cause]:
    causes: list[Cause] = []
    names: set[str] = set()
    for index, port in enumerate(ports):
        here = f"{field}[{index}]"
        name, number = port.get("name"), port.get("containerPort", 0)
        if name:
            causes += name_causes(f"{here}.name", name, port_name)
            if name in names:
                causes.append(duplicate(f"{here}.name", name))
            names.add(name)
        causes += port_number(f"{here}.containerPort", number) if number else [required(f"{here}.containerPort")]
        if "hostPort" in port:
            causes += port_number(f"{here}.hostPort", port["hostPort"])
        if pod.host_network and port.get("hostPort", number) != number:
            causes.append(wrong(f"{here}.containerPort", number, "must match `hostPort` when `hostNetwork` is true"))
        if port.get("protocol", "TCP") not in _PROTOCOLS:
            causes.append(unsupported(f"{here}.protocol", port["protocol"], _PROTOCOLS))
    return causes


def _mount_causes(field: str, mounts: list[JsonObject], pod: PodContext) -> list[Cause]:
    causes: list[Cause] = []
    paths: set[str] = set()
    for index, mount in enumerate(mounts):
        here = f"{field}[{index}]"
        name, path = mount.get("name", ""), mount.get("mountPath", "")
        causes += _volume_name_causes(f"{here}.name", name, pod)
        if not path:
            causes.append(required(f"{here}.mountPath"))
        elif path in paths:
            causes.append(wrong(f"{here}.mountPath", path, "must be unique"))
        paths.add(path)
        for part in ("subPath", "subPathExpr"):
            causes += _path_within_causes(f"{here}.{part}", mount.get(part, ""))
        if "subPath" in mount and "subPathExpr" in mount:
            causes.append(
                wrong(f"{here}.subPathExpr", mount["subPathExpr"], "subPathExpr and subPath are mutually exclusive")
            )
        if mount.get("mountPropagation", "None") not in _PROPAGATIONS:
            causes.append(unsupported(f"{here}.mountPropagation", mount["mountPropagation"], _PROPAGATIONS))
    return causes


def _volume_name_causes(field: str, name: str, pod: PodContext) -> list[Cause]:
    if not name:
        return [required(field)]
    return [] if name in pod.volumes else [Cause("FieldValueNotFound", f'Not found: "{name}"', field)]


def _path_within_causes(field: str, path: str) -> list[Cause]:
    if path.startswith("/"):
        return [wrong(field, path, "must be a relative path")]
    return [wrong(field, path, "must not contain '..'")] if ".." in path.split("/") else []


def _device_causes(field: str, devices: list[JsonObject], pod: PodContext) -> list[Cause]:
    causes: list[Cause] = []
    for index, device in enumerate(devices):
        here, name = f"{field}[{index}]", device.get("name", "")
        causes += _volume_name_causes(f"{here}.name", name, pod)
        if name in pod.volumes and not {"persistentVolumeClaim", "ephemeral"} & set(pod.volumes[name]):
            rule = "can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode"
            causes.append(wrong(f"{here}.name", name, rule))
        if not device.get("devicePath"):
            causes.append(required(f"{here}.devicePath"))
    return causes
