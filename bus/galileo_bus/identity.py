"""Ids of events: sortable by time, unique, and reproducible from a seeded random generator."""

from __future__ import annotations

import hashlib
import random


def new_id(now: float, rng: random.Random) -> str:
    """28 hexadecimal digits: milliseconds since 1970 (12) and randomness (16). `now` is unix time in seconds."""
    return (int(now * 1000) << 64 | rng.getrandbits(64)).to_bytes(14, "big").hex()


def frame_hash(data: bytes) -> str:
    """Identity of a message that carries none: 32 hexadecimal digits of its bytes' hash."""
    return hashlib.blake2b(data, digest_size=16).hexdigest()
