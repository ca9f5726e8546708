"""What the API server answers when it does not do what was asked, as exceptions that a caller can tell apart.

The body of a refusal is a `Status` object: `reason` is the word for programs, `message` the sentence for people. A
proxy in between may answer with anything; then the HTTP status alone decides.
"""

# ruff: noqa: N818 - named after the `reason` words of the API server, which readers of its messages know.

from collections.abc import Mapping
from typing import Any


class ApiError(Exception):
    """The API server did not do it. Base of the others, and itself where none of them fits.

    Attributes:
        status: HTTP status (or the code of an ERROR in a watch); 0 where there was no answer.
        reason: the API server's word for it, such as `NotFound`; empty where it gave none.
        message: its sentence.
        details: its `details` (`name`, `kind`, `causes`, …), empty where there were none.
    """

    def __init__(
        self, status: int, reason: str, message: str, details: Mapping[str, Any] | None = None, *, request: str = ""
    ) -> None:
        where = f"{request}: " if request else ""
        super().__init__(f"{where}{status} {reason or 'error'}: {message}")
        self.status = status
        self.reason = reason
        self.message = message
        self.details: Mapping[str, Any] = details or {}


class Unauthorized(ApiError):
    """401: the API server does not know who asks."""


class Forbidden(ApiError):
    """403: it knows, and says no."""


class NotFound(ApiError):
    """404: no such object, or no such kind of objects."""


class Conflict(ApiError):
    """409: the object is not as the request takes for granted (resource version, UID, already bound)."""


class AlreadyExists(ApiError):
    """409 with the reason AlreadyExists: an object of this name is there."""


class Gone(ApiError):
    """410: the resource version is older than what the API server remembers. List again."""


class Invalid(ApiError):
    """422: the object breaks a rule; `details["causes"]` says which."""


class TooManyRequests(ApiError):
    """429: try again after `retry_after_s` seconds (1 where the API server did not say). Evictions say so as well."""

    retry_after_s: float = 1.0


class ServerUnavailable(ApiError):
    """No connection, no answer in time, or 5xx. A write that ends so may still have happened."""


_BY_STATUS: dict[int, type[ApiError]] = {
    401: Unauthorized,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    410: Gone,
    422: Invalid,
    429: TooManyRequests,
}


def error_from(status: int, body: object, *, retry_after: str | None = None, request: str = "") -> ApiError:
    """The exception for an answer.

    Args:
        status: the HTTP status; a `code` in the body goes before it (a watch says 410 inside a 200).
        body: the parsed body, or the text of one that is no JSON object.
        retry_after: the header of that name.
        request: what was asked, for the message.
    """
    fields: Mapping[str, Any] = body if isinstance(body, dict) else {"message": str(body)[:200]}
    code = int(fields.get("code") or status)
    reason = str(fields.get("reason") or "")
    kind = _BY_STATUS.get(code, ServerUnavailable if code >= 500 else ApiError)
    if code == 409 and reason == "AlreadyExists":
        kind = AlreadyExists
    details = fields.get("details")
    details = details if isinstance(details, dict) else {}
    error = kind(code, reason, str(fields.get("message") or "no message"), details, request=request)
    if isinstance(error, TooManyRequests):
        error.retry_after_s = _seconds(retry_after or details.get("retryAfterSeconds"))
    return error


def _seconds(value: object) -> float:
    """Retry-After as seconds; 1 where it is missing, a date, or nonsense."""
    try:
        return max(0.0, float(str(value)))
    except ValueError:
        return 1.0
