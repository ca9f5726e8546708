"""What the pod creator may do, and the reasons it gives when it may not."""

from __future__ import annotations

import pytest
from galileo_schemas.events import PodCreationRequest, ScaleSchedule
from galileo_schemas.labels import MANAGED_BY, MANAGER
from galileo_services.pod_creator.creation_rate import CreationRate
from galileo_services.pod_creator.rules import (
    pod_name,
    refuse_creation,
    refuse_deletion,
    refuse_namespace,
)


def refusal(name: str = "resnet-1", image: str = "edgerun/resnet:1", allowed: tuple[str, ...] = ()) -> str | None:
    request = PodCreationRequest(pod_name=name, image=image)
    decision = ScaleSchedule(fn="resnet", origin_zone="a", dest_zone="b", pod_creation_request=request)
    found = refuse_creation(decision, known_images={"edgerun/resnet:1": "resnet"}, allowed_images=allowed)
    return None if found is None else found.reason


@pytest.mark.parametrize("name", ["resnet-1", "a", "0", "a.b-c.d", "my_function-1", "a" * 253])
def test_names_that_kubernetes_takes_once_underscores_are_dashes(name: str) -> None:
    assert refusal(name) is None


@pytest.mark.parametrize("name", ["", "pod name", "Resnet", "-a", "a-", "a..b", ".a", "a" * 254, "a/b", "a\n", "ä"])
def test_names_that_kubernetes_does_not_take(name: str) -> None:
    assert refusal(name) == "InvalidName"


def test_underscores_become_dashes_and_nothing_else_changes() -> None:
    assert pod_name("my_function-1.a") == "my-function-1.a"


@pytest.mark.parametrize(
    ("image", "allowed", "expected"),
    [
        ("edgerun/resnet:1", (), None),
        ("edgerun/resnet:2", (), "ImageNotAllowed"),
        ("edgerun/resnet:2", ("edgerun/*",), None),
        ("evil/edgerun/resnet:2", ("edgerun/*",), "ImageNotAllowed"),
        ("anything", ("*",), None),
        ("", ("*",), "NoImage"),
    ],
)
def test_images(image: str, allowed: tuple[str, ...], expected: str | None) -> None:
    assert refusal(image=image, allowed=allowed) == expected


def test_namespaces() -> None:
    assert refuse_namespace("default", ("default", "edge")) is None
    assert refuse_namespace("anything", ("*",)) is None
    found = refuse_namespace("kube-system", ())
    assert found is not None
    assert found.reason == "NamespaceNotAllowed"
    assert "among the allowed ones (none)" in found.message


@pytest.mark.parametrize(
    ("labels", "allowed"), [({MANAGED_BY: MANAGER}, True), ({MANAGED_BY: "helm"}, False), ({}, False), (None, False)]
)
def test_only_pods_with_our_label_may_be_deleted(labels: dict[str, str] | None, allowed: bool) -> None:
    metadata: dict[str, object] = {"name": "pod-1"}
    if labels is not None:
        metadata["labels"] = labels
    assert (refuse_deletion({"metadata": metadata}) is None) == allowed


def test_so_many_a_minute_and_function() -> None:
    rate = CreationRate(2)
    assert rate.admit("f", "1", 0.0) is None
    assert rate.admit("f", "2", 30.0) is None
    assert rate.admit("g", "3", 30.0) is None
    refused = rate.admit("f", "4", 59.0)
    assert refused is not None
    assert refused.reason == "TooManyCreations"
    assert rate.admit("f", "2", 59.0) is None, "the same decision again"
    assert rate.admit("f", "4", 60.0) is None, "the first one is a minute ago"
    rate.give_back("f", "4")
    assert rate.admit("f", "5", 60.0) is None
    rate.give_back("h", "unheard-of")
