"""Reading requests: the path, the query, and the object in the body.

Everything that a client can get wrong before an operation begins is refused here, with what was found and what was
expected.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn, cast

import orjson

from ..apiobjects import JsonObject
from ..errors import ApiError, Cause, bad_request, invalid, invalid_option, invalid_patch
from ..kind import Kind
from ..operations.deletion import Deletion, Propagation
from ..types.fields import FieldError, read
from . import protobuf


@dataclass(frozen=True, slots=True)
class Place:
    """What a path names. `namespace` is None where the path has none; absent parts are empty texts."""

    group: str
    version: str
    namespace: str | None
    plural: str
    name: str
    subresource: str


def place(path: str) -> Place | None:
    """Read /api/v1/… or /apis/<group>/<version>/…; None when the path does not go as far as a kind."""
    parts = path.strip("/").split("/")
    if parts[0] == "api" and len(parts) >= 3:
        group, version, rest = "", parts[1], parts[2:]
    elif parts[0] == "apis" and len(parts) >= 4:
        group, version, rest = parts[1], parts[2], parts[3:]
    else:
        return None
    namespace = None
    # /namespaces/x/status is a part of the namespace x; any other third part names a kind within it.
    if rest[0] == "namespaces" and len(rest) > 2 and rest[2] not in ("status", "finalize"):
        namespace, rest = rest[1], rest[2:]
    plural, name, subresource = [*rest, "", ""][:3]
    return Place(group, version, namespace, plural, name, "/".join([subresource, *rest[3:]]).rstrip("/"))


Query = Mapping[str, str]
_LONGEST_MANAGER_BYTES = 128


def dry_run(query: Query, options: str) -> bool:
    """The parameter dryRun; `options` names the parameters' kind in the refusal."""
    if "dryRun" not in query:
        return False
    if query["dryRun"] != "All":
        rule = f'Unsupported value: ["{query["dryRun"]}"]: supported values: "All"'
        raise invalid_option(options, "dryRun", "FieldValueNotSupported", rule)
    return True


def field_manager(query: Query, options: str, user_agent: str) -> str:
    """Who writes: the parameter fieldManager, or the first part of the user agent. Raises ApiError (422)."""
    name = query.get("fieldManager", "")
    if len(name.encode()) > _LONGEST_MANAGER_BYTES:
        rule = f"Too long: may not be more than {_LONGEST_MANAGER_BYTES} bytes"
        raise invalid_option(options, "fieldManager", "FieldValueTooLong", rule)
    if not name.isprintable():
        rule = f'Invalid value: "{name}": should not contain unprintable characters'
        raise invalid_option(options, "fieldManager", "FieldValueInvalid", rule)
    agent = "".join(letter for letter in user_agent.partition("/")[0] if letter.isprintable())
    return name or agent.encode()[:_LONGEST_MANAGER_BYTES].decode(errors="ignore") or "unknown"


def refuse_force(query: Query) -> None:
    """Raise the 422 that meets a `force` on anything but an application."""
    if "force" in query:
        rule = "Forbidden: may not be specified for non-apply patch"
        raise invalid_option("PatchOptions", "force", "FieldValueForbidden", rule)


def number(query: Query, name: str) -> int | None:
    """A whole number in the query; None when absent. Raises ApiError (400)."""
    text = query.get(name, "")
    if not text:
        return None
    try:
        return int(text)
    except ValueError:
        raise bad_request(f"{name}={text}: expected a whole number") from None


def flag(query: Query, name: str) -> bool:
    """A yes or no in the query; absent is no. Raises ApiError (400)."""
    text = query.get(name, "false").lower()
    if text not in ("true", "1", "false", "0", ""):
        raise bad_request(f"{name}={text}: expected true or false")
    return text in ("true", "1")


def deletion(query: Query, body: bytes) -> Deletion:
    """The options of a DELETE, from its body (DeleteOptions) or its query."""
    options = plain_object(body, "DeleteOptions") if body else {}
    preconditions = options.get("preconditions", {})
    grace_s = options.get("gracePeriodSeconds", number(query, "gracePeriodSeconds"))
    return Deletion(
        grace_s=grace_s,
        propagation=_propagation(query, options),
        uid=preconditions.get("uid"),
        resource_version=preconditions.get("resourceVersion"),
        dry_run=dry_run(query, "DeleteOptions") or options.get("dryRun") == ["All"],
    )


def _propagation(query: Query, options: JsonObject) -> Propagation | None:
    """What is to become of dependents; None when nothing is said about it. Raises ApiError (422)."""
    policy: str | None = options.get("propagationPolicy", query.get("propagationPolicy")) or None
    orphan = options.get("orphanDependents")
    if orphan is None and "orphanDependents" in query:
        orphan = flag(query, "orphanDependents")
    if policy is not None and orphan is not None:
        rule = "Invalid value: orphanDependents and deletionPropagation cannot be both set"
        raise invalid_option("DeleteOptions", "propagationPolicy", "FieldValueInvalid", rule)
    if orphan is not None:
        return "Orphan" if orphan else "Background"
    if policy not in (None, "Background", "Foreground", "Orphan"):
        rule = f'Unsupported value: "{policy}": supported values: "Background", "Foreground", "Orphan"'
        raise invalid_option("DeleteOptions", "propagationPolicy", "FieldValueNotSupported", rule)
    return cast(Propagation | None, policy)


@dataclass(frozen=True, slots=True)
class Sent:
    """An object as it was sent, without kind and apiVersion, and what the client should be warned of."""

    body: JsonObject
    warnings: list[str] = field(default_factory=list)


def validation_mode(query: Query, options: str) -> str:
    """The parameter fieldValidation: Ignore, Warn or Strict. Raises ApiError (422)."""
    mode = query.get("fieldValidation", "") or "Warn"
    if mode not in ("Ignore", "Warn", "Strict"):
        rule = f'Unsupported value: "{mode}": supported values: "", "Ignore", "Strict", "Warn"'
        raise invalid_option(options, "fieldValidation", "FieldValueNotSupported", rule)
    return mode


def sent_object(kind: Kind, content_type: str, payload: bytes, mode: str) -> Sent:
    """The object in a POST or PUT. Raises ApiError (400, 415)."""
    if content_type not in ("application/json", protobuf.MEDIA_TYPE, "application/octet-stream", ""):
        offered = f"accepted media types include: application/json, {protobuf.MEDIA_TYPE}; found {content_type}"
        message = f"the body of the request was in an unknown format - {offered}"
        raise ApiError(415, "UnsupportedMediaType", message)
    raw = _json_object(payload, kind.kind)
    if kind.custom is not None:
        check_custom_kind(kind, raw)
    else:
        _check_kind(kind, raw)
    if mode == "Strict" and not protobuf.is_protobuf(payload):
        _refuse_duplicates(kind, payload)

    def refuse(why: str) -> ApiError:
        return bad_request(f'{kind.kind} in version "{kind.version}" cannot be handled as a {kind.kind}: {why}')

    return _typed(kind, raw, mode, refuse)


def patched_object(kind: Kind, raw: JsonObject, mode: str) -> Sent:
    """An object that a patch made. Raises ApiError (422)."""
    if kind.custom is not None:
        check_custom_kind(kind, raw)
    return _typed(kind, raw, mode, invalid_patch)


def _typed(kind: Kind, raw: JsonObject, mode: str, refusal: Callable[[str], ApiError]) -> Sent:
    try:
        reading = read(kind.schema, raw) if kind.custom is None else kind.custom.read(raw)
    except FieldError as error:
        raise refusal(str(error)) from None
    unknown = [f'unknown field "{path}"' for path in reading.unknown]
    if unknown and mode == "Strict":
        raise refusal("strict decoding error: " + ", ".join(unknown))
    reading.body.pop("kind", None)
    reading.body.pop("apiVersion", None)
    if (raw.get("metadata") or {}).get("managedFields") == []:
        # Not the same as none at all: it asks to forget who manages what.
        reading.body["metadata"]["managedFields"] = [{}]
    body = reading.body if kind.view is None else kind.view.take(reading.body)
    return Sent(body, unknown if mode == "Warn" else [])


def plain_object(payload: bytes, kind_name: str) -> JsonObject:
    """An object of a core/v1 kind that is not stored, such as a Binding. Raises ApiError (400)."""
    try:
        return read(f"V1{kind_name}", _json_object(payload, kind_name)).body
    except FieldError as error:
        raise bad_request(f"the body cannot be handled as a {kind_name}: {error}") from None


def _json_object(payload: bytes, kind_name: str) -> JsonObject:
    try:
        if protobuf.is_protobuf(payload):
            return protobuf.decode(payload)
        raw = orjson.loads(payload)
    except protobuf.ProtobufError as error:
        raise bad_request(f"the object provided is unrecognized (must be of type {kind_name}): {error}") from None
    except orjson.JSONDecodeError as error:
        raise bad_request(
            f"the object provided is unrecognized (must be of type {kind_name}): json parse error: {error}"
        ) from None
    if not isinstance(raw, dict):
        raise bad_request(f"the object provided is unrecognized (must be of type {kind_name}): not an object")
    return raw


def _check_kind(kind: Kind, raw: JsonObject) -> None:
    for name, own in (("apiVersion", kind.api_version), ("kind", kind.kind)):
        found = raw.get(name) or own
        if found != own:
            raise bad_request(f"the body cannot be handled as a {kind.kind}: {name} is {found!r}, expected {own!r}")


def check_custom_kind(kind: Kind, raw: JsonObject) -> None:
    """Custom objects have to say what they are. Raises ApiError (400, 422)."""
    for name, spelled in (("kind", "Kind"), ("apiVersion", "apiVersion")):
        if not isinstance(raw.get(name), str) or not raw[name]:
            raise bad_request(
                f"the object provided is unrecognized (must be of type {kind.kind}): Object '{spelled}' is missing"
            )
    if raw["apiVersion"] != kind.api_version:
        raise bad_request(
            f"the API version in the data ({raw['apiVersion']}) does not match the expected API version "
            f"({kind.api_version})"
        )
    if raw["kind"] != kind.kind:
        own_name = raw["metadata"].get("name", "") if isinstance(raw.get("metadata"), dict) else ""
        cause = Cause("FieldValueInvalid", f'Invalid value: "{raw["kind"]}": must be {kind.kind}', "kind")
        raise invalid(raw["kind"], kind.group, own_name, [cause])


def _refuse_duplicates(kind: Kind, payload: bytes) -> None:
    def once(pairs: list[tuple[str, Any]]) -> JsonObject:
        result: JsonObject = {}
        for key, value in pairs:
            if key in result:
                _duplicate(kind, key)
            result[key] = value
        return result

    json.loads(payload, object_pairs_hook=once)


def _duplicate(kind: Kind, key: str) -> NoReturn:
    raise bad_request(
        f'{kind.kind} in version "{kind.version}" cannot be handled as a {kind.kind}: strict decoding error: '
        f'duplicate field "{key}"'
    )
