"""The accounts of a client group: every request that was due ends as succeeded or as failed, and never as both."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field


@dataclass(slots=True)
class RequestCounts:
    """`sent` counts every request that fell due, so at the end sent = succeeded + failed.

    `failed_by_reason`: "status <n>" for an answer outside 200 to 299, else what kept the answer away: connect_failed,
    timed_out, connection_lost, bad_response, too_many_in_flight, stopped, or internal_error (a fault of the client).
    """

    sent: int = 0
    succeeded: int = 0
    failed_by_reason: Counter[str] = field(default_factory=Counter)

    @property
    def failed(self) -> int:
        return self.failed_by_reason.total()

    @property
    def in_flight(self) -> int:
        return self.sent - self.succeeded - self.failed
