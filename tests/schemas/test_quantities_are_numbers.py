"""Kubernetes quantities, as the API defines them and as sloppy senders write them."""

from __future__ import annotations

import math

import pytest
from galileo_schemas.quantities import cpu_millicores, cpu_quantity, memory_bytes, memory_quantity, parse_quantity


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2", 2.0),
        ("500m", 0.5),
        ("0.1", 0.1),
        (".5", 0.5),
        ("5.", 5.0),
        ("+3", 3.0),
        ("-3", -3.0),
        ("1500000n", 0.0015),
        ("7u", 7e-6),
        ("1k", 1e3),
        ("1e3", 1e3),
        ("1E3", 1e3),
        ("1e-3", 1e-3),
        ("1E", 1e18),
        ("1Ei", 2.0**60),
        ("0.5Gi", 2.0**29),
        ("8152068Ki", 8152068 * 1024.0),
        ("250Mi", 250 * 2.0**20),
        ('"250Mi"', 250 * 2.0**20),
        (' "500m" ', 0.5),
        (4, 4.0),
        (0.25, 0.25),
    ],
)
def test_a_quantity_has_one_value(text: str | float, value: float) -> None:
    assert parse_quantity(text) == pytest.approx(value, rel=1e-15)


@pytest.mark.parametrize(
    "nonsense",
    [
        *("", " ", '""', "m", "Ki", "1K", "1mi", "1 Mi", "1e", "1e3Mi", "1Ee", "1_000", "１", "0x10", "1,5", "--1"),
        *("1MiMi", "many", "NaN", "sNaN", "Infinity", "-inf", "1e400", "1e308", "1e999999Ei", math.nan, math.inf),
    ],
)
def test_nonsense_is_refused_and_quoted(nonsense: str | float) -> None:
    for read in (parse_quantity, cpu_millicores, memory_bytes):
        with pytest.raises(ValueError, match="a quantity is a number with a suffix such as 500m") as refused:
            read(nonsense)
        assert repr(nonsense) in str(refused.value)


def test_a_long_row_of_digits_is_refused_at_once() -> None:
    with pytest.raises(ValueError, match="a quantity is a number"):
        parse_quantity("1" * 1_000_000 + "!")


def test_cpu_is_told_in_thousandths_of_a_core() -> None:
    assert [cpu_millicores(text) for text in ("250m", "2", "0.5")] == [250.0, 2000.0, 500.0]


def test_bytes_are_whole_and_rounded_up() -> None:
    assert [memory_bytes(text) for text in ("128Mi", "1.5", "100m", "0")] == [134217728, 2, 1, 0]


@pytest.mark.parametrize(("millicores", "text"), [(0, "0"), (25, "25m"), (1000, "1"), (1500, "1500m"), (64000, "64")])
def test_cpu_is_written_in_the_form_that_the_api_gives_it(millicores: int, text: str) -> None:
    assert cpu_quantity(millicores) == text
    assert cpu_millicores(text) == millicores


@pytest.mark.parametrize(
    ("amount_bytes", "text"),
    [(0, "0"), (1000, "1000"), (1024, "1Ki"), (839500000, "839500000"), (939524096, "896Mi"), (2**31, "2Gi")],
)
def test_memory_is_written_with_the_largest_binary_suffix_that_divides_it(amount_bytes: int, text: str) -> None:
    assert memory_quantity(amount_bytes) == text
    assert memory_bytes(text) == amount_bytes
