"""Writing a number of replicas through a scale: what the object becomes, and who then manages that number."""

from ..apiobjects import JsonObject, timestamp
from ..kind import Kind
from ..managers.field_tracking import CONTROLLERS, Writer, tracked
from ..managers.managed_fields import Entries
from ..storage.history import Stored
from ..storage.store import Store
from ..types.built_in_structures import structure_of
from .scale import SCALE, scale_of, scaled
from .scale_fields import entries_of_object, entries_of_scale

SUBRESOURCE = "scale"


def scaling(store: Store, kind: Kind, current: Stored, seen: JsonObject, replicas: int) -> tuple[JsonObject, Entries]:
    """The object with `replicas`, and its managers, when a controller that has `seen` it writes them.

    Raises ApiError (500) where a custom object has no number of replicas.
    """
    scale = {**scale_of(kind, seen), "spec": {"replicas": replicas} if replicas else {}}
    return scaled(kind, current.body, scale), managed_when_scaled(store, kind, current, scale, CONTROLLERS)


def managed_when_scaled(store: Store, kind: Kind, current: Stored, scale: JsonObject, manager: str) -> Entries:
    """Who manages the object's fields when `manager` writes this Scale; as it was, where nobody manages them."""
    entries = entries_of_scale(kind, current.managed)
    if not entries:
        return current.managed
    writer, moment = Writer(manager, SCALE.api_version, SUBRESOURCE), timestamp(store.now())
    before = scale_of(kind, current.body)
    written = tracked(structure_of(SCALE), before, scale, entries, writer, moment=moment, ignored=("status",))
    return entries_of_object(kind, current.managed, written)
