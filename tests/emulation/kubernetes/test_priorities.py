"""A pod names a class, and admission writes down what that is worth."""

from tests.emulation.kubernetes.calls import Calls
from tests.emulation.kubernetes.objects import PODS, PRIORITY_CLASSES, pod

INVALID, FORBIDDEN = "FieldValueInvalid", "FieldValueForbidden"


async def test_every_cluster_has_the_systems_classes(calls: Calls) -> None:
    classes = (await calls.get(PRIORITY_CLASSES))["items"]
    values = {found["metadata"]["name"]: found["value"] for found in classes}
    assert values == {"system-cluster-critical": 2_000_000_000, "system-node-critical": 2_000_001_000}


async def test_a_class_gives_a_pod_its_priority(calls: Calls) -> None:
    await calls.create(PRIORITY_CLASSES, {"metadata": {"name": "batch"}, "value": -5, "preemptionPolicy": "Never"})
    made = await calls.create(PODS, pod(priorityClassName="batch"))
    assert (made["spec"]["priority"], made["spec"]["preemptionPolicy"]) == (-5, "Never")
    await calls.send("DELETE", f"{PRIORITY_CLASSES}/batch")
    _, changed = await calls.patch(f"{PODS}/p", {"metadata": {"labels": {"a": "b"}}})
    assert changed["spec"]["priority"] == -5
    plain = await calls.create(PODS, pod("plain"))
    assert (plain["spec"]["priority"], "priorityClassName" in plain["spec"]) == (0, False)


async def test_a_pod_of_an_unknown_class_is_forbidden(calls: Calls) -> None:
    status, refusal = await calls.send("POST", PODS, pod(priorityClassName="unheard-of"))
    assert (status, refusal["reason"], refusal["details"]) == (403, "Forbidden", {"name": "p", "kind": "pods"})
    assert refusal["message"] == 'pods "p" is forbidden: no PriorityClass with name unheard-of was found'


async def test_a_pod_may_not_make_itself_important(calls: Calls) -> None:
    status, refusal = await calls.send("POST", PODS, pod(priority=1000))
    assert (status, refusal["reason"]) == (403, "Forbidden")


async def test_the_default_class_is_for_pods_that_name_none_and_there_is_but_one(calls: Calls) -> None:
    await calls.create(PRIORITY_CLASSES, {"metadata": {"name": "usual"}, "value": 10, "globalDefault": True})
    made = await calls.create(PODS, pod())
    assert (made["spec"]["priorityClassName"], made["spec"]["priority"]) == ("usual", 10)
    second = {"metadata": {"name": "second"}, "value": 5, "globalDefault": True}
    status, refusal = await calls.send("POST", PRIORITY_CLASSES, second)
    assert (status, refusal["details"]["kind"]) == (403, "priorityclasses")
    await calls.create(PRIORITY_CLASSES, {**second, "globalDefault": False})
    assert (await calls.patch(f"{PRIORITY_CLASSES}/second", {"globalDefault": True}))[0] == 403


async def test_a_class_keeps_its_value_and_leaves_the_systems_names_alone(calls: Calls) -> None:
    await calls.create(PRIORITY_CLASSES, {"metadata": {"name": "a"}, "value": 1})
    assert await calls.refused_change(f"{PRIORITY_CLASSES}/a", {"value": 2}) == [(FORBIDDEN, "value")]
    other = {"preemptionPolicy": "Never"}
    assert await calls.refused_change(f"{PRIORITY_CLASSES}/a", other) == [(INVALID, "preemptionPolicy")]
    assert await calls.refused(PRIORITY_CLASSES, {"metadata": {"name": "system-mine"}, "value": 1}) == [
        (FORBIDDEN, "metadata.name")
    ]
    high = {"metadata": {"name": "b"}, "value": 1_000_000_001}
    assert await calls.refused(PRIORITY_CLASSES, high) == [(FORBIDDEN, "value")]
