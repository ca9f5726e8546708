"""Where clients call from and who pauses, whatever their schedule says. Plain state.

A schedule says for each function when a request is due, and from which zone. Moves change the zone: who is due in one
calls from another, until moved again. Pauses belong to places: they hold for whoever calls a function from there.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator


class SteeringError(ValueError):
    """An ask that cannot be met; one line that says why."""


class Steering:
    """The present state for `functions` and `zones`; empty names in asks stand for all of them."""

    def __init__(self, functions: Collection[str], zones: Collection[str]) -> None:
        self._functions = sorted(functions)
        self._zones = sorted(zones)
        self._moved: dict[tuple[str, str], str] = {}
        self._paused: set[tuple[str, str]] = set()

    def zone_of(self, fn: str, due_in: str) -> str:
        """From where the clients of a function call who are due in a zone."""
        return self._moved.get((fn, due_in), due_in)

    def pauses(self, fn: str, zone: str) -> bool:
        """Whether those who call a function from a zone send nothing."""
        return (fn, zone) in self._paused

    def pause(self, fn: str, zone: str) -> None:
        """Raises `SteeringError` for an unknown name, and when they pause already."""
        places = set(self._places(fn, zone))
        if places <= self._paused:
            raise SteeringError(f"{_clients(fn, zone)} pause already")
        self._paused |= places

    def resume(self, fn: str, zone: str) -> None:
        """Raises `SteeringError` for an unknown name, and when none of them pauses."""
        places = set(self._places(fn, zone))
        if not places & self._paused:
            raise SteeringError(f"{_clients(fn, zone)} do not pause")
        self._paused -= places

    def move(self, fn: str, origin: str, destination: str, *, present: Collection[tuple[str, str]]) -> list[str]:
        """Moves clients, and returns the functions whose clients have moved.

        `present`: each function and zone that is called, or called from, now. Raises `SteeringError` for an unknown
        name, for the same zone twice, and when nobody is in `origin`.
        """
        origins = [place for place in self._places(fn, origin) if place in present]
        next(self._places(fn, destination))  # is it known?
        if origin == destination or not origin or not destination:
            raise SteeringError(f"a move is from one zone to another, got {origin!r} and {destination!r}")
        if not origins:
            raise SteeringError(f"no {_clients(fn, '')} call from {origin} now")
        moved = [function for function, _zone in origins]
        for function in moved:
            for zone in self._zones:
                if self.zone_of(function, zone) == origin:
                    self._moved[function, zone] = destination
        return moved

    def _places(self, fn: str, zone: str) -> Iterator[tuple[str, str]]:
        if fn and fn not in self._functions:
            raise SteeringError(f"nobody calls a function {fn!r}; there are {', '.join(self._functions)}")
        if zone and zone not in self._zones:
            raise SteeringError(f"there is no zone {zone!r}; there are {', '.join(self._zones)}")
        for function in self._functions:
            for place in self._zones:
                if fn in ("", function) and zone in ("", place):
                    yield function, place


def _clients(fn: str, zone: str) -> str:
    whose = f"clients of {fn}" if fn else "clients"
    return f"{whose} in {zone}" if zone else whose
