"""Which kinds are on offer, found by group, version and plural. Custom kinds come and go while the server runs.

A custom kind is a row like any other, made from its definition (custom/). Whoever follows the definitions puts the rows
in here and takes them out; discovery, routing and watches read what is here at the moment. A row is never changed: a
changed definition brings new rows, and whoever holds an old one (a watch that is open) can ask whether it is current.
"""

import re
from collections.abc import Iterable

from ..kind import Kind
from ..kinds import KINDS

_VERSION = re.compile(r"v([1-9][0-9]*)(?:(alpha|beta)([1-9][0-9]*))?")
_STABILITY = {None: 0, "beta": 1, "alpha": 2}


class Catalog:
    """The kinds on offer. `version` rises with every change, for whoever keeps something that was made from them."""

    def __init__(self, kinds: tuple[Kind, ...] = KINDS) -> None:
        self.version = 0
        self.follows_definitions = False
        """Whether somebody puts in the kinds that definitions make (custom/follow.py)."""
        self._built_in = kinds
        self._custom: dict[str, tuple[Kind, ...]] = {}
        self._index()

    def find(self, group: str, version: str, plural: str) -> Kind | None:
        """The kind that a path names, or None."""
        return self._by_path.get((group, version, plural))

    def group_versions(self) -> dict[str, list[str]]:
        """Group to its versions, the core group ("") included; the versions of a group in the order of preference."""
        return self._group_versions

    def versions_of(self, kind: Kind) -> list[Kind]:
        """All rows under which the same objects are offered: those of the kind's group and plural."""
        return [other for other in self.kinds if other.key == kind.key]

    def is_current(self, kind: Kind) -> bool:
        """Whether a row is still the one on offer; always so for built-in kinds."""
        return not kind.custom or self.find(kind.group, kind.version, kind.plural) is kind

    # Custom kinds

    def offer(self, definition: str, kinds: Iterable[Kind]) -> None:
        """Offer the rows of a definition in place of those that it had. What is built in cannot be replaced."""
        built_in = {(kind.group, kind.version) for kind in self._built_in}
        self._custom[definition] = tuple(kind for kind in kinds if (kind.group, kind.version) not in built_in)
        self._index()

    def withdraw(self, definition: str) -> None:
        """No longer offer the rows of a definition."""
        if self._custom.pop(definition, None) is not None:
            self._index()

    def _index(self) -> None:
        self.version += 1
        self.kinds = (*self._built_in, *(kind for _, kinds in sorted(self._custom.items()) for kind in kinds))
        self._by_path = {(kind.group, kind.version, kind.plural): kind for kind in self.kinds}
        found: dict[str, list[str]] = {}
        for kind in self.kinds:
            known = found.setdefault(kind.group, [])
            if kind.version not in known:
                known.append(kind.version)
        self._group_versions = {group: sorted(versions, key=preference) for group, versions in found.items()}


def preference(version: str) -> tuple[int, int, int, str]:
    """Sort key of API versions, the preferred one first: v2, v1, v2beta1, v1beta2, v1alpha1, and then all other names.

    Source: the Kubernetes documentation on versions in custom resource definitions, "Version priority".
    """
    match = _VERSION.fullmatch(version)
    if match is None:
        return (3, 0, 0, version)
    major, stability, minor = match.groups()
    return (_STABILITY[stability], -int(major), -int(minor or 0), version)
