"""Who runs and who is silent, from statuses and heartbeats."""

from __future__ import annotations

from galileo_cli.services_heard import ServicesHeard
from galileo_schemas.event import Meta
from galileo_schemas.events import ServiceStatus, SourceHeartbeat


def status(
    service: str = "pod_creator",
    *,
    life: str = "1",
    started: float = 100.0,
    host: str = "edge-1",
    instance: str = "",
    not_ready: str = "",
    unhealthy: str = "",
    figures: dict[str, float] | None = None,
) -> ServiceStatus:
    return ServiceStatus(
        meta=Meta(id="i", source=f"{service}/{life}", seq=1),
        service=service,
        instance=instance or service,
        host=host,
        pid=7,
        started=started,
        not_ready=not_ready,
        unhealthy=unhealthy,
        rates={"said": 1.5, "heard": 20.0},
        lag=3,
        lost=2,
        figures=figures or {},
    )


def heartbeat(source: str, *names: str) -> SourceHeartbeat:
    return SourceHeartbeat(meta=Meta(id="i", source=source), last=dict.fromkeys(names, 1))


def states(heard: ServicesHeard, now: float) -> list[tuple[str, str]]:
    return [(row.instance, row.state) for row in heard.rows(now)]


def test_a_row_holds_what_the_newest_status_says() -> None:
    heard = ServicesHeard()
    heard.note(status(unhealthy="a run failed"), 110.0)
    heard.note(status(), 112.0)
    (row,) = heard.rows(113.0)
    assert (row.process, row.state, row.well) == ("edge-1/7", "ready", True)
    assert (row.said_per_s, row.heard_per_s, row.lag, row.lost) == (1.5, 20.0, 3, 2)
    assert (row.age_s, row.silent_s) == (13.0, 1.0)


def test_reasons_are_told_and_are_not_well() -> None:
    heard = ServicesHeard()
    heard.note(status("a", not_ready="starting"), 110.0)
    heard.note(status("b", unhealthy="b.run failed"), 110.0)
    heard.note(status("c", not_ready="no inventory", unhealthy="c.run failed"), 110.0)
    assert states(heard, 111.0) == [
        ("a", "not ready: starting"),
        ("b", "unhealthy: b.run failed"),
        ("c", "not ready: no inventory; unhealthy: c.run failed"),
    ]
    assert not any(row.well for row in heard.rows(111.0))


def test_a_service_that_stops_speaking_is_silent_and_is_forgotten_after_minutes() -> None:
    heard = ServicesHeard()
    heard.note(status(), 110.0)
    assert states(heard, 115.0) == [("pod_creator", "ready")]
    assert states(heard, 117.0) == [("pod_creator", "silent for 7 s")]
    assert not heard.rows(117.0)[0].well
    assert states(heard, 411.0) == []


def test_one_that_starts_again_takes_the_place_of_its_silent_self() -> None:
    heard = ServicesHeard()
    heard.note(status(life="1"), 110.0)
    heard.note(status(life="2", started=113.0), 113.1)
    assert states(heard, 113.1) == [("pod_creator", "ready")]
    heard.note(status(life="3", started=115.0), 115.1)
    assert states(heard, 115.2) == [("pod_creator", "ready")] * 2, "the second has not missed a status yet"
    assert states(heard, 117.0) == [("pod_creator", "ready")]


def test_replicas_that_start_at_the_same_moment_are_both_there() -> None:
    heard = ServicesHeard()
    heard.note(status(life="1", started=100.0), 100.1)
    heard.note(status(life="2", started=100.2), 100.3)
    assert len(heard.rows(100.4)) == 2


def test_replicas_are_listed_each_and_one_that_died_stays_silent() -> None:
    heard = ServicesHeard()
    heard.note(status(life="1", started=100.0), 110.0)
    heard.note(status(life="2", started=101.0), 110.0)
    heard.note(status(life="3", started=90.0, host="edge-2"), 110.0)
    heard.note(status(life="2", started=101.0), 118.0)
    assert sorted(state for _, state in states(heard, 118.0)) == ["ready", "silent for 8 s", "silent for 8 s"]


def test_instances_of_one_service_are_told_apart() -> None:
    heard = ServicesHeard()
    for zone in ("a", "b"):
        heard.note(status("gateway", life=zone, instance=f"gateway-{zone}"), 110.0)
    assert [row.instance for row in heard.rows(110.0)] == ["gateway-a", "gateway-b"]


def test_a_heartbeat_makes_known_who_has_yet_to_say_how_it_is() -> None:
    heard = ServicesHeard()
    heard.note(heartbeat("world/9", "latency_missing"), 110.0)
    assert heard.all_have_spoken(), "what is no service says no status"
    heard.note(heartbeat("pod_creator/1", "service_status", "resync"), 110.0)
    assert not heard.all_have_spoken()
    assert states(heard, 113.0) == [("pod_creator", "silent for 3 s")]
    heard.note(status(life="1"), 113.0)
    assert heard.all_have_spoken()


def test_services_that_have_to_be_there_are_told_when_they_are_not() -> None:
    heard = ServicesHeard(["gateway-b", "pod_creator"])
    heard.note(status("pod_creator"), 110.0)
    assert not heard.all_have_spoken()
    assert states(heard, 110.0) == [("gateway-b", "not heard"), ("pod_creator", "ready")]
    heard.note(status("gateway", instance="gateway-b"), 110.0)
    assert heard.all_have_spoken()


def test_a_figure_is_that_of_the_service_that_spoke_last() -> None:
    heard = ServicesHeard()
    assert heard.figure("pressure_calculator", "max_threshold") is None
    heard.note(status("pressure_calculator", life="1", figures={"max_threshold": 0.8}), 110.0)
    heard.note(status("pressure_calculator", life="2", figures={"max_threshold": 0.2}), 111.0)
    heard.note(status("pod_creator", figures={"max_threshold": 9.0}), 112.0)
    assert heard.figure("pressure_calculator", "max_threshold") == 0.2
