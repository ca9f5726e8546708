"""Regular expressions of definitions. They are Go's, which is the RE2 language: no look-around, and linear time."""

from functools import lru_cache
from typing import Protocol

import re2


class Pattern(Protocol):
    """A compiled expression."""

    def search(self, text: str) -> object | None:
        """A match anywhere in the text, or None."""


class PatternError(ValueError):
    """Not a regular expression of this language; the message says why."""


_QUIET = re2.Options()
_QUIET.log_errors = False


@lru_cache(maxsize=1024)
def compiled(pattern: str) -> Pattern:
    """Compile an expression. Raises PatternError."""
    try:
        found: Pattern = re2.compile(pattern, _QUIET)
    except re2.error as error:
        reason = error.args[0] if error.args else "not a regular expression"
        raise PatternError(reason.decode() if isinstance(reason, bytes) else str(reason)) from None
    return found
