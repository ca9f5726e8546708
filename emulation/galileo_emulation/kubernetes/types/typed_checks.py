"""Whether what a client applies fits its kind: every field known, every value of its type, every element told apart.

Server-side apply refuses what does not fit whatever fieldValidation says, since a field that the structure does not
have could be owned by nobody.
"""

from collections.abc import Iterator
from typing import Any

from ..managers.field_sets import path_text
from .elements import ElementError, step_to
from .structures import Deduced, ListOf, MapOf, Scalar, Struct, Structure, Value, field_of

_TYPES: dict[str, tuple[type, ...]] = {"str": (str,), "int": (int, float), "float": (int, float), "bool": (bool,)}
_NAMES = {"str": "string", "int": "numeric (int or float)", "float": "numeric (int or float)", "bool": "boolean"}


def complaints(structure: Structure, value: Value, path: str = "") -> Iterator[str]:
    """What does not fit, each as `<path>: <what>`, in the API's words."""
    if value is None or isinstance(structure, Deduced):
        return
    if isinstance(structure, Scalar):
        yield from _single(structure, value, path)
    elif isinstance(structure, ListOf):
        yield from _elements(structure, value, path)
    else:
        yield from _fields(structure, value, path)


def _single(structure: Scalar, value: Value, path: str) -> Iterator[str]:
    if not structure.expected:
        if isinstance(value, dict | list):
            yield f"{path}: expected any scalar, got {_shown(value)}"
        return
    fits = isinstance(value, _TYPES[structure.expected])
    if not fits or (isinstance(value, bool) and structure.expected != "bool"):
        yield f"{path}: expected {_NAMES[structure.expected]}, got {_shown(value)}"


def _elements(structure: ListOf, value: Value, path: str) -> Iterator[str]:
    if not isinstance(value, list):
        yield f"{path}: expected list, got {_shown(value)}"
        return
    seen: set[str] = set()
    for index, element in enumerate(value):
        place = f"{path}[{index}]"
        if not structure.whole:
            try:
                step = step_to(structure, element)
            except ElementError as error:
                yield f"{path}: element {index}: {error}"
                return
            place = path + path_text((step,))
            if step in seen:
                yield f"{path}: duplicate entries for key {path_text((step,))}"
            seen.add(step)
        yield from complaints(structure.items, element, place)


def _fields(structure: Struct | MapOf, value: Value, path: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{path}: expected map, got {_shown(value)}"
        return
    for name, item in value.items():
        if isinstance(structure, MapOf):
            yield from complaints(structure.values, item, f"{path}.{name}")
            continue
        known = field_of(structure, name)
        if known is None:
            yield f"{path}.{name}: field not declared in schema"
        else:
            yield from complaints(known.structure, item, f"{path}.{name}")


def _shown(value: Any) -> str:
    return f"&{{{value}}}" if not isinstance(value, str) else f'"{value}"'
