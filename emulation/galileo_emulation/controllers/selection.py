"""Which objects a selector chooses, and which selectors an object fits, without looking at all of either.

Objects are indexed by each of their labels, and owners of selectors by one of the labels that these demand. So a
replica set, service or budget in a namespace of thousands of pods looks at those alone that carry a label of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from galileo_emulation.controllers.informer import Informers, by_namespace
from galileo_emulation.controllers.label_selector import selects
from galileo_emulation.kubernetes.apiobjects import JsonObject
from galileo_emulation.kubernetes.kind import Kind

Selector = Callable[[JsonObject], JsonObject | None]


def spec_selector(owner: JsonObject) -> JsonObject | None:
    """The LabelSelector in an owner's spec."""
    selector: JsonObject | None = owner.get("spec", {}).get("selector")
    return selector


class Selection:
    """Owners of one kind, whose `selector` chooses among the objects of another in their namespace.

    No selector chooses nothing, an empty one everything.
    """

    def __init__(self, informers: Informers, *, owner: Kind, chosen: Kind, selector: Selector = spec_selector) -> None:
        self._selector = selector
        self._owners = informers.of(owner)
        self._owners.index("selector", self._by_one_term)
        self._chosen = informers.of(chosen)
        self._chosen.index("label", _by_labels)
        self._chosen.index("namespace", by_namespace)

    def chosen_by(self, owner: JsonObject) -> list[JsonObject]:
        """The objects that an owner's selector chooses."""
        selector, namespace = self._selector(owner), owner["metadata"].get("namespace", "")
        if selector is None:
            return []
        terms = [_term(namespace, key, text) for key, text in (selector.get("matchLabels") or {}).items()]
        if not terms:
            candidates = self._chosen.by("namespace", namespace)
        else:
            rarest = min(terms, key=lambda term: self._chosen.count("label", term))
            candidates = self._chosen.by("label", rarest)
        return [body for body in candidates if selects(selector, body)]

    def owners_of(self, bodies: Iterable[JsonObject]) -> list[JsonObject]:
        """The owners whose selectors choose any of some states of an object, each once."""
        found: dict[str, JsonObject] = {}
        for body in bodies:
            for term in (*_by_labels(body), _everything(body)):
                for owner in self._owners.by("selector", term):
                    selector = self._selector(owner)
                    if selector is not None and selects(selector, body):
                        found.setdefault(owner["metadata"]["uid"], owner)
        return list(found.values())

    def _by_one_term(self, owner: JsonObject) -> tuple[str, ...]:
        selector = self._selector(owner)
        if selector is None:
            return ()
        demanded = selector.get("matchLabels") or {}
        if not demanded:
            return (_everything(owner),)
        key = min(demanded)
        return (_term(owner["metadata"].get("namespace", ""), key, demanded[key]),)


def _by_labels(body: JsonObject) -> tuple[str, ...]:
    metadata = body["metadata"]
    namespace = metadata.get("namespace", "")
    return tuple(_term(namespace, key, text) for key, text in (metadata.get("labels") or {}).items())


def _term(namespace: str, key: str, text: str) -> str:
    return f"{namespace}/{key}={text}"


def _everything(body: JsonObject) -> str:
    return f"{body['metadata'].get('namespace', '')}/"
