"""The default scenario: people move, a pod is asked for, created, placed and started where they are; latency falls."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pytest
from galileo_experiments.report import PHASE_AFTER, PHASE_BETWEEN, Report
from galileo_schemas.frame import RawFrame
from galileo_schemas.registry import decode_frame

from tests.end_to_end.harness import galileo
from tests.end_to_end.measurements import JsonObject, value_of
from tests.end_to_end.scripts import Outcome

SCRIPTED = ("default",)
pytestmark = pytest.mark.timeout(600)


@pytest.fixture
def outcome(outcome_of: Callable[[str], Outcome]) -> Outcome:
    return outcome_of("default")


@pytest.fixture
def report(outcome: Outcome) -> Report:
    return outcome.run.report


@pytest.fixture
def frames(outcome: Outcome) -> list[RawFrame]:
    return outcome.run.frames()


def values(frames: Iterable[RawFrame], name: str) -> list[JsonObject]:
    return [value_of(frame.value) for frame in frames if frame.name == name]


def test_the_run_ends_well_and_leaves_no_process(outcome: Outcome) -> None:
    assert outcome.status == 0, outcome.run.said
    assert outcome.left == []
    assert outcome.run.told == ""


def test_every_request_is_accounted_for(report: Report) -> None:
    requests = report.requests
    assert requests.sent > 1000
    assert requests.sent == requests.succeeded + requests.failed == requests.recorded
    assert requests.failed < 0.01 * requests.sent
    assert report.restarts == []


def test_the_database_holds_each_request_once(outcome: Outcome, report: Report) -> None:
    assert outcome.run.query("SELECT count(*), count(DISTINCT REQUEST_ID) FROM traces") == [
        (report.requests.sent, report.requests.sent)
    ]


def test_pods_appear_where_people_moved_to(report: Report) -> None:
    move_s = report.moves[0].at_s
    for fn in ("resnet", "mobilenet"):
        rows = [row for row in report.replicas if (row.fn, row.zone) == (fn, "zone-b")]
        assert all(row.running == 0 for row in rows if row.t_s < move_s)
        assert any(row.running > 0 for row in rows if row.t_s > move_s), fn


def test_the_reaction_takes_at_most_half_a_minute(report: Report) -> None:
    assert report.reaction_s is not None
    assert 0 < report.reaction_s <= 30
    assert all(move.reaction_s is not None and move.reaction_s <= 30 for move in report.moves)


def test_latency_falls_to_half(report: Report) -> None:
    between, after = report.latency_ms[PHASE_BETWEEN]["zone-b"], report.latency_ms[PHASE_AFTER]["zone-b"]
    assert between.count >= 20
    assert after.count >= 20
    assert after.p95 <= 0.5 * between.p95


def test_every_pod_was_bound_by_our_scheduler(frames: list[RawFrame], report: Report) -> None:
    created = {pod["name"] for pod in values(frames, "pod/create")}
    bound = [pod["pod"] for pod in values(frames, "pod_bound")]
    assert len(created) >= 11  # three gateways, three clients, three replicas, and two where people moved to
    assert sorted(bound) == sorted(created)
    assert sum(report.bound_by.values()) == len(created)


def test_a_decision_makes_one_pod(frames: list[RawFrame]) -> None:
    decisions = {meta_of(value)["id"] for value in values(frames, "scale_schedule") if not value.get("delete")}
    causes = [cause for value in values(frames, "pod_created") for cause in causes_of(value)]
    assert decisions
    assert sorted(causes) == sorted(decisions)


def test_etcd_held_the_weights_said_last(outcome: Outcome) -> None:
    assert outcome.seen["etcd_difference"] is None


def test_every_line_of_the_log_is_a_frame_and_every_known_event_validates(frames: list[RawFrame]) -> None:
    known = [decode_frame(frame) for frame in frames]  # raises for one that does not fit
    assert len(known) > 500
    assert [frame.name for frame, event in zip(frames, known, strict=True) if event is None] == []


def test_no_event_is_recorded_twice(frames: list[RawFrame]) -> None:
    ids = [meta_of(value_of(frame.value)).get("id") for frame in frames]
    said = [identity for identity in ids if identity]
    assert len(said) == len(set(said))


def test_causes_lead_from_the_weights_back_to_the_pressure(frames: list[RawFrame]) -> None:
    by_id = {meta_of(value).get("id"): frame.name for frame in frames for value in [value_of(frame.value)]}
    parents = {meta_of(value).get("id"): causes_of(value) for frame in frames for value in [value_of(frame.value)]}
    chains = [ancestors(str(identity), parents) for identity, name in by_id.items() if name == "weight_update"]
    names = [{by_id.get(identity) for identity in chain} for chain in chains]
    assert any({"api_pressure", "scale_schedule"} <= chain for chain in names), names


def test_why_tells_the_chain_of_a_pod(outcome: Outcome, frames: list[RawFrame]) -> None:
    pod = str(values(frames, "pod_created")[0]["pod"])
    told = galileo(outcome.run.folder, "why", pod, "--log", "out/events.log")
    assert told.returncode == 0, told.stderr
    names = [line.split()[1] for line in told.stdout.splitlines()]
    chain = ["api_pressure", "scale_schedule", "pod_created", "pod_bound", "weight_update"]
    assert [name for name in dict.fromkeys(names) if name in chain] == chain


def test_the_page_holds_everything_itself(outcome: Outcome) -> None:
    page = (outcome.run.out / "report.html").read_text()
    assert "people-move" in page
    assert "<script src" not in page
    assert "<link" not in page
    assert 'src="http' not in page


def meta_of(value: JsonObject) -> JsonObject:
    meta = value.get("meta")
    return meta if isinstance(meta, dict) else {}


def causes_of(value: JsonObject) -> list[str]:
    causes = meta_of(value).get("cause", [])
    assert isinstance(causes, list)
    return causes


def ancestors(identity: str, parents: dict[object, list[str]]) -> set[str]:
    found: set[str] = set()
    waiting = [identity]
    while waiting:
        for cause in parents.get(waiting.pop(), []):
            if cause not in found:
                found.add(cause)
                waiting.append(cause)
    return found
