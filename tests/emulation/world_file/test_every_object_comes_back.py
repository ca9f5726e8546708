"""Whatever is stored, of built-in kinds and of custom ones, is read back as it was: JSON, versions, managers, uids."""

from __future__ import annotations

import random
from typing import Any

import pytest
from galileo_emulation.kubernetes import Store
from galileo_emulation.kubernetes.custom.follow import follow
from galileo_emulation.kubernetes.kind import Kind
from galileo_emulation.kubernetes.kinds import CUSTOM_RESOURCE_DEFINITIONS, KINDS, PODS, SERVICES
from galileo_emulation.kubernetes.operations.creation import create
from galileo_emulation.kubernetes.operations.deletion import Deletion, delete
from galileo_emulation.world_file.reading import read
from hypothesis import given
from hypothesis import strategies as st

from tests.emulation.kubernetes.custom.definitions import definition, lamp
from tests.emulation.kubernetes.custom.test_properties import VALUES
from tests.emulation.kubernetes.test_any_object import answer_to, attempts
from tests.emulation.world_file.worlds import MAKER, add, content, new_store, noting, whole_file

OPEN_SCHEMA = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
CHANCES = 10


def resumed(data: bytes) -> Store:
    reading = read("w", data, MAKER)
    assert reading is not None
    assert reading.torn_bytes == 0
    return new_store(saved=reading.state, seed=2)


def lamps(store: Store) -> Kind:
    kind = store.catalog.find("example.org", "v1", "lamps")
    assert kind is not None
    return kind


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.resource)
def test_objects_of_every_kind(kind: Kind) -> None:
    for seed in range(CHANCES):
        store = new_store()
        first = whole_file(store)
        with noting(store) as lines:
            for attempt in attempts(random.Random(f"{kind.resource} {seed}"), kind, store):
                answer_to(attempt)
        for data in (first + b"".join(lines), whole_file(store)):
            assert content(resumed(data)) == content(store)


@given(st.lists(st.dictionaries(st.sampled_from(["a", "b", "object", ',"object":{']), VALUES), min_size=1, max_size=4))
def test_objects_of_custom_kinds(bodies: list[dict[str, Any]]) -> None:
    store = new_store()
    follow(store)
    first = whole_file(store)
    with noting(store) as lines:
        create(store, CUSTOM_RESOURCE_DEFINITIONS, "", definition(OPEN_SCHEMA))
        for number, body in enumerate(bodies):
            create(store, lamps(store), "default", lamp(f"l{number}", spec=body))
    for data in (first + b"".join(lines), whole_file(store)):
        again = resumed(data)
        assert content(again) == content(store)
        follow(again)
        assert len(again.objects(lamps(again), None)) == len(bodies)
        assert content(again) == content(store), "kinds come back without a change to anything"


def test_what_is_removed_is_gone() -> None:
    store = new_store()
    first = whole_file(store)
    with noting(store) as lines:
        add(store, "a")
        add(store, "b")
        current = store.get(PODS, "default", "a")
        assert current is not None
        delete(store, PODS, current, Deletion(grace_s=0))
    again = resumed(first + b"".join(lines))
    assert again.get(PODS, "default", "a") is None
    assert again.version == store.version, "the removal's version counts, too"
    assert content(again) == content(store)


def test_addresses_of_services_are_not_given_out_twice() -> None:
    store = new_store()
    for name in ("a", "b", "c"):
        add(store, name, SERVICES, spec={"ports": [{"port": 80}]})
    last = store.get(SERVICES, "default", "c")
    assert last is not None
    delete(store, SERVICES, last, Deletion())
    again = resumed(whole_file(store))
    add(again, "d", SERVICES, spec={"ports": [{"port": 80}]})
    created = again.get(SERVICES, "default", "d")
    assert created is not None
    assert created.body["spec"]["clusterIP"] not in {"10.96.0.1", "10.96.0.2", last.body["spec"]["clusterIP"]}


def test_what_a_new_store_begins_with_is_not_made_again() -> None:
    store = new_store()
    assert content(resumed(whole_file(store))) == content(store)
