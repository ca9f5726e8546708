"""How long a kubelet waits before it tries again what failed: twice as long each time, and from the beginning after a
long while without a failure.

The rule is that of kubelets for image pulls and for container restarts: 10 s, doubling to 5 min. A container that ran
for 10 min before it ended is taken for a new one. All of it can be scaled, since emulated runs last minutes.
"""

from __future__ import annotations

from dataclasses import dataclass

_FIRST_S = 10.0
_LONGEST_S = 300.0
_FORGOTTEN_S = 600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class BackoffRule:
    """`first_s` doubles up to `longest_s`; a failure that comes `forgotten_s` after the last attempt is a first one."""

    first_s: float = _FIRST_S
    longest_s: float = _LONGEST_S
    forgotten_s: float = _FORGOTTEN_S

    @classmethod
    def scaled(cls, scale: float) -> BackoffRule:
        """The kubelet's own times, multiplied by `scale`."""
        return cls(first_s=_FIRST_S * scale, longest_s=_LONGEST_S * scale, forgotten_s=_FORGOTTEN_S * scale)


@dataclass(frozen=True, slots=True)
class Backoff:
    """What is known of earlier attempts: the delay that follows a failure now, and when the last attempt was."""

    delay_s: float = 0.0
    attempt_at: float = 0.0


NONE_YET = Backoff()


def next_attempt_at(backoff: Backoff, *, failed_at: float, rule: BackoffRule) -> float:
    """When to try again what failed at `failed_at`; at once if it had not failed before, or not for a long time."""
    if not backoff.delay_s or failed_at - backoff.attempt_at > rule.forgotten_s:
        return failed_at
    return failed_at + backoff.delay_s


def attempted(backoff: Backoff, *, failed_at: float, now: float, rule: BackoffRule) -> Backoff:
    """The state after another attempt at `now`, made because of a failure at `failed_at`."""
    if not backoff.delay_s or failed_at - backoff.attempt_at > rule.forgotten_s:
        return Backoff(rule.first_s, now)
    return Backoff(min(2.0 * backoff.delay_s, rule.longest_s), now)


def as_text(delay_s: float) -> str:
    """A delay as kubelets write it: `10s`, `1m20s`, `5m0s`."""
    if delay_s < 60.0:
        return f"{delay_s:.3g}s"
    return f"{int(delay_s // 60)}m{delay_s % 60:.3g}s"
