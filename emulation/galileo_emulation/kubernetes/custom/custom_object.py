"""The objects of one version of a custom kind: how they are read, defaulted and checked.

An object comes in as JSON of any form; what is not in the schema is pruned when it is read, its metadata is read as
that of every object. What is stored has no apiVersion and kind, which are put back before rules and schema look at it.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from ..apiobjects import JsonObject
from ..errors import Cause
from ..kind import ScalePaths
from ..types.fields import FieldError, Reading, read
from .defaulting import default
from .pruning import prune
from .rules import violations
from .structural_schema import MISSING, Json, Schema
from .value_validation import schema_causes

# Objects are written within others (lists, reviews), and the encoder goes no deeper than 254 levels.
_DEEPEST = 200
_LARGEST_REPLICAS = 2**31 - 1
# With these wrong, rules would speak of values that are not there.
_BLOCKING = ("FieldValueRequired", "FieldValueTypeInvalid", "FieldValueTooLong", "FieldValueTooMany")
_NOT_CHECKED = (
    "Invalid value: some validation rules were not checked because the object was invalid; correct the existing errors "
    "to complete validation"
)


@dataclass(frozen=True, slots=True)
class CustomObjects:
    """What has to be known of a version to read and check its objects."""

    group: str
    version: str
    kind: str
    schema: Schema
    has_status: bool
    scale: ScalePaths | None

    def read(self, raw: JsonObject) -> Reading:
        """Read an object as sent, pruned. Raises FieldError for metadata of a wrong type, and for too many levels."""
        # The metadata of every type is the same.
        identity = read("V1ConfigMap", {"metadata": raw.get("metadata") or {}})
        body = {**raw, "metadata": identity.body["metadata"]}
        unknown = [*prune(body, self.schema, root=True), *identity.unknown]
        if _is_deeper(body, _DEEPEST):
            raise FieldError(
                f"the object is nested deeper than {_DEEPEST} levels, which is the most that can be stored"
            )
        return Reading(body, unknown)

    def default(self, body: JsonObject) -> None:
        """Fill in the schema's defaults; metadata has none."""
        metadata = body.pop("metadata")
        default(body, self.schema)
        body["metadata"] = metadata

    def causes(self, body: JsonObject) -> list[Cause]:
        """What is wrong with a new object."""
        return list(self._causes(body, MISSING))

    def change_causes(self, new: JsonObject, old: JsonObject) -> list[Cause]:
        """What is wrong with a changed object."""
        return list(self._causes(new, old))

    def status_causes(self, new: JsonObject, old: JsonObject) -> list[Cause]:
        """What is wrong with a status that was written by itself."""
        return list(self._status_causes(new, old))

    def _causes(self, body: JsonObject, old: JsonObject | object) -> Iterator[Cause]:
        whole = self._whole(body)
        before = self._whole(old) if isinstance(old, dict) else MISSING
        causes = schema_causes(whole, self.schema, old=before)
        yield from causes
        if self.scale is not None:
            yield from _replicas_causes(body, self.scale.replicas)
        if self.schema.has_rules:
            yield from self._rule_causes(whole, before, causes)

    def _status_causes(self, body: JsonObject, old: JsonObject) -> Iterator[Cause]:
        schema = self.schema.properties.get("status")
        causes: list[Cause] = []
        if schema is not None and "status" in body:
            causes = schema_causes(body["status"], schema, "status", old=old.get("status", MISSING))
        yield from causes
        if self.scale is not None:
            yield from _replicas_causes(body, self.scale.status_replicas)
        if self.schema.has_rules:
            yield from self._rule_causes(self._whole(body), self._whole(old), causes)

    def _rule_causes(self, whole: JsonObject, before: Json, causes: list[Cause]) -> Iterator[Cause]:
        if any(cause.reason in _BLOCKING for cause in causes):
            yield Cause("FieldValueInvalid", _NOT_CHECKED, "<nil>")
        else:
            yield from violations(whole, self.schema, old=before)

    def _whole(self, body: JsonObject) -> JsonObject:
        return {"apiVersion": f"{self.group}/{self.version}", "kind": self.kind, **body}


def _is_deeper(value: Json, levels: int) -> bool:
    waiting = [(value, 0)]
    while waiting:
        found, level = waiting.pop()
        if level > levels:
            return True
        if isinstance(found, dict | list):
            waiting += [(part, level + 1) for part in (found.values() if isinstance(found, dict) else found)]
    return False


def _replicas_causes(body: JsonObject, path: tuple[str, ...]) -> Iterator[Cause]:
    found: Json = body
    for step in path:
        found = found.get(step) if isinstance(found, dict) else None
    field = "." + ".".join(path)
    if found is None:
        return
    if not isinstance(found, int) or isinstance(found, bool):
        rule = f"{field} accessor error: {found} is not an integer"
        yield Cause("FieldValueInvalid", f"Invalid value: 0: {rule}", field)
    elif not 0 <= found <= _LARGEST_REPLICAS:
        rule = (
            "should be a non-negative integer" if found < 0 else f"should be less than or equal to {_LARGEST_REPLICAS}"
        )
        yield Cause("FieldValueInvalid", f"Invalid value: {found}: {rule}", field)
