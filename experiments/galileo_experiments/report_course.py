"""The rows of report.json that tell the course of a run: what was done to it, and how it went from one to the next.

Times are seconds after the start of the load.
"""

from __future__ import annotations

import msgspec


class ResponseTimes(msgspec.Struct, kw_only=True):
    """Exact percentiles of the response times of the `count` requests that succeeded, in milliseconds."""

    p50: float
    p95: float
    p99: float
    count: int


class MoveRow(msgspec.Struct, kw_only=True):
    """People who left a zone, and how long until a pod in the new one served them (null: it never happened).

    `asked`: somebody asked for it while the run went on; the scenario does not tell of it. Response times are those of
    the people who moved: in the zone that they left, in the new one until it answered, and there from then on, each
    until people of that function moved again; null where nobody was answered.
    """

    at_s: float
    fn: str
    from_zone: str
    to_zone: str
    reaction_s: float | None
    asked: bool = False
    before: ResponseTimes | None = None
    until_answered: ResponseTimes | None = None
    afterwards: ResponseTimes | None = None


class RateRow(msgspec.Struct, kw_only=True):
    """From `t_s` on, so many requests a second for a function were to come from a zone; `before` that many."""

    t_s: float
    fn: str
    zone: str
    before: float
    rps: float


class PauseRow(msgspec.Struct, kw_only=True):
    """Clients that sent nothing because somebody asked for it: those of a function, of a zone, or all ("")."""

    from_s: float
    to_s: float | None
    fn: str
    zone: str


class FaultRow(msgspec.Struct, kw_only=True):
    """What was broken, from when until when (null: to the end); `text` tells it in words, `by` who asked for it."""

    from_s: float
    to_s: float | None
    kind: str
    text: str
    target: str
    by: str = ""


class SettingRow(msgspec.Struct, kw_only=True):
    """A service worked with another value of a setting from `t_s` on."""

    t_s: float
    service: str
    variable: str
    before: str
    value: str
    by: str = ""


class NodeDownRow(msgspec.Struct, kw_only=True):
    """When the cluster knew that a node was not ready, or gone; `to_s` null: until the end."""

    node: str
    zone: str
    from_s: float
    to_s: float | None


class StretchRow(msgspec.Struct, kw_only=True):
    """The run between two things that happened to it; `began` names those at its start.

    Response times, failures and the zones that served are by client zone, of all requests sent in that time.
    """

    from_s: float
    to_s: float
    began: list[str]
    latency_ms: dict[str, ResponseTimes]
    failed: dict[str, int]
    served: dict[str, dict[str, int]]
