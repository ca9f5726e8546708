"""What a new pod of a function must look like, learned from the pods that the function has or had."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from galileo_schemas.events import PodState
from galileo_schemas.labels import ZONE

from galileo_context.pod import Pod, serving_container

_NOT_THE_FUNCTIONS_OWN = (ZONE, "pod-template-hash", "controller-revision-hash")


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionTemplate:
    """What the pods of a function have in common. Requests and limits are Kubernetes quantities."""

    container_name: str
    image: str
    labels: Mapping[str, str]
    resource_requests: Mapping[str, str]
    namespace: str
    port: int
    resource_limits: Mapping[str, str] = field(default_factory=dict)


class Functions:
    """The templates by function name; kept when the last pod has gone."""

    def __init__(self) -> None:
        self._templates: dict[str, FunctionTemplate] = {}
        self._learned_from: dict[str, tuple[bool, float, int]] = {}

    def learn(self, pod: Pod, event: PodState) -> None:
        """Takes a pod's looks as its function's, unless a newer pod has shown them already.

        A pod that serves goes before any that does not: what never ran, for want of its image say, is no model.
        """
        container = serving_container(event)
        age = (pod.running, pod.created, pod.order)
        if pod.function is None or container is None or age < self._learned_from.get(pod.function, age):
            return
        self._learned_from[pod.function] = age
        self._templates[pod.function] = FunctionTemplate(
            container_name=container.name,
            image=container.image,
            labels={key: value for key, value in pod.labels.items() if key not in _NOT_THE_FUNCTIONS_OWN},
            resource_requests=dict(container.resource_requests),
            resource_limits=dict(container.resource_limits),
            namespace=pod.namespace,
            port=pod.port,
        )

    def all(self) -> Mapping[str, FunctionTemplate]:
        """All templates by function name."""
        return self._templates
