"""Which kinds are on offer, found by group, version and plural."""

from .kind import Kind
from .kinds import KINDS


class Catalog:
    """The kinds on offer, found by group, version and plural."""

    def __init__(self, kinds: tuple[Kind, ...] = KINDS) -> None:
        self.kinds = kinds
        self._by_path = {(kind.group, kind.version, kind.plural): kind for kind in kinds}

    def find(self, group: str, version: str, plural: str) -> Kind | None:
        """The kind that a path names, or None."""
        return self._by_path.get((group, version, plural))

    def group_versions(self) -> dict[str, list[str]]:
        """Group to its versions, the core group ("") included."""
        versions: dict[str, list[str]] = {}
        for kind in self.kinds:
            known = versions.setdefault(kind.group, [])
            if kind.version not in known:
                known.append(kind.version)
        return versions
