"""A pressure as a person reads it: short, and with digits enough to tell small ones apart.

Pressures are products of factors below one, so that those that matter for scaling down lie in the thousandths.
"""

from __future__ import annotations

SMALLEST_SHOWN = 0.0001


def shown_pressure(value: float) -> str:
    """Two digits that count, or more: `0.35`, `0.031`, `0.0031`; `<0.0001` below that, `0.00` for none, `120`."""
    size = abs(value)
    if size == 0 or size >= 0.1:
        return f"{value:.2f}" if size < 100 else f"{value:.0f}"
    if size < SMALLEST_SHOWN:
        return f"<{SMALLEST_SHOWN}" if value > 0 else f">-{SMALLEST_SHOWN}"
    return f"{value:.3f}" if size >= 0.01 else f"{value:.4f}"
