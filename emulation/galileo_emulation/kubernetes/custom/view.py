"""How an object is shown that was written under an earlier schema, or under another version: pruned and defaulted anew.

Nothing is written: what a schema no longer has is stored still, and comes back with it.
"""

from ..apiobjects import JsonObject, copied
from ..storage.history import Stored, encoded
from .custom_object import CustomObjects
from .pruning import prune

# Views are remembered, since objects are read far more often than written; with more than this they are made anew.
_REMEMBERED = 20_000


class View:
    """Shows stored objects as one version of a kind has them."""

    def __init__(self, objects: CustomObjects) -> None:
        self._objects = objects
        self._seen: dict[bytes, tuple[JsonObject, bytes] | None] = {}

    def __call__(self, stored: Stored) -> Stored:
        """The object as this version shows it: the very same where that makes no difference."""
        if stored.encoded not in self._seen:
            if len(self._seen) >= _REMEMBERED:
                self._seen.clear()
            self._seen[stored.encoded] = self._shown(stored.body)
        shown = self._seen[stored.encoded]
        return stored if shown is None else Stored(*shown, stored.version, stored.managed)

    def _shown(self, stored: JsonObject) -> tuple[JsonObject, bytes] | None:
        """The object in this version and its JSON; None where it is the same."""
        body = copied(stored)
        prune(body, self._objects.schema, root=True)
        self._objects.default(body)
        return None if body == stored else (body, encoded(body))
