"""What people, scenarios and live views ask of a running system, and what was done about it.

An ask (`client_pause`, `client_resume`, `client_move`, `fault`, `fault_end`, `setting_change`) may be published by
hand. Whoever can do it does it and says so with the record beside it (`load_moved`, `load_paused`, `fault_begun`, …),
which is what reports mark. An ask that cannot be met is answered by `ask_refused`, with the reason.
"""

from __future__ import annotations

from typing import Literal

from galileo_schemas.event import Delivery, Event, event

FaultKind = Literal["kill_node", "add_latency", "burn_cpu", "cut_bus"]
FAULT_KINDS: tuple[FaultKind, ...] = ("kill_node", "add_latency", "burn_cpu", "cut_bus")


class _Clients(Event, kw_only=True):
    """Which clients are meant: those of a function, of a zone, or all where both are empty."""

    fn: str = ""
    zone: str = ""


@event("client_pause", Delivery.OBSERVATION)
class ClientPause(_Clients, kw_only=True):
    """These clients are to send nothing until they are resumed. What is due meanwhile is not sent later.

    Clients of a zone are those who call from there, whoever that is by then.
    """


@event("client_resume", Delivery.OBSERVATION)
class ClientResume(_Clients, kw_only=True):
    """These clients are to go on at the rates that hold by then."""


@event("client_move", Delivery.OBSERVATION)
class ClientMove(Event, kw_only=True):
    """Clients of a function (of all, where `fn` is empty) are to call from `dest_zone` instead of `origin_zone`.

    They keep their rates. Where their schedule says `origin_zone`, they call from `dest_zone` until moved again.
    """

    origin_zone: str
    dest_zone: str
    fn: str = ""


@event("load_paused", Delivery.RECORD)
class LoadPaused(_Clients, kw_only=True):
    """Clients have stopped sending (`paused`), or go on."""

    paused: bool


class AnyFault(Event, kw_only=True):
    """What is broken. Which fields matter depends on `kind`; the others stay empty.

    `kill_node`: `node` fails at once, without a word. `add_latency`: the round trip between `origin` and
    `destination` (zones or nodes) takes `latency_ms` longer. `burn_cpu`: `cores` of `node` are used by something else.
    `cut_bus`: `service` neither hears nor is heard; its connections are reset, or, with `half_open`, stay open and
    carry nothing.
    """

    kind: FaultKind
    node: str = ""
    origin: str = ""
    destination: str = ""
    latency_ms: float = 0.0
    cores: float = 0.0
    service: str = ""
    half_open: bool = False


@event("fault", Delivery.OBSERVATION)
class Fault(AnyFault, kw_only=True):
    """Something is to be broken, for `duration_s` seconds, or until `fault_end` where that is 0."""

    duration_s: float = 0.0


@event("fault_end", Delivery.OBSERVATION)
class FaultEnd(AnyFault, kw_only=True):
    """What was broken is to work again. Empty fields match any fault of the kind."""


@event("fault_begun", Delivery.RECORD)
class FaultBegun(AnyFault, kw_only=True):
    """A fault has been put in place."""

    duration_s: float = 0.0


@event("fault_ended", Delivery.RECORD)
class FaultEnded(AnyFault, kw_only=True):
    """A fault has been taken away."""


@event("setting_change", Delivery.OBSERVATION)
class SettingChange(Event, kw_only=True):
    """A service's setting is to have another value from now on, named by its environment variable."""

    service: str
    variable: str
    value: str


@event("setting_changed", Delivery.RECORD)
class SettingChanged(Event, kw_only=True):
    """A service works with another value of a setting."""

    service: str
    variable: str
    value: str
    before: str = ""


@event("ask_refused", Delivery.RECORD)
class AskRefused(Event, kw_only=True):
    """An ask cannot be met: `ask` is its event name, `reason` says what was expected."""

    ask: str
    reason: str
