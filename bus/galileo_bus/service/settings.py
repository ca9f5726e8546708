"""Typed settings from environment variables, specific before general, each with its documentation.

    @dataclass(frozen=True)
    class PressureSettings(Settings):
        reconcile_interval: float = setting(10.0, "schedule_scale_opt_reconcile_interval", doc="in s", above=0)

A wrong value stops the service at start with one line: the variable, the value, what was expected.
"""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self, TypeVar, Union, cast

T = TypeVar("T")
_TRUE = frozenset({"true", "1", "yes", "on"})
_FALSE = frozenset({"false", "0", "no", "off", ""})
FAMILY = "<fn>"


class SettingError(ValueError):
    """A variable's value cannot be used; one line for the person who set it."""


@dataclass(frozen=True)
class Variable:
    """How one setting is read: its variables, the first that is set wins, and what it accepts.

    `live`: it can be changed while the service runs. A family has a variable for each function, `…_<fn>`.
    """

    names: tuple[str, ...]
    doc: str
    above: float | None = None
    at_least: float | None = None
    choices: tuple[str, ...] = ()
    secret: bool = False
    live: bool = False

    @property
    def is_family(self) -> bool:
        """Whether a function's name belongs at the end of its variables."""
        return any(name.endswith(FAMILY) for name in self.names)

    def reads(self, variable: str) -> bool:
        """Whether the setting is read from that environment variable."""
        return variable in self.names if not self.is_family else bool(self.member(variable))

    def member(self, variable: str) -> str:
        """The function that a variable of a family is for; empty when it is not of this family."""
        prefixes = [name.removesuffix(FAMILY) for name in self.names]
        return next((variable.removeprefix(prefix) for prefix in prefixes if variable.startswith(prefix)), "")


@dataclass(frozen=True)
class Effective:
    """A setting as `galileo config` shows it: which variable gave the value, None for the default."""

    field: str
    variable: Variable
    value: object
    given_by: str | None


def setting(
    default: T,
    *names: str,
    doc: str,
    above: float | None = None,
    at_least: float | None = None,
    choices: tuple[str, ...] = (),
    secret: bool = False,
    live: bool = False,
) -> T:
    """A field of a `Settings` class. A name that ends in `_<fn>` collects all variables with that prefix in a dict.

    A `live` one can be changed while the service runs; what was derived from it belongs into `settings_changed`.
    """
    if secret and live:
        raise ValueError(f"{names}: a secret cannot be live, since changes are said on the bus")
    variable = Variable(names, doc, above, at_least, choices, secret, live)
    metadata = {"variable": variable}
    if isinstance(default, dict | list):
        return cast(T, dataclasses.field(default_factory=lambda: default.copy(), metadata=metadata))
    return dataclasses.field(default=default, metadata=metadata)


@dataclass(frozen=True)
class Settings:
    """Base of all settings."""

    @classmethod
    def load(cls, environ: Mapping[str, str]) -> Self:
        """Reads the environment. Raises `SettingError`."""
        return cls(**{row.field: row.value for row in cls.effective(environ)})

    @classmethod
    def effective(cls, environ: Mapping[str, str]) -> list[Effective]:
        """Each setting's value and where it comes from. Raises `SettingError`."""
        hints = typing.get_type_hints(cls)
        _check_class(cls, hints)
        return [_read(field, hints[field.name], environ) for field in dataclasses.fields(cls)]


def _check_class(kind: type[Settings], hints: Mapping[str, Any]) -> None:
    """Raises `SettingError` where the author of a settings class has left out what makes it one."""
    fields = {field.name: field for field in dataclasses.fields(kind)}
    for name, hint in hints.items():
        if name not in fields and typing.get_origin(hint) is not typing.ClassVar:
            raise SettingError(f"{kind.__name__}.{name} is not read: expected @dataclass(frozen=True) above the class")
    for name, field in fields.items():
        if "variable" not in field.metadata:
            raise SettingError(f'{kind.__name__}.{name}: expected setting(default, "the_variable", doc="…")')


def as_text(value: object) -> str:
    """A setting's value as it could be written into the environment; nothing for what is not set."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return " ".join(map(str, value))
    if isinstance(value, float):
        return f"{value:g}"
    return "" if value is None else str(value)


def _read(field: dataclasses.Field[Any], hint: Any, environ: Mapping[str, str]) -> Effective:
    variable: Variable = field.metadata["variable"]
    if typing.get_origin(hint) is dict:
        return _read_family(field, variable, typing.get_args(hint)[1], environ)
    for name in variable.names:
        if name in environ:
            return Effective(field.name, variable, _convert(name, environ[name], hint, variable), name)
    default = field.default if field.default is not dataclasses.MISSING else _made(field)
    return Effective(field.name, variable, default, None)


def _read_family(field: dataclasses.Field[Any], variable: Variable, hint: Any, environ: Mapping[str, str]) -> Effective:
    values = dict(_made(field))
    given_by = None
    for pattern in reversed(variable.names):  # the most specific last, so that it wins
        prefix = pattern.removesuffix(FAMILY)
        for name in sorted(environ):
            if name.startswith(prefix) and name != prefix:
                values[name.removeprefix(prefix)] = _convert(name, environ[name], hint, variable)
                given_by = pattern
    return Effective(field.name, variable, values, given_by)


def _made(field: dataclasses.Field[Any]) -> Any:
    return field.default_factory() if callable(field.default_factory) else field.default


def _convert(name: str, text: str, hint: Any, variable: Variable) -> object:
    try:
        return _checked(name, text, hint, variable)
    except SettingError as error:
        if not variable.secret:
            raise
        raise SettingError(str(error).replace(f"{name}={text}", f"{name}=…", 1)) from None


def _checked(name: str, text: str, hint: Any, variable: Variable) -> object:
    value = _parse(name, text, hint)
    if isinstance(value, int | float) and not isinstance(value, bool):
        if variable.above is not None and value <= variable.above:
            raise SettingError(f"{name}={text}: expected a number above {variable.above:g} ({variable.doc})")
        if variable.at_least is not None and value < variable.at_least:
            raise SettingError(f"{name}={text}: expected a number of at least {variable.at_least:g} ({variable.doc})")
    words = value if isinstance(value, list | tuple) else [value]
    for word in words:
        if variable.choices and word not in variable.choices:
            raise SettingError(f"{name}={text}: expected {' | '.join(variable.choices)} ({variable.doc})")
    return value


def _parse(name: str, text: str, hint: Any) -> object:
    text = text.strip()
    if typing.get_origin(hint) in (Union, types.UnionType):
        inner = [choice for choice in typing.get_args(hint) if choice is not type(None)]
        return None if text == "" else _parse(name, text, inner[0])
    if typing.get_origin(hint) in (list, tuple):
        return tuple(word for word in text.replace(",", " ").split() if word)
    if hint is bool:
        if text.lower() in _TRUE | _FALSE:
            return text.lower() in _TRUE
        raise SettingError(f"{name}={text}: expected true or false")
    if hint in (int, float):
        try:
            number = hint(text)
        except ValueError:
            kind = "a whole number" if hint is int else "a number"
            raise SettingError(f"{name}={text}: expected {kind}") from None
        if number != number or number in (float("inf"), float("-inf")):
            raise SettingError(f"{name}={text}: expected a finite number")
        return cast(object, number)
    return text
