"""Service is there again soon after the server is: decisions accepted and acted on, records kept, observations heard.

The plan lets nothing else go wrong in that time. A machine that did not let the processes run is allowed for.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from tests.robustness.checks.violation import Violation
from tests.robustness.histories import Happening, of, role

WITHIN_S = 2.0

# What shows that a role serves, and whether each of its kind has to, or one of them.
_SIGNS = {
    "decider": (("accepted",), True),
    "listener": (("heard",), True),
    "actor": (("began", "expired"), False),
    "recorder": (("kept",), False),
}


def service_again(history: Sequence[Happening]) -> list[Violation]:
    return [violation for back in of(history, "server_back") for violation in _late(history, back.at)]


def _late(history: Sequence[Happening], back_at: float) -> Iterator[Violation]:
    until = back_at + WITHIN_S + _stood_still(history, back_at, back_at + WITHIN_S)
    living = _living(history, back_at, until)
    for kind, (signs, each) in _SIGNS.items():
        of_kind = [who for who in living if role(who) == kind]
        serving = {one.who for one in of(history, *signs) if back_at <= one.at <= until}
        late = [who for who in of_kind if who not in serving]
        if late and (each or len(late) == len(of_kind)):
            text = f"{', '.join(late)}: nothing {' or '.join(signs)} within {until - back_at:.1f} s"
            yield Violation("service was not there again in time", text)


def _living(history: Sequence[Happening], begins: float, ends: float) -> list[str]:
    """Who ran already when the server came back, and was not killed in that time."""
    killed = {one["participant"] for one in of(history, "killed") if one.at <= ends}
    return [one.who for one in of(history, "running") if one.at < begins and one.who not in killed]


def _stood_still(history: Sequence[Happening], begins: float, ends: float) -> float:
    total: dict[str, float] = defaultdict(float)
    for one in of(history, "stood_still"):
        if begins <= one.at <= ends + one["for_s"]:
            total[one.who] += one["for_s"]
    return max(total.values(), default=0.0)
