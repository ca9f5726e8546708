"""Required node affinity: the nodes that a pod demands by their labels or by their name.

A pod names alternatives, its node selector terms. A node is one of the demanded when all expressions of at least one
term hold there: those over its labels (`matchExpressions`) and those over its fields (`matchFields`), of which the API
knows one, `metadata.name`. By that field a daemon set ties each of its pods to a node.

Events carry the terms as the Kubernetes API writes them; they are read once for a pod, and asked for each node. What
they mean is told in the Kubernetes documentation, "Assign Pods to Nodes using Node Affinity".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from galileo_schemas.events import NodeUpdate

NODE_NAME = "metadata.name"
OPERATORS = ("In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt")


@dataclass(frozen=True, slots=True)
class Requirement:
    """One expression: what the text under `key` has to be. A node without the key passes NotIn and DoesNotExist."""

    key: str
    operator: str
    values: tuple[str, ...]

    def holds(self, texts: Mapping[str, str]) -> bool:
        """Whether it holds where texts are found under these keys."""
        found = texts.get(self.key)
        match self.operator:
            case "In":
                return found in self.values
            case "NotIn":
                return found not in self.values
            case "Exists":
                return found is not None
            case "DoesNotExist":
                return found is None
        number = None if found is None else _whole_number(found)
        if number is None:
            return False
        limit = int(self.values[0])
        return number > limit if self.operator == "Gt" else number < limit


@dataclass(frozen=True, slots=True)
class Term:
    """One alternative: all of it has to hold. An empty one holds nowhere."""

    labels: tuple[Requirement, ...]
    fields: tuple[Requirement, ...]

    def holds(self, node: NodeUpdate) -> bool:
        """Whether it holds for a node."""
        if not self.labels and not self.fields:
            return False
        fields = {NODE_NAME: node.name}
        return all(one.holds(node.labels) for one in self.labels) and all(one.holds(fields) for one in self.fields)


def demanded_nodes(terms: Iterable[Mapping[str, Any]]) -> tuple[Term, ...]:
    """A pod's terms as the API writes them. Raises `ValueError` that quotes an expression that cannot be read."""
    return tuple(
        Term(
            labels=tuple(_requirement(one) for one in term.get("matchExpressions") or ()),
            fields=tuple(_field_requirement(one) for one in term.get("matchFields") or ()),
        )
        for term in terms
    )


def demands(terms: tuple[Term, ...], node: NodeUpdate) -> bool:
    """Whether a node is among the demanded; every node is when nothing is demanded."""
    return not terms or any(term.holds(node) for term in terms)


def _field_requirement(expression: Mapping[str, Any]) -> Requirement:
    requirement = _requirement(expression)
    if requirement.key != NODE_NAME:
        raise ValueError(f"node affinity: the field {requirement.key!r} of nodes is not known; expected {NODE_NAME}")
    return requirement


def _requirement(expression: Mapping[str, Any]) -> Requirement:
    key, operator, values = expression.get("key"), expression.get("operator"), tuple(expression.get("values") or ())
    if not key or operator not in OPERATORS:
        raise ValueError(
            f"node affinity: {dict(expression)} is no expression; expected a key and one of {', '.join(OPERATORS)}"
        )
    if operator in ("Gt", "Lt") and (len(values) != 1 or _whole_number(values[0]) is None):
        raise ValueError(f"node affinity: {key} {operator} {list(values)}; expected one whole number")
    return Requirement(key=str(key), operator=str(operator), values=values)


def _whole_number(text: str) -> int | None:
    try:
        return int(text)
    except ValueError:
        return None
