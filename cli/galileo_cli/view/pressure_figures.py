"""How hard clients press on each gateway, and the thresholds that are in force."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from galileo_schemas.event import Event
from galileo_schemas.events import ApiPressure, ScaleSchedule, ServiceStatus, SettingChanged

SERVICE = "pressure_calculator"
MAX_THRESHOLD = "schedule_scale_opt_max_threshold"
MIN_THRESHOLD = "schedule_scale_opt_min_threshold"
SERIES = 120


@dataclass(slots=True)
class GatewayPressure:
    """One gateway: the mean over its rows (function and client zone), and the highest row, which is what decides."""

    node: str
    zone: str
    mean: float
    highest: float
    said_at: float
    series: deque[float | None] = field(default_factory=lambda: deque(maxlen=SERIES))
    """The highest row at each run of the pressure calculator."""


class PressureFigures:
    """Plain state. Thresholds are None until somebody has said them."""

    def __init__(self) -> None:
        self._gateways: dict[str, GatewayPressure] = {}
        self.max_threshold: float | None = None
        self.min_threshold: float | None = None

    def note(self, event: Event, ts: float) -> None:
        """Takes an event said at `ts` (unix seconds)."""
        match event:
            case ApiPressure():
                self._take_pressure(event, ts)
            case ServiceStatus(service=service) if service == SERVICE:
                self.max_threshold = event.figures.get("max_threshold", self.max_threshold)
                self.min_threshold = event.figures.get("min_threshold", self.min_threshold)
            case SettingChanged(variable=variable) if variable == MAX_THRESHOLD:
                self.max_threshold = _number(event.value, self.max_threshold)
            case SettingChanged(variable=variable) if variable == MIN_THRESHOLD:
                self.min_threshold = _number(event.value, self.min_threshold)
            case ScaleSchedule(delete=True) if self.min_threshold is None:
                self.min_threshold = event.threshold
            case ScaleSchedule(delete=False) if self.max_threshold is None:
                self.max_threshold = event.threshold

    def gateways(self) -> list[GatewayPressure]:
        """In the order of zones and nodes."""
        return sorted(self._gateways.values(), key=lambda gateway: (gateway.zone, gateway.node))

    def _take_pressure(self, event: ApiPressure, ts: float) -> None:
        known = self._gateways.get(event.node)
        if known is None:
            known = self._gateways[event.node] = GatewayPressure(event.node, event.zone, 0.0, 0.0, ts)
        known.zone, known.mean, known.said_at = event.zone, event.value, ts
        known.highest = event.value if event.max is None else event.max
        known.series.append(known.highest)


def _number(text: str, otherwise: float | None) -> float | None:
    try:
        return float(text)
    except ValueError:
        return otherwise  # its owner took it, whatever it is; its next status says the number
