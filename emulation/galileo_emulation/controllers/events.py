"""Controllers tell what they did as events of the objects they did it to, for `kubectl describe` and `get events`.

record -> event_correlation (new, counted, combined, or not at all) -> an Event in the object's namespace
"""

from __future__ import annotations

import logging
from typing import Literal

from galileo_emulation.controllers.event_correlation import EventCorrelation, Series, Telling
from galileo_emulation.kubernetes.apiobjects import JsonObject, copied, timestamp
from galileo_emulation.kubernetes.errors import ApiError
from galileo_emulation.kubernetes.event_names import event_name
from galileo_emulation.kubernetes.kind import Kind
from galileo_emulation.kubernetes.kinds import EVENTS
from galileo_emulation.kubernetes.operations.creation import create
from galileo_emulation.kubernetes.operations.updates import update
from galileo_emulation.kubernetes.storage.store import Store

log = logging.getLogger(__name__)

EventType = Literal["Normal", "Warning"]


class EventRecorder:
    """Writes the events of one component, such as `deployment-controller`."""

    def __init__(self, store: Store, component: str, correlation: EventCorrelation | None) -> None:
        """`correlation` is shared by all recorders; without one no events are written."""
        self._store = store
        self._component = component
        self._correlation = correlation

    def record(
        self,
        kind: Kind,
        about: JsonObject,
        *,
        reason: str,
        message: str,
        type: EventType = "Normal",  # noqa: A002 - the field's own name in the API
    ) -> None:
        """Tell that something happened to `about`. An event that its namespace takes no more is only logged."""
        if self._correlation is None:
            return
        metadata = about["metadata"]
        told = Telling(self._component, metadata["uid"], type, reason, message)
        namespace = metadata.get("namespace", "default")
        name = event_name(self._store, namespace, metadata["name"])
        series = self._correlation.take(told, name=name, now=self._store.now())
        if series is None:
            return
        try:
            if series.count == 1 or not self._count(series, namespace):
                create(self._store, EVENTS, namespace, self._event(kind, metadata, told, series, namespace))
        except ApiError as error:
            log.debug("event %s about %s %s is not recorded: %s", reason, kind.kind, metadata["name"], error)

    def _count(self, series: Series, namespace: str) -> bool:
        """Raise the count of an event; False when it is gone."""
        stored = self._store.get(EVENTS, namespace, series.name)
        if stored is None:
            return False
        body = copied(stored.body)
        body.update(count=series.count, message=series.message, lastTimestamp=timestamp(self._store.now()))
        update(self._store, EVENTS, stored, body)
        return True

    def _event(self, kind: Kind, about: JsonObject, told: Telling, series: Series, namespace: str) -> JsonObject:
        involved = {
            "kind": kind.kind,
            "apiVersion": kind.api_version,
            "name": about["name"],
            "uid": about["uid"],
            "resourceVersion": about["resourceVersion"],
        }
        if "namespace" in about:
            involved["namespace"] = about["namespace"]
        moment = timestamp(self._store.now())
        return {
            "metadata": {"name": series.name, "namespace": namespace},
            "involvedObject": involved,
            "reason": told.reason,
            "message": series.message,
            "source": {"component": self._component},
            "reportingComponent": self._component,
            "firstTimestamp": timestamp(series.first_at),
            "lastTimestamp": moment,
            "count": series.count,
            "type": told.type,
        }
