"""YAML that remembers its lines, so that a mistake in a scenario file can be named where it stands.

The text becomes a tree of `Located`: each value knows its file, line and path (`functions.resnet.cpu_ms`). Mistakes of
the YAML itself (syntax, a key given twice, an alias within itself) are raised here, as one line.
"""

from __future__ import annotations

from dataclasses import dataclass

import yaml

from galileo_experiments.scenario import ScenarioError

Scalar = str | int | float | bool | None

_PLAIN_TAGS = {f"tag:yaml.org,2002:{kind}" for kind in ("int", "float", "bool", "null")}


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands: file, line (from 1), and path; the path of the whole file is empty."""

    file: str
    line: int
    path: str = ""

    def error(self, message: str) -> ScenarioError:
        """The error that says `message` about this place, in one line."""
        where = f"{self.file}:{self.line}: " + (f"{self.path}: " if self.path else "")
        return ScenarioError(where + " ".join(message.split()))

    def below(self, step: str, line: int) -> Place:
        """The place of a part: a key (`name`) or a position (`[0]`)."""
        joint = "" if not self.path or step.startswith("[") else "."
        return Place(self.file, line, f"{self.path}{joint}{step}")


@dataclass(frozen=True, slots=True)
class Located:
    """A value and its place."""

    place: Place
    value: Scalar | dict[str, Located] | list[Located]


def parse_located(text: str, *, file: str) -> Located:
    """Raises `ScenarioError` when the text is no YAML."""
    loader: yaml.SafeLoader | None = None
    try:
        loader = yaml.SafeLoader(text)
        root = loader.get_single_node()
        if root is None:
            raise Place(file, 1).error("the file is empty; expected a scenario, see docs/scenarios.md")
        return _Tree(loader).locate(root, Place(file, _line(root)), within=())
    except yaml.YAMLError as error:
        raise _syntax_error(error, file) from None
    finally:
        if loader is not None:
            loader.dispose()


class _Tree:
    def __init__(self, loader: yaml.SafeLoader) -> None:
        self._loader = loader

    def locate(self, node: yaml.Node, place: Place, *, within: tuple[int, ...]) -> Located:
        if id(node) in within:
            raise place.error("this alias stands within what it stands for; write the value out")
        within = (*within, id(node))
        if isinstance(node, yaml.MappingNode):
            return Located(place, self._mapping(node, place, within))
        if isinstance(node, yaml.SequenceNode):
            steps = ((child, place.below(f"[{index}]", _line(child))) for index, child in enumerate(node.value))
            return Located(place, [self.locate(child, below, within=within) for child, below in steps])
        return Located(place, self._scalar(node, place))

    def _mapping(self, node: yaml.MappingNode, place: Place, within: tuple[int, ...]) -> dict[str, Located]:
        self._refuse_twice(node, place)
        self._loader.flatten_mapping(node)  # merges `<<: *other`; keys of the mapping itself come last and win
        return {
            key.value: self.locate(value, place.below(str(key.value), _line(key)), within=within)
            for key, value in node.value
        }

    def _refuse_twice(self, node: yaml.MappingNode, place: Place) -> None:
        lines: dict[str, int] = {}
        for key, _value in node.value:
            below = place.below(str(key.value), _line(key)) if isinstance(key, yaml.ScalarNode) else place
            if not isinstance(key, yaml.ScalarNode):
                raise place.error("expected names as keys, found a list or a mapping as a key")
            if key.value in lines:
                raise below.error(f"given twice, first in line {lines[key.value]}; keep one")
            lines[key.value] = _line(key)

    def _scalar(self, node: yaml.Node, place: Place) -> Scalar:
        if node.tag not in _PLAIN_TAGS:
            return str(node.value)
        try:
            value: Scalar = self._loader.construct_object(node)
        except (ValueError, OverflowError) as error:
            raise place.error(f"expected a number, got {node.value!r} ({error})") from None
        return value


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1


def _syntax_error(error: yaml.YAMLError, file: str) -> ScenarioError:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or str(error)
    return Place(file, mark.line + 1 if mark else 1).error(f"this is no YAML: {problem}")
