"""The forms in which objects are answered: whole, metadata only, or as a Table for `kubectl get`.

The Accept header decides. Whole objects are put together from what was encoded at storing; the other two forms are
made when asked for.
"""

from collections.abc import Callable, Iterable
from enum import Enum

import orjson

from ..apiobjects import JsonObject
from ..columns.tables import PLAIN_COLUMNS
from ..errors import ApiError, bad_request
from ..kind import Kind
from ..managers.managed_fields import Entries, as_json
from ..storage.history import Stored
from ..storage.history import encoded as encode
from ..storage.listing import Page

META_VERSION = "meta.k8s.io/v1"
# How every encoded object begins (history.py).
_METADATA = b'{"metadata":{'


class Form(Enum):
    """A form of answer."""

    WHOLE = "whole"
    METADATA = "metadata"
    TABLE = "table"


_AS = {
    "Table": Form.TABLE,
    "PartialObjectMetadata": Form.METADATA,
    "PartialObjectMetadataList": Form.METADATA,
}


def negotiate(accept: str) -> Form:
    """The first form in the Accept header that is offered. Raises ApiError (406)."""
    found = False
    for media_range in (accept or "*/*").split(","):
        media_type, *pairs = (part.strip() for part in media_range.split(";"))
        if media_type not in ("application/json", "application/*", "*/*"):
            continue
        found = True
        parameters = dict(pair.partition("=")[::2] for pair in pairs)
        if "as" not in parameters:
            return Form.WHOLE
        form = _AS.get(parameters["as"])
        if form and (parameters.get("g"), parameters.get("v")) == ("meta.k8s.io", "v1"):
            return form
    details: JsonObject | None = None if found else {}
    raise ApiError(406, "NotAcceptable", "only the following media types are accepted: application/json", details)


class Presenter:
    """Writes a kind's objects in one form. `include` is the parameter includeObject; `now` gives Unix seconds."""

    def __init__(self, kind: Kind, form: Form, *, include: str, now: Callable[[], float]) -> None:
        if include not in ("", "None", "Metadata", "Object"):
            raise bad_request(f"includeObject={include}: expected None, Metadata or Object")
        self._kind = kind
        self._form = form
        self._include = include or "Metadata"
        self._now = now
        self._columns_said = False

    @property
    def shared_form(self) -> object:
        """Equal for presenters that write a stored object in the same way; None where that cannot be told."""
        custom = self._kind.custom
        if self._form is Form.TABLE or self._kind.view is not None or (custom is not None and custom.view is not None):
            return None
        return (self._form, self._kind.kind, self._kind.api_version)

    def one(self, body: JsonObject, encoded: bytes, managed: Entries = ()) -> bytes:
        """One object; `encoded` is its JSON without kind, apiVersion and managedFields, which are put in."""
        if self._form is Form.TABLE:
            return self._table([(body, managed)], {"resourceVersion": body["metadata"].get("resourceVersion", "")})
        if self._form is Form.METADATA:
            return orjson.dumps(_metadata_only(body, managed))
        return whole(self._kind, self._own_form(body, encoded), managed)

    def _own_form(self, body: JsonObject, encoded: bytes) -> bytes:
        return encoded if self._kind.view is None else encode(self._kind.shown(body))

    def many(self, page: Page) -> bytes:
        """A list."""
        metadata: JsonObject = {"resourceVersion": str(page.version)}
        if page.token:
            metadata["continue"] = page.token
        if page.remaining is not None:
            metadata["remainingItemCount"] = page.remaining
        if self._form is Form.TABLE:
            return self._table(((stored.body, stored.managed) for stored in page.items), metadata)
        if self._form is Form.METADATA:
            items = [orjson.dumps(_metadata_only(stored.body, stored.managed)) for stored in page.items]
            return _list("PartialObjectMetadataList", META_VERSION, metadata, items)
        encoded = (with_managed(self._own_form(stored.body, stored.encoded), stored.managed) for stored in page.items)
        if self._kind.custom is not None:
            items = [whole(self._kind, one) for one in encoded]
            return _list(self._kind.custom.list_kind, self._kind.api_version, {"continue": "", **metadata}, items)
        return _list(f"{self._kind.kind}List", self._kind.api_version, metadata, encoded)

    def event_object(self, stored: Stored) -> bytes:
        """The object of a watch event. In a watch's Tables, only the first names the columns."""
        if self._form is not Form.TABLE:
            return self.one(stored.body, stored.encoded, stored.managed)
        table = self._table(
            [(stored.body, stored.managed)], {"resourceVersion": str(stored.version)}, columns=not self._columns_said
        )
        self._columns_said = True
        return table

    def _table(
        self, objects: Iterable[tuple[JsonObject, Entries]], metadata: JsonObject, *, columns: bool = True
    ) -> bytes:
        layout = self._kind.columns or PLAIN_COLUMNS
        now = self._now()
        rows = [
            {"cells": layout.cells(body, now), "object": self._row_object(body, managed)} for body, managed in objects
        ]
        definitions = [column.definition() for column in layout.columns] if columns else None
        return orjson.dumps(
            {
                "kind": "Table",
                "apiVersion": META_VERSION,
                "metadata": metadata,
                "columnDefinitions": definitions,
                "rows": rows,
            }
        )

    def _row_object(self, body: JsonObject, managed: Entries) -> JsonObject | None:
        if self._include == "None":
            return None
        if self._include == "Object":
            shown = {**self._kind.shown(body), "metadata": _metadata(body, managed)}
            return {"kind": self._kind.kind, "apiVersion": self._kind.api_version, **shown}
        return _metadata_only(body, managed)


def whole(kind: Kind, encoded: bytes, managed: Entries = ()) -> bytes:
    """Put kind and apiVersion in front of an encoded object, and managedFields into its metadata."""
    head = b'{"kind":"%b","apiVersion":"%b",' % (kind.kind.encode(), kind.api_version.encode())
    return head + with_managed(encoded, managed)[1:]


def with_managed(encoded: bytes, managed: Entries) -> bytes:
    """Put managedFields into an encoded object, which begins with its metadata."""
    if not managed:
        return encoded
    return b'%b"managedFields":%b,%b' % (_METADATA, as_json(managed), encoded[len(_METADATA) :])


def _metadata(body: JsonObject, managed: Entries) -> JsonObject:
    metadata: JsonObject = body["metadata"]
    return {**metadata, "managedFields": orjson.Fragment(as_json(managed))} if managed else metadata


def _metadata_only(body: JsonObject, managed: Entries) -> JsonObject:
    return {"kind": "PartialObjectMetadata", "apiVersion": META_VERSION, "metadata": _metadata(body, managed)}


def _list(kind: str, api_version: str, metadata: JsonObject, items: Iterable[bytes]) -> bytes:
    head = b'{"kind":"%b","apiVersion":"%b","metadata":%b,"items":[' % (
        kind.encode(),
        api_version.encode(),
        orjson.dumps(metadata),
    )
    return head + b",".join(items) + b"]}"
