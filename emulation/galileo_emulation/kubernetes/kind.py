"""What the server has to know of a kind: one row of the table in `kinds.py`.

The store, the HTTP shell, discovery and tables are driven by these rows alone; what differs between kinds (defaults,
validation, columns, how a deletion goes) hangs on a row as a function. A new kind is a new row.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from .apiobjects import JsonObject

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

    from .columns.tables import Columns
    from .errors import Cause
    from .storage.history import Stored
    from .types.fields import Reading
    from .types.structures import Struct


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a kind may take from the server while an object is made or changed.

    The time; the next service address that was not given out yet; the stored objects of another kind, by group and
    plural; and randomness.
    """

    now: str
    free_cluster_ip: Callable[[], str]
    stored: "Callable[[str, str], Iterator[JsonObject]]"
    rng: "Random"


def leave_alone(body: JsonObject) -> None:
    """Default nothing."""


def set_up_nothing(body: JsonObject, surroundings: Surroundings) -> None:
    """Add nothing at creation."""


def carry_nothing(new: JsonObject, old: JsonObject, surroundings: Surroundings) -> None:
    """Keep nothing of the old object."""


def accept(body: JsonObject) -> "list[Cause]":
    """Find nothing wrong with an object."""
    return []


def accept_change(new: JsonObject, old: JsonObject) -> "list[Cause]":
    """Find nothing wrong with a change."""
    return []


def warn_of_nothing(body: JsonObject) -> list[str]:
    """Have no warnings."""
    return []


@dataclass(frozen=True, slots=True)
class Subresource:
    """A part of an object with verbs of its own; `kind`, `group` and `version` where what is sent is another kind."""

    verbs: tuple[str, ...]
    kind: str = ""
    group: str = ""
    version: str = ""


ALL_VERBS = ("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch")


@dataclass(frozen=True, slots=True)
class ScalePaths:
    """Where a kind that can be scaled keeps its numbers. The selector may be a LabelSelector or its text."""

    replicas: tuple[str, ...] = ("spec", "replicas")
    status_replicas: tuple[str, ...] = ("status", "replicas")
    selector: tuple[str, ...] = ("spec", "selector")


READ_AND_CHANGE = ("get", "patch", "update")
STATUS: Mapping[str, Subresource] = {"status": Subresource(READ_AND_CHANGE)}
"""The subresources of a kind whose status is written apart from the rest."""
SCALE: Mapping[str, Subresource] = {"scale": Subresource(READ_AND_CHANGE, "Scale", "autoscaling", "v1")}
"""The subresource of a kind whose number of replicas can be changed through a Scale."""


@dataclass(frozen=True, slots=True)
class View:
    """Another form of objects that are stored as those of another kind.

    `stored_as` is that kind's group and plural; `show` makes this form of a stored body, `take` a stored body of this
    form. Neither changes what it is given. A view's other hooks see the stored form.
    """

    stored_as: tuple[str, str]
    show: Callable[[JsonObject], JsonObject]
    take: Callable[[JsonObject], JsonObject]


@dataclass(frozen=True, slots=True)
class CustomHooks:
    """What is different for kinds that a definition made: their type is a schema, not a row in the table of fields.

    `schema` is that of the definition (OpenAPI v3). `read` reads an object as sent. `view` shows an object that was
    stored under another version or an earlier schema.
    """

    list_kind: str
    schema: JsonObject
    read: "Callable[[JsonObject], Reading]"
    view: "Callable[[Stored], Stored] | None" = None
    terminating: bool = False

    def shown(self, stored: "Stored") -> "Stored":
        """A stored object as this row shows it."""
        return stored if self.view is None else self.view(stored)


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of object, and all that sets it apart from the others.

    `subresources` maps a subresource's name to what it takes; `scale` belongs to the one of that name. `selectable`
    maps the fields that selectors may name (besides metadata.name and metadata.namespace) to the text that an absent
    field counts as; `selectable_at` says where such a field stands when its name does not. `generation` says what
    raises metadata.generation. With `orphans_by_default`, dependents stay when a deletion does not say otherwise.
    `structure` says how objects merge where the tables of the built-in types do not (schema_structures.py makes one).
    `custom` is there for kinds that a definition made.

    `set_up` runs at creation, `carry` (new, old) before the defaults of a change, `default` and `admit` at creation and
    on every change of the main resource. `validate_new` sees new objects besides, `validate_change` and
    `validate_status` see (new, old) of a change of the main resource and of the status. `mark_deleted` writes (object,
    moment) into an object that goes only when its controller lets it. All hooks change the tree that they are given,
    which is always a private copy.
    """

    group: str
    version: str
    kind: str
    plural: str
    singular: str
    namespaced: bool
    schema: str
    short_names: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    verbs: tuple[str, ...] = ALL_VERBS
    subresources: Mapping[str, Subresource] = field(default_factory=dict)
    scale: ScalePaths | None = None
    view: View | None = None
    selectable: Mapping[str, str] = field(default_factory=dict)
    selectable_at: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    generation: Literal["none", "spec", "spec and annotations", "content", "content and labels"] = "none"
    deletion: Literal["status", "object", "graceful"] = "status"
    orphans_by_default: bool = False
    creates_on_put: bool = False
    unconditional_put: bool = True
    dns_label_name: bool = False
    path_segment_name: bool = False
    deprecation: str = ""
    bookmark: Mapping[str, object] = field(default_factory=dict)
    set_up: Callable[[JsonObject, Surroundings], None] = set_up_nothing
    carry: Callable[[JsonObject, JsonObject, Surroundings], None] = carry_nothing
    default: Callable[[JsonObject], None] = leave_alone
    admit: Callable[[JsonObject], None] = leave_alone
    validate: Callable[[JsonObject], "list[Cause]"] = accept
    validate_new: Callable[[JsonObject], "list[Cause]"] = accept
    validate_change: Callable[[JsonObject, JsonObject], "list[Cause]"] = accept_change
    validate_status: Callable[[JsonObject, JsonObject], "list[Cause]"] = accept_change
    warn: Callable[[JsonObject], list[str]] = warn_of_nothing
    columns: "Columns | None" = None
    mark_deleted: Callable[[JsonObject, str], None] | None = None
    custom: "CustomHooks | None" = None
    structure: "Struct | None" = None

    @property
    def key(self) -> tuple[str, str]:
        """(group, plural): what tells kinds apart in the store. Views of the same objects have the same."""
        return (self.group, self.plural) if self.view is None else self.view.stored_as

    def shown(self, body: JsonObject) -> JsonObject:
        """A stored body in the kind's own form."""
        return body if self.view is None else self.view.show(body)

    @property
    def api_version(self) -> str:
        """`v1` or `apps/v1`."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def resource(self) -> str:
        """`pods` or `deployments.apps`, as messages name it."""
        return f"{self.plural}.{self.group}" if self.group else self.plural

    def held_by_spec(self, body: JsonObject) -> bool:
        """Whether an object may not go because of finalizers in its spec, which namespaces alone have."""
        return self.key == ("", "namespaces") and bool(body.get("spec", {}).get("finalizers"))

    @property
    def deletes_collections(self) -> bool:
        """Whether all objects of a namespace can be deleted at once."""
        return "deletecollection" in self.verbs

    @property
    def has_status(self) -> bool:
        """Whether status is written through a subresource of its own."""
        return "status" in self.subresources
