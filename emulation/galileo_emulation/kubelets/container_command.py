"""What a container's command would do, as far as that is known without running it.

Idle containers run nothing. So that Jobs end and crash loops can be shown, the few words of shell that examples are
made of are understood: `sleep N`, `exit N`, `true`, `false`, `:` and `echo TEXT`, alone or in `sh -c "…"`, joined by
`;`, `&&`, `||` or line ends. A command with anything else in it is not understood at all, and its container idles.
"""

from __future__ import annotations

import math
import shlex
from collections.abc import Sequence
from dataclasses import dataclass

_SHELLS = frozenset({"sh", "bash", "ash", "dash"})
_SHELL_OPTIONS = frozenset({"-c", "-ec", "-xc", "-exc", "-lc"})
_PUNCTUATION = ";&|<>()\n"
_UNIT_S = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0}


@dataclass(frozen=True, slots=True)
class Script:
    """`steps` holds what happens in order: a text is written, a number of seconds passes (may be infinite)."""

    steps: tuple[str | float, ...] = ()
    exit_code: int = 0

    @property
    def duration_s(self) -> float:
        """How long it runs; infinite if it never ends."""
        return sum((step for step in self.steps if not isinstance(step, str)), 0.0)


@dataclass(slots=True)
class _Status:
    """What running one statement led to."""

    code: int = 0
    ends: bool = False


class _NotUnderstoodError(Exception):
    pass


def understood(command: Sequence[str]) -> Script | None:
    """What `command` (with its arguments) does; None if there is none, or one that is not understood."""
    if not command:
        return None
    program = command[0].rsplit("/", 1)[-1]
    try:
        if program in _SHELLS:
            if len(command) == 3 and command[1] in _SHELL_OPTIONS:
                return _shell_script(command[2], stop_at_error="e" in command[1])
            return None
        steps: list[str | float] = []
        status = _Status(ends=True) if program == "exit" else _statement([program, *command[1:]], steps)
        return None if status.ends else Script(tuple(steps), status.code)
    except _NotUnderstoodError:
        return None


def _shell_script(text: str, *, stop_at_error: bool) -> Script:
    steps: list[str | float] = []
    status, run_next = _Status(), True
    for words, joint in _statements(text):
        if run_next and words == ["set", "-e"]:
            stop_at_error = True
        elif run_next and words:
            status = _statement(words, steps)
        if status.ends or (stop_at_error and run_next and status.code and joint == ";"):
            break
        run_next = joint == ";" or (status.code == 0) == (joint == "&&")
    return Script(tuple(steps), status.code)


def _statements(text: str) -> list[tuple[list[str], str]]:
    """Each statement's words, with what joins it to the next: `;`, `&&` or `||`."""
    if "$" in text or "`" in text:
        raise _NotUnderstoodError
    lexer = shlex.shlex(text, posix=True, punctuation_chars=_PUNCTUATION)
    lexer.whitespace, lexer.whitespace_split, lexer.commenters = " \t\r", True, ""
    statements: list[tuple[list[str], str]] = []
    words: list[str] = []
    try:
        tokens = list(lexer)
    except ValueError as error:  # a quotation that does not end
        raise _NotUnderstoodError from error
    for token in tokens:
        if not set(token) <= set(_PUNCTUATION):
            words.append(token)
            continue
        joint = token.strip("\n") or ";"
        if joint not in (";", "&&", "||"):
            raise _NotUnderstoodError
        statements.append((words, joint))
        words = []
    return [*statements, (words, ";")]


def _statement(words: list[str], steps: list[str | float]) -> _Status:
    match words:
        case ["sleep", duration]:
            steps.append(_seconds(duration))
            return _Status()
        case ["true"] | [":"]:
            return _Status()
        case ["false"]:
            return _Status(1)
        case ["echo", *text]:
            steps.append(" ".join(text))
            return _Status()
        case ["exit"]:
            return _Status(0, ends=True)
        case ["exit", code] if code.isdecimal():
            return _Status(int(code) % 256, ends=True)
        case _:
            raise _NotUnderstoodError


def _seconds(text: str) -> float:
    if text in ("infinity", "inf"):
        return math.inf
    number, unit = (text[:-1], text[-1]) if text[-1:] in _UNIT_S else (text, "s")
    try:
        seconds = float(number) * _UNIT_S[unit]
    except ValueError as error:
        raise _NotUnderstoodError from error
    if not seconds >= 0.0:
        raise _NotUnderstoodError
    return seconds
