"""What an operation on one object comes to, before anything is said over HTTP."""

from dataclasses import dataclass, field

from ..apiobjects import JsonObject
from ..errors import Cause, invalid
from ..kind import Kind
from ..managers.managed_fields import Entries
from ..storage.history import Stored
from ..storage.history import encoded as encode


@dataclass(frozen=True, slots=True)
class Outcome:
    """The object as the operation leaves it, who manages its fields, the HTTP code, and warnings for the client."""

    code: int
    body: JsonObject
    encoded: bytes
    warnings: list[str] = field(default_factory=list)
    managed: Entries = ()

    @classmethod
    def of(cls, stored: Stored, code: int = 200, warnings: list[str] | None = None) -> "Outcome":
        """Show what is stored."""
        return cls(code, stored.body, stored.encoded, warnings or [], stored.managed)

    @classmethod
    def shown(
        cls, body: JsonObject, code: int = 200, warnings: list[str] | None = None, managed: Entries = ()
    ) -> "Outcome":
        """Show an object that is not stored in this form (a dry run, a removed object)."""
        return cls(code, body, encode(body), warnings or [], managed)


def refuse_if(kind: Kind, name: str, causes: list[Cause]) -> None:
    """Raise the 422 that lists the causes, if there are any."""
    if causes:
        raise invalid(kind.kind, kind.key[0], name, causes)
