"""Telemetry samples: channel `telem/<node>/<metric>[/<subsystem…>]`, payload `<unix time> <value>`.

`telemetry_metrics` beside this lists the metrics and their units.

telemd writes the fraction of the time as nanoseconds without padding: 1700000000.005 s becomes `1700000000.5000000`.
A fraction cannot be told padded from unpadded in general; other senders pad, so the time is read as it stands unless
the fraction cannot be a padded one: at today's times a float shows at most seven digits, and nanoseconds are nine.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from galileo_schemas.frame import FrameError, excerpt

TELEMETRY_PATTERN = "telem/*"
_WORDS = {b"true": 1.0, b"false": 0.0}
_DIGITS_OF_UNPADDED = 8


class TelemetrySample(NamedTuple):
    """One reading. `subsystem` is a device or container id, "" for the whole node; `ts` unix seconds."""

    node: str
    metric: str
    subsystem: str
    ts: float
    value: float


def parse_sample(channel: str, payload: bytes) -> TelemetrySample:
    """Raises `FrameError` that names the channel and what was expected."""
    parts = channel.split("/", 3)
    if len(parts) < 3 or parts[0] != "telem" or not parts[1] or not parts[2]:
        raise FrameError(f"a telemetry channel is telem/<node>/<metric>[/<subsystem>], got {channel!r:.80}")
    words = payload.split()
    if len(words) != 2:
        raise FrameError(f"{channel!r:.80}: a sample is '<unix time> <value>', got {excerpt(payload)}")
    try:
        ts = _seconds(words[0])
        value = _WORDS[words[1].lower()] if words[1].lower() in _WORDS else float(words[1])
    except ValueError:
        raise FrameError(f"{channel!r:.80}: a sample is '<unix time> <value>', got {excerpt(payload)}") from None
    if not math.isfinite(ts) or not math.isfinite(value):
        raise FrameError(f"{channel!r:.80}: a sample's time and value are finite numbers, got {excerpt(payload)}")
    return TelemetrySample(parts[1], parts[2], parts[3] if len(parts) == 4 else "", ts, value)


def _seconds(text: bytes) -> float:
    whole, _dot, fraction = text.partition(b".")
    if len(fraction) == _DIGITS_OF_UNPADDED and fraction.isdigit():
        return float(whole) + int(fraction) * 1e-9
    return float(text)


def sample_channel(node: str, metric: str, subsystem: str = "") -> str:
    """The channel on which a sample is published; `metric` may hold its subsystem already, as in `tx/eth0`.

    Raises `FrameError` when a reader would not find the same node and metric in it.
    """
    if not node or "/" in node or not metric or metric.startswith("/"):
        raise FrameError(f"a sample has a node without a slash and a metric, got {node!r:.80} and {metric!r:.80}")
    return f"telem/{node}/{metric}/{subsystem}" if subsystem else f"telem/{node}/{metric}"


def format_sample(ts: float, value: float) -> bytes:
    """The payload of a sample: its time with nine padded digits, its value with six, as telemd has it.

    Raises `FrameError` when one of them is no finite number.
    """
    if not (math.isfinite(ts) and math.isfinite(value)):
        raise FrameError(f"a sample's time and value are finite numbers, got {ts!r} and {value!r}")
    return f"{ts:.9f} {value:f}".encode()


def container_key(container_id: str) -> str:
    """The first 12 digits of a container id: what all senders agree on.

    Senders write 12, 32 or 64 of them, some with the runtime's scheme (`containerd://`), and some with a device behind
    them, as in the subsystem `<id>/eth0/rx`.
    """
    return container_id.rpartition("://")[2].partition("/")[0][:12]
