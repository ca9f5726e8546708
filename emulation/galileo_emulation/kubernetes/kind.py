"""What the server has to know of a kind: one row of the table in `kinds.py`.

The store, the HTTP shell, discovery and tables are driven by these rows alone; what differs between kinds (defaults,
validation, columns, how a deletion goes) hangs on a row as a function. A new kind is a new row.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from .apiobjects import JsonObject

if TYPE_CHECKING:
    from .errors import Cause
    from .tables import Columns


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a kind may take from the server while an object is made: the time, and a free service address."""

    now: str
    free_cluster_ip: Callable[[], str]


def leave_alone(body: JsonObject) -> None:
    """Default nothing."""


def set_up_nothing(body: JsonObject, surroundings: Surroundings) -> None:
    """Add nothing at creation."""


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


READ_AND_CHANGE = ("get", "patch", "update")
STATUS: Mapping[str, Subresource] = {"status": Subresource(READ_AND_CHANGE)}
"""The subresources of a kind whose status is written apart from the rest."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of object, and all that sets it apart from the others.

    `subresources` maps a subresource's name to what it takes. `selectable` maps the fields that selectors may name
    (besides metadata.name and metadata.namespace) to the text that an absent field counts as. `generation` says what
    raises metadata.generation. `set_up` runs at creation, `default` and `admit` at creation and on every change of
    the main resource. All hooks change the tree that they are given, which is always a private copy.
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
    subresources: Mapping[str, Subresource] = field(default_factory=dict)
    selectable: Mapping[str, str] = field(default_factory=dict)
    generation: Literal["none", "spec", "spec and annotations"] = "none"
    deletion: Literal["status", "object", "graceful"] = "status"
    deletes_collections: bool = True
    creates_on_put: bool = False
    unconditional_put: bool = True
    dns_label_name: bool = False
    bookmark: Mapping[str, object] = field(default_factory=dict)
    set_up: Callable[[JsonObject, Surroundings], None] = set_up_nothing
    default: Callable[[JsonObject], None] = leave_alone
    admit: Callable[[JsonObject], None] = leave_alone
    validate: Callable[[JsonObject], "list[Cause]"] = accept
    validate_change: Callable[[JsonObject, JsonObject], "list[Cause]"] = accept_change
    warn: Callable[[JsonObject], list[str]] = warn_of_nothing
    columns: "Columns | None" = None

    @property
    def key(self) -> tuple[str, str]:
        """(group, plural): what tells kinds apart in the store."""
        return (self.group, self.plural)

    @property
    def api_version(self) -> str:
        """`v1` or `apps/v1`."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def resource(self) -> str:
        """`pods` or `deployments.apps`, as messages name it."""
        return f"{self.plural}.{self.group}" if self.group else self.plural

    @property
    def has_status(self) -> bool:
        """Whether status is written through a subresource of its own."""
        return "status" in self.subresources
