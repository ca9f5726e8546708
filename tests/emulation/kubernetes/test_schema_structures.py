"""Custom kinds merge as the schema in their definition says, and without one as their objects are."""

from typing import Any

from galileo_emulation.kubernetes.managers.apply import Application, applied
from galileo_emulation.kubernetes.managers.field_sets import decoded
from galileo_emulation.kubernetes.managers.field_tracking import Writer, created
from galileo_emulation.kubernetes.managers.managed_fields import Entries
from galileo_emulation.kubernetes.managers.ownership import fields_of
from galileo_emulation.kubernetes.types.schema_structures import structure_of_schema
from galileo_emulation.kubernetes.types.structures import Struct
from galileo_emulation.kubernetes.types.typed_checks import complaints

# Objects as JSON has them.
Json = dict[str, Any]

MOMENT = "2024-05-05T00:00:00Z"
TEXT = {"type": "string"}
PORT = {"type": "object", "properties": {"port": {"type": "integer"}, "protocol": {**TEXT, "default": "TCP"}}}
SPEC: Json = {
    "plain": {"type": "array", "items": TEXT},
    "set": {"type": "array", "items": TEXT, "x-kubernetes-list-type": "set"},
    "ports": {
        "type": "array",
        "items": PORT,
        "x-kubernetes-list-type": "map",
        "x-kubernetes-list-map-keys": ["port", "protocol"],
    },
    "labels": {"type": "object", "additionalProperties": TEXT},
    "selector": {"type": "object", "additionalProperties": TEXT, "x-kubernetes-map-type": "atomic"},
    "size": {"x-kubernetes-int-or-string": True},
    "free": {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
    "template": {"type": "object", "x-kubernetes-embedded-resource": True, "properties": {"spec": {"type": "object"}}},
    "count": {"type": "integer"},
}
STRUCTURE = structure_of_schema({"type": "object", "properties": {"spec": {"type": "object", "properties": SPEC}}})


def widget(**spec: Any) -> Json:
    return {"apiVersion": "example.org/v1", "kind": "Widget", "metadata": {"name": "w"}, "spec": spec}


def apply(structure: Struct, live: Json, entries: Entries, configuration: Json, manager: str) -> tuple[Json, Entries]:
    return applied(structure, live, entries, Application(configuration, Writer(manager, "example.org/v1"), MOMENT))


def test_fields_are_those_that_the_schema_tells_apart() -> None:
    owned = fields_of(
        STRUCTURE,
        widget(
            plain=["a"],
            set=["a"],
            ports=[{"port": 80}],
            labels={"a": "1"},
            selector={"a": "1"},
            size="10%",
            free={"deep": {"list": [1], "text": "x"}},
            template={"metadata": {"labels": {"a": "1"}}, "spec": {}},
        ),
    )
    assert owned["f:spec"] == {
        "f:plain": {},
        "f:set": {'v:"a"': {}},
        "f:ports": {'k:{"port":80,"protocol":"TCP"}': {".": {}, "f:port": {}}},
        "f:labels": {"f:a": {}},
        "f:selector": {},
        "f:size": {},
        "f:free": {"f:deep": {".": {}, "f:list": {}, "f:text": {}}},
        "f:template": {"f:metadata": {"f:labels": {"f:a": {}}}, "f:spec": {}},
    }


def test_lists_are_merged_as_the_schema_says() -> None:
    live, entries = apply(STRUCTURE, {}, (), widget(set=["a"], ports=[{"port": 80}], labels={"a": "1"}), "alpha")
    live, entries = apply(
        STRUCTURE,
        live,
        entries,
        widget(set=["b"], ports=[{"port": 80, "protocol": "UDP"}], labels={"b": "1"}),
        "beta",
    )
    assert live["spec"] == {
        "set": ["a", "b"],
        "ports": [{"port": 80}, {"port": 80, "protocol": "UDP"}],
        "labels": {"a": "1", "b": "1"},
    }


def test_what_the_schema_does_not_know_does_not_fit() -> None:
    assert list(complaints(STRUCTURE, widget(colour="red"))) == [".spec.colour: field not declared in schema"]
    assert list(complaints(STRUCTURE, widget(count="many", size=2, free={"any": [1]}))) == [
        '.spec.count: expected numeric (int or float), got "many"'
    ]
    (complaint,) = complaints(STRUCTURE, widget(ports=[{"protocol": "TCP"}]))
    assert complaint.startswith(".spec.ports: element 0")


def test_without_a_schema_maps_are_merged_and_lists_replaced() -> None:
    structure = structure_of_schema(None)
    live, entries = apply(structure, {}, (), widget(map={"a": 1}, list=[1]), "alpha")
    assert decoded(entries[0].fields) == {"f:spec": {".": {}, "f:list": {}, "f:map": {".": {}, "f:a": {}}}}
    live, entries = apply(structure, live, entries, widget(map={"b": 2}), "beta")
    assert live["spec"] == {"map": {"a": 1, "b": 2}, "list": [1]}
    live, _ = apply(structure, live, entries, widget(list=[1]), "alpha")
    assert live["spec"] == {"map": {"b": 2}, "list": [1]}


def test_a_creator_manages_all_that_it_sent() -> None:
    (entry,) = created(STRUCTURE, widget(labels={"a": "1"}), Writer("maker", "v1"), moment=MOMENT, ignored=())
    assert decoded(entry.fields) == {"f:spec": {".": {}, "f:labels": {".": {}, "f:a": {}}}}
