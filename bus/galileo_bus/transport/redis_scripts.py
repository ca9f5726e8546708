"""What the server does in one atomic step: the scripts by which entries are appended and acknowledged."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

from galileo_bus.transport.interface import IDENTITY_LIFETIME_S, Fence, fenced
from galileo_bus.transport.retention import Retention

# ARGV[1] and [2] are a leader's epoch and holder, or empty; the last key is then its fence. What stands there instead
# is answered, and nothing written.
_CHECK_FENCE = """
if ARGV[1] ~= '' then
  local is = redis.call('HMGET', KEYS[#KEYS], 'epoch', 'holder')
  if is[1] ~= ARGV[1] or is[2] ~= ARGV[2] then return {is[1] or 'no', is[2] or 'nobody'} end
end
"""

# KEYS: stream, identity, fence if any. ARGV: epoch, holder, payload, greatest length, greatest age in s or empty,
# identity's life in s, then channel and message in turn. A script that fails is not undone: so the identity is taken
# after the entry is in the stream, never before.
APPEND = f"""{_CHECK_FENCE}
if redis.call('EXISTS', KEYS[2]) == 1 then return 0 end
redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[4], '*', 'f', ARGV[3])
redis.call('SET', KEYS[2], '1', 'EX', ARGV[6])
if ARGV[5] ~= '' then
  local now = redis.call('TIME')
  local oldest_ms = (now[1] - ARGV[5]) * 1000 + now[2] / 1000
  redis.call('XTRIM', KEYS[1], 'MINID', '~', string.format('%.0f', oldest_ms))
end
for i = 7, #ARGV, 2 do redis.call('PUBLISH', ARGV[i], ARGV[i + 1]) end
return 1
"""
APPEND_SHA = hashlib.sha1(APPEND.encode()).hexdigest()  # the name by which servers know a script

# KEYS: stream, fence. ARGV: epoch, holder, group, then the ids.
ACKNOWLEDGE = f"{_CHECK_FENCE} return redis.call('XACK', KEYS[1], unpack(ARGV, 3))"


def identity_key(identity: str) -> str:
    """Where it is noted that an identity was seen."""
    return f"galileo/identity/{identity}"


def append_words(
    payload: bytes, retention: Retention, fence: Fence | None, publish: Sequence[tuple[str, bytes]]
) -> list[str | bytes | int]:
    """The arguments of `APPEND`."""
    age = "" if retention.max_age_s is None else f"{retention.max_age_s:g}"
    words: list[str | bytes | int] = [*rights(fence), payload, retention.max_length, age, IDENTITY_LIFETIME_S]
    for channel, message in publish:
        words += [channel, message]
    return words


def rights(fence: Fence | None) -> tuple[str, str]:
    """A leader's, as the first two arguments; empty where there is no leader."""
    return ("", "") if fence is None else fence.fields


def checked(fence: Fence | None, answer: Any) -> Any:
    """The answer of a script that begins with `_CHECK_FENCE`. Raises `FencedError` when the fence does not hold."""
    if isinstance(answer, list) and fence is not None:
        raise fenced(fence, *(word.decode() for word in answer))
    return answer
