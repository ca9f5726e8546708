"""What a kubelet reads from one container of a pod's specification."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from galileo_emulation.kubelets.container_command import Script, understood
from galileo_emulation.kubelets.probes import Probe, read_probes
from galileo_emulation.kubelets.resource_amounts import (
    NOTHING,
    Amount,
    cpu_limit_millicores,
    memory_limit_bytes,
    requested,
)
from galileo_emulation.kubernetes.apiobjects import JsonObject


@dataclass(frozen=True, kw_only=True)
class ContainerNeed:
    """One container of the pod's specification. A limit of None: there is none.

    `script` is what its command does, None if it has none or one that is not understood. `pre_stop_s` is how long its
    preStop hook sleeps; `ignored_hook` names a hook that is not run. `restart_on_resize` holds the resources whose
    change restarts it.
    """

    name: str
    image: str
    ports: tuple[int, ...] = ()
    port_names: Mapping[str, int] = field(default_factory=dict)
    resources: JsonObject = field(default_factory=dict)
    requests: Amount = NOTHING
    cpu_limit_millicores: float | None = None
    memory_limit_bytes: int | None = None
    restart_on_resize: frozenset[str] = frozenset()
    script: Script | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    pull_policy: str = "IfNotPresent"
    probes: tuple[Probe, ...] = ()
    pre_stop_s: float = 0.0
    ignored_hook: str = ""
    sidecar: bool = False


def read_container(container: JsonObject, *, init: bool = False) -> ContainerNeed:
    """One container. Raises KeyError, TypeError or QuantityError for what cannot be read."""
    resources: JsonObject = container.get("resources") or {}
    ports = container.get("ports") or ()
    pre_stop_s, ignored_hook = _pre_stop((container.get("lifecycle") or {}).get("preStop") or {})
    return ContainerNeed(
        name=container["name"],
        image=container["image"],
        ports=tuple(port["containerPort"] for port in ports),
        port_names={port["name"]: port["containerPort"] for port in ports if port.get("name")},
        resources=resources,
        requests=requested(resources),
        cpu_limit_millicores=cpu_limit_millicores(resources),
        memory_limit_bytes=memory_limit_bytes(resources),
        restart_on_resize=frozenset(
            policy["resourceName"]
            for policy in container.get("resizePolicy") or ()
            if policy.get("restartPolicy") == "RestartContainer"
        ),
        script=understood([*(container.get("command") or ()), *(container.get("args") or ())]),
        environment={row["name"]: row["value"] for row in container.get("env") or () if row.get("value") is not None},
        pull_policy=container.get("imagePullPolicy") or "IfNotPresent",
        probes=read_probes(container),
        pre_stop_s=pre_stop_s,
        ignored_hook=ignored_hook,
        sidecar=init and container.get("restartPolicy") == "Always",
    )


def _pre_stop(hook: JsonObject) -> tuple[float, str]:
    """How long a preStop hook takes, and what it is if it is not run."""
    if "sleep" in hook:
        return float(hook["sleep"].get("seconds") or 0), ""
    if "exec" in hook:
        script = understood(hook["exec"].get("command") or ())
        if script is not None and math.isfinite(script.duration_s):
            return script.duration_s, ""
        return 0.0, "exec"
    return 0.0, next(iter(hook), "")
