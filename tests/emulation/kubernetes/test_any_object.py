"""Whatever a client sends that is of the right types is taken or refused, never a fault of the server."""

import random
import time
from collections.abc import Callable, Iterator
from typing import Any

import orjson
import pytest
from galileo_emulation.kubernetes import ApiError, Store
from galileo_emulation.kubernetes.http import requests
from galileo_emulation.kubernetes.http.representation import Form, Presenter
from galileo_emulation.kubernetes.kind import Kind
from galileo_emulation.kubernetes.kinds import KINDS
from galileo_emulation.kubernetes.operations.creation import create
from galileo_emulation.kubernetes.operations.parts import TAKINGS
from galileo_emulation.kubernetes.operations.patches import merge
from galileo_emulation.kubernetes.operations.updates import update
from galileo_emulation.kubernetes.types.fields import types_of_fields

from tests.emulation.kubernetes import objects

ROUNDS = 40
# Texts that mean something somewhere, so that chance gets past the first check.
WORDS = (
    *("", "a", "Always", "Never", "RollingUpdate", "Recreate", "OnDelete", "ClusterIP", "NodePort", "ExternalName"),
    *("None", "10.0.0.1", "x/y", "TCP", "In", "Exists", "IPv4", "Resource", "Utilization", "Indexed", "* * * * *"),
    *("Localhost", "Normal", "Equal", "metadata.name", "limits.cpu", "a b", "é", "Role", "NoExecute"),
)
VALUES: dict[str, tuple[Any, ...]] = {
    "quantity": ("1", "100m", "1Gi", "-1", "0", 3),
    "datetime": ("2024-01-01T00:00:00Z",),
    "microtime": ("2024-01-01T00:00:00.000000Z",),
    "bytes": ("YQ==", ""),
    "int": (-1, 0, 1, 5, 80, 70000),
    "bool": (True, False),
    "float": (1.5,),
    "str": WORDS,
    "object": (1, 0, "25%", "http"),
}
NEWER_EVENT = {
    "metadata": {"name": "x"},
    "eventTime": "2024-01-01T00:00:00.000000Z",
    "regarding": {"kind": "Node", "name": "n"},
    "reportingController": "a",
    "reportingInstance": "a",
    "action": "a",
    "reason": "a",
    "type": "Normal",
}
BASES = {
    "clusterrolebindings": {"metadata": {"name": "x"}, "roleRef": {"kind": "ClusterRole", "name": "r"}},
    "rolebindings": {"metadata": {"name": "x"}, "roleRef": {"kind": "ClusterRole", "name": "r"}},
    "cronjobs": objects.cron_job("x"),
    "customresourcedefinitions": objects.definition(),
    "daemonsets": objects.daemon_set("x"),
    "deployments": objects.workload("x"),
    "endpointslices": {"metadata": {"name": "x"}, "addressType": "IPv4"},
    "horizontalpodautoscalers": objects.autoscaler("x"),
    "jobs": objects.job("x"),
    "mutatingwebhookconfigurations": {"metadata": {"name": "x"}, "webhooks": [objects.webhook()]},
    "pods": objects.pod("x"),
    "replicasets": objects.workload("x"),
    "services": {"metadata": {"name": "x"}, "spec": {"ports": [{"port": 80}]}},
    "statefulsets": objects.workload("x"),
    "validatingwebhookconfigurations": {"metadata": {"name": "x"}, "webhooks": [objects.webhook()]},
}


def any_value(rng: random.Random, kind: str, depth: int) -> Any:
    if kind.startswith("list:"):
        return [any_value(rng, kind[5:], depth + 1) for _ in range(rng.choice((0, 1, 1, 2)))]
    if kind.startswith("map:"):
        return {rng.choice(WORDS): any_value(rng, kind[4:], depth + 1) for _ in range(rng.choice((0, 1, 2)))}
    if kind.startswith("bool|"):
        return rng.choice((True, False)) if rng.random() < 0.5 else any_value(rng, kind[5:], depth + 1)
    fields = types_of_fields(kind)
    if fields is None:
        return rng.choice(VALUES[kind])
    chance = 0.0 if depth > 9 else 0.7 if depth < 3 else 0.4
    return {name: any_value(rng, below, depth + 1) for name, below in fields.items() if rng.random() < chance}


def any_object(rng: random.Random, kind: Kind) -> dict[str, Any]:
    body: dict[str, Any] = any_value(rng, kind.schema, 0)
    return {**{name: part for name, part in body.items() if name not in ("kind", "apiVersion", "metadata")}}


def attempts(rng: random.Random, kind: Kind, store: Store) -> Iterator[Callable[[], object]]:
    """Create from chance, then something in order, and change every part of that by chance."""
    space = "default" if kind.namespaced else ""
    sent = any_object(rng, kind)
    yield lambda: create(store, kind, space, read(kind, {"metadata": {"name": "chance"}, **sent}))
    base: dict[str, Any] = NEWER_EVENT if kind.view else BASES.get(kind.plural, {"metadata": {"name": "x"}})
    yield lambda: create(store, kind, space, read(kind, base))
    for part in ("", "status", *(name for name in kind.subresources if name in TAKINGS)):
        current = store.get(kind, space, base["metadata"]["name"])
        if current is not None:
            changed = merge(any_object(rng, kind), orjson.loads(orjson.dumps(kind.shown(current.body))))
            yield lambda: update(store, kind, current, read(kind, changed), part=part)  # type: ignore[arg-type]  # noqa: B023


def read(kind: Kind, body: dict[str, Any]) -> dict[str, Any]:
    return requests.sent_object(kind, "application/json", orjson.dumps(body), "Ignore").body


def answer_to(attempt: Callable[[], object]) -> int:
    try:
        attempt()
    except ApiError as refusal:
        return refusal.code
    return 200


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.resource)
def test_every_object_is_taken_or_refused(kind: Kind) -> None:
    codes = set()
    for seed in range(ROUNDS):
        rng, store = random.Random(f"{kind.resource} {seed}"), Store(now=time.time, rng=random.Random(1))
        codes |= {answer_to(attempt) for attempt in attempts(rng, kind, store)}
        presenter = Presenter(kind, Form.TABLE, include="Object", now=time.time)
        for stored in store.objects(kind, None).values():
            presenter.one(stored.body, stored.encoded)
    assert 200 in codes
    assert codes <= {200, 400, 403, 409, 422}
