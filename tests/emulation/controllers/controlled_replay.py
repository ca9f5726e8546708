"""Replays exchanges that were recorded while controllers worked, where the rules of comparison allow more.

Controllers may write more or less often on the way to the same end, and watches of different kinds may interleave
otherwise. So of each object in a watch, the events have to be recorded ones in the recorded order; only MODIFIED
events that a controller caused, and that others followed, may be missing. Resource versions have to be in order within
a watch and among the answers to requests.
"""

from collections.abc import Iterator
from itertools import zip_longest
from typing import Any

import orjson

from tests.emulation.kubernetes.replay import Json, Replay, Step, Watching

_ANSWERS = -1


class ControlledReplay(Replay):
    """A replay beside controllers; `prepare` also waits until they have settled."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._source = _ANSWERS
        self._sources: dict[str, set[int]] = {}

    def learn(self, recorded: str, actual: str) -> None:
        """Let a recorded name with placeholders stand for a name that the recorder had looked up."""
        assert not list(self._learn(recorded, actual, "")), f"{actual} does not look like {recorded}"

    async def run(self, steps: list[Step]) -> dict[int, list[str]]:
        """Replay all steps; return the differences of each step that differs."""
        bodies = [step["response"].get("body") or {} for step in steps if "events" not in step]
        self._of_lists = {body["metadata"]["resourceVersion"] for body in bodies if {"items", "rows"} & set(body)}
        return await super().run(steps)

    async def _until(self, watching: Watching, count: int) -> None:
        await self._prepare(watching.step["closed_after_step"] + 1)
        while not _is_told(watching.events, await self._present(watching)):
            told = len(watching.events)
            await super()._until(watching, told + 1)
            if len(watching.events) == told:
                return  # in vain; what misses is told by the comparison

    async def _present(self, watching: Watching) -> dict[str, str]:
        """Uid to version of the objects that the watch is about."""
        request = watching.step["request"]
        query = {key: text for key, text in request["query"].items() if key != "watch"}
        listing = {**watching.step, "request": {**request, "query": query}}
        async with self._request(listing) as response:
            items = orjson.loads(await response.read())["items"]
        return {item["metadata"]["uid"]: item["metadata"]["resourceVersion"] for item in items}

    def _compare_events(self, watching: Watching, expected: list[Json]) -> None:
        self._source = watching.step["step"]
        recorded = _by_object(expected)
        actual = _by_object([self._trim(watching.step, event) for event in watching.events])
        found = self.differences[watching.step["step"]]
        for wanted, got in zip_longest(recorded, actual):
            if wanted is None or got is None:
                found.append(f"{'unexpected' if got else 'missing'}: {_named((got or wanted)[0])}")
            else:
                found += self._along(wanted, got)
        self._source = _ANSWERS

    def _along(self, recorded: list[Json], actual: list[Json]) -> Iterator[str]:
        """Follow the events of one object; tell those that were not recorded, and those that miss."""
        position = 0
        for event in actual:
            matched = self._next_match(recorded, position, event)
            if matched is None:
                why = "; ".join(self._compare(recorded[min(position, len(recorded) - 1)], event, ""))
                yield f"not recorded: {_named(event)}: {why}"
                continue
            yield from self._missing(recorded[position:matched])
            position = matched + 1
        rest = recorded[position:]
        yield from self._missing(rest[:-1])
        if rest:
            yield f"missing: {_named(rest[-1])}"

    def _next_match(self, recorded: list[Json], position: int, event: Json) -> int | None:
        for index in range(position, len(recorded)):
            values, sources = dict(self._values), {key: set(of) for key, of in self._sources.items()}
            if not self._compare(recorded[index], event, ""):
                return index
            self._values, self._sources = values, sources
        return None

    def _missing(self, skipped: list[Json]) -> Iterator[str]:
        for event in skipped:
            version = event["object"]["metadata"]["resourceVersion"]
            if event["type"] != "MODIFIED" or _ANSWERS in self._sources.get(version, ()):
                yield f"missing: {_named(event)}"

    def _learn(self, expected: str, actual: str, path: str) -> Iterator[str]:
        self._sources.setdefault(expected, set()).add(self._source)
        yield from super()._learn(expected, actual, path)

    def _are_ordered(self, version: str, other: str) -> bool:
        # A list may have the version of the last change, where another server's had risen beyond it.
        if self._values[version] == self._values[other] and self._of_lists & {version, other}:
            return False
        return bool(self._sources.get(version, set()) & self._sources.get(other, set()))


def _by_object(events: list[Json]) -> list[list[Json]]:
    """The events of each object, the objects in the order in which they came."""
    found: dict[str, list[Json]] = {}
    for event in events:
        found.setdefault(event["object"]["metadata"]["uid"], []).append(event)
    return list(found.values())


def _is_told(events: list[Json], present: dict[str, str]) -> bool:
    """Whether the last that was told of each object is how it is now."""
    last = {event["object"]["metadata"]["uid"]: event for event in events}
    gone = all(event["type"] == "DELETED" for uid, event in last.items() if uid not in present)
    return gone and all(
        uid in last and last[uid]["object"]["metadata"]["resourceVersion"] == version
        for uid, version in present.items()
    )


def _named(event: Json) -> str:
    metadata = event["object"]["metadata"]
    return f"{event['type']} of {event['object']['kind']} {metadata['name']} at {metadata['resourceVersion']}"
