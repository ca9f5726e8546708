"""Which weights a gateway takes from etcd."""

from __future__ import annotations

import pytest
from galileo_services.gateway.weight_table import InvalidWeights, WeightTable, split_address

KEY = "golb/function/zone-a/resnet"
GOOD = b'{"ips": ["10.0.0.1:8080", "10.0.0.2:8080"], "weights": [3, 1]}'


@pytest.fixture
def table() -> WeightTable:
    return WeightTable("zone-a", own_address="10.0.9.1:80")


def ips(table: WeightTable, function: str) -> list[str]:
    targets = table.find(function)
    return [] if targets is None else list(targets.all.targets)


def test_a_put_replaces_the_whole_list_and_a_delete_removes_the_function(table: WeightTable) -> None:
    assert table.apply(KEY, GOOD)
    assert ips(table, "resnet") == ["10.0.0.1:8080", "10.0.0.2:8080"]
    table.apply(KEY, b'{"ips": ["10.0.0.3:8080"], "weights": [1]}')
    assert ips(table, "resnet") == ["10.0.0.3:8080"]
    table.apply(KEY, None)
    assert table.find("resnet") is None
    table.apply(KEY, None)


def test_a_zone_whose_name_begins_alike_is_another_zone(table: WeightTable) -> None:
    assert not table.apply("golb/function/zone-ab/resnet", GOOD)
    assert not table.apply("golb/function/zone-b/resnet", b"nonsense")
    assert table.find("resnet") is None


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b"[]", r"found \[\]"),
        (b"{}", "ips is null"),
        (b'{"ips": ["a:1"]}', "weights is null"),
        (b'{"ips": "a:1", "weights": [1]}', 'ips is "a:1"; expected a list'),
        (b'{"ips": ["a:1", "b:1"], "weights": [1]}', "2 ips and 1 weights"),
        (b'{"ips": ["a:1"], "weights": [1, 2]}', "1 ips and 2 weights"),
        (b'{"ips": ["a:1"], "weights": [1.5]}', "1.5 in weights; expected an integer"),
        (b'{"ips": ["a:1"], "weights": [true]}', "true in weights"),
        (b'{"ips": ["a:1"], "weights": ["1"]}', '"1" in weights'),
        (b'{"ips": ["a:1"], "weights": [-1]}', "-1 in weights"),
        (b'{"ips": [7], "weights": [1]}', '7 in ips; expected "host:port"'),
        (b'{"ips": ["10.0.0.1"], "weights": [1]}', '"10.0.0.1" in ips'),
        (b'{"ips": ["a:0"], "weights": [1]}', '"a:0" in ips'),
        (b'{"ips": ["a b:1"], "weights": [1]}', '"a b:1" in ips'),
    ],
)
def test_a_wrong_value_is_refused_in_one_line_and_the_weights_are_kept(
    table: WeightTable, value: bytes, said: str
) -> None:
    table.apply(KEY, GOOD)
    with pytest.raises(InvalidWeights, match=said) as refused:
        table.apply(KEY, value)
    assert str(refused.value).startswith(KEY)
    assert "\n" not in str(refused.value)
    assert ips(table, "resnet") == ["10.0.0.1:8080", "10.0.0.2:8080"]


@pytest.mark.parametrize("name", ["", "a/b"])
def test_a_key_without_one_function_name_is_refused(table: WeightTable, name: str) -> None:
    with pytest.raises(InvalidWeights, match="expected one name"):
        table.apply(f"golb/function/zone-a/{name}", GOOD)


def test_a_refused_value_for_an_unknown_function_makes_no_function(table: WeightTable) -> None:
    with pytest.raises(InvalidWeights):
        table.apply(KEY, b"{}")
    assert table.find("resnet") is None


def test_a_name_is_found_in_both_spellings_and_the_exact_one_goes_first(table: WeightTable) -> None:
    table.apply("golb/function/zone-a/face_blur", b'{"ips": ["a:1"], "weights": [1]}')
    assert ips(table, "face-blur") == ips(table, "face_blur") == ["a:1"]
    table.apply("golb/function/zone-a/face-blur", b'{"ips": ["b:1"], "weights": [1]}')
    assert ips(table, "face-blur") == ["b:1"]
    assert ips(table, "face_blur") == ["a:1"]
    table.apply("golb/function/zone-a/face-blur", None)
    assert ips(table, "face-blur") == ["a:1"]


def test_gateways_are_told_from_pods_even_if_they_are_said_later(table: WeightTable) -> None:
    table.apply(KEY, b'{"ips": ["10.0.0.1:8080", "10.0.9.2:80"], "weights": [1, 1]}')
    table.set_gateways({"10.0.9.1:80", "10.0.9.2:80"})
    targets = table.find("resnet")
    assert targets is not None
    assert list(targets.all.targets) == ["10.0.0.1:8080", "10.0.9.2:80"]
    assert list(targets.pods.targets) == ["10.0.0.1:8080"]
    table.set_gateways(set())
    assert list(targets.pods.targets) == ["10.0.0.1:8080", "10.0.9.2:80"]


def test_a_gateway_is_never_its_own_target(table: WeightTable) -> None:
    table.apply(KEY, b'{"ips": ["10.0.9.1:80", "10.0.0.1:8080"], "weights": [9, 1]}')
    assert ips(table, "resnet") == ["10.0.0.1:8080"]


@pytest.mark.parametrize(
    ("address", "expected"), [("a:1", ("a", 1)), ("10.0.0.1:80", ("10.0.0.1", 80)), ("[::1]:80", ("::1", 80))]
)
def test_an_address_is_split_into_host_and_port(address: str, expected: tuple[str, int]) -> None:
    assert split_address(address) == expected


@pytest.mark.parametrize("address", ["", "a", ":1", "a:", "a:x", "a:65536", "::1:80", "a/b:1", "a:²"])
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="expected host:port"):
        split_address(address)
