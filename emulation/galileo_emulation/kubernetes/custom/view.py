"""How an object is shown that was written under an earlier schema, or under another version: pruned and defaulted anew.

Nothing is written: what a schema no longer has is stored still, and comes back with it.
"""

import orjson

from ..apiobjects import copied
from ..history import Stored
from .custom_object import CustomObjects
from .pruning import prune

# Views are remembered, since objects are read far more often than written; with more than this they are made anew.
_REMEMBERED = 20_000


class View:
    """Shows stored objects as one version of a kind has them."""

    def __init__(self, objects: CustomObjects) -> None:
        self._objects = objects
        self._seen: dict[bytes, Stored] = {}

    def __call__(self, stored: Stored) -> Stored:
        """The object as this version shows it: the very same where that makes no difference."""
        shown = self._seen.get(stored.encoded)
        if shown is None:
            if len(self._seen) >= _REMEMBERED:
                self._seen.clear()
            shown = self._seen[stored.encoded] = self._shown(stored)
        return shown

    def _shown(self, stored: Stored) -> Stored:
        body = copied(stored.body)
        prune(body, self._objects.schema, root=True)
        self._objects.default(body)
        return stored if body == stored.body else Stored(body, orjson.dumps(body), stored.version)
