"""Kubernetes quantities as numbers: "500m" → 0.5, "128Mi" → 134217728. And back, in the API's canonical form.

Lenient where senders are sloppy: telemd's Kubernetes adapter writes quantities quoted twice (`"\\"250Mi\\""`).
"""

from __future__ import annotations

import math
import re
from decimal import Decimal

_SUFFIXES: dict[str, Decimal] = {
    "n": Decimal("1e-9"),
    "u": Decimal("1e-6"),
    "m": Decimal("1e-3"),
    "": Decimal(1),
    "k": Decimal(10**3),
    "M": Decimal(10**6),
    "G": Decimal(10**9),
    "T": Decimal(10**12),
    "P": Decimal(10**15),
    "E": Decimal(10**18),
    "Ki": Decimal(2**10),
    "Mi": Decimal(2**20),
    "Gi": Decimal(2**30),
    "Ti": Decimal(2**40),
    "Pi": Decimal(2**50),
    "Ei": Decimal(2**60),
}

# Digits can be matched in one way only, or a long row of them would take the square of its length.
# A decimal exponent and a suffix exclude each other: "1E3" is a thousand, "1E" is exa.
_QUANTITY = re.compile(
    r"(?P<number>[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+))(?:(?P<exponent>[eE][+-]?[0-9]{1,3})|(?P<suffix>[numkMGTPE]|[KMGTPE]i))?"
)


def parse_quantity(text: str | int | float) -> float:
    """The number that a quantity stands for, in its base unit (cores, bytes, pieces).

    Raises `ValueError` that says what a quantity looks like.
    """
    value = float(text) if isinstance(text, int | float) else _read(text.strip().strip('"').strip())
    if not math.isfinite(value * 1000.0):  # in thousandths, too
        raise ValueError(f"a quantity is a number with a suffix such as 500m, 2, 128Mi or 1G, got {text!r:.80}")
    return value


def _read(bare: str) -> float:
    """Not a number when the text is no quantity."""
    match = _QUANTITY.fullmatch(bare)
    if match is None:
        return math.nan
    number, exponent, suffix = match["number"], match["exponent"], match["suffix"]
    return float(Decimal(number + (exponent or "")) * _SUFFIXES[suffix or ""])


def cpu_millicores(text: str | int | float) -> float:
    """CPU in thousandths of a core: "500m" → 500, "2" → 2000. Raises `ValueError`."""
    return parse_quantity(text) * 1000.0


def memory_bytes(text: str | int | float) -> int:
    """Memory in bytes, rounded up as Kubernetes does: "128Mi" → 134217728. Raises `ValueError`."""
    value = parse_quantity(text)
    return int(value) if value == int(value) else int(value) + 1


def cpu_quantity(millicores: int) -> str:
    """A CPU amount as a quantity: 500 → "500m", 2000 → "2"."""
    return f"{millicores}m" if millicores % 1000 else str(millicores // 1000)


def memory_quantity(amount_bytes: int) -> str:
    """A memory amount as a quantity, with the largest binary suffix that divides it: 939524096 → "896Mi"."""
    for suffix in ("Ei", "Pi", "Ti", "Gi", "Mi", "Ki"):
        unit = int(_SUFFIXES[suffix])
        if amount_bytes and amount_bytes % unit == 0:
            return f"{amount_bytes // unit}{suffix}"
    return str(amount_bytes)
