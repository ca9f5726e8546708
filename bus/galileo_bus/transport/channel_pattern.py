"""What a channel pattern matches, as Redis means it: `*`, `?`, `[ab]`, `[^ab]`, `[a-c]`, and a backslash before either.

The standard library's fnmatch differs: it writes `[!ab]` and knows no backslash.
"""

from __future__ import annotations

import re
from functools import lru_cache


@lru_cache(maxsize=1000)
def compile_pattern(pattern: str) -> re.Pattern[str]:
    """A regular expression to be matched against the whole channel name."""
    parts: list[str] = []
    index = 0
    while index < len(pattern):
        character = pattern[index]
        if character == "*":
            parts.append(".*")
        elif character == "?":
            parts.append(".")
        elif character == "\\" and index + 1 < len(pattern):
            index += 1
            parts.append(re.escape(pattern[index]))
        elif character == "[" and "]" in pattern[index + 2 :]:
            end = pattern.index("]", index + 2)
            parts.append(_one_of(pattern[index + 1 : end]))
            index = end
        else:
            parts.append(re.escape(character))
        index += 1
    return re.compile("".join(parts), re.DOTALL)


def _one_of(choices: str) -> str:
    negated, choices = ("^", choices[1:]) if choices.startswith("^") and len(choices) > 1 else ("", choices)
    escaped = choices.replace("\\", "\\\\").replace("[", "\\[").replace("^", "\\^")
    return f"[{negated}{escaped}]"
