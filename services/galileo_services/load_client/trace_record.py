"""What a load client says about each request that it was to send."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceRecord:
    """One request. Times are unix seconds with created <= sent <= done.

    `created`: when the request was due. `sent`: just before it was sent. `done`: when its answer was complete, or when
    it failed. `status`: of the HTTP answer, or -1 without one; then `server`, `headers` and `response` are None.
    `server`: host:port that was asked. `headers`: of the answer; values under one name are joined by ", ".
    """

    request_id: str
    client: str
    service: str
    created: float
    sent: float
    done: float
    status: int
    server: str | None
    exp_id: str | None
    headers: dict[str, str] | None
    response: str | None
