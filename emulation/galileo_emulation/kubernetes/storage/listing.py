"""Which objects a list holds: of which moment, which page, and under which resourceVersion.

A list in pages shows one moment throughout. The continue token carries that moment and the last key; the moment is
rebuilt from the history, and when that no longer reaches back, the answer is 410 with a token that goes on from the
present.
"""

import base64
import binascii
from dataclasses import dataclass

import orjson

from ..errors import ApiError, bad_request, expired, invalid_option
from ..kind import Kind
from ..selectors import Selection
from .history import Stored
from .store import Store

_TOO_OLD_PAGE = (
    "The provided continue parameter is too old to display a consistent list result. Start a new list without it, or "
    "use the continue token in this response to see the rest as it is now; what changed in between may be missing."
)


@dataclass(frozen=True, slots=True)
class ListRequest:
    """A list's parameters; `limit` 0 is none, `version` is the resourceVersion as sent."""

    limit: int = 0
    token: str = ""
    version: str = ""
    match: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """What is answered: the objects, the list's version, and how to go on."""

    items: list[Stored]
    version: int
    token: str = ""
    remaining: int | None = None


def page(store: Store, kind: Kind, namespace: str | None, selection: Selection, request: ListRequest) -> Page:
    """Decide a list. Raises ApiError: 400, 410, 422, or 504 for a version that is still to come."""
    _check_match(request)
    if request.token:
        if request.version not in ("", "0"):
            raise bad_request("specifying resource version is not allowed when using continue")
        moment, after = _read_token(request.token)
        # From version 0 ("any") comes everything that is left, whatever the limit.
        limit = 0 if request.version == "0" else request.limit
    else:
        moment, after = _moment(store, request), ""
        limit = 0 if request.version == "0" else request.limit
    version = store.version if moment is None else moment
    if moment is not None and moment < store.history(kind).floor:
        if not request.token:
            raise expired("The resourceVersion for the provided list is too old.")
        raise expired(_TOO_OLD_PAGE, _write_token(None, after))
    objects = store.objects(kind, namespace)
    if version < store.version:
        objects = _earlier(store, kind, namespace, version)
    return _cut(objects, selection, after=after, limit=limit, version=version)


def _earlier(store: Store, kind: Kind, namespace: str | None, version: int) -> dict[str, Stored]:
    everything = store.history(kind).as_of(version, store.objects(kind, None))
    prefix = "" if namespace is None else f"{namespace}/"
    show = kind.custom.shown if kind.custom is not None else None
    return {
        key: show(everything[key]) if show is not None else everything[key]
        for key in sorted(everything)
        if key.startswith(prefix)
    }


def _cut(objects: dict[str, Stored], selection: Selection, *, after: str, limit: int, version: int) -> Page:
    if selection.everything and not after:
        chosen = list(objects.items())
    else:
        chosen = [
            (key, stored)
            for key, stored in objects.items()
            if key > after and (selection.everything or selection.matches(stored.body))
        ]
    if not limit or len(chosen) <= limit:
        return Page([stored for _, stored in chosen], version)
    shown = chosen[:limit]
    remaining = len(chosen) - limit if selection.everything else None
    return Page([stored for _, stored in shown], version, _write_token(version, shown[-1][0]), remaining)


def _check_match(request: ListRequest) -> None:
    if not request.match:
        return
    field = "resourceVersionMatch"
    if not request.version:
        rule = "Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided"
        raise invalid_option("ListOptions", field, "FieldValueForbidden", rule)
    if request.match not in ("Exact", "NotOlderThan"):
        rule = f'Unsupported value: "{request.match}": supported values: "Exact", "NotOlderThan"'
        raise invalid_option("ListOptions", field, "FieldValueNotSupported", rule)
    if request.match == "Exact" and request.version == "0":
        rule = 'Forbidden: resourceVersionMatch "Exact" is forbidden for resourceVersion "0"'
        raise invalid_option("ListOptions", field, "FieldValueForbidden", rule)


def _moment(store: Store, request: ListRequest) -> int | None:
    """The exact version to show, or None for the present."""
    if not request.version:
        return None
    version = parse_version(request.version)
    if version is None:
        raise bad_request(
            f'invalid resource version: resourceVersion: Invalid value: "{request.version}": not a number'
        )
    if version > store.version:
        raise version_too_large(version, store.version)
    exact = request.match == "Exact" or (not request.match and request.limit and version)
    return version if exact else None


def parse_version(text: str) -> int | None:
    """A resourceVersion as a number; None when it is none."""
    return int(text) if text.isascii() and text.isdigit() else None


def version_too_large(version: int, present: int) -> ApiError:
    """504: the version is still to come; ask again in a second."""
    details = {
        "causes": [{"reason": "ResourceVersionTooLarge", "message": "Too large resource version"}],
        "retryAfterSeconds": 1,
    }
    message = f"Timeout: Too large resource version: {version}, current: {present}"
    return ApiError(504, "Timeout", message, details)


def _write_token(version: int | None, after: str) -> str:
    token = {"v": "meta.k8s.io/v1", "rv": -1 if version is None else version, "start": after}
    return base64.urlsafe_b64encode(orjson.dumps(token)).decode().rstrip("=")


def _read_token(text: str) -> tuple[int | None, str]:
    try:
        token = orjson.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        version, after = int(token["rv"]), str(token["start"])
    except (binascii.Error, ValueError, KeyError, TypeError):
        raise bad_request("invalid continue token: expected metadata.continue of an earlier page") from None
    return (None if version < 0 else version), after
