"""What webhooks are told of a request: which object, of which kind and version, by whom, and with which options."""

from dataclasses import dataclass, field, replace
from typing import Any

from ..apiobjects import JsonObject
from ..kind import Kind
from ..operations.reviewing import Wish
from ..operations.scale import scale_of

# Whoever comes in is let in, and is known by this name.
USER: JsonObject = {"username": "galileo", "groups": ["system:masters", "system:authenticated"]}

_OPTIONS = {"CREATE": "CreateOptions", "UPDATE": "UpdateOptions", "DELETE": "DeleteOptions"}


@dataclass(frozen=True, slots=True)
class Attributes:
    """A request as webhooks see it. `body` and `old` are whole objects, with kind and apiVersion, or None."""

    operation: str
    kind: Kind
    subresource: str
    namespace: str
    name: str
    body: JsonObject | None
    old: JsonObject | None
    dry_run: bool = False
    options: JsonObject = field(default_factory=dict)

    @property
    def object_kind(self) -> JsonObject:
        """Group, version and kind of the object: of what a subresource takes, where that is something else."""
        part = self.kind.subresources.get(self.subresource)
        if part is not None and part.kind:
            core = part.kind == "Binding"
            return {
                "group": part.group or ("" if core else self.kind.group),
                "version": part.version or self.kind.version,
                "kind": part.kind,
            }
        return {"group": self.kind.group, "version": self.kind.version, "kind": self.kind.kind}

    @property
    def resource(self) -> JsonObject:
        """Group, version and plural."""
        return {"group": self.kind.group, "version": self.kind.version, "resource": self.kind.plural}

    def as_version(self, kind: Kind) -> "Attributes":
        """The same request as if it had been made under another version of the kind."""
        if kind.version == self.kind.version:
            return self
        return replace(self, kind=kind, body=_under(kind, self.body), old=_under(kind, self.old))


def _under(kind: Kind, body: JsonObject | None) -> JsonObject | None:
    return None if body is None else {**body, "apiVersion": kind.api_version}


def attributes_of(wish: Wish, subresource: str, options: JsonObject) -> Attributes:
    """The attributes of an operation. Of a change of its scale, webhooks see the Scale and not the object."""
    show = _scale if subresource == "scale" else _whole
    return Attributes(
        operation=wish.operation,
        kind=wish.kind,
        subresource=subresource,
        namespace=wish.namespace,
        name=wish.name,
        body=show(wish.kind, wish.body) if wish.body is not None else None,
        old=show(wish.kind, wish.old.body) if wish.old is not None else None,
        dry_run=wish.dry_run,
        options={"kind": _OPTIONS[wish.operation], "apiVersion": "meta.k8s.io/v1", **options},
    )


def _whole(kind: Kind, body: JsonObject) -> JsonObject:
    return {"kind": kind.kind, "apiVersion": kind.api_version, **kind.shown(body)}


def _scale(kind: Kind, body: JsonObject) -> JsonObject:
    return {"kind": "Scale", "apiVersion": "autoscaling/v1", **scale_of(kind, body)}


def options_of(query: Any, body: JsonObject | None) -> JsonObject:
    """The options of a request, from its query or, for a deletion, from what was sent."""
    options: JsonObject = {name: query[name] for name in ("fieldManager", "fieldValidation") if name in query}
    if "dryRun" in query:
        options["dryRun"] = [query["dryRun"]]
    sent = {name: value for name, value in (body or {}).items() if name not in ("kind", "apiVersion")}
    return {**options, **sent}
