"""Which pods belong to an autoscaler's target: those that the selector of its scale chooses, if no other claims them.

Two autoscalers that would scale by the same pods would work against each other, so that both stand still. What each
selected is known from its last look, as in Kubernetes' controller.
"""

from __future__ import annotations

from galileo_emulation.controllers.informer import Informer, by_namespace
from galileo_emulation.kubernetes.apiobjects import JsonObject
from galileo_emulation.kubernetes.description.virtual_kinds import POD_METRICS
from galileo_emulation.kubernetes.errors import ApiError
from galileo_emulation.kubernetes.selectors import Selection, select


class SelectorError(Exception):
    """A target's pods cannot be told apart. `reason` and the message are the condition's, `told` is the event."""

    def __init__(self, reason: str, message: str, told: tuple[str, str] | None = None) -> None:
        super().__init__(message)
        self.reason = reason
        self.told = told or (reason, message)


class TargetPods:
    """Chooses among all pods. Autoscalers are known by their keys, `namespace/name`."""

    def __init__(self, pods: Informer) -> None:
        self._pods = pods
        self._pods.index("namespace", by_namespace)
        self._selections: dict[str, tuple[str, Selection]] = {}

    def forget(self, autoscaler: str) -> None:
        """The autoscaler is gone, and claims no pods any more."""
        self._selections.pop(autoscaler, None)

    def of(self, autoscaler: str, namespace: str, selector: str) -> tuple[list[JsonObject], Selection]:
        """The pods of a target and what selects them. Raises SelectorError."""
        if not selector:
            missing = "the HPA target's scale is missing a selector"
            raise SelectorError("InvalidSelector", missing, ("SelectorRequired", "selector is required"))
        try:
            selection = select(POD_METRICS, selector, "")
        except ApiError as error:
            message = f"couldn't convert selector into a corresponding internal selector object: {error.message}"
            raise SelectorError("InvalidSelector", message) from None
        self._selections[autoscaler] = (namespace, selection)
        pods = [pod for pod in self._pods.by("namespace", namespace) if selection.matches(pod)]
        claiming = [key for key, (space, other) in sorted(self._selections.items()) if space == namespace]
        rivals = [key for key in claiming if any(self._selections[key][1].matches(pod) for pod in pods)]
        if len(rivals) > 1:
            message = f"pods by selector {selector} are controlled by multiple HPAs: [{' '.join(rivals)}]"
            raise SelectorError("AmbiguousSelector", message)
        return pods, selection
