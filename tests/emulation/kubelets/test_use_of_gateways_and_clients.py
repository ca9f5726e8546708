"""What gateways and clients use is measured of their real processes, and shared out among their containers."""

import os
import time
from dataclasses import dataclass, field

import pytest
from galileo_emulation.kubelets.external_use import (
    CLIENTS,
    GATEWAYS,
    CountingDelay,
    ExternalShare,
    ExternalUse,
    parts,
)

from tests.emulation.kubelets.cluster import SPEC, Cluster
from tests.emulation.kubelets.until import until


class NoDelay:
    def sender(self, address: str) -> str | None:
        return None

    def one_way_s(self, from_node: str | None, to_node: str) -> float:
        return 0.0


@dataclass
class Account:
    """A container's account, and its share."""

    what: str
    zone: str
    cpu_s: float = 0.0
    share: ExternalShare = field(init=False)

    def __post_init__(self) -> None:
        self.share = ExternalShare(self.what, self.zone, CountingDelay(NoDelay()), self.charge)

    def charge(self, cpu_s: float) -> None:
        self.cpu_s += cpu_s

    def pass_data(self, pieces: int) -> None:
        for _ in range(pieces):
            self.share.traffic.one_way_s("a", "b")


def burn(cpu_s: float) -> None:
    end = time.process_time() + cpu_s
    while time.process_time() < end:
        pass


def two(what: str) -> tuple[ExternalUse, Account, Account]:
    use, a, b = ExternalUse(), Account(what, "zone-a"), Account(what, "zone-b")
    use.begin(a.share)
    use.begin(b.share)
    use.process(what, os.getpid())
    return use, a, b


def test_parts_follow_weights_and_are_equal_where_nothing_is_known() -> None:
    assert parts([3.0, 1.0]) == [0.75, 0.25]
    assert parts([0.0, 0.0]) == [0.5, 0.5]


def test_a_gateways_part_follows_the_data_that_passed_it_since_the_last_look() -> None:
    use, a, b = two(GATEWAYS)
    use.measure()
    before = a.cpu_s, b.cpu_s
    a.pass_data(30)
    b.pass_data(10)
    burn(0.2)
    use.measure()
    used_a, used_b = a.cpu_s - before[0], b.cpu_s - before[1]
    assert used_a + used_b == pytest.approx(0.2, abs=0.1)
    assert used_a == pytest.approx(3 * used_b)
    assert a.share.memory_bytes == b.share.memory_bytes > 1_000_000
    before_a = a.cpu_s
    b.pass_data(10)
    burn(0.05)
    use.measure()
    assert a.cpu_s == before_a


def test_a_clients_part_follows_the_rate_of_its_zone() -> None:
    use, a, b = two(CLIENTS)
    use.rates(CLIENTS, {"zone-b": 5.0})
    burn(0.1)
    use.measure()
    assert a.cpu_s == 0.0
    assert b.cpu_s >= 0.05


def test_what_a_process_used_before_it_was_known_counts_for_nobody_and_an_ended_container_gets_nothing() -> None:
    burn(0.1)
    use, a, b = two(GATEWAYS)
    use.process(GATEWAYS, os.getpid())
    use.measure()
    assert a.cpu_s + b.cpu_s < 0.05
    for _ in range(2):
        use.end(a.share)
        use.end(b.share)
    burn(0.1)
    use.measure()
    assert a.cpu_s + b.cpu_s < 0.05


async def test_metrics_show_the_use_of_a_gateways_process() -> None:
    cluster = Cluster(now=time.time)
    async with cluster.world(SPEC) as world:
        cluster.create_pod("gateway", image="galileo/gateway:1.0", ports=[{"containerPort": world.function_port}])
        await until(lambda: cluster.status("gateway").get("phase") == "Running")
        world.note_process(GATEWAYS, os.getpid())
        await until(lambda: ("default", "gateway") in world.node_access.container_usage(), timeout_s=5.0)

        def use() -> tuple[float, int]:
            burn(0.02)
            usage = world.node_access.container_usage()["default", "gateway"]["main"]
            return usage.cpu_millicores, usage.memory_bytes

        await until(lambda: use()[0] > 1.0 and use()[1] > 1_000_000, timeout_s=5.0)
