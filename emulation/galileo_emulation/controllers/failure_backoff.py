"""How long to wait before something that failed is tried again: longer after every failure, up to a limit."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class _Failures:
    count: int
    last_at: float


@dataclass(slots=True)
class FailureBackoff:
    """Waits by key. The first is `first_s` seconds, each further one twice as long, none longer than `longest_s`.

    A key that did not fail for twice the longest wait starts anew.
    """

    first_s: float
    longest_s: float
    _failures: dict[str, _Failures] = field(default_factory=dict)

    def left_s(self, key: str, now: float) -> float:
        """In how many seconds the key may be tried again; 0 or less: now."""
        found = self._failures.get(key)
        if found is None:
            return 0.0
        wait_s: float = min(self.longest_s, self.first_s * 2 ** (found.count - 1))
        return found.last_at + wait_s - now

    def note(self, key: str, now: float) -> None:
        """The key failed at `now`."""
        found = self._failures.get(key)
        if found is None or now - found.last_at > 2 * self.longest_s:
            self._failures[key] = _Failures(1, now)
        else:
            self._failures[key] = _Failures(min(found.count + 1, 32), now)

    def forget(self, key: str) -> None:
        """All is well with the key."""
        self._failures.pop(key, None)
