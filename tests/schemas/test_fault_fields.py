"""What makes a fault complete, which faults are the same, and which an ask to end means."""

from __future__ import annotations

from typing import Any

import pytest
from galileo_schemas.events import FAULT_KINDS, Fault, FaultEnd
from galileo_schemas.fault_fields import fields_of, is_meant, target_of, told, what_is_wrong

COMPLETE: dict[str, dict[str, Any]] = {
    "kill_node": {"node": "edge-2"},
    "add_latency": {"origin": "zone-a", "destination": "zone-b", "latency_ms": 50.0},
    "burn_cpu": {"node": "edge-1", "cores": 1.5},
    "cut_bus": {"service": "trace_recorder"},
}


def latency(origin: str, destination: str, ms: float = 50.0) -> Fault:
    return Fault(kind="add_latency", origin=origin, destination=destination, latency_ms=ms)


@pytest.mark.parametrize("kind", FAULT_KINDS)
def test_a_fault_with_the_fields_of_its_kind_is_complete(kind: Any) -> None:
    assert what_is_wrong(Fault(kind=kind, **COMPLETE[kind])) is None


@pytest.mark.parametrize("kind", FAULT_KINDS)
def test_each_field_of_its_kind_is_needed(kind: Any) -> None:
    for field in fields_of(kind):
        given = {name: value for name, value in COMPLETE[kind].items() if name != field}
        assert f"{kind} needs {field}" in (what_is_wrong(Fault(kind=kind, **given)) or "")


@pytest.mark.parametrize("ms", [0.0, -5.0, float("inf"), float("nan")])
def test_latency_that_is_no_time_is_named(ms: float) -> None:
    assert "latency_ms, a number above 0" in (what_is_wrong(latency("zone-a", "zone-b", ms)) or "")


def test_latency_has_no_direction() -> None:
    assert target_of(latency("zone-a", "zone-b")) == target_of(latency("zone-b", "zone-a", 9.0))
    assert target_of(latency("zone-a", "zone-b")) != target_of(latency("zone-a", "zone-c"))


def test_faults_of_different_kinds_on_one_node_are_different() -> None:
    assert target_of(Fault(kind="kill_node", node="n")) != target_of(Fault(kind="burn_cpu", node="n", cores=1.0))


@pytest.mark.parametrize(
    ("origin", "destination", "meant"),
    [
        ("zone-a", "zone-b", True),
        ("zone-b", "zone-a", True),
        ("zone-b", "", True),
        ("", "", True),
        ("zone-c", "", False),
        ("zone-a", "zone-c", False),
        ("zone-a", "zone-a", False),
    ],
)
def test_an_ask_to_end_means_the_faults_that_have_all_the_names_it_gives(
    origin: str, destination: str, meant: bool
) -> None:
    end = FaultEnd(kind="add_latency", origin=origin, destination=destination)
    assert is_meant(latency("zone-a", "zone-b"), end) is meant


def test_an_ask_to_end_means_no_other_kind() -> None:
    assert not is_meant(Fault(kind="kill_node", node="n"), FaultEnd(kind="burn_cpu"))


@pytest.mark.parametrize("kind", FAULT_KINDS)
def test_a_fault_in_words_names_what_is_hit(kind: Any) -> None:
    fault = Fault(kind=kind, **COMPLETE[kind])
    for name in target_of(fault)[1:]:
        assert name in told(fault)


def test_a_half_open_cut_is_told_apart() -> None:
    assert told(Fault(kind="cut_bus", service="s", half_open=True)) != told(Fault(kind="cut_bus", service="s"))
