"""All checks of a plug-in, in the order in which an author would mend what they find."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import NamedTuple

from galileo_cli.plugin_check.blocking import check_blocking
from galileo_cli.plugin_check.decisions import check_decisions
from galileo_cli.plugin_check.declarations import check_docstring, check_name, check_settings, check_work
from galileo_cli.plugin_check.event_types import check_event
from galileo_cli.plugin_check.finding import Finding
from galileo_cli.plugin_check.handlers import check_handlers
from galileo_cli.plugin_check.sources import source_of
from galileo_cli.plugin_check.subject import Subject
from galileo_cli.plugin_check.tests_found import check_tests
from galileo_cli.service_table import SERVICES


class Checked(NamedTuple):
    """`well`: what holds when nothing wrong was found."""

    well: str
    findings: list[Finding]


def check(subject: Subject) -> Iterator[Checked]:
    """Runs all checks."""
    services, entry = subject.services, subject.entry_name
    sources = [source_of(module) for module in subject.modules]
    names = ", ".join(service.name for service in services)
    is_ours = subject.module.__name__.startswith("galileo_services.")
    taken = {service: service.name in SERVICES and not is_ours for service in services}
    yield _checked(
        f"name: {names}", (check_name(service, entry_name=entry, taken=taken[service]) for service in services)
    )
    yield _checked("docstring", map(check_docstring, services))
    yield _checked("settings documented and validated", map(check_settings, services))
    yield _checked("does something", map(check_work, services))
    yield _checked("handlers take registered events", map(check_handlers, services))
    yield _checked("nothing seen that blocks", map(check_blocking, sources))
    yield _checked("decisions with key and expiry", map(check_decisions, sources))
    if subject.kinds:
        said = ", ".join(kind.name for kind in subject.kinds)
        yield _checked(f"own events documented, with JSON Schemas: {said}", map(check_event, subject.kinds))
    if not subject.is_installed:
        yield _checked("tests found", [check_tests(subject.file, [service.__name__ for service in services])])


def _checked(well: str, findings: Iterable[Iterable[Finding]]) -> Checked:
    return Checked(well, list(chain.from_iterable(findings)))
