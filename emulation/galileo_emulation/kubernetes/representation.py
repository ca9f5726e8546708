"""The forms in which objects are answered: whole, metadata only, or as a Table for `kubectl get`.

The Accept header decides. Whole objects are put together from what was encoded at storing; the other two forms are
made when asked for.
"""

from collections.abc import Callable, Iterable
from enum import Enum

import orjson

from .apiobjects import JsonObject
from .errors import ApiError, bad_request
from .history import Stored
from .kind import Kind
from .listing import Page
from .tables import PLAIN_COLUMNS

META_VERSION = "meta.k8s.io/v1"


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
    for media_range in (accept or "*/*").split(","):
        media_type, *pairs = (part.strip() for part in media_range.split(";"))
        if media_type not in ("application/json", "application/*", "*/*"):
            continue
        parameters = dict(pair.partition("=")[::2] for pair in pairs)
        if "as" not in parameters:
            return Form.WHOLE
        form = _AS.get(parameters["as"])
        if form and (parameters.get("g"), parameters.get("v")) == ("meta.k8s.io", "v1"):
            return form
    raise ApiError(406, "NotAcceptable", "only the following media types are accepted: application/json", None)


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

    def one(self, body: JsonObject, encoded: bytes) -> bytes:
        """One object; `encoded` is its JSON without kind and apiVersion."""
        if self._form is Form.TABLE:
            return self._table([body], {"resourceVersion": body["metadata"].get("resourceVersion", "")})
        if self._form is Form.METADATA:
            return orjson.dumps(_metadata_only(body))
        return whole(self._kind, self._own_form(body, encoded))

    def _own_form(self, body: JsonObject, encoded: bytes) -> bytes:
        return encoded if self._kind.view is None else orjson.dumps(self._kind.shown(body))

    def many(self, page: Page) -> bytes:
        """A list."""
        metadata: JsonObject = {"resourceVersion": str(page.version)}
        if page.token:
            metadata["continue"] = page.token
        if page.remaining is not None:
            metadata["remainingItemCount"] = page.remaining
        bodies = (stored.body for stored in page.items)
        if self._form is Form.TABLE:
            return self._table(bodies, metadata)
        if self._form is Form.METADATA:
            items = [orjson.dumps(_metadata_only(body)) for body in bodies]
            return _list("PartialObjectMetadataList", META_VERSION, metadata, items)
        encoded = (self._own_form(stored.body, stored.encoded) for stored in page.items)
        return _list(f"{self._kind.kind}List", self._kind.api_version, metadata, encoded)

    def event_object(self, stored: Stored) -> bytes:
        """The object of a watch event. In a watch's Tables, only the first names the columns."""
        if self._form is not Form.TABLE:
            return self.one(stored.body, stored.encoded)
        table = self._table([stored.body], {"resourceVersion": str(stored.version)}, columns=not self._columns_said)
        self._columns_said = True
        return table

    def _table(self, bodies: Iterable[JsonObject], metadata: JsonObject, *, columns: bool = True) -> bytes:
        layout = self._kind.columns or PLAIN_COLUMNS
        now = self._now()
        rows = [{"cells": layout.cells(body, now), "object": self._row_object(body)} for body in bodies]
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

    def _row_object(self, body: JsonObject) -> JsonObject | None:
        if self._include == "None":
            return None
        if self._include == "Object":
            return {"kind": self._kind.kind, "apiVersion": self._kind.api_version, **self._kind.shown(body)}
        return _metadata_only(body)


def whole(kind: Kind, encoded: bytes) -> bytes:
    """Put kind and apiVersion in front of an encoded object."""
    head = b'{"kind":"%b","apiVersion":"%b",' % (kind.kind.encode(), kind.api_version.encode())
    return head + encoded[1:]


def _metadata_only(body: JsonObject) -> JsonObject:
    return {"kind": "PartialObjectMetadata", "apiVersion": META_VERSION, "metadata": body["metadata"]}


def _list(kind: str, api_version: str, metadata: JsonObject, items: Iterable[bytes]) -> bytes:
    head = b'{"kind":"%b","apiVersion":"%b","metadata":%b,"items":[' % (
        kind.encode(),
        api_version.encode(),
        orjson.dumps(metadata),
    )
    return head + b",".join(items) + b"]}"
