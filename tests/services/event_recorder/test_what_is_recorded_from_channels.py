"""Which frames heard on the channels are recorded from there, and not by their streams."""

from __future__ import annotations

import pytest
from galileo_schemas.frame import split_frame
from galileo_services.event_recorder.sorting import recorded_from_channel

EVENTS = "galileo/events"
BY_US = ' {"meta":{"id":"1"}}'


@pytest.mark.parametrize(
    ("channel", "frame", "expected"),
    [
        (EVENTS, "warm-up-over", True),
        (EVENTS, f"my_own_event{BY_US}", True),
        (EVENTS, f"api_pressure{BY_US}", True),
        ("galileo/events/telemetry", f"telemetry_window{BY_US}", True),
        ("galileo/events/runtime", f"source_heartbeat{BY_US}", False),
        (EVENTS, f"pod_created{BY_US}", False),
        (EVENTS, 'pod_created {"pod":"p"}', True),
        (EVENTS, f"pod/running{BY_US}", False),
        ("galileo/events/cluster", f"pod/running{BY_US}", False),
        ("galileo/events/cluster", 'pod/running {"name":"p"}', False),
        ("galileo/events/cluster", f"node_update{BY_US}", True),
        (EVENTS, f"scale_schedule{BY_US}", False),
        (EVENTS, 'scale_schedule {"fn":"f"}', False),
    ],
)
def test_a_frame(channel: str, frame: str, expected: bool) -> None:
    assert recorded_from_channel(channel, split_frame(f"1 {frame}".encode()), adopted=True) is expected


def test_a_decision_by_hand_that_nobody_journals_is_recorded_from_the_channel() -> None:
    frame = split_frame(b'1 scale_schedule {"fn":"f"}')
    assert recorded_from_channel(EVENTS, frame, adopted=False)
