"""The rows of report.json that tell of resources: what containers used, requested and should have requested.

CPU in thousandths of a core, memory in bytes; times `t_s` are seconds after the start of the load.
"""

from __future__ import annotations

import msgspec


class Bounds(msgspec.Struct, kw_only=True):
    """What should be requested of one resource, and between which bounds a request may stay as it is."""

    target: float
    lower: float
    upper: float


class RecommendationRow(msgspec.Struct, kw_only=True):
    """What a function's container should request from `t_s` on; null for a resource that is not controlled.

    A `shadow` recommendation is not acted on.
    """

    t_s: float
    fn: str
    container: str
    cpu_millicores: Bounds | None
    memory_bytes: Bounds | None
    policy: str = ""
    shadow: bool = False


class Amounts(msgspec.Struct, kw_only=True):
    """Requests of one container; null where nothing is said."""

    cpu_millicores: float | None = None
    memory_bytes: float | None = None


class ResizeRow(msgspec.Struct, kw_only=True):
    """A step of a change of a pod's requests, as `vpa_update` said it; `before` and `after` are by container."""

    t_s: float
    pod: str
    fn: str
    node: str
    mode: str
    result: str
    message: str
    before: dict[str, Amounts]
    after: dict[str, Amounts]


class UsageRow(msgspec.Struct, kw_only=True):
    """What the containers of one name in a function's `pods` pods of a zone used, in the stretch of time around `t_s`.

    Means over pods and windows, and the largest of any.
    """

    t_s: float
    fn: str
    container: str
    zone: str
    pods: int
    cpu_millicores: float | None
    cpu_millicores_max: float | None
    memory_bytes: float | None
    memory_bytes_max: float | None


class ContainerRequestRow(msgspec.Struct, kw_only=True):
    """From `t_s` until `until_s` (null: the end) a pod's container ran with these requests."""

    t_s: float
    until_s: float | None
    pod: str
    fn: str
    container: str
    cpu_millicores: float | None
    memory_bytes: float | None


class WeightTarget(msgspec.Struct, kw_only=True):
    """Where a gateway may send a request: `pod` and `zone` of the address, "" where no event tells of it."""

    address: str
    pod: str
    zone: str
    weight: int


class WeightRow(msgspec.Struct, kw_only=True):
    """From `t_s` on, the weights of a function on the gateways of a zone."""

    t_s: float
    fn: str
    zone: str
    targets: list[WeightTarget]
