"""Quantities are read and written back in the API's canonical form."""

from decimal import Decimal

import pytest
from galileo_emulation.kubernetes.types.quantities import QuantityError, canonical, value
from hypothesis import given
from hypothesis import strategies as st

SUFFIXES = ["", "n", "u", "m", "k", "M", "G", "Ki", "Mi", "Gi", "e3", "E-2"]


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("0.1", "100m"),
        (1.5, "1500m"),
        ("2000m", "2"),
        ("1024Mi", "1Gi"),
        ("1.5Gi", "1536Mi"),
        ("2147483648", "2147483648"),
        ("1000k", "1M"),
        ("1e9", "1e9"),
        ("0", "0"),
        ("0Gi", "0"),
        ("-1", "-1"),
    ],
)
def test_a_quantity_is_kept_in_canonical_form(written: str | float, kept: str) -> None:
    assert canonical(written) == kept


@pytest.mark.parametrize("text", ["", "lots", "1 Gi", "1gi", "Mi", "--1", "1.2.3"])
def test_what_is_no_quantity_is_refused(text: str) -> None:
    with pytest.raises(QuantityError):
        canonical(text)


@given(st.integers(0, 10**6), st.sampled_from(SUFFIXES))
def test_the_canonical_form_has_the_same_value_and_is_its_own_canonical_form(number: int, suffix: str) -> None:
    kept = canonical(f"{number}{suffix}")
    assert value(kept) == value(f"{number}{suffix}")
    assert canonical(kept) == kept
    assert isinstance(value(kept), Decimal)
