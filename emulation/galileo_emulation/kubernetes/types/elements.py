"""How the elements of a list are told apart: by their keys, or by their value."""

from ..apiobjects import JsonObject
from ..managers.field_sets import key_step, value_step
from .structures import ListOf, Value


class ElementError(ValueError):
    """An element of a list does not say which one it is."""


def step_to(structure: ListOf, element: Value) -> str:
    """The step from a list to one of its elements. Raises ElementError."""
    if structure.is_set:
        if element is None or isinstance(element, dict | list):
            raise ElementError("an element of a set must be a single value")
        return value_step(element)
    if not isinstance(element, dict):
        raise ElementError("associative list with keys may not have non-map elements")
    if len(structure.keys) == 1:
        return key_step(structure.keys, (_key(structure, element, structure.keys[0]),))
    return key_step(structure.keys, tuple(_key(structure, element, key) for key in structure.keys))


def _key(structure: ListOf, element: JsonObject, key: str) -> Value:
    value = element.get(key)
    if value is None:
        value = structure.key_defaults.get(key)
    if value is None:
        raise ElementError(
            f'associative list with keys has an element that omits key field "{key}" (and doesn\'t have default value)'
        )
    return value


def by_step(structure: ListOf, elements: Value) -> dict[str, list[Value]]:
    """The elements of a list by the steps to them, in order. What should be unique, and is not, comes as several."""
    found: dict[str, list[Value]] = {}
    for element in elements or ():
        found.setdefault(step_to(structure, element), []).append(element)
    return found
