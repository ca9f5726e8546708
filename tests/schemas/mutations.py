"""Mutilated inputs: real ones with flipped bits, cut, spliced, and filled with what parsers trip over.

Input number `n` of a seed is always the same, so that a run can be taken up at any number.
"""

from __future__ import annotations

import random

HUGE = b"9" * 40
FRAGMENTS = [
    *(b"NaN", b"nan", b"null", b"Infinity", b"-inf", b"1e999", b"-1e-999", b"-1", b"-0", b"1.0", b"true", b"None"),
    *(b"pod", b"value", b"mean", b"containers", b'"meta":', b'{"id":"x"}', b"{}", b"[]", b'""', b'"', b"\\", b"\\u"),
    *(b'"\\ud800"', b'"\\udfff\\ud800"', b'"\\ud83d\\ude00"', "é\u2028\u0085".encode(), "😀".encode(), b"\xed\xa0\x80"),
    *(b" ", b"\n", b"\r\n", b"\t", b"|", b",", b"/", b".", b":", b"e", b"_", b"\x00", b"\xff", b"\xc3", b"\x1b[31m"),
    *(HUGE, b"-" + HUGE, HUGE + b".5", b"1e308", b"1_000", b"0x10", b"1" * 5000, b"18446744073709551616", b"00"),
    *(b"[" * 50, b'{"a":' * 50, b"[" * 2000, b'{"a":' * 1200, b"[" * 1500 + b"]" * 1500, b"2024-03-01 12:00:00 "),
]


def mutated(seeds: list[bytes], *, seed: int, number: int) -> bytes:
    """Mutilated input `number`: one of the seeds, changed once to five times."""
    rng = random.Random(seed * 1_000_000_007 + number)
    data = bytearray(rng.choice(seeds))
    for _ in range(rng.randint(1, 5)):
        _mutate(data, seeds, rng)
    return bytes(data)


def _mutate(data: bytearray, seeds: list[bytes], rng: random.Random) -> None:
    at = rng.randrange(len(data) + 1)
    match rng.randrange(9):
        case 0:
            data[at:at] = rng.choice(FRAGMENTS)
        case 1:
            del data[at : at + rng.randint(1, 8)]
        case 2:
            data[at : at + rng.randint(0, 6)] = rng.choice(FRAGMENTS)
        case 3:
            data[at : at + 1] = bytes([rng.randrange(256)])
        case 4 if data:
            data[at % len(data)] ^= 1 << rng.randrange(8)
        case 5 if rng.random() < 0.3:
            del data[at:]
        case 6:
            other = rng.choice(seeds)
            start = rng.randrange(len(other) + 1)
            data[at : at + rng.randint(0, 20)] = other[start : start + rng.randint(1, 40)]
        case 7:
            _replace_a_value(data, at, rng)
        case 8:
            end = at + rng.randint(1, 30)
            data[at:at] = data[at:end]


def _replace_a_value(data: bytearray, at: int, rng: random.Random) -> None:
    """What stands after the next colon, up to the next comma, becomes a fragment."""
    colon = data.find(b":", at)
    if colon < 0:
        return
    end = data.find(b",", colon)
    data[colon + 1 : end if end > 0 else len(data)] = rng.choice(FRAGMENTS)
