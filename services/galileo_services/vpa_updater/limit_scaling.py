"""A container's limit keeps its proportion to the request when the request changes.

Source: kubernetes/autoscaler, vertical-pod-autoscaler/pkg/utils/vpa/limit_and_request_scaling.go.
"""

from __future__ import annotations

MAX_LIMIT = 2**63 - 1
"""What a proportion that no quantity can hold is cut down to."""


def proportional_limit(
    *, limit: int | None, request: int | None, recommended: int, default_limit: int | None = None
) -> int | None:
    """The new limit, in the unit of the others (millicores or bytes), rounded down; None: there is to be none.

    `default_limit` is what the namespace gives to containers without one. A container with a limit and no request
    requests as much as its limit.
    """
    limit = limit or default_limit
    if not limit or not recommended:
        return None
    if not request or request == limit:
        return recommended
    return min(limit * recommended // request, MAX_LIMIT)
