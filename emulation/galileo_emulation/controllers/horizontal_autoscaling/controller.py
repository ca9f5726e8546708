"""The horizontal autoscaling controller: looks at every autoscaler's target each 15 seconds, and scales it.

autoscaler -> its target's Scale, pods and PodMetrics -> decide -> Scale, status, events
"""

from __future__ import annotations

from galileo_emulation.controllers.controller import Controller
from galileo_emulation.controllers.horizontal_autoscaling.decision import (
    Decision,
    Habits,
    Verdict,
    decide_by_bounds,
    decide_by_metrics,
)
from galileo_emulation.controllers.horizontal_autoscaling.evaluation import Seen
from galileo_emulation.controllers.horizontal_autoscaling.limits import History
from galileo_emulation.controllers.horizontal_autoscaling.pod_groups import Warming
from galileo_emulation.controllers.horizontal_autoscaling.status import after, with_verdicts
from galileo_emulation.controllers.horizontal_autoscaling.target import NoScaleError, target_of
from galileo_emulation.controllers.horizontal_autoscaling.target_pods import SelectorError, TargetPods
from galileo_emulation.controllers.informer import key_of
from galileo_emulation.kubernetes.apiobjects import JsonObject
from galileo_emulation.kubernetes.description.measured_use import measured
from galileo_emulation.kubernetes.description.virtual_kinds import POD_METRICS
from galileo_emulation.kubernetes.errors import ApiError
from galileo_emulation.kubernetes.in_process import is_gone
from galileo_emulation.kubernetes.kind import Kind
from galileo_emulation.kubernetes.kinds import AUTOSCALERS, PODS
from galileo_emulation.kubernetes.storage.history import Change

_FOUND = Verdict(
    "AbleToScale", True, "SucceededGetScale", "the HPA controller was able to get the target's current scale"
)


class HorizontalAutoscalingController(Controller):
    """Scales what autoscalers name. What was decided before is remembered as long as the controller runs."""

    name = "horizontal-pod-autoscaler"
    component = "horizontal-pod-autoscaler"

    def watch(self) -> None:
        """Autoscalers, whose changes wait for the next look, and pods."""
        self._histories: dict[str, History] = {}
        settings = self.cluster.settings
        self._habits = Habits(
            tolerance=settings.autoscaler_tolerance,
            down_window_s=settings.autoscaler_down_window_s,
            warming=Warming(
                cpu_initialization_s=settings.cpu_initialization_s, readiness_delay_s=settings.readiness_delay_s
            ),
        )
        self.cluster.informers.of(AUTOSCALERS).on_change(self._autoscaler_changed)
        self._pods = TargetPods(self.cluster.informers.of(PODS))

    def _autoscaler_changed(self, change: Change) -> None:
        if change.after is None:
            self._histories.pop(change.key, None)
            self._pods.forget(change.key)
        elif change.before is None or change.before.body.get("spec") != change.after.body.get("spec"):
            self.queue.add_after(change.key, self.cluster.settings.autoscaler_period_s)

    async def reconcile(self, namespace: str, name: str) -> float | None:
        """Look at one autoscaler's target, scale it where that is due, and tell."""
        autoscaler = self.api.get(AUTOSCALERS, name, namespace)
        if autoscaler is None:
            return None
        try:
            kind, target, scale = target_of(autoscaler, self.cluster.catalog, self.api)
        except NoScaleError as error:
            self._warn(autoscaler, "FailedGetScale", str(error))
            message = f"the HPA controller was unable to get the target's current scale: {error}"
            lost = [Verdict("AbleToScale", False, "FailedGetScale", message)]
            status = autoscaler.get("status", {})
            conditions = with_verdicts(status.get("conditions", ()), lost, self.cluster.moment)
            await self._write(autoscaler, {**status, "conditions": conditions})
            return self.cluster.settings.autoscaler_period_s
        history = self._histories.setdefault(key_of(autoscaler), History())
        decision = self._decide(autoscaler, scale, history)
        for reason, message in decision.warnings:
            self._warn(autoscaler, reason, message)
        await self._carry_out(autoscaler, kind, target, scale, decision, history)
        return self.cluster.settings.autoscaler_period_s

    def _decide(self, autoscaler: JsonObject, scale: JsonObject, history: History) -> Decision:
        namespace, replicas = autoscaler["metadata"]["namespace"], scale["spec"].get("replicas", 0)
        history.begin(replicas, self.cluster.now())
        by_bounds = decide_by_bounds(autoscaler, replicas)
        if by_bounds is not None:
            return by_bounds
        try:
            pods, selection = self._pods.of(key_of(autoscaler), namespace, scale["status"].get("selector", ""))
        except SelectorError as error:
            verdict = Verdict("ScalingActive", False, error.reason, str(error))
            told = [error.told, ("FailedComputeMetricsReplicas", error.told[1])]
            return Decision(None, verdicts=[verdict], warnings=told)
        nodes = self.cluster.nodes
        metrics = None
        if nodes is not None:
            metrics = measured(self.cluster.store, nodes, POD_METRICS, namespace, selection)["items"]
        seen = Seen(namespace=namespace, replicas=replicas, pods=pods, metrics=metrics, now=self.cluster.now())
        return decide_by_metrics(autoscaler, seen, history, self._habits)

    async def _carry_out(
        self,
        autoscaler: JsonObject,
        kind: Kind,
        target: JsonObject,
        scale: JsonObject,
        decision: Decision,
        history: History,
    ) -> None:
        status, current = autoscaler.get("status", {}), scale["spec"].get("replicas", 0)
        verdicts, scaled_at = [_FOUND, *decision.verdicts], ""
        desired, metrics = decision.replicas, decision.metrics
        if desired is not None and desired != current:
            verdict = await self._rescale(autoscaler, kind, target, desired, decision.why)
            verdicts.append(verdict)
            if verdict.holds:
                history.note_change(current, desired, self.cluster.now())
                scaled_at = self.cluster.moment
            else:
                desired, metrics = None, status.get("currentMetrics")
        new = after(
            status,
            current=current,
            desired=status.get("desiredReplicas", 0) if desired is None else desired,
            metrics=metrics,
            conditions=with_verdicts(status.get("conditions", ()), verdicts, self.cluster.moment),
            scaled_at=scaled_at,
        )
        await self._write(autoscaler, new)

    async def _rescale(
        self, autoscaler: JsonObject, kind: Kind, target: JsonObject, replicas: int, why: str
    ) -> Verdict:
        try:
            await self.api.scale(kind, target, replicas)
        except ApiError as error:
            message = f"New size: {replicas}; reason: {why}; error: {error.message}"
            self._warn(autoscaler, "FailedRescale", message)
            told = f"the HPA controller was unable to update the target scale: {error.message}"
            return Verdict("AbleToScale", False, "FailedUpdateScale", told)
        message = f"New size: {replicas}; reason: {why}"
        self.events.record(AUTOSCALERS, autoscaler, reason="SuccessfulRescale", message=message)
        told = f"the HPA controller was able to update the target scale to {replicas}"
        return Verdict("AbleToScale", True, "SucceededRescale", told)

    async def _write(self, autoscaler: JsonObject, status: JsonObject) -> None:
        if status == autoscaler.get("status"):
            return
        metadata = {name: autoscaler["metadata"][name] for name in ("name", "namespace", "uid")}
        gone = {name: None for name in autoscaler.get("status", {}) if name not in status}
        try:
            await self.api.patch(AUTOSCALERS, {"metadata": metadata, "status": {**status, **gone}}, part="status")
        except ApiError as error:
            if not is_gone(error):
                raise

    def _warn(self, autoscaler: JsonObject, reason: str, message: str) -> None:
        self.events.record(AUTOSCALERS, autoscaler, reason=reason, message=message, type="Warning")
