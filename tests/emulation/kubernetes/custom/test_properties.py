"""What holds for every schema and every JSON value."""

import random
from collections.abc import Callable
from typing import Any

import orjson
from galileo_emulation.kubernetes import ApiError, Store
from galileo_emulation.kubernetes.apiobjects import copied
from galileo_emulation.kubernetes.custom.defaulting import default
from galileo_emulation.kubernetes.custom.equality import same
from galileo_emulation.kubernetes.custom.follow import follow
from galileo_emulation.kubernetes.custom.pruning import prune
from galileo_emulation.kubernetes.custom.structural_rules import structural_causes
from galileo_emulation.kubernetes.custom.structural_schema import schema_of
from galileo_emulation.kubernetes.custom.value_validation import schema_causes
from galileo_emulation.kubernetes.http import requests
from galileo_emulation.kubernetes.kind import Kind
from galileo_emulation.kubernetes.kinds import CUSTOM_RESOURCE_DEFINITIONS as DEFINITIONS
from galileo_emulation.kubernetes.operations.creation import create
from galileo_emulation.kubernetes.operations.updates import update
from hypothesis import given
from hypothesis import strategies as st

from tests.emulation.kubernetes.custom.definitions import definition, lamp

Json = Any
NAMES = st.sampled_from(["a", "b", "spec", "kind", "metadata", "x.y"])
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
)
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=4))

CHECKS = st.fixed_dictionaries(
    {},
    optional={
        "enum": st.lists(VALUES, min_size=1, max_size=3),
        "minimum": st.integers(-5, 5),
        "maximum": st.floats(-5, 5),
        "exclusiveMinimum": st.booleans(),
        "multipleOf": st.sampled_from([1, 3, 0.1, 1e-300, 1e300]),
        "maxLength": st.integers(0, 5),
        "minItems": st.integers(0, 3),
        "maxProperties": st.integers(0, 3),
        "pattern": st.sampled_from(["^a", "[[:alpha:]]+$", "(a|b)*c"]),
        "format": st.sampled_from(["date-time", "date", "duration", "uri", "ipv6", "byte", "email", "cidr", "no-such"]),
        "required": st.lists(NAMES, max_size=2),
        "nullable": st.booleans(),
    },
)


def _schemas(inner: st.SearchStrategy[Json]) -> st.SearchStrategy[Json]:
    objects = st.fixed_dictionaries(
        {"type": st.just("object"), "properties": st.dictionaries(NAMES, inner, max_size=3)},
        optional={
            "x-kubernetes-preserve-unknown-fields": st.just(True),
            "x-kubernetes-embedded-resource": st.just(True),
        },
    )
    maps = st.fixed_dictionaries({"type": st.just("object"), "additionalProperties": inner | st.just(True)})
    lists = st.fixed_dictionaries(
        {"type": st.just("array"), "items": inner},
        optional={"x-kubernetes-list-type": st.sampled_from(["set", "atomic"])},
    )
    junctors = st.fixed_dictionaries(
        {"type": st.sampled_from(["string", "integer"])},
        optional={
            "anyOf": st.lists(CHECKS, min_size=1, max_size=2),
            "not": CHECKS,
            "oneOf": st.lists(CHECKS, max_size=2),
        },
    )
    return st.builds(lambda node, checks: {**checks, **node}, objects | maps | lists | junctors, CHECKS)


LEAVES = st.builds(
    lambda node, checks: {**checks, **node},
    st.sampled_from(
        [
            {"type": "string"},
            {"type": "integer"},
            {"type": "number"},
            {"type": "boolean"},
            {"x-kubernetes-int-or-string": True},
            {"x-kubernetes-preserve-unknown-fields": True},
            {"type": "string", "default": "d"},
            {"type": "object", "default": {"a": 1}},
            {"type": "string", "nullable": True, "default": None},
        ]
    ),
    CHECKS,
)
SCHEMAS = st.recursive(LEAVES, _schemas, max_leaves=8)


def copy(value: Json) -> Json:
    return copied({"value": value})["value"]


@given(SCHEMAS, VALUES)
def test_pruning_what_was_pruned_changes_nothing(raw: Json, value: Json) -> None:
    schema = schema_of(raw)
    prune(value, schema)
    once = copy(value)
    assert prune(value, schema) == []
    assert same(value, once)


@given(SCHEMAS, VALUES)
def test_defaulting_what_was_defaulted_changes_nothing(raw: Json, value: Json) -> None:
    schema = schema_of(raw)
    default(value, schema)
    once = copy(value)
    default(value, schema)
    assert same(value, once)


@given(SCHEMAS, VALUES)
def test_a_value_is_judged_whatever_it_is_and_nothing_is_wrong_with_no_change(raw: Json, value: Json) -> None:
    schema = schema_of(raw)
    schema_causes(value, schema)
    assert schema_causes(value, schema, old=copy(value)) == []


@given(SCHEMAS, VALUES, VALUES)
def test_a_change_is_never_judged_harder_than_a_new_object(raw: Json, value: Json, old: Json) -> None:
    schema = schema_of(raw)
    assert set(schema_causes(value, schema, old=old)) <= set(schema_causes(value, schema))


@given(SCHEMAS)
def test_a_schema_is_judged_whatever_it_is(raw: Json) -> None:
    structural_causes({"type": "object", "properties": {"spec": raw}}, "schema")


@given(SCHEMAS, VALUES, VALUES)
def test_a_definition_is_taken_or_refused_and_its_objects_are_too(raw: Json, value: Json, other: Json) -> None:
    store = Store(now=lambda: 1_700_000_000.0, rng=random.Random(1))
    follow(store)
    schema = {"type": "object", "properties": {"spec": raw, "status": raw}}
    if not taken(
        lambda: create(store, DEFINITIONS, "", read(DEFINITIONS, definition(schema, subresources={"status": {}})))
    ):
        return
    kind = store.catalog.find("example.org", "v1", "lamps")
    assert kind is not None
    if not taken(lambda: create(store, kind, "default", read(kind, lamp(spec=value)))):
        return
    current = store.get(kind, "default", "a")
    assert current is not None
    taken(lambda: update(store, kind, current, read(kind, lamp(spec=other))))
    taken(lambda: update(store, kind, current, read(kind, lamp(spec=value, status=other)), part="status"))


def read(kind: Kind, body: Json) -> Json:
    return requests.sent_object(kind, "application/json", orjson.dumps(body), "Ignore").body


def taken(attempt: Callable[[], object]) -> bool:
    try:
        attempt()
    except ApiError as refusal:
        code = refusal.code
    else:
        return True
    assert code in (400, 409, 422)
    return False
