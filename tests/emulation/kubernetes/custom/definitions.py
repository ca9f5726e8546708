"""Definitions as tests write them, and their objects."""

from typing import Any

# JSON of whatever shape.
Json = Any

DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
LAMPS = "/apis/example.org/v1/namespaces/default/lamps"


def version(schema: Json, name: str = "v1", **fields: Any) -> Json:
    return {"name": name, "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}, **fields}


def definition(schema: Json, **fields: Any) -> Json:
    """Lamps of example.org with one version; `fields` belong to the version."""
    names = {"plural": "lamps", "kind": "Lamp", "shortNames": ["lp"], "categories": ["light"]}
    spec = {"group": "example.org", "scope": "Namespaced", "names": names, "versions": [version(schema, **fields)]}
    return {"metadata": {"name": "lamps.example.org"}, "spec": spec}


def spec_schema(**properties: Json) -> Json:
    """A schema whose spec has these properties."""
    return {"type": "object", "properties": {"spec": {"type": "object", "properties": properties}}}


def lamp(name: str = "a", *, api_version: str = "example.org/v1", **content: Any) -> Json:
    return {"apiVersion": api_version, "kind": "Lamp", "metadata": {"name": name}, **content}
