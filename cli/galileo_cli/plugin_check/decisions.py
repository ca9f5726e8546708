"""Decisions that are said without what keeps their actors right: a key, for their order, and an end.

Seen where `say` is called with the event itself, or with a name that the same function has given one.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from galileo_schemas.event import KINDS_BY_TYPE, Delivery, EventKind

from galileo_cli.plugin_check.finding import Finding
from galileo_cli.plugin_check.sources import Function, Source, calls_in, functions_of

_WANTED = {
    "key": "decisions of one key are acted on in order; name what it is about",
    "expires_in_s": "after so many seconds nobody acts on it any more",
}


def check_decisions(source: Source) -> Iterator[Finding]:
    """All calls of `….bus.say(…)` in a source that say a decision."""
    for function in functions_of(source.tree):
        for call in calls_in(function):
            if not _is_say(call) or not call.args:
                continue
            kind = _kind_said(call.args[0], function, source)
            if kind is None or kind.delivery is not Delivery.DECISION:
                continue
            given = {keyword.arg for keyword in call.keywords}
            if None in given:  # **options, which may hold anything
                continue
            for name, why in _WANTED.items():
                if name not in given:
                    yield Finding(f"{source.file}:{call.lineno}: {kind.name} is said without {name}=: {why}")


def _is_say(call: ast.Call) -> bool:
    func = call.func
    if not isinstance(func, ast.Attribute) or func.attr != "say":
        return False
    return isinstance(func.value, ast.Attribute | ast.Name) and ast.unparse(func.value).split(".")[-1] == "bus"


def _kind_said(said: ast.expr, function: Function, source: Source) -> EventKind | None:
    if isinstance(said, ast.Call):
        return _kind_of_class(said.func, source)
    if not isinstance(said, ast.Name):
        return None
    given = [kind for value in _values_of(said.id, function) if (kind := _kind_of_class(value, source))]
    return given[-1] if given else None


def _values_of(name: str, function: Function) -> Iterator[ast.expr]:
    """The classes that a name may be of: annotated as an argument, or made in an assignment."""
    for argument in (*function.args.args, *function.args.kwonlyargs):
        if argument.arg == name and argument.annotation is not None:
            yield argument.annotation
    for node in ast.walk(function):
        if (
            isinstance(node, ast.Assign)
            and isinstance(node.value, ast.Call)
            and any(isinstance(target, ast.Name) and target.id == name for target in node.targets)
        ):
            yield node.value.func


def _kind_of_class(node: ast.expr, source: Source) -> EventKind | None:
    """The event that an expression names in the module, as it was imported."""
    found: object = source.module
    for part in ast.unparse(node).strip("'\"").split("."):
        found = getattr(found, part, None)
    return KINDS_BY_TYPE.get(found) if isinstance(found, type) else None
