"""What a run makes of local functions that crash: a line for the person, and the end of a run that cannot begin.

world (a line of JSON on its standard output) -> supervisor -> one line at the first crash of each pod
                                                            -> why the run fails, if its clients wait in vain
"""

from __future__ import annotations

from collections.abc import Collection

import msgspec
from galileo_emulation.kubelets.function_crashes import FunctionCrash

TOLD_AS = "crash"
"""The key of such a line of the world's."""


class CrashFacts(msgspec.Struct, kw_only=True):
    """A crash as the world tells it; see FunctionCrash."""

    function: str
    pod: str
    why: str
    log_file: str | None
    again: bool
    worked: bool


def crash_facts(crash: FunctionCrash) -> dict[str, object]:
    """The line's content."""
    log_file = None if crash.log_file is None else str(crash.log_file)
    facts = CrashFacts(
        function=crash.function, pod=crash.pod, why=crash.why, log_file=log_file, again=crash.again, worked=crash.worked
    )
    return {TOLD_AS: msgspec.to_builtins(facts)}


def crash_line(crash: CrashFacts) -> str | None:
    """What a person is told; None when they were told of this pod."""
    if crash.again:
        return None
    return f"function {crash.function}'s pod {crash.pod} crashes: {crash.why} (log: {crash.log_file})"


def why_hopeless(crash: CrashFacts, *, awaited: Collection[str]) -> str | None:
    """Why the run cannot begin, or None if it still may. `awaited` are the functions that clients wait for.

    A process may fail once because of something that comes up a moment later, so that only a second crash tells.
    """
    if crash.worked or not crash.again or crash.function not in awaited:
        return None
    return f"function {crash.function} crashes whenever it is started, and clients wait for it (log: {crash.log_file})"
