"""Nodes and pods have loopback addresses of their own, and two worlds never the same ones."""

import socket
from collections.abc import Callable, Iterator

import pytest
from galileo_emulation.network import addresses
from galileo_emulation.network.addresses import AddressPlan, NoAddressError, claim_addresses
from galileo_emulation.network.free_ports import has_many_loopback_addresses
from galileo_emulation.specification import PORT_OFFSET, SpecificationError

many = pytest.mark.skipif(not has_many_loopback_addresses(), reason="one loopback address on this system")
Claim = Callable[..., AddressPlan]


@pytest.fixture
def claim() -> Iterator[Claim]:
    plans = []

    def claimed(nodes: list[str], *, single_address: bool = False) -> AddressPlan:
        plans.append(claim_addresses(nodes, single_address=single_address))
        return plans[-1]

    yield claimed
    for plan in plans:
        plan.close()


@many
def test_the_node_of_a_pod_is_seen_in_its_address(claim: Claim) -> None:
    plan = claim(["n1", "n2"])
    pod = plan.take("n2", [8080])
    assert plan.node_of(pod.ip) == plan.node_of(plan.node_ip("n2")) == "n2"
    assert plan.node_of(plan.node_ip("n1")) == "n1"
    assert plan.node_of("127.0.0.1") is None
    assert pod.advertised == {8080: 8080}
    assert pod.backend_port(8080) == 8080 + PORT_OFFSET


@many
def test_two_worlds_have_different_networks_and_a_closed_one_is_free_again(claim: Claim) -> None:
    one, other = claim(["n1"]), claim(["n1"])
    assert one.node_ip("n1") != other.node_ip("n1")
    freed = one.node_ip("n1")
    one.close()
    assert claim(["n1"]).node_ip("n1") == freed


@many
def test_an_address_is_used_again_only_after_all_others(claim: Claim) -> None:
    plan = claim(["n1"])
    first = plan.take("n1", [])
    plan.give_back("n1", first)
    others = [plan.take("n1", []).ip for _ in range(252)]
    assert first.ip not in others
    assert len(set(others)) == 252
    assert plan.take("n1", []).ip == first.ip
    with pytest.raises(NoAddressError, match="node n1: all 253 pod addresses are taken"):
        plan.take("n1", [])


@many
def test_a_pod_on_the_host_network_has_the_address_of_its_node(claim: Claim) -> None:
    plan = claim(["n1"])
    pod = plan.take("n1", [8080], host_network=True)
    plan.give_back("n1", pod)
    assert pod.ip == plan.node_ip("n1")


@many
def test_a_port_that_is_taken_on_all_addresses_is_avoided(claim: Claim, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as everywhere:
        taken = next(port for port in range(12_000, 20_000) if _bound(everywhere, port))
        everywhere.listen()
        monkeypatch.setattr(addresses, "FUNCTION_PORTS", range(taken, taken + 50))
        assert claim(["n1"]).function_port > taken
        monkeypatch.setattr(addresses, "FUNCTION_PORTS", range(taken, taken + 1))
        with pytest.raises(NoAddressError, match="no port for functions"):
            claim(["n1"])


def _bound(to_all_addresses: socket.socket, port: int) -> bool:
    try:
        to_all_addresses.bind(("0.0.0.0", port))
    except OSError:
        return False
    return True


@many
def test_a_port_without_room_for_its_backend_is_refused(claim: Claim) -> None:
    with pytest.raises(SpecificationError, match="containerPort 60000: expected 1 to 55535"):
        claim(["n1"]).take("n1", [60_000])


def test_with_one_address_pods_differ_by_port(claim: Claim, caplog: pytest.LogCaptureFixture) -> None:
    plan = claim(["n1", "n2"], single_address=True)
    pods = [{"spec": {"containers": [{"ports": [{"containerPort": 8080}]}]}} for _ in range(2)]
    for pod in pods:
        plan.admit_pod(pod)
    ports = [pod["spec"]["containers"][0]["ports"][0]["containerPort"] for pod in pods]
    assert len(set(ports)) == 2
    one, other = plan.take("n1", ports[:1]), plan.take("n2", ports[1:])
    assert one.ip == other.ip == plan.node_ip("n1") == "127.0.0.1"
    assert [*one.advertised, *other.advertised] == ports
    assert plan.node_of("127.0.0.1") is None
    assert [record.message for record in caplog.records] == [
        "this machine has one loopback address: pods differ by port only, and network latency is off"
    ]
