"""Replays recorded exchanges of a real API server against the emulated one, and says what differs.

The recordings and the rules of comparison are described in tests/vectors/kubernetes/README.md. Placeholders stand for
values that every server makes up: the first time one is met its value is learnt, from then on it must stay the same
(and resource versions must keep their order).
"""

import asyncio
import contextlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any

import aiohttp
import orjson

# Recorded JSON, of whatever shape.
Json = Any
Step = dict[str, Any]

_PLACEHOLDER = re.compile(
    r"<(uid|rv|continue|suffix|hash|cluster-ip|content-hash)-(\d+)>"
    r"|<(time|microtime|rv|cluster-ip|server|age|gitVersion|gitCommit|gitTreeState|buildDate|goVersion|compiler|platform)>"
)
_PATTERNS = {
    "uid": r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}",
    "rv": r"\d+",
    "continue": r"[\w=-]+",
    "suffix": r"[bcdfghjklmnpqrstvwxz2456789]{5}",
    "hash": r"[bcdfghjklmnpqrstvwxz2456789]{8,10}",
    "cluster-ip": r"\d+\.\d+\.\d+\.\d+",
    "time": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ",
    "microtime": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z",
    "server": r".*",
    "content-hash": r"[0-9A-F]+",
    **dict.fromkeys(
        ("gitVersion", "gitCommit", "gitTreeState", "buildDate", "goVersion", "compiler", "platform"), r".*"
    ),
    "age": r"\d+[smhd].*",
}
_AGE = re.compile(r"(\d+[smhdy])+")
_SENT_TIME = "2024-05-05T00:00:00Z"
_EVENT_TIMEOUT_S = 5.0


@dataclass
class Watching:
    """A watch that is open: where it was opened, and what has come."""

    step: Step
    task: asyncio.Task[None]
    events: list[Json] = field(default_factory=list)
    arrived: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def ends_by_itself(self) -> bool:
        """Whether the server ended it."""
        return str(self.step["ended_by"]).startswith("server")


class Replay:
    """One file: `prepare(step)` makes what was there before a step; `trim` cuts answers as recorded.

    Only with `keep_managers` was metadata.managedFields recorded.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        url: str,
        *,
        prepare: Callable[[int], Any],
        trim: Callable[[Step, Json], Json],
        keep_managers: bool = False,
    ) -> None:
        self._session = session
        self._url = url
        self._keep_managers = keep_managers
        self._prepare = prepare
        self._trim = trim
        self._values: dict[str, str] = {}
        self._open: list[Watching] = []
        self.differences: dict[int, list[str]] = {}

    async def run(self, steps: list[Step]) -> dict[int, list[str]]:
        """Replay all steps; return the differences of each step that differs."""
        for step in steps:
            await self._prepare(step["step"])
            writes = step["request"]["method"] != "GET"
            spans = step.get("closed_after_step", step["step"]) > step["step"]
            if writes or spans:
                await self._close(step["step"] - 1, by_server=True)
            if "events" in step and step["response"]["status"] == 200:
                await self._open_watch(step)
            else:
                await self._exchange(step)
            await self._close(step["step"], by_server=False)
        await self._close(len(steps), by_server=True)
        return {number: found for number, found in sorted(self.differences.items()) if found}

    async def _exchange(self, step: Step) -> None:
        expected = step["response"]
        async with self._request(step) as response:
            payload = await response.read()
            content_type, headers = response.headers.get("Content-Type", ""), response.headers
            found = (
                [] if response.status == expected["status"] else [f"status {response.status}, not {expected['status']}"]
            )
        wanted = (expected.get("content_type") or "").split(";")[0]
        if content_type.split(";")[0] != wanted and wanted:
            found.append(f"content type {content_type}, not {wanted}")
        for name in ("Etag", "Vary"):
            if name in (expected.get("headers") or {}):
                found += self._compare(expected["headers"][name], headers.get(name), name)
        for name in ("Warning", "Retry-After"):
            recorded = (expected.get("headers") or {}).get(name, [])
            recorded = recorded if isinstance(recorded, list) else [recorded]
            if headers.getall(name, []) != recorded:
                found.append(f"{name}: {headers.getall(name, [])}, not {recorded}")
        body = self._trim(step, self._as_recorded(_decoded(payload)))
        found += self._compare(expected["body"], body, "")
        self.differences[step["step"]] = found

    def _request(self, step: Step) -> Any:
        request = step["request"]
        body = self._filled(request["body"])
        data = body.encode() if isinstance(body, str) else orjson.dumps(body) if body is not None else None
        headers = {
            "Accept": request["accept"] or "*/*",
            "Authorization": "" if "No credentials" in (step["note"] or "") else "Bearer any",
            "User-Agent": "recorder/1",
            **self._filled(request.get("headers") or {}),
        }
        if request["content_type"]:
            headers["Content-Type"] = request["content_type"]
        query = self._filled(request["query"] or {})
        if "timeoutSeconds" in query:
            query["timeoutSeconds"] = "1"
        return self._session.request(
            request["method"],
            self._url + self._filled(request["path"]),
            params=query,
            data=data,
            headers=headers,
            skip_auto_headers=("Content-Type",),
        )

    # Watches

    async def _open_watch(self, step: Step) -> None:
        response = await self._request(step)
        watching = Watching(step, asyncio.create_task(asyncio.sleep(0)))
        await watching.task

        async def follow() -> None:
            with contextlib.closing(response):  # also when cancelled in the middle of the stream
                async for line in response.content:
                    watching.events.append(orjson.loads(line))
                    watching.arrived.set()

        watching.task = asyncio.create_task(follow(), name=f"watch of step {step['step']}")
        self.differences[step["step"]] = [] if response.status == 200 else [f"status {response.status}, not 200"]
        self._open.append(watching)

    async def _close(self, number: int, *, by_server: bool) -> None:
        due = [w for w in self._open if w.step["closed_after_step"] <= number and w.ends_by_itself is by_server]
        for watching in due:
            self._open.remove(watching)
            expected = _telling(watching.step["events"])
            if not by_server:
                await self._until(watching, len(expected))
                watching.task.cancel()
            try:
                await asyncio.wait_for(watching.task, _EVENT_TIMEOUT_S)
            except asyncio.CancelledError:
                pass
            except TimeoutError:
                self.differences[watching.step["step"]].append("the server did not end the watch")
            self._compare_events(watching, expected)

    async def _until(self, watching: Watching, count: int) -> None:
        loop = asyncio.get_running_loop()
        end = loop.time() + _EVENT_TIMEOUT_S
        while len(_telling(watching.events)) < count and loop.time() < end:
            watching.arrived.clear()
            try:
                await asyncio.wait_for(watching.arrived.wait(), end - loop.time())
            except TimeoutError:
                return

    def _compare_events(self, watching: Watching, expected: list[Json]) -> None:
        actual = [self._trim(watching.step, self._as_recorded(event)) for event in _telling(watching.events)]
        self.differences[watching.step["step"]] += self.compared(expected, actual)

    def compared(self, expected: list[Json], actual: list[Json]) -> list[str]:
        """The differences between recorded events and those that came; learns what placeholders stand for."""
        pairs = enumerate(zip_longest(expected, actual))
        return [line for index, (wanted, got) in pairs for line in self._compare(wanted, got, f"events[{index}]")]

    # Comparing

    def _as_recorded(self, answer: Json) -> Json:
        return answer if self._keep_managers else without_managers(answer)

    def _compare(self, expected: Json, actual: Json, path: str) -> list[str]:
        return list(self._differences(expected, actual, path))

    def _differences(self, expected: Json, actual: Json, path: str) -> Iterator[str]:
        if isinstance(expected, dict) and isinstance(actual, dict):
            free = {"description", "storageVersionHash"} | ({"message"} if _worded(expected) else set())
            for key in sorted({*expected, *actual} - free):
                if key not in actual:
                    yield f"{path}.{key}: missing, expected {expected[key]!r}"
                elif key not in expected:
                    yield f"{path}.{key}: unexpected {actual[key]!r}"
                else:
                    yield from self._differences(expected[key], actual[key], f"{path}.{key}")
        elif isinstance(expected, list) and isinstance(actual, list):
            if path.endswith(".details.causes"):
                expected, actual = _in_order(expected), _in_order(actual)
            if len(expected) != len(actual):
                yield f"{path}: {len(actual)} elements, expected {len(expected)}"
            for index, (wanted, got) in enumerate(zip(expected, actual, strict=False)):
                yield from self._differences(wanted, got, f"{path}[{index}]")
        elif isinstance(expected, str) and isinstance(actual, str) and _PLACEHOLDER.search(expected):
            yield from self._learn(expected, actual, path)
        elif ".cells[" in path and isinstance(expected, str) and _AGE.fullmatch(expected):
            if not isinstance(actual, str) or not _AGE.fullmatch(actual):
                yield f"{path}: {actual!r} is no age"
        elif expected != actual or type(expected) is not type(actual):
            yield f"{path}: {actual!r}, expected {expected!r}"

    def _learn(self, expected: str, actual: str, path: str) -> Iterator[str]:
        names: list[str] = []

        def pattern(match: re.Match[str]) -> str:
            names.append(match[0])
            return f"({_PATTERNS[match[1] or match[3]]})"

        parts, last = [], 0
        for match in _PLACEHOLDER.finditer(expected):
            parts += [re.escape(expected[last : match.start()]), pattern(match)]
            last = match.end()
        found = re.fullmatch("".join(parts) + re.escape(expected[last:]), actual)
        if found is None:
            yield f"{path}: {actual!r} does not look like {expected!r}"
            return
        for name, value in zip(names, found.groups(), strict=True):
            numbered = re.fullmatch(r"<.*-\d+>", name)
            if numbered and self._values.setdefault(name, value) != value:
                yield f"{path}: {name} is {value}, but was {self._values[name]} before"
            if name.startswith("<rv-"):
                yield from self._out_of_order(name, path)

    def _out_of_order(self, name: str, path: str) -> Iterator[str]:
        own, value = int(name[4:-1]), int(self._values[name])
        for other, text in self._values.items():
            if not other.startswith("<rv-") or other == name or not self._are_ordered(name, other):
                continue
            if (own < int(other[4:-1])) != (value < int(text)):
                yield f"{path}: {name} is {value} while {other} is {text}"

    def _are_ordered(self, version: str, other: str) -> bool:
        """Whether two resource versions have to be in the recorded order."""
        return True

    def _filled(self, value: Json) -> Json:
        if isinstance(value, dict):
            return {key: self._filled(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self._filled(item) for item in value]
        if isinstance(value, str):
            return _PLACEHOLDER.sub(self._known, value)
        return value

    def _known(self, match: re.Match[str]) -> str:
        if match[0] == "<time>":
            return _SENT_TIME
        if match[1] == "uid" and match[0] not in self._values:
            self._values[match[0]] = f"00000000-0000-0000-0000-{int(match[2]):012d}"
        return self._values.get(match[0], match[0])


def without_managers(document: Json) -> Json:
    """A document without the managedFields of the objects in it."""
    if isinstance(document, dict):
        return {key: without_managers(value) for key, value in document.items() if key != "managedFields"}
    if isinstance(document, list):
        return [without_managers(item) for item in document]
    return document


def _decoded(payload: bytes) -> Json:
    if not payload:
        return None
    try:
        return orjson.loads(payload)
    except orjson.JSONDecodeError:
        return payload.decode()


def _in_order(causes: list[Json]) -> list[Json]:
    """Causes in one order; a real server gives those about different fields in an order that it draws."""
    return sorted(causes, key=lambda cause: (cause.get("field", ""), cause.get("reason", "")))


def _worded(document: Json) -> bool:
    """Whether `message` is wording: in a Status and its causes, not in a condition or an event."""
    return document.get("kind") == "Status" or {"reason", "field"} <= set(document)


def _telling(events: list[Json]) -> list[Json]:
    """The events without those bookmarks whose presence is the server's choice."""
    return [event for event in events if event["type"] != "BOOKMARK" or "annotations" in event["object"]["metadata"]]
