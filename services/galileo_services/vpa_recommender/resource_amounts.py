"""Amounts of resources as the estimators count them: whole millicores and whole bytes, between 0 and 10^14.

Fractions are cut off. Source: kubernetes/autoscaler, vertical-pod-autoscaler/pkg/recommender/model/types.go.
"""

from __future__ import annotations

import math

MAX_AMOUNT = 10**14
MIB = 1024 * 1024


def amount_from_float(amount: float) -> int:
    """The amount without its fraction, at least 0 and at most `MAX_AMOUNT`.

    What is no number, as nothing times an unbounded factor, is nothing.
    """
    if math.isnan(amount) or amount < 0.0:
        return 0
    return MAX_AMOUNT if amount > MAX_AMOUNT else int(amount)


def cpu_amount_from_cores(cores: float) -> int:
    """Millicores."""
    return amount_from_float(cores * 1000.0)


def cores_from_cpu_amount(millicores: int) -> float:
    """Cores."""
    return millicores / 1000.0


def memory_amount_from_bytes(amount_bytes: float) -> int:
    """Bytes."""
    return amount_from_float(amount_bytes)


def scaled(amount: int, factor: float) -> int:
    """An amount times a factor, which may be infinite."""
    return amount_from_float(amount * factor)


def rounded_up(amount: int, scale: int) -> int:
    """The next multiple of `scale`. Raises `ValueError` for a scale that is not positive."""
    if scale <= 0:
        raise ValueError(f"scale must be greater than zero, got {scale}")
    return -(-amount // scale) * scale
