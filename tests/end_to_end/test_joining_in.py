"""Anyone can join a run: watch it, ask for pods by hand, say what they like, and say it wrong without harm.

All tests talk to one run. The last one ends it, and finds that nothing they did has disturbed it.
"""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from galileo_bus.delivery.streams import journal_of
from galileo_schemas.labels import CAUSE_ANNOTATION
from galileo_schemas.registry import decode_frame

from tests.end_to_end.conversation import (
    EVENTS,
    await_event,
    await_pod_event,
    deliver_again,
    heard_frames,
    kubectl_after_sourcing,
    pods,
    publish,
    publish_event,
    request_for,
)
from tests.end_to_end.harness import ALL_PROCESSES, EmulatedRun, emulated_run, galileo
from tests.end_to_end.measurements import JsonObject, value_of
from tests.end_to_end.processes import processes_in
from tests.end_to_end.variants import people_move

pytestmark = pytest.mark.timeout(300)
EXAMPLES = Path(__file__).parent.parent / "schemas" / "seed_examples.json"


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmulatedRun]:
    """Goes on for long enough. Images: those of the functions, and the documents' own."""
    scenario = people_move(duration_s=150.0, move_s=140.0, settings={"pod_creator_images": "docker/image:1.0 typo/*"})
    with emulated_run(tmp_path_factory.mktemp("joined") / "run", scenario) as run:
        run.until_load()
        yield run


@pytest.fixture(scope="module")
def example() -> JsonObject:
    """The documents' scale_schedule, which names a pod with a space."""
    rows = json.loads(EXAMPLES.read_text())
    value = next(row["value"] for row in rows if row["event"] == "scale_schedule")
    assert isinstance(value, dict)
    return value


def created(run: EmulatedRun, pod: str) -> list[JsonObject]:
    said = [value_of(frame.value) for frame in run.frames_named("pod_created")]
    return [value for value in said if value["pod"] == pod]


# ---------------------------------------------------------------- watching


def test_it_says_how_to_join_in(run: EmulatedRun) -> None:
    port = run.env["galileo_redis_port"]
    assert f"redis-cli -p {port} psubscribe 'galileo/events*'" in run.said
    assert f"export KUBECONFIG={run.env['KUBECONFIG']}" in run.said
    assert run.said.count("/function/") == 3


def test_a_watcher_sees_frames_that_validate(run: EmulatedRun) -> None:
    heard = heard_frames(run, for_s=3.0)
    assert {"telemetry_window", "trace_window", "load_status"} <= {frame.name for _, frame in heard}
    assert len({channel for channel, _ in heard}) >= 3
    assert [frame.name for _, frame in heard if decode_frame(frame) is None] == []


def test_tail_prints_so_many_events_of_a_name(run: EmulatedRun) -> None:
    told = galileo(run.folder, "events", "tail", "--name", "load_st*", "--count", "2")
    assert told.returncode == 0, told.stderr
    lines = told.stdout.splitlines()
    assert [line.split()[1] for line in lines] == ["load_status", "load_status"]
    assert json.loads(lines[0].split(None, 2)[2])["sent"] > 0


def test_tail_raw_prints_frames(run: EmulatedRun) -> None:
    told = galileo(run.folder, "events", "tail", "--all", "--raw", "--count", "3", "--env-file", "out/env")
    assert told.returncode == 0, told.stderr
    assert all(float(line.split()[0]) > 1e9 for line in told.stdout.splitlines())


def test_kubectl_lists_pods_in_a_shell_that_sourced_env(run: EmulatedRun) -> None:
    table = kubectl_after_sourcing(run, "get", "pods", "-o", "wide")
    rows = {line.split()[0]: line.split() for line in table.splitlines()[1:]}
    assert rows["galileo-gateway-zone-b"][1:3] == ["1/1", "Running"]
    assert len(rows) >= 9


# ---------------------------------------------------------------- asking for pods


def test_a_decision_published_by_hand_creates_its_pod_once(run: EmulatedRun) -> None:
    frame = f"{time.time()} scale_schedule {json.dumps(request_for('resnet-by-hand'))}"
    for _ in range(2):  # the same bytes again, as an impatient finger sends them
        publish(run, EVENTS, frame)
    said = await_pod_event(run, "pod_created", "resnet-by-hand")
    running = await_event(
        run, "pod/running", lambda value: (value["name"], value.get("ready")) == ("resnet-by-hand", True)
    )
    assert running["podUid"] == said["uid"]
    pod = pods(run)["resnet-by-hand"]
    assert pod["metadata"]["annotations"][CAUSE_ANNOTATION] == said["meta"]["cause"][0]
    assert pod["spec"]["nodeName"].startswith("cloudlet-")
    assert len(created(run, "resnet-by-hand")) == 1


def test_say_writes_a_decision_to_its_journal(run: EmulatedRun) -> None:
    told = galileo(run.folder, "events", "say", "scale_schedule", json.dumps(request_for("resnet-said")))
    assert told.returncode == 0, told.stderr
    identity = told.stdout.split()[-1]
    assert await_pod_event(run, "pod_created", "resnet-said")["meta"]["cause"] == [identity]
    assert len(created(run, "resnet-said")) == 1


def test_why_tells_of_a_pod_asked_for_by_hand(run: EmulatedRun) -> None:
    told = galileo(run.folder, "events", "say", "scale_schedule", json.dumps(request_for("resnet-why")))
    assert told.returncode == 0, told.stderr
    await_pod_event(run, "pod_bound", "resnet-why")
    why = galileo(run.folder, "why", "resnet-why")
    assert why.returncode == 0, why.stderr
    names = [line.split()[1] for line in why.stdout.splitlines()]
    assert names[0] == "scale_schedule"
    assert {"pod_created", "pod_bound"} <= set(names)
    assert "as asked for" in why.stdout


def test_the_documents_example_fails_for_its_pods_name(run: EmulatedRun, example: JsonObject) -> None:
    publish_event(run, "scale_schedule", example)
    failed = await_pod_event(run, "pod_failed", "pod name")
    assert failed["reason"] == "InvalidName"
    assert "lower-case letters, digits, '-' or '.'" in failed["message"]


def test_the_documents_example_with_legal_names_creates_the_pod(run: EmulatedRun, example: JsonObject) -> None:
    legal = {"pod_name": "pod-name", "container_name": "container-name"}
    request = {**example["pod_creation_request"], **legal}
    publish_event(run, "scale_schedule", {**example, "pod_creation_request": request})
    await_pod_event(run, "pod_created", "pod-name")
    pod = pods(run)["pod-name"]
    assert pod["spec"]["containers"][0]["image"] == "docker/image:1.0"
    assert pod["metadata"]["labels"]["key-1"] == "value-1"


def test_a_decision_delivered_again_finds_its_pod_and_makes_no_other(run: EmulatedRun) -> None:
    publish_event(run, "scale_schedule", request_for("resnet-again"))
    first = await_pod_event(run, "pod_created", "resnet-again")
    deliver_again(run, journal_of("scale_schedule"), group="pod_creator")
    run.until(lambda: len(created(run, "resnet-again")) == 2, what="second answer", within_s=15.0)
    assert {value["uid"] for value in created(run, "resnet-again")} == {first["uid"]}
    assert pods(run)["resnet-again"]["metadata"]["uid"] == first["uid"]
    assert "AlreadyExists" not in [value_of(frame.value)["reason"] for frame in run.frames_named("pod_failed")]


def test_another_decision_for_a_name_that_is_taken_fails(run: EmulatedRun) -> None:
    for note in ("first", "second"):
        publish_event(run, "scale_schedule", {**request_for("resnet-twice"), "note": note})
    failed = await_pod_event(run, "pod_failed", "resnet-twice")
    assert failed["reason"] == "AlreadyExists"
    assert len(created(run, "resnet-twice")) == 1


# ---------------------------------------------------------------- asking for what cannot be


def test_a_namespace_that_is_not_there(run: EmulatedRun) -> None:
    publish_event(run, "scale_schedule", request_for("resnet-elsewhere", namespace="nowhere"))
    failed = await_pod_event(run, "pod_failed", "resnet-elsewhere")
    assert failed["reason"] == "NamespaceNotAllowed"
    assert "'nowhere'" in failed["message"]
    assert "pod_creator_namespaces" in failed["message"]


def test_an_image_of_no_known_function_is_not_created(run: EmulatedRun) -> None:
    publish_event(run, "scale_schedule", request_for("resnet-foreign", image="miner/coins:1"))
    failed = await_pod_event(run, "pod_failed", "resnet-foreign")
    assert failed["reason"] == "ImageNotAllowed"
    assert "'miner/coins:1'" in failed["message"]
    assert "resnet-foreign" not in pods(run)


def test_a_pod_whose_image_does_not_exist_waits_and_says_why(run: EmulatedRun) -> None:
    publish_event(run, "scale_schedule", request_for("resnet-typo", image="typo/resnet:1.0"))
    await_pod_event(run, "pod_created", "resnet-typo")
    waiting = await_event(
        run,
        "pod/pending",
        lambda value: value["name"] == "resnet-typo" and "typo/resnet:1.0" in value.get("message", ""),
    )
    assert "not found" in waiting["message"]
    assert kubectl_after_sourcing(run, "get", "pod", "resnet-typo").splitlines()[1].split()[2] in (
        "ErrImagePull",
        "ImagePullBackOff",
    )


def test_an_unknown_pod_has_no_why(run: EmulatedRun) -> None:
    why = galileo(run.folder, "why", "nobody")
    assert why.returncode == 1
    assert why.stderr.splitlines() == [
        "galileo: no event in " + run.env["event_recorder_log"] + " is about a pod 'nobody'"
    ]


# ---------------------------------------------------------------- saying things


def test_a_persons_own_event_is_recorded_as_it_is(run: EmulatedRun) -> None:
    told = galileo(run.folder, "events", "say", "warm-up-over")
    assert (told.returncode, told.stdout) == (0, "said warm-up-over, a user event\n"), told.stderr
    publish(run, EVENTS, "12.5 lunch at noon")
    frame = run.until_event(lambda frame: frame.name == "lunch", what="lunch", within_s=10.0)
    assert (frame.ts, frame.value) == (12.5, b"at noon")
    assert run.until_event(lambda frame: frame.name == "warm-up-over", what="it", within_s=10.0).value == b""


@pytest.mark.parametrize(
    ("value", "expected"),
    [('{"fn": 3}', "scale_schedule"), ("{", "scale_schedule"), ('{"fn": "resnet"}', "origin_zone")],
)
def test_a_wrong_value_is_refused_in_one_line(run: EmulatedRun, value: str, expected: str) -> None:
    told = galileo(run.folder, "events", "say", "scale_schedule", value)
    assert told.returncode == 2
    (line,) = told.stderr.splitlines()
    assert line.startswith("galileo: ")
    assert expected in line


@pytest.mark.parametrize(
    ("channel", "message", "kind"),
    [
        (EVENTS, b"what is this", "frame"),
        (EVENTS, b"\xff\xfe-bytes", "frame"),
        (f"{EVENTS}/pressure", b"1.5", "frame"),
        (EVENTS, b'1.5 scale_schedule {"fn": "resnet"}', "scale_schedule"),
        (EVENTS, b'1.5 api_pressure {"node": 1}', "api_pressure"),
        ("galileo/results/traces", b"a,b,c", "trace"),
        ("telem/edge-1/cpu", b"many", "telemetry"),
    ],
    ids=["words", "bytes", "no name", "half a decision", "wrong field", "trace", "telemetry"],
)
def test_what_does_not_parse_is_said_once_and_counted(
    run: EmulatedRun, channel: str, message: bytes, kind: str
) -> None:
    time.sleep(1.1)  # a kind is said once a second at most, and counted in between
    publish(run, channel, message)
    quoted = message.decode("utf-8", "replace")[:10]

    def about_it(value: JsonObject) -> bool:
        return bool(value["channel"] == channel and value["kind"] == kind and value["sample"].find(quoted) >= 0)

    rejected = await_event(run, "input_rejected", about_it)
    assert rejected["count"] >= 1
    assert rejected["reason"]
    assert "\n" not in rejected["reason"]


def test_and_everything_else_went_on(run: EmulatedRun) -> None:
    assert len(processes_in(run.folder)) == ALL_PROCESSES
    run.signal(signal.SIGINT)
    assert run.wait(within_s=30.0) == 0, run.said  # how quickly it stops is asked elsewhere
    report = run.report
    assert report.restarts == []
    assert report.requests.sent == report.requests.succeeded + report.requests.failed == report.requests.recorded
    assert report.requests.failed == 0, report.notes
