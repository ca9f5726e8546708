"""Workloads are scaled through a Scale, which shows their numbers and takes a new one."""

from dataclasses import replace
from typing import Any

import pytest
from galileo_emulation.kubernetes import ApiError
from galileo_emulation.kubernetes.kind import ScalePaths
from galileo_emulation.kubernetes.kinds import CONFIG_MAPS
from galileo_emulation.kubernetes.label_selectors import selector_text, selects
from galileo_emulation.kubernetes.operations.scale import scale_of, scaled

from tests.emulation.kubernetes.calls import STRATEGIC, Calls
from tests.emulation.kubernetes.objects import workload

DEPLOYMENT = "/apis/apps/v1/namespaces/default/deployments"
PLACES = [DEPLOYMENT, "/apis/apps/v1/namespaces/default/replicasets", "/apis/apps/v1/namespaces/default/statefulsets"]


@pytest.mark.parametrize("place", PLACES)
async def test_every_workload_with_replicas_shows_its_scale(calls: Calls, place: str) -> None:
    made = await calls.create(place, workload())
    scale = await calls.get(f"{place}/web/scale")
    metadata = made["metadata"]
    shown = ("name", "namespace", "uid", "resourceVersion", "creationTimestamp")
    assert scale == {
        "kind": "Scale",
        "apiVersion": "autoscaling/v1",
        "metadata": {field: metadata[field] for field in shown},
        "spec": {"replicas": 2},
        "status": {"replicas": 0, "selector": "app=web"},
    }


@pytest.mark.parametrize("place", PLACES)
async def test_writing_the_scale_changes_the_workload_and_its_generation(calls: Calls, place: str) -> None:
    await calls.create(place, workload())
    scale = await calls.get(f"{place}/web/scale")
    scale["spec"]["replicas"] = 3
    status, written = await calls.send("PUT", f"{place}/web/scale", scale)
    assert (status, written["spec"]) == (200, {"replicas": 3})
    changed = await calls.get(f"{place}/web")
    assert changed["spec"]["replicas"] == 3
    assert changed["metadata"]["generation"] == 2
    assert changed["metadata"]["resourceVersion"] == written["metadata"]["resourceVersion"]


async def test_a_stale_version_conflicts_and_none_is_taken(calls: Calls) -> None:
    await calls.create(DEPLOYMENT, workload())
    stale = await calls.get(f"{DEPLOYMENT}/web/scale")
    await calls.patch(f"{DEPLOYMENT}/web/scale", {"spec": {"replicas": 5}})
    status, refusal = await calls.send("PUT", f"{DEPLOYMENT}/web/scale", stale)
    assert (status, refusal["details"]) == (409, {"name": "web", "group": "apps", "kind": "deployments"})
    without: dict[str, Any] = {"metadata": {"name": "web", "namespace": "default"}, "spec": {"replicas": 4}}
    assert (await calls.send("PUT", f"{DEPLOYMENT}/web/scale", without))[0] == 200
    foreign = {**without, "metadata": {**without["metadata"], "uid": "00000000-0000-0000-0000-000000000000"}}
    assert (await calls.send("PUT", f"{DEPLOYMENT}/web/scale", foreign))[0] == 409


async def test_patches_are_taken_and_negative_numbers_refused(calls: Calls) -> None:
    await calls.create(DEPLOYMENT, workload())
    path = f"{DEPLOYMENT}/web/scale"
    status, written = await calls.patch(path, {"spec": {"replicas": 1}}, content_type=STRATEGIC)
    assert (status, written["spec"]) == (200, {"replicas": 1})
    status, refusal = await calls.patch(path, {"spec": {"replicas": -1}})
    assert (status, refusal["details"]["group"], refusal["details"]["kind"]) == (422, "autoscaling", "Scale")
    assert refusal["details"]["causes"] == [
        {
            "reason": "FieldValueInvalid",
            "message": "Invalid value: -1: must be greater than or equal to 0",
            "field": "spec.replicas",
        }
    ]
    status, written = await calls.patch(path, {"spec": {"replicas": 0}})
    assert (status, written["spec"]) == (200, {})
    assert (await calls.get(f"{DEPLOYMENT}/web"))["spec"]["replicas"] == 0


async def test_a_dry_run_scales_nothing(calls: Calls) -> None:
    await calls.create(DEPLOYMENT, workload())
    status, shown = await calls.patch(f"{DEPLOYMENT}/web/scale?dryRun=All", {"spec": {"replicas": 9}})
    assert (status, shown["spec"]) == (200, {"replicas": 9})
    assert (await calls.get(f"{DEPLOYMENT}/web"))["spec"]["replicas"] == 2


async def test_what_is_missing_or_has_no_scale_is_not_found(calls: Calls) -> None:
    assert (await calls.patch(f"{DEPLOYMENT}/missing/scale", {"spec": {"replicas": 1}}))[0] == 404
    assert (await calls.send("GET", "/api/v1/namespaces/default/pods/x/scale"))[0] == 404


def test_paths_of_another_kind_are_followed() -> None:
    paths = ScalePaths(("spec", "workers", "count"), ("status", "workers"), ("status", "labels"))
    kind = replace(CONFIG_MAPS, scale=paths)
    body = {"metadata": {"name": "x"}, "spec": {"workers": {"count": 3}}, "status": {"workers": 2, "labels": "a=b"}}
    assert scale_of(kind, body)["spec"] == {"replicas": 3}
    assert scale_of(kind, body)["status"] == {"replicas": 2, "selector": "a=b"}
    changed = scaled(kind, body, {"metadata": {"name": "x"}, "spec": {"replicas": 7}})
    assert (changed["spec"], body["spec"]) == ({"workers": {"count": 7}}, {"workers": {"count": 3}})
    with pytest.raises(ApiError, match=r"\.spec\.workers\.count"):
        scale_of(kind, {"metadata": {"name": "x"}})


def test_a_selector_is_written_in_the_order_of_its_keys() -> None:
    expressions = [
        {"key": "tier", "operator": "In", "values": ["b", "a"]},
        {"key": "zone", "operator": "DoesNotExist"},
        {"key": "arch", "operator": "Exists"},
        {"key": "odd", "operator": "NotIn", "values": ["x"]},
    ]
    selector = {"matchLabels": {"app": "web"}, "matchExpressions": expressions}
    assert selector_text(selector) == "app=web,arch,odd notin (x),tier in (a,b),!zone"
    assert selects(selector, {"app": "web", "tier": "a", "arch": ""})
    assert not selects(selector, {"app": "web", "tier": "c", "arch": ""})
    assert not selects(selector, {"app": "web", "tier": "a", "arch": "", "odd": "x"})
    assert selects({}, {})
