"""docs/configuration.md and .env.example, from the settings classes: each variable, its default, and what it means.

settings class → Settings.effective({}) → a row per setting → a Markdown table, and lines that a shell could source
"""

from __future__ import annotations

import shlex
import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from galileo_bus.service.settings import Effective, Settings, Variable

from galileo_cli.commands.config import SHARED, settings_of
from galileo_cli.documents.markdown import code, table
from galileo_cli.emulate.world_process import WorldSettings
from galileo_cli.service_table import SERVICES

FAMILY = "<fn>"

_TITLES = ("The bus", "etcd", "The experiment database", "Leader election", "Every process")

_INTRODUCTION = """\
Written by `galileo docs --write` from the settings in the code. Do not edit.

Everything is set by environment variables. Where a setting has several, the first that is set wins: the service's own
before the general one. `galileo config [SERVICE]` shows the effective values, and whether the environment or which file
gave each. `--env-file FILE` reads variables from a file of `name=value` lines; the process's own environment goes
before it. Without `--env-file` and without any `galileo_redis_…` variable, commands read `runs/latest/env`, which the
latest `galileo emulate` in this folder wrote. [.env.example](../.env.example) holds every variable with its default.

A setting marked *live* can be changed while its service runs, with `galileo set SERVICE VARIABLE VALUE`, until the
process ends. All others take effect at a start.

One service may reach the bus by another address than its neighbours: `<service>_redis_url`, such as
`trace_recorder_redis_url`, goes before all `galileo_redis_…`.

A wrong value stops the process at its start with one line: the variable, the value, and what was expected. Lists are
written with commas or spaces. true and false may also be written 1 and 0, yes and no, on and off.
"""

_KUBERNETES = """\
`KUBECONFIG` names a kubeconfig file. Without it, a process in a pod takes the pod's service account, and any other
`~/.kube/config`. It is read by services that need the Kubernetes API: `cluster_observer`, `pod_creator` and
`scheduler_binder`.
"""

_HEAD = """\
Every variable with its default, written by `galileo docs --write`. Do not edit: copy this file, take the # from the
lines that you want to set, and name the copy with --env-file. docs/configuration.md has the same as tables.
"""


@dataclass(frozen=True)
class Section:
    """Settings that are read together, under the title that people look for."""

    title: str
    rows: tuple[Effective, ...]


def sections() -> list[Section]:
    """All settings with their defaults: of the connections, then service by service, then of the emulation."""
    shared = [Section(title, _defaults((settings,))) for title, settings in zip(_TITLES, SHARED, strict=True)]
    services = [Section(name, _defaults(settings_of(name))) for name in SERVICES]
    return [*shared, *services, Section("The emulated world", _defaults((WorldSettings,)))]


def configuration_page() -> str:
    """docs/configuration.md."""
    parts = ["# Configuration", _INTRODUCTION]
    for section in sections():
        title = code(section.title) if section.title in SERVICES else section.title
        rows = [(_names(row.variable), _shown_default(row), _meaning(row)) for row in section.rows]
        parts += [f"## {title}", table(("variable", "default", "meaning"), rows)]
    parts += ["## Kubernetes", _KUBERNETES]
    return "\n\n".join(part.strip() for part in parts) + "\n"


def environment_example() -> str:
    """.env.example: every line a comment, so that the file as it is sets nothing."""
    lines = list(_commented(_HEAD))
    told: set[str] = set()
    for section in sections():
        fresh = [row for row in section.rows if row.variable.names[0] not in told]
        told |= {row.variable.names[0] for row in fresh}
        if fresh:
            lines += ["", f"# ---- {section.title}"]
        for row in fresh:
            lines += ["", *_commented(_remark(row)), f"#{row.variable.names[0]}={_written(row.value)}"]
    lines += ["", "# ---- Kubernetes", "", "# a kubeconfig file", "#KUBECONFIG="]
    return "\n".join(lines) + "\n"


def _defaults(classes: Iterable[type[Settings]]) -> tuple[Effective, ...]:
    return tuple(row for settings in classes for row in settings.effective({}))


def _names(variable: Variable) -> str:
    return ", ".join(map(code, variable.names))


def _shown_default(row: Effective) -> str:
    written = _written(row.value).strip("'")
    return code(written) if written else "(none)"


def _meaning(row: Effective) -> str:
    return "; ".join((row.variable.doc, *_choices(row), *_limits(row.variable)))


def _choices(row: Effective) -> Iterator[str]:
    choices = row.variable.choices
    if len(choices) == 1:
        yield f"only {choices[0]}"
    elif choices and not all(choice in row.variable.doc for choice in choices):
        yield ("any of " if isinstance(row.value, tuple) else "one of ") + ", ".join(choices)


def _limits(variable: Variable) -> Iterator[str]:
    if variable.above is not None:
        yield f"above {variable.above:g}"
    if variable.at_least is not None:
        yield f"at least {variable.at_least:g}"
    if any(name.endswith(FAMILY) for name in variable.names):
        yield "one variable a function, which ends in the function's name with _ for -"
    if variable.secret:
        yield "not shown by galileo config"
    if variable.live:
        yield "live"


def _remark(row: Effective) -> str:
    others = row.variable.names[1:]
    also = f" (read after it: {', '.join(others)})" if others else ""
    return _meaning(row) + also


def _commented(text: str) -> Iterator[str]:
    for line in textwrap.wrap(" ".join(text.split()), 118, break_long_words=False, break_on_hyphens=False):
        yield f"# {line}"


def _written(value: object) -> str:
    """A value as a shell would take it; nothing for what is not set."""
    match value:
        case None | "" | ():
            return ""
        case bool():
            return str(value).lower()
        case float():
            return f"{value:g}"
        case tuple():
            return shlex.quote(" ".join(map(str, value)))
        case dict():
            return ""
    return shlex.quote(str(value))
