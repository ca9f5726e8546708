"""AdmissionReview, version v1: how a question is written and an answer read."""

import base64
import binascii
from dataclasses import dataclass, field
from typing import Any

import orjson

from ..apiobjects import JsonObject
from ..operations.reviewing import Stage
from .attributes import USER, Attributes

API_VERSION = "admission.k8s.io/v1"


class AnswerError(ValueError):
    """Not a valid answer; the message says what was expected."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A webhook's answer. `patch` is a JSON patch as sent, empty for none; `status` says why it was denied."""

    allowed: bool
    status: JsonObject = field(default_factory=dict)
    patch: bytes = b""
    warnings: list[str] = field(default_factory=list)


def request_of(seen: Attributes, made: Attributes, *, uid: str) -> JsonObject:
    """The request part of a question: `seen` is the request as the webhook wants it, `made` as it was made."""
    request: JsonObject = {"uid": uid, "kind": seen.object_kind, "resource": seen.resource}
    if seen.subresource:
        request["subResource"] = seen.subresource
    request |= {"requestKind": made.object_kind, "requestResource": made.resource}
    if made.subresource:
        request["requestSubResource"] = made.subresource
    if made.name:
        request["name"] = made.name
    if made.namespace:
        request["namespace"] = made.namespace
    return {
        **request,
        "operation": made.operation,
        "userInfo": USER,
        "object": seen.body,
        "oldObject": seen.old,
        "dryRun": made.dry_run,
        "options": made.options or None,
    }


def question(seen: Attributes, made: Attributes, *, uid: str) -> bytes:
    """The body of a question."""
    review = {"kind": "AdmissionReview", "apiVersion": API_VERSION, "request": request_of(seen, made, uid=uid)}
    return orjson.dumps(review)


def read_answer(payload: bytes, *, uid: str, stage: Stage) -> Answer:
    """Read an answer. Raises AnswerError."""
    try:
        review = orjson.loads(payload)
    except orjson.JSONDecodeError as error:
        raise AnswerError(f"expected a JSON object: {error}") from None
    found = (review.get("apiVersion"), review.get("kind")) if isinstance(review, dict) else None
    if found != (API_VERSION, "AdmissionReview"):
        raise AnswerError(f"expected webhook response of {API_VERSION}, Kind=AdmissionReview, got {found}")
    response = review.get("response")
    if not isinstance(response, dict):
        raise AnswerError("webhook response was absent")
    if response.get("uid") != uid:
        raise AnswerError(f"expected response.uid={uid!r}, got {response.get('uid')!r}")
    allowed, status = response.get("allowed", False), response.get("status") or {}
    if not isinstance(allowed, bool) or not isinstance(status, dict):
        raise AnswerError("expected response.allowed to be true or false, and response.status to be an object")
    warnings = response.get("warnings") or []
    if not isinstance(warnings, list) or not all(isinstance(warning, str) for warning in warnings):
        raise AnswerError("expected response.warnings to be a list of texts")
    return Answer(allowed, status, _patch(response, stage), warnings)


def _patch(response: JsonObject, stage: Stage) -> bytes:
    patch, kind = response.get("patch"), response.get("patchType")
    if stage == "validating" and (patch or kind):
        raise AnswerError("validating webhook may not return response.patch or response.patchType")
    if patch and not kind:
        raise AnswerError("webhook returned response.patch but not response.patchType")
    if kind and not patch:
        raise AnswerError("webhook returned response.patchType but not response.patch")
    if not patch:
        return b""
    if kind != "JSONPatch":
        raise AnswerError(f"webhook returned invalid response.patchType of {kind!r}, expected JSONPatch")
    return _decoded(patch)


def _decoded(patch: Any) -> bytes:
    if not isinstance(patch, str):
        raise AnswerError("expected response.patch to be a JSON patch in base64")
    try:
        decoded = base64.b64decode(patch, validate=True)
        operations = orjson.loads(decoded)
    except (binascii.Error, orjson.JSONDecodeError) as error:
        raise AnswerError(f"expected response.patch to be a JSON patch in base64: {error}") from None
    return decoded if operations != [] else b""
