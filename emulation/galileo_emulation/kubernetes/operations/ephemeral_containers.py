"""The ephemeralcontainers subresource of pods: containers that are added to a running pod to look into it."""

from ..apiobjects import JsonObject, copied
from ..checks.containers import PodContext, containers_causes
from ..checks.pods import pod_spec_causes
from ..checks.validation import forbidden
from ..errors import Cause

_NOT_FOR_THEM = (
    "ports",
    "livenessProbe",
    "readinessProbe",
    "startupProbe",
    "lifecycle",
    "resources",
    "restartPolicy",
    "resizePolicy",
)


def with_ephemeral_containers(sent: JsonObject, old: JsonObject) -> JsonObject:
    """The old pod with the ephemeral containers of the sent one."""
    body = copied(old)
    containers = sent.get("spec", {}).get("ephemeralContainers", [])
    if containers:
        body["spec"]["ephemeralContainers"] = containers
    else:
        body["spec"].pop("ephemeralContainers", None)
    return body


def ephemeral_causes(new: JsonObject, old: JsonObject) -> list[Cause]:
    """Those that are there stay as they are; new ones have no ports, probes or resources."""
    after, before = new["spec"].get("ephemeralContainers", []), old["spec"].get("ephemeralContainers", [])
    field = "spec.ephemeralContainers"
    named = {container.get("name"): container for container in after}
    causes = pod_spec_causes("spec", new["spec"])
    for container in before:
        name = container.get("name")
        if name not in named:
            causes.append(forbidden(field, f'existing ephemeral containers "{name}" may not be removed'))
        elif named[name] != container:
            causes.append(forbidden(field, f'existing ephemeral containers "{name}" may not be changed'))
    return causes + _container_causes(field, after, new["spec"])


def _container_causes(field: str, containers: list[JsonObject], spec: JsonObject) -> list[Cause]:
    others = {
        container.get("name", "") for name in ("initContainers", "containers") for container in spec.get(name, [])
    }
    pod = PodContext(
        volumes={volume.get("name", ""): volume for volume in spec.get("volumes", [])},
        claims=(),
        restart_policy=spec["restartPolicy"],
        host_network=False,
    )
    causes = containers_causes(field, containers, pod, set(others))
    for index, container in enumerate(containers):
        here, target = f"{field}[{index}]", container.get("targetContainerName")
        rule = "cannot be set for an Ephemeral Container"
        causes += [forbidden(f"{here}.{name}", rule) for name in _NOT_FOR_THEM if container.get(name)]
        if target and target not in others:
            causes.append(Cause("FieldValueNotFound", f'Not found: "{target}"', f"{here}.targetContainerName"))
    return causes
