"""Refusals, as the API words them: a Status object with a code, a reason and details that clients act upon.

Whatever refuses a request raises `ApiError`; the HTTP shell turns it into the answer. Messages are for people, while
`reason`, `code` and `details` follow the real server's.
"""

from typing import NamedTuple

from .apiobjects import JsonObject
from .kind import Kind

NAMESPACE_TERMINATING = "NamespaceTerminating"


class Cause(NamedTuple):
    """One thing that is wrong with an object: an API reason such as FieldValueInvalid, words, and the field's path."""

    reason: str
    message: str
    field: str


class ApiError(Exception):
    """A refused request. `status` is the body to answer with, `warnings` what the client should be told besides."""

    def __init__(
        self,
        code: int,
        reason: str | None,
        message: str,
        details: JsonObject | None = None,
        *,
        continue_token: str | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.reason = reason
        self.message = message
        self.details = details
        self.warnings: list[str] = []
        self.continue_token = continue_token

    @property
    def status(self) -> JsonObject:
        """The Status object."""
        metadata = {"continue": self.continue_token} if self.continue_token else {}
        status: JsonObject = {"kind": "Status", "apiVersion": "v1", "metadata": metadata, "status": "Failure"}
        status["message"] = self.message
        if self.reason:
            status["reason"] = self.reason
        if self.details is not None:
            status["details"] = self.details
        status["code"] = self.code
        return status


def success(code: int, details: JsonObject | None = None) -> JsonObject:
    """The Status of a request that was granted and has no object to show."""
    status: JsonObject = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success"}
    if details is not None:
        status["details"] = details
    else:
        status["code"] = code
    return status


def resource_details(kind: Kind, name: str) -> JsonObject:
    """`details` that name a resource by its plural, as 404 and 409 do."""
    details: JsonObject = {"name": name} if name else {}
    if kind.group:
        details["group"] = kind.group
    details["kind"] = kind.plural
    return details


def not_found(kind: Kind, name: str) -> ApiError:
    """404: there is no such object."""
    return ApiError(404, "NotFound", f'{kind.resource} "{name}" not found', resource_details(kind, name))


def already_exists(kind: Kind, name: str) -> ApiError:
    """409: the name is taken."""
    return ApiError(409, "AlreadyExists", f'{kind.resource} "{name}" already exists', resource_details(kind, name))


def namespace_terminating(kind: Kind, namespace: str, name: str) -> ApiError:
    """403: nothing new is taken into a namespace that is being deleted."""
    why = f"unable to create new content in namespace {namespace} because it is being terminated"
    cause = Cause(NAMESPACE_TERMINATING, f"namespace {namespace} is being terminated", "metadata.namespace")
    details = {**resource_details(kind, name), "causes": [cause._asdict()]}
    return ApiError(403, "Forbidden", f'{kind.resource} "{name}" is forbidden: {why}', details)


def conflict(kind: Kind, name: str, why: str) -> ApiError:
    """409: the request was made for another state of the object."""
    message = f'Operation cannot be fulfilled on {kind.resource} "{name}": {why}'
    return ApiError(409, "Conflict", message, resource_details(kind, name))


def conflict_over_object(kind: Kind, name: str, why: str) -> ApiError:
    """409 of a delete's preconditions, which name the kind and not the resource."""
    message = f'Operation cannot be fulfilled on {kind.kind} "{name}": {why}'
    return ApiError(409, "Conflict", message, {"name": name, "kind": kind.kind})


def modified_meanwhile(kind: Kind, name: str) -> ApiError:
    """409: the resourceVersion that came with the request is not the present one."""
    why = "the object has been modified; please apply your changes to the latest version and try again"
    return conflict(kind, name, why)


def bad_request(message: str) -> ApiError:
    """400."""
    return ApiError(400, "BadRequest", message)


def invalid(kind_name: str, group: str, name: str, causes: list[Cause]) -> ApiError:
    """422 with one cause for each thing that is wrong."""
    sentences = [f"{cause.field}: {cause.message}" for cause in causes]
    text = sentences[0] if len(sentences) == 1 else f"[{', '.join(sentences)}]"
    qualified = f"{kind_name}.{group}" if group else kind_name
    details: JsonObject = {"name": name} if name else {}
    if group:
        details["group"] = group
    if kind_name:
        details["kind"] = kind_name
    details["causes"] = [cause._asdict() for cause in causes]
    return ApiError(422, "Invalid", f'{qualified} "{name}" is invalid: {text}', details)


def invalid_option(options: str, field: str, reason: str, message: str) -> ApiError:
    """422 about a query parameter; `options` is the parameters' kind, such as ListOptions."""
    return invalid(options, "meta.k8s.io", "", [Cause(reason, message, field)])


def invalid_patch(message: str) -> ApiError:
    """422: the patched object cannot be read as its kind."""
    return invalid("", "", "", [Cause("FieldValueInvalid", f"Invalid value: {message}", "patch")])


def internal_error(message: str) -> ApiError:
    """500: the fault is not the client's."""
    return ApiError(500, "InternalError", f"Internal error occurred: {message}", {"causes": [{"message": message}]})


def method_not_allowed() -> ApiError:
    """405."""
    return ApiError(405, "MethodNotAllowed", "the server does not allow this method on the requested resource", {})


def no_such_resource() -> ApiError:
    """404: the path names a resource or subresource that is not served."""
    return ApiError(404, "NotFound", "the server could not find the requested resource", {})


def expired(message: str, continue_token: str | None = None) -> ApiError:
    """410: the moment that was asked for is no longer remembered; list again."""
    return ApiError(410, "Expired", message, continue_token=continue_token)
