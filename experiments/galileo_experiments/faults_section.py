"""Reads `faults` of a scenario file: what is to be broken, when, and for how long."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from galileo_schemas.events import FAULT_KINDS, Fault
from galileo_schemas.fault_fields import POSSIBLE_FIELDS, fields_of, target_of, told

from galileo_experiments.located_yaml import Located
from galileo_experiments.moment import KEYS, RunLength, read_moment
from galileo_experiments.scenario import ScheduledFault
from galileo_experiments.section import Section, choice, items


class Places:
    """The names that faults may hit."""

    def __init__(self, *, nodes: Sequence[str], zones: Sequence[str], services: Sequence[str]) -> None:
        self.nodes = nodes
        self.places = [*zones, *nodes]
        self.services = services


def read_faults(located: Located | None, places: Places, length: RunLength) -> tuple[ScheduledFault, ...]:
    """All faults, by the time at which they begin."""
    if located is None:
        return ()
    read = [(entry, _fault(entry, places, length)) for entry in items(located, what="faults")]
    read.sort(key=lambda pair: pair[1].at_s)
    for (_, earlier), (entry, later) in itertools.combinations(read, 2):
        if target_of(earlier.fault) == target_of(later.fault) and later.at_s < earlier.end_s:
            until = f"until {earlier.end_s:g} s" if earlier.fault.duration_s else "to the end, as it has no for_s"
            raise entry.place.error(f"at {later.at_s:g} s, {told(earlier.fault)} already, {until}")
    return tuple(fault for _, fault in read)


def _fault(located: Located, places: Places, length: RunLength) -> ScheduledFault:
    section = Section(located, what="a fault", known=(*KEYS, "kind", "for_s", *POSSIBLE_FIELDS))
    name = choice(section.need("kind", "what kind of fault"), FAULT_KINDS, what="kind of fault")
    kind = next(known for known in FAULT_KINDS if known == name)
    needed = fields_of(kind)
    for key in POSSIBLE_FIELDS:
        belongs = key in needed or (key == "half_open" and kind == "cut_bus")
        if not belongs and (given := section.get(key)) is not None:
            raise given.place.error(f"{kind} takes {', '.join(needed)}, not {key}")
    fault = Fault(
        kind=kind,
        node=_name(section, "node", places.nodes, "node", needed),
        origin=_name(section, "origin", places.places, "zone or node", needed),
        destination=_name(section, "destination", places.places, "zone or node", needed),
        service=_name(section, "service", places.services, "service on the bus", needed),
        latency_ms=_amount(section, "latency_ms", "milliseconds more", needed),
        cores=_amount(section, "cores", "how many cores", needed),
        half_open=section.flag("half_open"),
        duration_s=section.number("for_s", "for how many seconds", default=0.0),
    )
    return ScheduledFault(at_s=read_moment(section, length, what="fault"), fault=fault)


def _name(section: Section, key: str, known: Sequence[str], what: str, needed: Sequence[str]) -> str:
    return choice(section.need(key, f"the {what}"), known, what=what) if key in needed else ""


def _amount(section: Section, key: str, expected: str, needed: Sequence[str]) -> float:
    return section.number(key, expected, positive=True) if key in needed else 0.0
