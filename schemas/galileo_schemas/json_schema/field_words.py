"""What docstrings tell of single fields: below a field, or in the sentences of the type's docstring that name it.

Python keeps docstrings below fields in the source only, so that it is read from there.
"""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from functools import cache
from inspect import cleandoc

_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z`])")


def own_doc(cls: type) -> str:
    """The docstring that a class itself has, not one that it inherits; empty without one."""
    doc = cls.__dict__.get("__doc__")
    return cleandoc(doc) if isinstance(doc, str) else ""


def docs_of(cls: type, *, below: type) -> list[str]:
    """A class's docstring, then those of what it is built upon, up to `below`."""
    bases = [base for base in cls.__mro__ if issubclass(base, below) and base is not below]
    return [doc for base in bases if (doc := own_doc(base))]


def sentences_about(field: str, docs: list[str]) -> str:
    """All sentences that name the field as `` `field` ``, in their order; empty when none does."""
    wanted = re.compile(rf"`{re.escape(field)}`")
    found = [sentence for doc in docs for part in doc.split("\n\n") for sentence in _sentences(part)]
    return " ".join(sentence for sentence in found if wanted.search(sentence))


def field_docs(cls: type) -> dict[str, str]:
    """Docstrings that stand below fields, by the field's name in Python."""
    found: dict[str, str] = {}
    for base in reversed(cls.__mro__):
        if base.__module__.startswith("galileo_"):
            found |= _docs_in_source(base)
    return found


@cache
def _docs_in_source(cls: type) -> dict[str, str]:
    body = ast.parse(textwrap.dedent(inspect.getsource(cls))).body[0]
    return _docs_in(body) if isinstance(body, ast.ClassDef) else {}


def _sentences(paragraph: str) -> list[str]:
    return _SENTENCE_END.split(" ".join(paragraph.split()))


def _docs_in(body: ast.ClassDef) -> dict[str, str]:
    found: dict[str, str] = {}
    for field, below in zip(body.body, body.body[1:], strict=False):
        target = field.target if isinstance(field, ast.AnnAssign) else None
        if isinstance(field, ast.Assign):
            target = field.targets[0] if isinstance(field.targets[0], ast.Name) else None
        if not isinstance(target, ast.Name) or not isinstance(below, ast.Expr):
            continue
        if isinstance(below.value, ast.Constant) and isinstance(below.value.value, str):
            found[target.id] = " ".join(below.value.value.split())
    return found
