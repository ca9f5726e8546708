"""How the values of a kind are built, as far as merging and ownership need to know it.

A list may be replaced whole, be a set, or be a map whose elements are known by some of their fields (containers by
name). A map or structure may be replaced whole or be merged field by field. The API's OpenAPI description says which
(x-kubernetes-list-type, x-kubernetes-map-type); here that is a tree of the five classes below. built_in_structures.py
makes the trees of the built-in kinds, schema_structures.py those of custom kinds. They are read by field_sets.py's
users (who owns what), by server-side apply, and by strategic merge patches.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple, TypeAlias


class Absent:
    """Stands for a value that is not there, since null is a value."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT: Final = Absent()

# A JSON value, or ABSENT.
Value: TypeAlias = Any


@dataclass(slots=True, eq=False)
class Scalar:
    """A single value. `expected` is what may stand there: str, int, float, bool, or "" for any single value."""

    expected: str = ""

    @property
    def whole(self) -> bool:
        """A single value has no parts."""
        return True


@dataclass(slots=True, eq=False)
class ListOf:
    """A list: by default replaced whole, with `keys` a map of elements, as `is_set` a set of single values.

    `key_defaults` are the values that absent keys count as. `patch_key` is what a strategic merge patch goes by: None
    where it replaces the list, "" where it adds single values, else the field that elements are known by.
    """

    items: "Structure"
    keys: tuple[str, ...] = ()
    is_set: bool = False
    key_defaults: Mapping[str, Value] = field(default_factory=dict)
    patch_key: str | None = None
    whole: bool = field(init=False)

    def __post_init__(self) -> None:
        self.whole = not self.keys and not self.is_set


@dataclass(slots=True, eq=False)
class MapOf:
    """A map from names to values of one structure, such as labels; replaced whole if `whole`."""

    values: "Structure"
    whole: bool = False


class FieldOf(NamedTuple):
    """A field of a structure: its step in field sets, its structure, and the value that it has when it is not written.

    That value is ABSENT, save for the few fields that the API's own types cannot leave out.
    """

    step: str
    structure: "Structure"
    unwritten: Value = ABSENT


@dataclass(slots=True, eq=False)
class Struct:
    """Named fields. Others are refused, or, with `others`, are of that structure. Replaced whole if `whole`."""

    fields: dict[str, FieldOf] = field(default_factory=dict)
    others: "Structure | None" = None
    whole: bool = False


@dataclass(slots=True, eq=False)
class Deduced:
    """Anything: its structure is what is found there. Maps are merged, lists are replaced."""

    @property
    def whole(self) -> bool:
        """Whether it has parts is seen at the value."""
        return False


Structure: TypeAlias = Scalar | ListOf | MapOf | Struct | Deduced

DEDUCED: Final = Deduced()


def field_of(structure: Struct, name: str) -> FieldOf | None:
    """The field of that name, or one for a further field; None where the structure does not take it."""
    known = structure.fields.get(name)
    if known is not None or structure.others is None:
        return known
    return FieldOf(f"f:{name}", structure.others)


def part(structure: Structure, name: str) -> Structure:
    """The structure of a field or of a map's value; deduced where nothing is known of it."""
    if isinstance(structure, Struct):
        known = field_of(structure, name)
        return DEDUCED if known is None else known.structure
    return structure.values if isinstance(structure, MapOf) else DEDUCED
