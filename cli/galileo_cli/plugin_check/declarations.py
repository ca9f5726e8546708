"""Whether a service is declared as it should be: name, docstring, settings, and what makes it do something."""

from __future__ import annotations

import dataclasses
import re
import typing
from collections.abc import Iterator, Mapping

from galileo_bus.service import Service, SettingError, Settings
from galileo_bus.service.service import marked_methods
from galileo_bus.service.settings import Variable, as_text

from galileo_cli.plugin_check.finding import Finding

_NAME = re.compile(r"[a-z][a-z0-9_]*")


def check_name(service: type[Service], *, entry_name: str, taken: bool) -> Iterator[Finding]:
    """`entry_name`: the one by which it is installed; `taken`: whether a service of ours is called so."""
    name = service.name
    if not _NAME.fullmatch(name):
        yield Finding(f"{service.__name__}: the name {name!r}: use lower-case words with _, such as hot_gateways")
    if entry_name and name != entry_name:
        yield Finding(
            f"{service.__name__}: its name is {name!r} and its entry point's {entry_name!r}: use one for both"
        )
    if taken:
        yield Finding(
            f"{service.__name__}: Galileo has a service {name!r}: choose another name", is_hint=not entry_name
        )


def check_docstring(service: type[Service]) -> Iterator[Finding]:
    if not (service.__dict__.get("__doc__") or "").strip():
        yield Finding(f"{service.__name__} has no docstring: say in a sentence what it says, and what it acts on")


def check_work(service: type[Service]) -> Iterator[Finding]:
    overridden = [name for name in ("background", "started", "joined") if name in service.__dict__]
    if not marked_methods(service) and not overridden:
        yield Finding(f"{service.__name__} does nothing: mark a method with @on(EventType), or with @every(seconds)")


def check_settings(service: type[Service]) -> Iterator[Finding]:
    try:
        kind: object = service.settings_type()
    except NameError as error:
        yield Finding(f"{service.__name__}: the annotation of settings cannot be read ({error}): import what it names")
        return
    if not (isinstance(kind, type) and issubclass(kind, Settings)):
        yield Finding(f"{service.__name__}: settings is a {kind}: make it a subclass of galileo_bus.service.Settings")
        return
    fields = {field.name: field for field in dataclasses.fields(kind)}
    for name, hint in typing.get_type_hints(kind).items():
        if name not in fields and typing.get_origin(hint) is not typing.ClassVar:
            yield Finding(f"{kind.__name__}.{name} is not read: write @dataclass(frozen=True) above {kind.__name__}")
            return
    variables: dict[str, Variable] = {}
    for name, field in fields.items():
        if not isinstance(variable := field.metadata.get("variable"), Variable):
            yield Finding(f'{kind.__name__}.{name}: write it as setting(default, "{service.name}_{name}", doc="…")')
        else:
            variables[name] = variable
            yield from _check_setting(f"{kind.__name__}.{name}", service, field, variable)
    if len(variables) == len(fields):  # else they cannot be read at all
        yield from _check_defaults(kind, fields)
    yield from _hints(service, kind, variables)


def _hints(service: type[Service], kind: type[Settings], variables: dict[str, Variable]) -> Iterator[Finding]:
    own = (f"{service.name}_", "galileo_")
    foreign = [names[0] for names in (variable.names for variable in variables.values()) if not _any_begins(names, own)]
    if foreign:
        begin = f"begin with {service.name}_"
        yield Finding(f"{kind.__name__}: others may use such variables: {', '.join(foreign)}: {begin}", is_hint=True)
    hints = typing.get_type_hints(kind)
    free = [
        name
        for name, known in variables.items()
        if hints[name] in (int, float) and known.above is None is known.at_least
    ]
    if free:
        then = "say above= or at_least= where some make no sense"
        yield Finding(f"{kind.__name__}: any number is accepted for {', '.join(free)}: {then}", is_hint=True)


def _any_begins(names: tuple[str, ...], beginnings: tuple[str, ...]) -> bool:
    return not names or any(name.startswith(beginnings) for name in names)


def _check_setting(
    where: str, service: type[Service], field: dataclasses.Field[typing.Any], variable: Variable
) -> Iterator[Finding]:
    if not variable.names:
        yield Finding(f'{where}: no environment variable sets it: name one, "{service.name}_{field.name}"')
    elif not variable.doc.strip():
        yield Finding(f"{where}: not documented: say in doc= what it means, and in which unit")


def _check_defaults(kind: type[Settings], fields: Mapping[str, dataclasses.Field[typing.Any]]) -> Iterator[Finding]:
    """A default is not validated when it is used; here it is read as if somebody had set it."""
    for name, field in fields.items():
        variable: Variable = field.metadata["variable"]
        if field.default in (None, dataclasses.MISSING) or variable.is_family or not variable.names:
            continue
        try:
            kind.load({variable.names[0]: as_text(field.default)})
        except SettingError as error:
            where = f"{kind.__name__}.{name}"
            yield Finding(f"{where}: its own default is refused ({error}): change the default, or what is accepted")
