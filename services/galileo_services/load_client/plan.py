"""What load clients are to do: who calls which function from where, how often, when; and where they reach a gateway.

A plan is a JSON file, written by whoever knows the experiment and read once when the service starts.
"""

from __future__ import annotations

from pathlib import Path
from random import Random

import msgspec
from galileo_bus.service import SettingError

from galileo_services.load_client.pacing import ArrivalKind, due_offsets_s, steps


class Caller(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A place from where people call: the worker pod whose name their client ids carry, and its zone's gateway.

    `source_address` is what outgoing connections are bound to; empty: any.
    """

    worker: str
    gateway_host: str
    gateway_port: int
    source_address: str = ""


class Phase(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """From `start_s` to `end_s` after the start, requests come from `zone` at `rps` a second."""

    start_s: float
    end_s: float
    zone: str
    rps: float


class Crowd(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """People who call one function."""

    function: str
    phases: list[Phase]
    arrivals: ArrivalKind = "poisson"

    def zones(self) -> list[str]:
        """The zones of its phases, in the order of their names."""
        return sorted({phase.zone for phase in self.phases})

    def rate_at(self, zone: str, at_s: float) -> float:
        """Requests a second that are due from a zone `at_s` seconds after the start."""
        return sum(phase.rps for phase in self.phases if phase.zone == zone and phase.start_s <= at_s < phase.end_s)

    def due_offsets_s(self, zone: str, rng: Random) -> list[float]:
        """When requests from a zone are due: its phases there, silence in between."""
        here = sorted((phase for phase in self.phases if phase.zone == zone), key=lambda phase: phase.start_s)
        curve: list[tuple[float, float]] = []
        at = 0.0
        for phase in here:
            curve += [(phase.start_s - at, 0.0), (phase.end_s - phase.start_s, phase.rps)]
            at = phase.end_s
        return list(due_offsets_s(steps([(length, rps) for length, rps in curve if length > 0]), self.arrivals, rng))


class PlannedMove(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`at_s` seconds after the start, phases let people who call `fn` go from one zone to another."""

    at_s: float
    fn: str
    origin_zone: str
    dest_zone: str


class LoadPlan(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole plan; `seed` fixes arrivals and the names of requests."""

    seed: int
    callers: dict[str, Caller]
    crowds: list[Crowd]
    moves: list[PlannedMove] = []

    @property
    def functions(self) -> list[str]:
        """The functions that people call, in the order of their names."""
        return sorted({crowd.function for crowd in self.crowds})


def read_plan(path: str) -> LoadPlan:
    """Reads a plan. Raises `SettingError` with the file and what was expected."""
    if not path:
        raise SettingError("load_client_plan=: expected the JSON file of a plan, such as load-plan.json of a run")
    try:
        plan = msgspec.json.decode(Path(path).read_bytes(), type=LoadPlan)
    except OSError as error:
        raise SettingError(f"load_client_plan={path}: cannot be read ({error.strerror})") from None
    except msgspec.MsgspecError as error:
        raise SettingError(f"load_client_plan={path}: is no plan: {error}") from None
    nowhere = {phase.zone for crowd in plan.crowds for phase in crowd.phases} - plan.callers.keys()
    if nowhere:
        raise SettingError(f"load_client_plan={path}: expected callers for the zone {min(nowhere)!r}, too")
    return plan
