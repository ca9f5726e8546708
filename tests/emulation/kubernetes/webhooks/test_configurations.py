"""Webhook configurations as objects: defaults, and what is refused."""

from typing import Any

import pytest

from tests.emulation.kubernetes.calls import Calls
from tests.emulation.kubernetes.webhooks.webhook_server import configuration, webhook

URL = "https://hooks.example.org/judge"
SERVICE = {"name": "hooks", "namespace": "default"}


async def test_what_is_filled_in(calls: Calls) -> None:
    entry = webhook(URL)
    entry["clientConfig"] = {"service": SERVICE}
    made = await calls.create(*configuration("Mutating", "m", entry))
    (filled,) = made["webhooks"]
    assert made["metadata"]["generation"] == 1
    assert filled["clientConfig"]["service"]["port"] == 443
    assert filled["rules"][0]["scope"] == "*"
    assert {field: filled[field] for field in filled if field not in ("rules", "clientConfig", "name")} == {
        "admissionReviewVersions": ["v1"],
        "failurePolicy": "Fail",
        "matchPolicy": "Equivalent",
        "namespaceSelector": {},
        "objectSelector": {},
        "reinvocationPolicy": "Never",
        "sideEffects": "None",
        "timeoutSeconds": 10,
    }


async def test_a_changed_webhook_raises_the_generation(calls: Calls) -> None:
    path, body = configuration("Validating", "v", webhook(URL))
    await calls.create(path, body)
    _, labelled = await calls.patch(f"{path}/v", {"metadata": {"labels": {"a": "b"}}})
    _, changed = await calls.patch(f"{path}/v", {"webhooks": [webhook(URL, timeoutSeconds=3)]})
    assert (labelled["metadata"]["generation"], changed["metadata"]["generation"]) == (1, 2)


async def test_the_table_counts_webhooks(calls: Calls) -> None:
    path, body = configuration("Validating", "v", webhook(URL), webhook(URL, name="b.example.org"))
    await calls.create(path, body)
    names, rows = await calls.table(path)
    assert (names, rows[0][:2]) == (["Name", "Webhooks", "Age"], ["v", 2])


@pytest.mark.parametrize(
    ("change", "reason", "field"),
    [
        ({"name": "hook"}, "Invalid", "name"),
        ({"sideEffects": "Some"}, "NotSupported", "sideEffects"),
        ({"sideEffects": None}, "Required", "sideEffects"),
        ({"admissionReviewVersions": ["v1beta1"]}, "Invalid", "admissionReviewVersions"),
        ({"admissionReviewVersions": []}, "Required", "admissionReviewVersions"),
        ({"failurePolicy": "Maybe"}, "NotSupported", "failurePolicy"),
        ({"timeoutSeconds": 31}, "Invalid", "timeoutSeconds"),
        ({"clientConfig": {}}, "Required", "clientConfig"),
        ({"clientConfig": {"url": URL, "service": SERVICE}}, "Required", "clientConfig"),
        ({"clientConfig": {"url": "http://hooks.example.org/"}}, "Invalid", "clientConfig.url"),
        ({"clientConfig": {"url": f"{URL}?a=b"}}, "Forbidden", "clientConfig.url"),
        ({"clientConfig": {"url": URL, "caBundle": "bm8gUEVN"}}, "Invalid", "clientConfig.caBundle"),
        ({"rules": [{"operations": ["LOOK"]}]}, "Required", "rules[0].apiGroups"),
        ({"matchConditions": [{"name": "a", "expression": "object."}]}, "Invalid", "matchConditions[0].expression"),
        (
            {"matchConditions": [{"name": "a", "expression": "authorizer.allowed()"}]},
            "Invalid",
            "matchConditions[0].expression",
        ),
    ],
)
async def test_what_is_refused(calls: Calls, change: dict[str, Any], reason: str, field: str) -> None:
    path, body = configuration("Validating", "v", {**webhook(URL), **change})
    causes = await calls.refused(path, body)
    assert (f"FieldValue{reason}", f"webhooks[0].{field}") in causes


async def test_two_webhooks_of_one_name_are_refused(calls: Calls) -> None:
    causes = await calls.refused(*configuration("Validating", "v", webhook(URL), webhook(URL)))
    assert causes == [("FieldValueDuplicate", "webhooks[1].name")]
