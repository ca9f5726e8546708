"""Expressions in CEL, the language of validation rules and of webhooks' match conditions.

cel-python reads and evaluates them. What it does not know of Kubernetes' function libraries is in
expression_functions.py, or is named by `unoffered`, so that whoever brings an expression can be told that it is not
evaluated. The library is loaded with the first expression, since most clusters have none.
"""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    import celpy
    import lark

# A value of the language, whose classes the library defines.
CelValue: TypeAlias = Any

_MACROS = {"has": 1, "all": 2, "exists": 2, "exists_one": 2, "map": 2, "filter": 2}
_CONVERSIONS = {"dyn"}
_CONSTANT_NAMES = {"int", "uint", "double", "bool", "string", "bytes", "list", "map", "null_type", "type", "google"}


class ExpressionError(ValueError):
    """Not an expression, or one that cannot be evaluated with the values at hand; the message says why."""


class Expression:
    """An expression over the variables `names`. Raises ExpressionError when it is none.

    `unoffered` says what it uses that is not offered here; empty when it can be evaluated. `uses` are the variables
    that it names.
    """

    def __init__(self, text: str, names: Iterable[str]) -> None:
        from celpy.celparser import CELParseError
        from celpy.evaluation import base_functions

        from .expression_functions import FUNCTIONS

        self.text = text
        environment = _environment()
        try:
            tree = environment.compile(text)
        except CELParseError as error:
            raise ExpressionError(f"compilation failed: {str(error).strip()}") from None
        variables = frozenset(names)
        self.uses = variables & _identifiers(tree)
        self.unoffered = _unoffered(tree, variables, known={*base_functions, *FUNCTIONS})
        self._program = environment.program(tree, functions=dict(FUNCTIONS))

    def evaluate(self, values: Mapping[str, CelValue]) -> CelValue:
        """The expression's value. Raises ExpressionError."""
        from celpy.evaluation import CELEvalError

        try:
            return self._program.evaluate(dict(values))
        except CELEvalError as error:
            raise ExpressionError(str(error.args[0] if error.args else error).partition(" (in activation")[0]) from None
        except (ValueError, TypeError, KeyError, IndexError, OverflowError) as error:
            raise ExpressionError(f"{type(error).__name__}: {error}") from None

    def holds(self, values: Mapping[str, CelValue]) -> bool:
        """Whether the expression is true. Raises ExpressionError, also when it is neither true nor false."""
        from celpy.celtypes import BoolType

        value = self.evaluate(values)
        if not isinstance(value, bool | BoolType):
            raise ExpressionError(f"{self.text}: expected true or false, found {value!r}")
        return bool(value)


@lru_cache(maxsize=1)
def _environment() -> "celpy.Environment":
    import celpy

    return celpy.Environment()


def _identifiers(tree: "lark.Tree[Any]") -> set[str]:
    return {str(node.children[0]) for node in tree.find_data("ident")}


def _calls(tree: "lark.Tree[Any]") -> Iterable[tuple[str, list[Any]]]:
    """Every function that is called, with its arguments."""
    for node in tree.find_data("ident_arg"):
        yield str(node.children[0]), _arguments(node.children[1:])
    for node in tree.find_data("member_dot_arg"):
        yield str(node.children[1]), _arguments(node.children[2:])


def _arguments(rest: list[Any]) -> list[Any]:
    return list(rest[0].children) if rest else []


def _unoffered(tree: "lark.Tree[Any]", names: frozenset[str], *, known: set[str]) -> str:
    bound: set[str] = set()
    for name, arguments in _calls(tree):
        if name in _MACROS and len(arguments) == _MACROS[name]:
            bound |= _identifiers(arguments[0]) if name != "has" else set()
        elif name not in known and name not in _CONVERSIONS:
            return f"the function {name}"
    unknown = sorted(_identifiers(tree) - names - bound - _CONSTANT_NAMES)
    return f"the variable {unknown[0]}" if unknown else ""
