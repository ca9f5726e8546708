"""When two JSON values are the same: by what is written, whatever the order of keys. True is not 1."""

import orjson

from .structural_schema import Json


def written(value: Json) -> bytes:
    """The one form in which a value is written, to compare and to keep in sets."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def same(one: Json, other: Json) -> bool:
    """Whether two values are the same."""
    return one is other or (type(one) is type(other) and written(one) == written(other))
