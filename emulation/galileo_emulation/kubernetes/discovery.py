"""Discovery: what clients are told of versions, groups and kinds. All of it follows from the table of kinds."""

from .apiobjects import JsonObject
from .catalog import Catalog
from .errors import no_such_resource
from .kind import Kind

AGGREGATED = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"

_COLLECTION_VERBS = ("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch")
_BINDINGS: JsonObject = {
    "name": "bindings",
    "singularName": "binding",
    "namespaced": True,
    "kind": "Binding",
    "verbs": ["create"],
}

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


def verbs(kind: Kind) -> list[str]:
    """What can be done with objects of a kind."""
    return [verb for verb in _COLLECTION_VERBS if kind.deletes_collections or verb != "deletecollection"]


def core_versions(server: str) -> JsonObject:
    """/api. `server` is host:port."""
    return {
        "kind": "APIVersions",
        "versions": ["v1"],
        "serverAddressByClientCIDRs": [{"clientCIDR": "0.0.0.0/0", "serverAddress": server}],
    }


def groups(catalog: Catalog) -> JsonObject:
    """/apis: the groups besides the core group."""
    entries = [_group(name, versions) for name, versions in catalog.group_versions().items() if name]
    return {"kind": "APIGroupList", "apiVersion": "v1", "groups": entries}


def group(catalog: Catalog, name: str) -> JsonObject:
    """/apis/<group>. Raises ApiError (404)."""
    versions = catalog.group_versions().get(name) if name else None
    if versions is None:
        raise no_such_resource()
    return {"kind": "APIGroup", "apiVersion": "v1", **_group(name, versions)}


def _group(name: str, versions: list[str]) -> JsonObject:
    entries = [{"groupVersion": f"{name}/{version}", "version": version} for version in versions]
    return {"name": name, "versions": entries, "preferredVersion": entries[0]}


def resources(catalog: Catalog, group_name: str, version: str) -> JsonObject:
    """/api/v1 or /apis/<group>/<version>: kinds and their subresources."""
    entries: list[JsonObject] = []
    for kind in catalog.kinds:
        if (kind.group, kind.version) == (group_name, version):
            entries.append(_resource(kind))
            entries += [_subresource(kind, name) for name in sorted(kind.subresources)]
    if not group_name:
        entries.append(_BINDINGS)
    head: JsonObject = {"kind": "APIResourceList"}
    if group_name:
        head["apiVersion"] = "v1"
    head["groupVersion"] = f"{group_name}/{version}" if group_name else version
    return {**head, "resources": sorted(entries, key=lambda entry: str(entry["name"]))}


def _resource(kind: Kind) -> JsonObject:
    entry: JsonObject = {
        "name": kind.plural,
        "singularName": kind.singular,
        "namespaced": kind.namespaced,
        "kind": kind.kind,
        "verbs": verbs(kind),
    }
    if kind.short_names:
        entry["shortNames"] = list(kind.short_names)
    if kind.categories:
        entry["categories"] = list(kind.categories)
    return entry


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


def aggregated(catalog: Catalog, *, core: bool) -> JsonObject:
    """/api or /apis in the form that modern clients ask for: groups with versions and kinds at once."""
    items = [
        {
            "metadata": {"name": name} if name else {},
            "versions": [
                {
                    "version": version,
                    "resources": [
                        _aggregated_resource(kind)
                        for kind in catalog.kinds
                        if (kind.group, kind.version) == (name, version)
                    ],
                    "freshness": "Current",
                }
                for version in versions
            ],
        }
        for name, versions in catalog.group_versions().items()
        if (name == "") is core
    ]
    return {
        "kind": "APIGroupDiscoveryList",
        "apiVersion": "apidiscovery.k8s.io/v2",
        "metadata": {},
        "items": items,
    }


def _aggregated_resource(kind: Kind) -> JsonObject:
    scope = "Namespaced" if kind.namespaced else "Cluster"
    entry: JsonObject = {
        "resource": kind.plural,
        "responseKind": {"group": kind.group, "version": kind.version, "kind": kind.kind},
        "scope": scope,
        "singularResource": kind.singular,
        "verbs": verbs(kind),
    }
    if kind.short_names:
        entry["shortNames"] = list(kind.short_names)
    if kind.categories:
        entry["categories"] = list(kind.categories)
    if kind.subresources:
        entry["subresources"] = [
            {
                "subresource": name,
                "responseKind": {
                    "group": subresource.group or kind.group,
                    "version": subresource.version or kind.version,
                    "kind": subresource.kind or kind.kind,
                },
                "verbs": list(subresource.verbs),
            }
            for name, subresource in sorted(kind.subresources.items())
        ]
    return entry
