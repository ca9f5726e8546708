"""autoscaling/v1: the same autoscalers in their older form, of which nothing is lost on the way."""

import aiohttp
import orjson
import pytest
from galileo_emulation.kubernetes import ApiServer
from galileo_emulation.kubernetes.apiobjects import JsonObject, copied
from galileo_emulation.kubernetes.defaults.autoscaler_view import older_autoscaler, stored_autoscaler
from galileo_emulation.kubernetes.http.protobuf import MEDIA_TYPE
from hypothesis import given
from hypothesis import strategies as st

from tests.emulation.kubernetes.binary_form import envelope, field, metadata
from tests.emulation.kubernetes.calls import Calls
from tests.emulation.kubernetes.objects import AUTOSCALERS, autoscaler

OLDER = AUTOSCALERS.replace("/v2/", "/v1/")
BEHAVIOR = "autoscaling.alpha.kubernetes.io/behavior"
METRICS = "autoscaling.alpha.kubernetes.io/metrics"


async def test_an_autoscaler_made_in_the_older_form_is_one_in_the_newer(calls: Calls) -> None:
    made = await calls.create(OLDER, autoscaler(targetCPUUtilizationPercentage=50))
    assert made["apiVersion"] == "autoscaling/v1"
    assert made["spec"]["targetCPUUtilizationPercentage"] == 50
    assert made["status"] == {"currentReplicas": 0, "desiredReplicas": 0}
    newer = await calls.get(f"{AUTOSCALERS}/web")
    assert newer["apiVersion"] == "autoscaling/v2"
    target = {"type": "Utilization", "averageUtilization": 50}
    assert newer["spec"]["metrics"] == [{"type": "Resource", "resource": {"name": "cpu", "target": target}}]


async def test_without_a_target_it_goes_by_cpu(calls: Calls) -> None:
    made = await calls.create(OLDER, autoscaler())
    assert made["spec"]["targetCPUUtilizationPercentage"] == 80


async def test_it_may_be_sent_in_the_binary_form(server: ApiServer, session: aiohttp.ClientSession) -> None:
    reference = field(1, b"Deployment") + field(2, b"web") + field(3, b"apps/v1")
    spec = field(1, reference) + field(2, 1) + field(3, 5) + field(4, 50)
    payload = envelope("autoscaling/v1", "HorizontalPodAutoscaler", metadata("web") + field(2, spec) + field(3, b""))
    headers = {"Content-Type": MEDIA_TYPE, "Accept": "application/json"}
    async with session.post(server.url + OLDER, data=payload, headers=headers) as response:
        made = await response.json()
        assert response.status == 201, made
    assert made["spec"] == {**autoscaler(minReplicas=1)["spec"], "targetCPUUtilizationPercentage": 50}


async def test_the_page_of_numbers_has_them_once(server: ApiServer, session: aiohttp.ClientSession) -> None:
    async with session.get(server.url + "/metrics") as response:
        lines = (await response.text()).splitlines()
    assert len([line for line in lines if "horizontalpodautoscalers.autoscaling" in line]) == 1


async def test_what_the_older_form_has_no_field_for_is_in_annotations_and_survives_a_change(calls: Calls) -> None:
    amount = {"name": "memory", "target": {"type": "AverageValue", "averageValue": "64Mi"}}
    metrics = [{"type": "Resource", "resource": amount}]
    rules = {"scaleDown": {"stabilizationWindowSeconds": 60}}
    newer = await calls.create(AUTOSCALERS, autoscaler(metrics=metrics, behavior=rules))
    older = await calls.get(f"{OLDER}/web")
    annotations = older["metadata"]["annotations"]
    flat = {"type": "Resource", "resource": {"name": "memory", "targetAverageValue": "64Mi"}}
    assert orjson.loads(annotations[METRICS]) == [flat]
    assert orjson.loads(annotations[BEHAVIOR])["ScaleDown"]["StabilizationWindowSeconds"] == 60
    older["spec"]["maxReplicas"] = 9
    status, _ = await calls.send("PUT", f"{OLDER}/web", older)
    assert status == 200
    after = await calls.get(f"{AUTOSCALERS}/web")
    assert after["spec"] == {**newer["spec"], "maxReplicas": 9}
    assert "annotations" not in after["metadata"]


async def test_selectors_of_external_metrics_have_a_name_of_their_own_in_the_annotation(calls: Calls) -> None:
    selected = {"name": "rps", "selector": {"matchLabels": {"a": "b"}}}
    external = {"metric": selected, "target": {"type": "AverageValue", "averageValue": "3"}}
    await calls.create(AUTOSCALERS, autoscaler(metrics=[{"type": "External", "external": external}]))
    older = await calls.get(f"{OLDER}/web")
    flat = {"metricName": "rps", "metricSelector": selected["selector"], "targetAverageValue": "3"}
    assert orjson.loads(older["metadata"]["annotations"][METRICS]) == [{"type": "External", "external": flat}]


async def test_text_in_the_annotations_that_is_not_well_formed_is_dropped(calls: Calls) -> None:
    body = autoscaler(targetCPUUtilizationPercentage=50)
    body["metadata"]["annotations"] = {METRICS: "{", BEHAVIOR: "[1]", "mine": "stays"}
    made = await calls.create(OLDER, body)
    assert made["metadata"]["annotations"] == {"mine": "stays"}


@pytest.mark.parametrize("path", ["/api", "/apis", "/api/v1", "/apis/autoscaling", "/apis/autoscaling/v1", "/version"])
async def test_a_slash_at_the_end_of_a_path_means_nothing(
    path: str, server: ApiServer, session: aiohttp.ClientSession
) -> None:
    answers = []
    for asked in (path, f"{path}/"):
        async with session.get(server.url + asked) as response:
            answers.append((response.status, await response.read()))
    assert answers[0][0] == 200
    assert answers[0] == answers[1]


@pytest.mark.parametrize("path", ["/api/v1/pods/", f"{AUTOSCALERS}/", "/api/v1/namespaces/default/"])
async def test_nor_does_it_where_the_objects_are(path: str, server: ApiServer, session: aiohttp.ClientSession) -> None:
    async with session.get(server.url + path) as response:
        assert response.status == 200


AMOUNT = st.sampled_from(["1", "250m", "64Mi", "3k"])
IDENTIFIER = st.fixed_dictionaries(
    {"name": st.sampled_from(["rps", "queue"])}, optional={"selector": st.just({"matchLabels": {"a": "b"}})}
)


def target(kind: str) -> st.SearchStrategy[JsonObject]:
    field = {"Utilization": "averageUtilization", "AverageValue": "averageValue", "Value": "value"}[kind]
    amounts = st.integers(1, 500) if kind == "Utilization" else AMOUNT
    return st.fixed_dictionaries({"type": st.just(kind), field: amounts})


def metric(
    source: str, *, targets: tuple[str, ...], **fields: st.SearchStrategy[object]
) -> st.SearchStrategy[JsonObject]:
    wanted = st.one_of([target(kind) for kind in targets])
    kind = st.just(source[0].upper() + source[1:])
    return st.fixed_dictionaries({"type": kind, source: st.fixed_dictionaries({**fields, "target": wanted})})


NAMED = {"name": st.sampled_from(["cpu", "memory"])}
OTHERS = (
    metric("containerResource", targets=("Utilization", "AverageValue"), **NAMED, container=st.just("app")),
    metric("pods", targets=("AverageValue",), metric=IDENTIFIER),
    metric("external", targets=("Value", "AverageValue"), metric=IDENTIFIER),
    metric(
        "object",
        targets=("Value", "AverageValue"),
        metric=IDENTIFIER,
        describedObject=st.just({"kind": "Service", "name": "web", "apiVersion": "v1"}),
    ),
    metric("resource", targets=("AverageValue",), **NAMED),
    st.just(
        {"type": "Resource", "resource": {"name": "memory", "target": {"type": "Utilization", "averageUtilization": 7}}}
    ),
)
CPU = st.just(
    {"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 50}}}
)


@given(first=st.lists(CPU, max_size=1), others=st.lists(st.one_of(OTHERS), max_size=4))
def test_nothing_is_lost_between_the_forms(first: list[JsonObject], others: list[JsonObject]) -> None:
    body: JsonObject = {
        "metadata": {"name": "web"},
        "spec": {"maxReplicas": 3},
        "status": {"currentReplicas": 1, "desiredReplicas": 2},
    }
    body["spec"] |= {"metrics": [*first, *others]} if first or others else {}
    condition = {"type": "AbleToScale", "status": "True", "reason": "R", "message": "M"}
    body["status"] |= {"conditions": [condition]}
    assert stored_autoscaler(older_autoscaler(copied(body))) == body
