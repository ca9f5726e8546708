"""Where a request goes, from its path and the table."""

from __future__ import annotations

import pytest
from galileo_services.gateway.routing import NoRoute, Route, reroute, route
from galileo_services.gateway.weight_table import WeightTable


@pytest.fixture
def table() -> WeightTable:
    table = WeightTable("zone-a")
    table.apply("golb/function/zone-a/resnet", b'{"ips": ["pod:80"], "weights": [1]}')
    table.apply("golb/function/zone-a/far", b'{"ips": ["gw-b:80"], "weights": [1]}')
    table.apply("golb/function/zone-a/mixed", b'{"ips": ["pod:80", "gw-b:80"], "weights": [1, 1]}')
    table.apply("golb/function/zone-a/gone", b'{"ips": [], "weights": []}')
    table.set_gateways({"gw-b:80"})
    return table


@pytest.mark.parametrize(
    ("target", "asked_of_pod"),
    [
        ("/function/resnet", "/"),
        ("/function/resnet/", "/"),
        ("/function/resnet?a=/b?c", "/?a=/b?c"),
        ("/function/resnet/predict", "/predict"),
        ("/function/resnet/a/b%2Fc/?x=1", "/a/b%2Fc/?x=1"),
        ("/function/res%6Eet/a", "/a"),
        ("http://gateway:80/function/resnet/a", "/a"),
    ],
)
def test_a_pod_is_asked_for_what_follows_the_functions_name(table: WeightTable, target: str, asked_of_pod: str) -> None:
    found = route(target, table, forwarded=False)
    assert isinstance(found, Route)
    assert (found.address, found.target) == ("pod:80", asked_of_pod)


def test_a_gateway_is_asked_for_the_same_path(table: WeightTable) -> None:
    found = route("/function/far/a/b?c=d", table, forwarded=False)
    assert isinstance(found, Route)
    assert (found.address, found.target) == ("gw-b:80", "/function/far/a/b?c=d")


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("/", "expected /function/<function>"),
        ("/function", "expected /function/<function>"),
        ("/function/", "expected /function/<function>"),
        ("/function//x", "expected /function/<function>"),
        ("/functions/resnet", "expected /function/<function>"),
        ("*", "expected /function/<function>"),
        ("/function/alexnet/x", "no function alexnet in zone zone-a"),
    ],
)
def test_other_paths_and_unknown_functions_are_not_found(table: WeightTable, target: str, said: str) -> None:
    found = route(target, table, forwarded=False)
    assert isinstance(found, NoRoute)
    assert found.status == 404
    assert said in found.reason


def test_a_function_without_replica_is_unavailable(table: WeightTable) -> None:
    found = route("/function/gone", table, forwarded=False)
    assert found == NoRoute(503, "function gone has no replica, zone zone-a")


def test_a_function_that_exists_without_weights_is_unavailable_rather_than_unknown(table: WeightTable) -> None:
    table.set_known(["image_tagger"])
    for name in ("image_tagger", "image-tagger"):
        assert route(f"/function/{name}", table, forwarded=False) == NoRoute(
            503, f"function {name} has no replica, zone zone-a"
        )
    table.set_known([])
    nowhere = route("/function/image_tagger", table, forwarded=False)
    assert isinstance(nowhere, NoRoute)
    assert nowhere.status == 404


def test_a_forwarded_request_goes_to_pods_alone(table: WeightTable) -> None:
    ways = [route("/function/mixed", table, forwarded=True) for _ in range(4)]
    assert {way.address for way in ways if isinstance(way, Route)} == {"pod:80"}
    nowhere = route("/function/far", table, forwarded=True)
    assert isinstance(nowhere, NoRoute)
    assert nowhere.status == 503


def test_another_way_fits_its_own_kind_of_target(table: WeightTable) -> None:
    pod = route("/function/mixed/a", table, forwarded=False)
    assert isinstance(pod, Route)
    assert (pod.address, pod.target) == ("pod:80", "/a")
    gateway = reroute(pod, table, {"pod:80"})
    assert gateway is not None
    assert (gateway.address, gateway.target) == ("gw-b:80", "/function/mixed/a")
    assert reroute(gateway, table, {"pod:80", "gw-b:80"}) is None


def test_another_way_for_a_forwarded_request_is_no_gateway_either(table: WeightTable) -> None:
    pod = route("/function/mixed/a", table, forwarded=True)
    assert isinstance(pod, Route)
    assert reroute(pod, table, {"pod:80"}) is None


def test_what_is_on_its_way_when_the_last_pod_leaves_the_weights_still_finds_it_for_a_moment() -> None:
    clock = 100.0
    table = WeightTable("zone-a", now=lambda: clock)
    table.set_gateways({"gw-b:80"})
    table.apply("golb/function/zone-a/resnet", b'{"ips": ["pod:80", "gw-b:80"], "weights": [9, 1]}')
    table.apply("golb/function/zone-a/resnet", b'{"ips": ["gw-b:80"], "weights": [1]}')
    forwarded = route("/function/resnet", table, forwarded=True)
    assert isinstance(forwarded, Route)
    assert forwarded.address == "pod:80"
    own = route("/function/resnet", table, forwarded=False)
    assert isinstance(own, Route)
    assert own.address == "gw-b:80", "new requests go where the weights say"
    clock += 3.0
    assert isinstance(route("/function/resnet", table, forwarded=True), NoRoute)


def test_a_gateway_that_was_taken_for_a_pod_is_no_former_pod() -> None:
    table = WeightTable("zone-a")
    table.apply("golb/function/zone-a/resnet", b'{"ips": ["gw-b:80"], "weights": [1]}')
    table.apply("golb/function/zone-a/resnet", b'{"ips": [], "weights": []}')
    table.set_gateways({"gw-b:80"})
    assert isinstance(route("/function/resnet", table, forwarded=True), NoRoute)
