"""Sets of fields: their algebra, their paths, and their JSON."""

from collections.abc import Iterable

import pytest
from galileo_emulation.kubernetes.managers.field_sets import (
    FieldSet,
    FieldSetError,
    checked,
    decoded,
    difference,
    encoded,
    has,
    intersection,
    key_step,
    member,
    path_text,
    paths,
    union,
    value_step,
)
from hypothesis import given
from hypothesis import strategies as st

Path = tuple[str, ...]

_STEPS = st.sampled_from(["f:a", "f:b", "f:c", 'k:{"name":"x"}', 'v:"y"'])
_PATHS = st.frozensets(st.lists(_STEPS, min_size=1, max_size=4).map(tuple), max_size=12)


def of(members: Iterable[Path]) -> FieldSet:
    fields: FieldSet = {}
    for path in members:
        single: FieldSet = {}
        for step in reversed(path):
            single = {step: single}
        fields = union(fields, single)
    return fields


@given(_PATHS)
def test_a_set_has_the_paths_that_it_was_made_of(members: frozenset[Path]) -> None:
    fields = of(members)
    assert frozenset(paths(fields)) == members
    assert len(list(paths(fields))) == len(members)
    assert all(has(fields, path) for path in members)


@given(_PATHS, _PATHS)
def test_union_difference_and_intersection_are_those_of_sets(one: frozenset[Path], other: frozenset[Path]) -> None:
    assert frozenset(paths(union(of(one), of(other)))) == one | other
    assert frozenset(paths(difference(of(one), of(other)))) == one - other
    assert frozenset(paths(intersection(of(one), of(other)))) == one & other


@given(_PATHS, _PATHS)
def test_arguments_are_left_as_they_are(one: frozenset[Path], other: frozenset[Path]) -> None:
    first, second = of(one), of(other)
    union(first, second)
    difference(first, second)
    intersection(first, second)
    assert (frozenset(paths(first)), frozenset(paths(second))) == (one, other)


@given(_PATHS)
def test_a_set_comes_back_from_its_json(members: frozenset[Path]) -> None:
    fields = of(members)
    assert decoded(encoded(fields)) == fields
    assert checked(decoded(encoded(fields))) == fields


@given(_PATHS)
def test_equal_sets_have_equal_json(members: frozenset[Path]) -> None:
    assert encoded(of(sorted(members))) == encoded(of(sorted(members, reverse=True)))


@given(_PATHS, _PATHS)
def test_what_changes_nothing_returns_the_set_itself(one: frozenset[Path], other: frozenset[Path]) -> None:
    fields = of(one)
    if fields:
        assert union(fields, of(one & other)) is fields
    assert difference(fields, of(other - one)) is fields


def test_a_field_above_others_is_a_member_only_where_it_says_so() -> None:
    below: FieldSet = {"f:spec": {"f:replicas": {}}}
    assert not has(below, ("f:spec",))
    assert has({"f:spec": member({"f:replicas": {}})}, ("f:spec",))
    assert difference(member({"f:a": {}}), {".": {}}) == {"f:a": {}}


def test_paths_read_as_messages_have_them() -> None:
    path = ("f:spec", "f:ports", key_step(("port", "protocol"), (80, "TCP")), "f:name")
    assert path_text(path) == '.spec.ports[port=80,protocol="TCP"].name'
    assert path_text(("f:metadata", "f:finalizers", value_step("a/b"))) == '.metadata.finalizers[="a/b"]'


def test_keys_are_in_the_order_of_their_names() -> None:
    assert key_step(("protocol", "port"), ("TCP", 80)) == 'k:{"port":80,"protocol":"TCP"}'
    assert key_step(("mountPath",), ("/a&b",)) == 'k:{"mountPath":"/a\\u0026b"}'


@pytest.mark.parametrize(
    "raw", [[], "text", {"a": {}}, {"f:a": 1}, {"k:name": {}}, {"v:": {}}, {"i:x": {}}, {"x:1": {}}]
)
def test_what_is_no_set_is_told_apart(raw: object) -> None:
    with pytest.raises(FieldSetError):
        checked(raw)
