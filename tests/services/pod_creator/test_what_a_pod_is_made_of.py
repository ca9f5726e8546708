"""The pod that a decision asks for: the request first, then what the function's other pods look like."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from galileo_context.functions import FunctionTemplate
from galileo_schemas.events import PodCreationRequest, ScaleSchedule
from galileo_schemas.labels import CAUSE_ANNOTATION, FUNCTION, MANAGED_BY, MANAGER, ZONE
from galileo_services.pod_creator.manifest import pod_manifest

TEMPLATE = FunctionTemplate(
    container_name="resnet",
    image="edgerun/resnet:1",
    labels={FUNCTION: "resnet", "ether.edgerun.io/type": "fn", "delay_edge-1": "25"},
    resource_requests={"cpu": "500m"},
    namespace="default",
    port=9000,
)


def manifest(template: FunctionTemplate | None = TEMPLATE, *, zone: str = "zone-b", **request: Any) -> dict[str, Any]:
    decision = ScaleSchedule(
        fn="resnet",
        origin_zone="zone-a",
        dest_zone=zone,
        pod_creation_request=PodCreationRequest(**{"pod_name": "resnet_1", **request}),
    )
    return pod_manifest(
        decision, decision_id="decision-1", template=template, scheduler_name="custom-scheduler", grace_period_s=10
    )


def test_what_the_request_leaves_open_is_as_with_the_functions_other_pods() -> None:
    (container,) = manifest()["spec"]["containers"]
    assert container == {
        "name": "resnet",
        "image": "edgerun/resnet:1",
        "ports": [{"name": "function-port", "containerPort": 9000}],
        "resources": {"requests": {"cpu": "500m"}},
    }


def test_limits_are_those_of_the_functions_other_pods_unless_they_are_below_the_requests() -> None:
    limited = replace(TEMPLATE, resource_limits={"memory": "256Mi", "cpu": "1"})
    (container,) = manifest(limited)["spec"]["containers"]
    assert container["resources"] == {"requests": {"cpu": "500m"}, "limits": {"memory": "256Mi", "cpu": "1"}}
    (container,) = manifest(limited, resource_requests={"memory": "1Gi", "cpu": "1000m"})["spec"]["containers"]
    assert container["resources"] == {"requests": {"memory": "1Gi", "cpu": "1000m"}, "limits": {"cpu": "1"}}


def test_the_request_goes_before_the_template() -> None:
    pod = manifest(image="other:2", container_name="my_main", resource_requests={"cpu": "1"}, labels={"team": "edge"})
    (container,) = pod["spec"]["containers"]
    assert (container["image"], container["name"]) == ("other:2", "my-main")
    assert container["resources"] == {"requests": {"cpu": "1"}}
    assert pod["metadata"]["labels"]["team"] == "edge"
    assert pod["metadata"]["labels"]["delay_edge-1"] == "25", "labels of both"


def test_the_pod_is_ours_goes_to_the_zone_and_tells_its_cause() -> None:
    pod = manifest(labels={ZONE: "elsewhere", MANAGED_BY: "somebody"})
    assert pod["metadata"]["name"] == "resnet-1"
    assert pod["metadata"]["annotations"] == {CAUSE_ANNOTATION: "decision-1"}
    assert (pod["metadata"]["labels"][ZONE], pod["metadata"]["labels"][MANAGED_BY]) == ("zone-b", MANAGER)
    assert pod["spec"]["nodeSelector"] == {ZONE: "zone-b"}
    assert (pod["spec"]["schedulerName"], pod["spec"]["terminationGracePeriodSeconds"]) == ("custom-scheduler", 10)


def test_a_function_that_nobody_knows_is_made_from_the_request_alone() -> None:
    pod = manifest(None, image="edgerun/resnet:1")
    (container,) = pod["spec"]["containers"]
    assert (container["name"], container["ports"][0]["containerPort"]) == ("resnet", 8080)
    assert "resources" not in container
    assert pod["metadata"]["labels"][FUNCTION] == "resnet"
    assert pod["metadata"]["labels"]["ether.edgerun.io/type"] == "fn"


def test_without_a_zone_the_pod_may_go_anywhere() -> None:
    pod = manifest(zone="")
    assert pod["spec"]["nodeSelector"] == {}
    assert ZONE not in pod["metadata"]["labels"]
