"""Names, labels, annotations, owners and finalizers have forms."""

from typing import Any

import pytest

from tests.emulation.kubernetes.calls import Calls
from tests.emulation.kubernetes.objects import CONFIG_MAPS, SERVICES

INVALID, REQUIRED = "FieldValueInvalid", "FieldValueRequired"
OWNER = {"apiVersion": "v1", "kind": "Pod", "name": "p", "uid": "1", "controller": True}


@pytest.mark.parametrize(
    ("metadata", "causes"),
    [
        ({"name": "Upper"}, [(INVALID, "metadata.name")]),
        ({"name": "x" * 254}, [(INVALID, "metadata.name")]),
        ({"labels": {"a b": "c"}}, [(INVALID, "metadata.labels")]),
        ({"labels": {"/a": "c"}}, [(INVALID, "metadata.labels")]),
        ({"labels": {"Upper.example/a": "c"}}, [(INVALID, "metadata.labels")]),
        ({"labels": {"a": "x" * 64}}, [(INVALID, "metadata.labels")]),
        ({"annotations": {"a b": "any text at all"}}, [(INVALID, "metadata.annotations")]),
        ({"annotations": {"a": "x" * 256 * 1024}}, [("FieldValueTooLong", "metadata.annotations")]),
        (
            {"ownerReferences": [{"kind": "Pod", "name": "p", "uid": "1"}]},
            [(REQUIRED, "metadata.ownerReferences[0].apiVersion")],
        ),
        ({"ownerReferences": [OWNER, {**OWNER, "name": "q", "uid": "2"}]}, [(INVALID, "metadata.ownerReferences")]),
        ({"finalizers": ["mine"]}, [(INVALID, "metadata.finalizers")]),
    ],
)
async def test_metadata_out_of_form_is_refused(
    calls: Calls, metadata: dict[str, Any], causes: list[tuple[str, str]]
) -> None:
    assert await calls.refused(CONFIG_MAPS, {"metadata": {"name": "c", **metadata}}) == causes


async def test_metadata_in_form_is_taken(calls: Calls) -> None:
    metadata = {
        "name": "a.b-c.1",
        "labels": {"example.com/a_b.c": "", "plain": "Value-1"},
        "annotations": {"Example.COM/a": "any text: at all"},
        "finalizers": ["example.com/hold", "orphan"],
        "ownerReferences": [OWNER],
    }
    made = await calls.create(CONFIG_MAPS, {"metadata": metadata})
    assert {field: made["metadata"][field] for field in metadata} == metadata


async def test_a_service_is_named_like_one_part_of_a_domain(calls: Calls) -> None:
    body = {"metadata": {"name": "a.b"}, "spec": {"ports": [{"port": 80}]}}
    assert await calls.refused(SERVICES, body) == [(INVALID, "metadata.name")]


async def test_metadata_is_checked_on_changes_too(calls: Calls) -> None:
    await calls.create(CONFIG_MAPS, {"metadata": {"name": "c"}})
    change = {"metadata": {"labels": {"a b": "c"}}}
    assert await calls.refused_change(f"{CONFIG_MAPS}/c", change) == [(INVALID, "metadata.labels")]
