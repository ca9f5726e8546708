"""Resource versions that are set apart in the file before they are used.

A killed world may have told its clients of changes whose lines it did not write any more. Their versions must never
come again with another meaning. So the file always names a version that is far above those in use; a world that was
killed goes on from there, and every version that a client can have is below what it then knows: 410, list again.
"""

from __future__ import annotations

AHEAD = 1_000_000


def reserved(version: int, present: int) -> int:
    """Up to which version to reserve, `present` being reserved; the same while there is enough left of it."""
    return present if present - version > AHEAD // 2 else version + AHEAD
