"""Webhooks as their configurations describe them, read from the store.

Configurations change seldom and are asked for with every write, so they are kept until one of them changes.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from ..apiobjects import JsonObject
from ..custom.expressions import Expression
from ..kind import Kind
from ..kinds import MUTATING_WEBHOOKS, VALIDATING_WEBHOOKS
from ..operations.reviewing import Stage
from ..storage.store import Store

CONDITION_VARIABLES = ("object", "oldObject", "request")
"""What match conditions may name."""


@dataclass(frozen=True, slots=True)
class Webhook:
    """One webhook. `timeout_s` in seconds; `conditions` name to expression, all of which have to hold."""

    name: str
    configuration: str
    client: JsonObject
    rules: tuple[JsonObject, ...]
    fail_open: bool
    exact: bool
    namespace_selector: JsonObject
    object_selector: JsonObject
    side_effects: str
    timeout_s: int
    reinvoked: bool
    conditions: Mapping[str, Expression]


KINDS: Mapping[Stage, Kind] = {"mutating": MUTATING_WEBHOOKS, "validating": VALIDATING_WEBHOOKS}


class Configurations:
    """The webhooks of a store, in the order in which they are called: by configuration, then as they stand in it."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._webhooks: dict[Stage, tuple[Webhook, ...] | None] = {"mutating": None, "validating": None}
        store.listen(MUTATING_WEBHOOKS, lambda: self._forget("mutating"))
        store.listen(VALIDATING_WEBHOOKS, lambda: self._forget("validating"))

    def _forget(self, stage: Stage) -> None:
        self._webhooks[stage] = None

    def __getitem__(self, stage: Stage) -> tuple[Webhook, ...]:
        known = self._webhooks[stage]
        if known is None:
            present = self._store.objects(KINDS[stage], None).values()
            known = tuple(webhook for stored in present for webhook in webhooks_of(stored.body))
            self._webhooks[stage] = known
        return known

    def __bool__(self) -> bool:
        return bool(self["mutating"] or self["validating"])


def webhooks_of(configuration: JsonObject) -> list[Webhook]:
    """The webhooks of one configuration, which has its defaults and is valid."""
    return [
        Webhook(
            name=entry["name"],
            configuration=configuration["metadata"]["name"],
            client=entry["clientConfig"],
            rules=tuple(entry.get("rules", ())),
            fail_open=entry["failurePolicy"] == "Ignore",
            exact=entry["matchPolicy"] == "Exact",
            namespace_selector=entry["namespaceSelector"],
            object_selector=entry["objectSelector"],
            side_effects=entry["sideEffects"],
            timeout_s=entry["timeoutSeconds"],
            reinvoked=entry.get("reinvocationPolicy") == "IfNeeded",
            conditions={
                condition["name"]: Expression(condition["expression"], CONDITION_VARIABLES)
                for condition in entry.get("matchConditions", ())
            },
        )
        for entry in configuration.get("webhooks", ())
    ]
