"""Pruning: fields that a schema does not have are taken out of an object, and named.

Fields are kept below x-kubernetes-preserve-unknown-fields until a property is specified again. The identity of an
object (apiVersion, kind, metadata) is not the schema's to have, neither at the root nor where one object is embedded
in another. Pruning what was pruned changes nothing.
"""

from .structural_schema import Json, Schema, below

IDENTITY = ("apiVersion", "kind", "metadata")


def prune(value: Json, schema: Schema | None, *, root: bool = False) -> list[str]:
    """Take out of `value`, in place, what `schema` does not have; return the paths of what went, in order.

    `root` tells that `value` is a whole object. Without a schema nothing within an object is known.
    """
    gone: list[str] = []
    _prune(value, schema, "", gone, root=root)
    return sorted(gone)


def _prune(value: Json, schema: Schema | None, path: str, gone: list[str], *, root: bool = False) -> None:
    if schema is None:
        _empty(value, path, gone)
    elif isinstance(value, dict):
        for name in list(value):
            here = below(path, name)
            if name in IDENTITY and (root or schema.embedded):
                continue
            if name in schema.properties:
                _prune(value[name], schema.properties[name], here, gone)
            elif schema.additional is not None:
                _prune(value[name], schema.additional_schema, here, gone)
            elif not schema.preserve:
                gone.append(here)
                del value[name]
    elif isinstance(value, list) and (schema.items is not None or not schema.preserve):
        for index, item in enumerate(value):
            _prune(item, schema.items, below(path, index), gone)


def _empty(value: Json, path: str, gone: list[str]) -> None:
    """Take everything out of the objects in `value`, however deep its lists are."""
    waiting = [(value, path)]
    while waiting:
        found, here = waiting.pop()
        if isinstance(found, dict):
            gone += [below(here, name) for name in found]
            found.clear()
        elif isinstance(found, list):
            waiting += [(item, below(here, index)) for index, item in enumerate(found)]
