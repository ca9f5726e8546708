"""Python sources as syntax trees, and whole names of what is called in them, as far as imports tell."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Source:
    """A module's source; `file` as people name it, `imported` by the name it has there: `{"sleep": "time.sleep"}`."""

    module: ModuleType
    file: str
    tree: ast.Module
    imported: dict[str, str]


def source_of(module: ModuleType) -> Source:
    """Reads a module's source."""
    path = Path(str(module.__file__))
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return Source(module, path.name, tree, dict(_imports(tree)))


def functions_of(tree: ast.AST) -> Iterator[Function]:
    """All functions and methods, also those inside others."""
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def calls_in(function: Function) -> Iterator[ast.Call]:
    """The calls that a function makes itself; what inner functions and lambdas do is done when these are called."""
    waiting: list[ast.AST] = list(function.body)
    while waiting:
        node = waiting.pop(0)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        if isinstance(node, ast.Call):
            yield node
        waiting += ast.iter_child_nodes(node)


def whole_name(node: ast.expr, imported: dict[str, str]) -> str:
    """`sleep` → `time.sleep` after `from time import sleep`; `.name` for a method of something that is not a name."""
    if isinstance(node, ast.Name):
        return imported.get(node.id, node.id)
    if isinstance(node, ast.Attribute):
        return f"{whole_name(node.value, imported)}.{node.attr}"
    return ""


def _imports(tree: ast.Module) -> Iterator[tuple[str, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for name in node.names:
                yield (name.asname, name.name) if name.asname else (name.name.partition(".")[0],) * 2
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for name in node.names:
                yield name.asname or name.name, f"{node.module}.{name.name}"
