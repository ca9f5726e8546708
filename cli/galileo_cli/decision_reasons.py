"""Why a scaling decision was made, in the same words wherever it is shown."""

from __future__ import annotations

from galileo_experiments.shown_pressure import shown_pressure
from galileo_schemas.events import ScaleSchedule


def why_decided(event: ScaleSchedule, *, with_threshold: bool = False, with_zone: bool = True) -> str:
    """`pressure 0.35 in zone-a`, or the `reason` that the decision gives; empty where it gives none.

    `with_threshold` says what the pressure was compared with, too. A decision about a threshold without a pressure
    removes a pod that nobody calls.
    """
    if event.reason:
        return event.reason
    where = f" in {event.origin_zone}" if with_zone else ""
    if event.value is not None:
        relation = "under" if event.delete else "over"
        against = f" {relation} {event.threshold:g}" if with_threshold and event.threshold is not None else ""
        return f"pressure {shown_pressure(event.value)}{against}{where}"
    return f"no traffic{where}" if event.delete and event.threshold is not None else ""
