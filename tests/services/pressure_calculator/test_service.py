"""From events in to pressures and decisions out."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from galileo_bus.delivery.streams import journal_of
from galileo_bus.service import SettingError
from galileo_bus.transport import TransportUnavailableError
from galileo_context.sketch import bucket_of
from galileo_schemas.events import (
    ApiPressure,
    AskRefused,
    ContainerUsage,
    LatencyUpdate,
    NodeUpdate,
    PodFailed,
    PodRunning,
    PressureReq,
    PressureRowsLimited,
    Resync,
    ScaleImpossible,
    ScaleSchedule,
    SettingChange,
    SettingChanged,
    TelemetryWindow,
    TraceWindow,
    TraceWindowRow,
)
from galileo_schemas.raw.telemetry_sample import container_key
from galileo_services.cluster_observer.service import ClusterObserver
from galileo_services.pressure_calculator.service import PressureCalculator

from tests.services.harness import House, unix_now, until
from tests.services.kubernetes_objects import add_gateway, add_node, add_running_pod, set_ready

pytestmark = pytest.mark.looptime

SETTINGS = {"schedule_scale_opt_reconcile_interval": "10", "schedule_scale_opt_max_threshold": "0.3"}


async def a_pod_far_from_its_clients(house: House) -> None:
    """zone-a serves resnet, and clients of zone-b will ask for it."""
    for number, zone in enumerate(("zone-a", "zone-b"), start=1):
        await add_node(house.kubernetes, f"node-{number}", zone)
        await add_gateway(house.kubernetes, f"gateway-{number}", f"node-{number}", f"10.0.0.10{number}")
    await add_running_pod(house.kubernetes, "resnet-1", "node-1", "10.0.0.1")


async def press(house: House, seconds: int, fn: str = "resnet") -> None:
    """So many seconds of requests that press on the pod: many, slow, and it burns its core."""
    pod = next(event for event in house.said.of(PodRunning) if event.name == f"{fn}-1")
    usage = {container_key(pod.containers[fn].id): ContainerUsage(cpu_millicores=950.0)}
    for _ in range(seconds):
        now = unix_now()
        await house.person.say(LatencyUpdate(latencies={"zone-a": {"zone-b": 60.0}}))
        await house.person.say(TelemetryWindow(node="node-1", start=now - 1, end=now, containers=usage))
        row = TraceWindowRow(fn=fn, client="worker-zone-b", pod="10.0.0.1:8080", count=20, rtt_ms={bucket_of(200): 20})
        await house.person.say(TraceWindow(start=now - 1, end=now, rows=[row]))
        await asyncio.sleep(1.0)


async def test_pressure_leads_to_a_decision_whose_cause_it_is(house: House) -> None:
    await a_pod_far_from_its_clients(house)
    async with house.living(PressureCalculator, ClusterObserver, **SETTINGS) as calculator:
        await asyncio.sleep(1)
        await press(house, 11)
        assert calculator.figures().items() >= {"decisions": 1.0, "open_decisions": 1.0}.items()
        assert calculator.figures().items() >= {"max_threshold": 0.3, "min_threshold": 0.2}.items()
    (pressure,) = house.said.of(ApiPressure)
    assert (pressure.node, pressure.zone, pressure.rows) == ("node-1", "zone-a", 1)
    (decision,) = house.said.of(ScaleSchedule)
    assert (decision.fn, decision.origin_zone, decision.dest_zone) == ("resnet", "zone-a", "zone-b")
    assert decision.pod_creation_request.image == "edgerun/resnet:1"
    assert decision.meta is not None
    assert pressure.meta is not None
    assert decision.meta.cause == (pressure.meta.id,)
    assert decision.meta.key == f"default/{decision.pod_creation_request.pod_name}"
    assert decision.meta.expires == pytest.approx(unix_now() + 20, abs=3)
    assert len(await house.transport.range(journal_of("scale_schedule"), count=10)) == 1


async def test_an_open_decision_is_not_said_again_while_the_actor_is_slow(house: House) -> None:
    await a_pod_far_from_its_clients(house)
    async with house.living(PressureCalculator, ClusterObserver, **SETTINGS):
        await asyncio.sleep(1)
        await press(house, 31)
    assert len(house.said.of(ScaleSchedule)) == 1


async def test_a_failure_that_an_actor_told_opens_the_way_for_the_next_decision(house: House) -> None:
    await a_pod_far_from_its_clients(house)
    async with house.living(PressureCalculator, ClusterObserver, **SETTINGS):
        await asyncio.sleep(1)
        await press(house, 11)
        (first,) = house.said.of(ScaleSchedule)
        pod = first.pod_creation_request.pod_name
        await house.person.say(PodFailed(pod=pod, namespace="default", reason="Forbidden"))
        await press(house, 10)
    assert len({event.pod_creation_request.pod_name for event in house.said.of(ScaleSchedule)}) == 2


@pytest.mark.parametrize(
    "setting", [{"schedule_scale_opt": "static"}, {"schedule_scale_opt_dry_run": "true"}], ids=["static", "dry run"]
)
async def test_without_scaling_pressures_are_said_and_no_decisions(house: House, setting: dict[str, str]) -> None:
    await a_pod_far_from_its_clients(house)
    async with house.living(PressureCalculator, ClusterObserver, **SETTINGS, **setting):
        await asyncio.sleep(1)
        await press(house, 21)
    assert len(house.said.of(ApiPressure)) == 2
    assert house.said.of(ScaleSchedule) == []


async def test_nothing_is_said_when_nobody_asked(house: House) -> None:
    await a_pod_far_from_its_clients(house)
    async with house.living(PressureCalculator, ClusterObserver, **SETTINGS):
        await asyncio.sleep(60)
    assert house.said.of(ApiPressure) == []
    assert house.said.of(ScaleSchedule) == []


async def test_more_rows_than_a_person_can_follow_go_to_their_own_channel(house: House) -> None:
    await a_pod_far_from_its_clients(house)
    async with house.living(PressureCalculator, ClusterObserver, **SETTINGS, pressure_calculator_rows_limit="2"):
        await asyncio.sleep(1)
        await press(house, 11)
    (limited,) = house.said.of(PressureRowsLimited)
    assert limited.limit == 2
    rows = [name for name in house.said.names("galileo/events/pressure") if "pressure" in name]
    assert len(rows) == limited.total > 2
    assert house.said.of(PressureReq, channel="galileo/events") == []
    assert len(house.said.of(ApiPressure, channel="galileo/events")) == 1


async def test_what_is_impossible_is_said_once(house: House, caplog: pytest.LogCaptureFixture) -> None:
    await a_pod_far_from_its_clients(house)
    setting = {"schedule_scale_opt_max_replicas_busy": "1"}
    async with house.living(PressureCalculator, ClusterObserver, **SETTINGS, **setting):
        await asyncio.sleep(1)
        await press(house, 41)
    (event,) = house.said.of(ScaleImpossible)
    assert (event.dest_zone, event.reason) == ("zone-b", "the function has max_replicas (1) pods")
    assert sum("resnet needs a pod near zone-b" in record.getMessage() for record in caplog.records) == 1


async def test_a_decision_that_the_bus_could_not_take_is_said_when_it_is_back_with_the_same_id(house: House) -> None:
    await a_pod_far_from_its_clients(house)
    async with house.living(PressureCalculator, ClusterObserver, **SETTINGS) as calculator:
        await asyncio.sleep(1)
        await press(house, 8)
        house.server.available = False
        await asyncio.sleep(2)
        assert calculator.figures().items() >= {"decisions": 0.0, "open_decisions": 1.0}.items()
        house.server.available = True
        await press(house, 10)
        assert calculator.figures()["decisions"] == 1.0
    (decision,) = house.said.of(ScaleSchedule)
    assert decision.meta is not None
    assert decision.meta.expires == pytest.approx(1_700_000_000 + 10 + 20, abs=1), "counted from when it was taken"


async def test_a_decision_that_the_bus_took_without_our_hearing_of_it_is_not_taken_for_lost(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost: list[str] = []
    real = house.transport.append

    async def append(stream: str, payload: bytes, **more: Any) -> bool:
        taken = await real(stream, payload, **more)
        if stream == journal_of("scale_schedule") and not lost:
            lost.append(stream)
            raise TransportUnavailableError("the answer was lost")
        return taken

    monkeypatch.setattr(house.transport, "append", append)
    await a_pod_far_from_its_clients(house)
    async with house.living(PressureCalculator, ClusterObserver, **SETTINGS):
        await asyncio.sleep(1)
        await press(house, 31)
    assert lost
    assert len(await house.transport.range(journal_of("scale_schedule"), count=10)) == 1, "or there would be two pods"


@pytest.mark.parametrize(
    ("setting", "complaint"),
    [
        ({"schedule_scale_opt": "wild"}, r"schedule_scale_opt=wild: expected osmotic \| static"),
        ({"schedule_scale_opt_pressures": "rtt_log, luck"}, "schedule_scale_opt_pressures=rtt_log, luck: expected"),
        ({"schedule_scale_opt_reconcile_interval": "0"}, "schedule_scale_opt_reconcile_interval=0: expected"),
        (
            {"schedule_scale_opt_latency_requirement_resnet": "fast"},
            "schedule_scale_opt_latency_requirement_resnet=fast: expected a number",
        ),
    ],
)
async def test_a_wrong_setting_is_one_line(house: House, setting: dict[str, str], complaint: str) -> None:
    with pytest.raises(SettingError, match=complaint):
        house.runtime(setting).add(PressureCalculator)


async def test_settings_that_do_not_go_together_stop_it_at_the_start(house: House) -> None:
    crossed = {"schedule_scale_opt_max_threshold": "0.1", "schedule_scale_opt_min_threshold": "0.2"}
    with pytest.raises(SettingError, match=r"schedule_scale_opt_…: min_threshold is at most max_threshold"):
        async with house.living(PressureCalculator, **crossed):
            pass


async def test_a_restart_remembers_what_was_decided_and_not_acted_on_yet(house: House) -> None:
    await a_pod_far_from_its_clients(house)
    async with house.living(PressureCalculator, ClusterObserver, **SETTINGS):
        await asyncio.sleep(1)
        await press(house, 11)
    assert len(house.said.of(ScaleSchedule)) == 1
    async with house.living(PressureCalculator, ClusterObserver, **SETTINGS) as calculator:
        await press(house, 11)
        assert calculator.figures().items() >= {"decisions": 0.0, "open_decisions": 1.0}.items()
    assert len(house.said.of(ScaleSchedule)) == 1


async def test_a_threshold_that_is_changed_counts_in_the_next_run(house: House) -> None:
    await a_pod_far_from_its_clients(house)
    settings = {**SETTINGS, "schedule_scale_opt_max_threshold": "5"}
    async with house.living(PressureCalculator, ClusterObserver, **settings) as calculator:
        await asyncio.sleep(1)
        await press(house, 11)
        assert house.said.of(ScaleSchedule) == []
        change = SettingChange(service="pressure_calculator", variable="schedule_scale_opt_max_threshold", value="0.3")
        await house.person.say(change)
        await press(house, 10)
        assert calculator.figures()["decisions"] == 1.0
    (changed,) = house.said.of(SettingChanged)
    assert (changed.value, changed.before) == ("0.3", "5")
    (decision,) = house.said.of(ScaleSchedule)
    assert decision.threshold == 0.3


async def test_thresholds_that_cross_are_refused_while_it_runs_as_at_a_start(house: House) -> None:
    async with house.living(PressureCalculator, **SETTINGS):
        change = SettingChange(service="pressure_calculator", variable="schedule_scale_opt_min_threshold", value="0.4")
        await house.person.say(change)
        await until(lambda: bool(house.said.of(AskRefused)))
    (refused,) = house.said.of(AskRefused)
    assert "min_threshold is at most max_threshold" in refused.reason


async def test_a_node_that_fails_leads_to_a_replacement_whose_cause_it_is(house: House) -> None:
    await a_pod_far_from_its_clients(house)
    async with house.living(PressureCalculator, ClusterObserver, **SETTINGS):
        await asyncio.sleep(1)
        assert house.said.of(ScaleSchedule) == []
        await set_ready(house.kubernetes, "node-1", ready=False)
        await asyncio.sleep(11)
    told = [event for event in house.said.of(NodeUpdate) if event.name == "node-1" and not event.ready]
    (decision,) = house.said.of(ScaleSchedule)
    assert (decision.fn, decision.dest_zone) == ("resnet", "zone-b")
    assert decision.meta is not None
    assert [event.meta.id for event in told if event.meta is not None][:1] == list(decision.meta.cause)


async def test_who_was_cut_off_asks_for_what_was_said_meanwhile(house: House) -> None:
    async with house.living(PressureCalculator, **SETTINGS) as calculator:
        assert len(house.said.of(Resync)) == 1
        await calculator.rejoined()
    assert len(house.said.of(Resync)) == 2
