"""Resource quantities: reading, comparing, and the canonical form in which the API writes them back.

A quantity is a decimal number with an SI suffix (m, k, M, …), a binary suffix (Ki, Mi, …) or a decimal exponent.
Canonical means: same suffix family, no fraction, the largest suffix that allows that ("0.1" is "100m", "1024Mi" is
"1Gi").
"""

import re
from decimal import Decimal
from functools import lru_cache
from typing import Literal

Family = Literal["decimal", "binary", "exponent"]

_PATTERN = re.compile(r"^([+-]?(?:\d+\.?\d*|\.\d+))(?:([eE][+-]?\d+)|(n|u|m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)?)$")
_DECIMAL = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_BINARY = {"Ki": 10, "Mi": 20, "Gi": 30, "Ti": 40, "Pi": 50, "Ei": 60}


class QuantityError(ValueError):
    """The text is no quantity."""


# The same few amounts come with every object, so what was read is remembered.
@lru_cache(4096, typed=True)
def parse(text: str | float) -> tuple[Decimal, Family]:
    """Return the value (cores, bytes, …) and its suffix family. Raises QuantityError."""
    match = _PATTERN.match(str(text))
    if match is None:
        raise QuantityError(
            f"quantities must be a number with an optional suffix such as m, k, M, Ki, Mi or e3, got {text!r}"
        )
    number, exponent, suffix = match.groups()
    if exponent:
        return Decimal(number) * (Decimal(10) ** int(exponent[1:])), "exponent"
    if suffix in _BINARY:
        return Decimal(number) * (1 << _BINARY[suffix]), "binary"
    return Decimal(number) * (Decimal(10) ** _DECIMAL[suffix or ""]), "decimal"


def value(text: str | float) -> Decimal:
    """Return the quantity as a number. Raises QuantityError."""
    return parse(text)[0]


@lru_cache(4096, typed=True)
def canonical(text: str | float) -> str:
    """Return the form in which the API writes the quantity. Raises QuantityError."""
    amount, family = parse(text)
    if family == "binary" and abs(amount) >= 1024 and amount == amount.to_integral_value():
        return _with_binary_suffix(int(amount))
    if family == "exponent":
        return _with_exponent(amount)
    return _with_decimal_suffix(amount)


def _with_binary_suffix(amount: int) -> str:
    for suffix, bits in reversed(_BINARY.items()):
        if amount % (1 << bits) == 0:
            return f"{amount >> bits}{suffix}"
    return str(amount)


def _with_decimal_suffix(amount: Decimal) -> str:
    for suffix, exponent in reversed(_DECIMAL.items()):
        scaled = amount.scaleb(-exponent)
        if scaled == scaled.to_integral_value() and (scaled != 0 or not suffix):
            return f"{int(scaled)}{suffix}"
    # Finer than the finest suffix: rounded up, as the API does.
    return f"{int(amount.scaleb(9).to_integral_value(rounding='ROUND_UP'))}n"


def _with_exponent(amount: Decimal) -> str:
    for exponent in range(18, -10, -3):
        scaled = amount.scaleb(-exponent)
        if scaled == scaled.to_integral_value() and (scaled != 0 or exponent == 0):
            return f"{int(scaled)}e{exponent}" if exponent else str(int(scaled))
    return _with_decimal_suffix(amount)
