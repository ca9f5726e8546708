"""What a store holds at one moment, for whoever writes it down and for a store that begins with it."""

from dataclasses import dataclass, field
from typing import TypeAlias

from .history import Stored

KindKey: TypeAlias = tuple[str, str]
"""A kind's group and plural, as `Kind.key` has them."""


@dataclass(slots=True)
class SavedState:
    """All objects: by kind, namespace ("" for kinds without) and name.

    No version above `version` was ever told to anyone. `cluster_ips` counts the service addresses given out so far.
    There is no history: whoever asks for what came after an earlier version is told to list again.
    """

    objects: dict[KindKey, dict[str, dict[str, Stored]]] = field(default_factory=dict)
    version: int = 0
    cluster_ips: int = 0

    def put(self, kind: KindKey, stored: Stored) -> None:
        """Note an object as it now is."""
        metadata = stored.body["metadata"]
        spaces = self.objects.setdefault(kind, {})
        spaces.setdefault(metadata.get("namespace", ""), {})[metadata["name"]] = stored
        self.version = max(self.version, stored.version)

    def remove(self, kind: KindKey, namespace: str, name: str, version: int) -> None:
        """Note that an object is gone. Raises KeyError when it was not there."""
        del self.objects[kind][namespace][name]
        self.version = max(self.version, version)

    def count(self) -> int:
        """How many objects there are."""
        return sum(len(in_space) for spaces in self.objects.values() for in_space in spaces.values())
