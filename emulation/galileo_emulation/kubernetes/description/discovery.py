"""Discovery: what clients are told of versions, groups and kinds. All of it follows from the tables of kinds."""

import hashlib
from collections.abc import Iterator

import orjson

from ..apiobjects import JsonObject
from ..errors import no_such_resource
from ..kind import Kind
from ..storage.catalog import Catalog, preference
from .virtual_kinds import BINDINGS, MEASURED, REPLICATION_CONTROLLERS, REVIEWS

AGGREGATED = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"

# Clients that look for a short name take the first that they find, so the order matters to them.
_GROUP_ORDER = (
    "",
    "apps",
    "events.k8s.io",
    "authentication.k8s.io",
    "authorization.k8s.io",
    "autoscaling",
    "batch",
    "policy",
    "rbac.authorization.k8s.io",
    "admissionregistration.k8s.io",
    "apiextensions.k8s.io",
    "scheduling.k8s.io",
    "coordination.k8s.io",
    "discovery.k8s.io",
)

VERSION: JsonObject = {
    "major": "1",
    "minor": "36",
    "emulationMajor": "1",
    "emulationMinor": "36",
    "minCompatibilityMajor": "1",
    "minCompatibilityMinor": "35",
    "gitVersion": "v1.36.0-galileo",
    "gitCommit": "",
    "gitTreeState": "",
    "buildDate": "",
    "goVersion": "",
    "compiler": "",
    "platform": "",
}


class Offer:
    """All that can be asked for: the catalog's kinds, which may change at any time, and those without objects.

    `measured` tells whether nodes report their use, and with it the group metrics.k8s.io exists.
    """

    def __init__(self, catalog: Catalog, *, measured: bool) -> None:
        self._catalog = catalog
        self.virtual = (BINDINGS, REPLICATION_CONTROLLERS, *REVIEWS, *(MEASURED if measured else ()))
        self._by_path = {(kind.group, kind.version, kind.plural): kind for kind in self.virtual}

    def find_virtual(self, group: str, version: str, plural: str) -> Kind | None:
        """The kind without objects that a path names, or None."""
        return self._by_path.get((group, version, plural))

    @property
    def version(self) -> int:
        """Changes whenever something else is offered."""
        return self._catalog.version

    def kinds(self) -> Iterator[Kind]:
        """All kinds."""
        yield from self._catalog.kinds
        yield from self.virtual

    def groups(self) -> dict[str, list[str]]:
        """Group to its versions, the preferred one first; the core group ("") first."""
        versions: dict[str, list[str]] = {}
        for kind in self.kinds():
            known = versions.setdefault(kind.group, [])
            if kind.version not in known:
                known.append(kind.version)
        return {name: sorted(versions[name], key=preference) for name in sorted(versions, key=_rank)}

    def in_version(self, group: str, version: str) -> list[Kind]:
        """The kinds of one group and version, by plural."""
        found = [kind for kind in self.kinds() if (kind.group, kind.version) == (group, version)]
        return sorted(found, key=lambda kind: kind.plural)


def _rank(group: str) -> tuple[int, str]:
    return (_GROUP_ORDER.index(group), "") if group in _GROUP_ORDER else (len(_GROUP_ORDER), group)


def core_versions(server: str) -> JsonObject:
    """/api. `server` is host:port."""
    return {
        "kind": "APIVersions",
        "versions": ["v1"],
        "serverAddressByClientCIDRs": [{"clientCIDR": "0.0.0.0/0", "serverAddress": server}],
    }


def groups(offer: Offer) -> JsonObject:
    """/apis: the groups besides the core group."""
    entries = [_group(name, versions) for name, versions in offer.groups().items() if name]
    return {"kind": "APIGroupList", "apiVersion": "v1", "groups": entries}


def group(offer: Offer, name: str) -> JsonObject:
    """/apis/<group>. Raises ApiError (404)."""
    versions = offer.groups().get(name) if name else None
    if versions is None:
        raise no_such_resource()
    return {"kind": "APIGroup", "apiVersion": "v1", **_group(name, versions)}


def _group(name: str, versions: list[str]) -> JsonObject:
    entries = [{"groupVersion": f"{name}/{version}", "version": version} for version in versions]
    return {"name": name, "versions": entries, "preferredVersion": entries[0]}


def resources(offer: Offer, group_name: str, version: str) -> JsonObject:
    """/api/v1 or /apis/<group>/<version>: kinds and their subresources."""
    entries: list[JsonObject] = []
    for kind in offer.in_version(group_name, version):
        entries.append(_resource(kind))
        # A real server leaves those of custom kinds in the order of their making.
        names = kind.subresources if kind.custom is not None else sorted(kind.subresources)
        entries += [_subresource(kind, name) for name in names]
    head: JsonObject = {"kind": "APIResourceList"}
    if group_name:
        head["apiVersion"] = "v1"
    head["groupVersion"] = f"{group_name}/{version}" if group_name else version
    return {**head, "resources": entries}


def _resource(kind: Kind) -> JsonObject:
    entry: JsonObject = {
        "name": kind.plural,
        "singularName": kind.singular,
        "namespaced": kind.namespaced,
        "kind": kind.kind,
        "verbs": list(kind.verbs),
    }
    return entry | _names(kind)


def _names(kind: Kind) -> JsonObject:
    names = {"shortNames": list(kind.short_names), "categories": list(kind.categories)}
    return {field: texts for field, texts in names.items() if texts}


def _subresource(kind: Kind, name: str) -> JsonObject:
    subresource = kind.subresources[name]
    entry: JsonObject = {
        "name": f"{kind.plural}/{name}",
        "singularName": "",
        "namespaced": kind.namespaced,
        "kind": subresource.kind or kind.kind,
        "verbs": list(subresource.verbs),
    }
    if subresource.group:
        entry |= {"group": subresource.group, "version": subresource.version}
    return entry


def aggregated(offer: Offer, *, core: bool) -> JsonObject:
    """/api or /apis in the form that modern clients ask for: groups with versions and kinds at once."""
    items = [
        {
            "metadata": {"name": name} if name else {},
            "versions": [
                {
                    "version": version,
                    "resources": [_aggregated_resource(kind) for kind in offer.in_version(name, version)],
                    "freshness": "Current",
                }
                for version in versions
            ],
        }
        for name, versions in offer.groups().items()
        if (name == "") is core
    ]
    return {
        "kind": "APIGroupDiscoveryList",
        "apiVersion": "apidiscovery.k8s.io/v2",
        "metadata": {},
        "items": items,
    }


def _aggregated_resource(kind: Kind) -> JsonObject:
    entry: JsonObject = {
        "resource": kind.plural,
        "responseKind": _response_kind("", "", kind.kind),
        "scope": "Namespaced" if kind.namespaced else "Cluster",
        "singularResource": kind.singular,
        "verbs": list(kind.verbs),
        **_names(kind),
    }
    if kind.subresources:
        entry["subresources"] = [
            {
                "subresource": name,
                "responseKind": _response_kind(subresource.group, subresource.version, subresource.kind or kind.kind),
                "verbs": list(subresource.verbs),
            }
            for name, subresource in sorted(kind.subresources.items())
        ]
    return entry


def _response_kind(group: str, version: str, kind: str) -> JsonObject:
    """Group and version are empty where they are those of the list around it."""
    return {"group": group, "version": version, "kind": kind}


def etag(encoded: bytes) -> str:
    """What tells a client that the answer is still the same."""
    return f'"{hashlib.sha256(encoded).hexdigest().upper()}"'


def encoded(document: JsonObject) -> bytes:
    """The JSON of a discovery document."""
    return orjson.dumps(document)
