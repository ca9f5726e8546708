"""What an emulated node publishes is what telemd would."""

import asyncio
from dataclasses import dataclass, field

import pytest
from galileo_emulation.kubelets.node_runtime import NodeRuntime
from galileo_emulation.kubelets.telemetry import LOAD5_S, Telemetry, damped_load
from galileo_emulation.specification import NodeSpec

MIB = 1024**2
CONTAINER = "ab" * 32


@dataclass
class Container:
    memory_bytes: int


@dataclass
class Node:
    """A node of two cores with one container, and what its telemetry said."""

    runtime: NodeRuntime
    said: list[tuple[str, float]] = field(default_factory=list)
    info: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def telemetry(self) -> Telemetry:
        loop = asyncio.get_running_loop()
        return Telemetry(
            {"n1": self.runtime},
            publish=lambda channel, data: self.said.append((channel, float(data.split()[1]))),
            set_info=lambda name, info: self.info.append((name, info)),
            period_s=1.0,
            now=lambda: 1_700_000_000.0 + loop.time(),
        )

    def values(self, metric: str) -> list[float]:
        return [value for channel, value in self.said if channel == f"telem/n1/{metric}"]


def a_node() -> Node:  # no fixture: a test in virtual time has another clock than its fixtures
    runtime = NodeRuntime(NodeSpec(name="n1", zone="z", cores=2, memory_bytes=1000 * MIB), "127.0.0.1")
    runtime.containers[CONTAINER] = Container(memory_bytes=100 * MIB)
    return Node(runtime)


async def run_for(telemetry: Telemetry, seconds: float) -> None:
    running = asyncio.create_task(telemetry.run())
    await asyncio.sleep(seconds)
    running.cancel()
    await asyncio.wait({running})


def test_the_load_average_forgets_in_a_minute_and_the_slower_one_in_five() -> None:
    assert damped_load(0.0, jobs=4, elapsed_s=60.0) == pytest.approx(4 * 0.632, rel=1e-3)
    assert damped_load(4.0, jobs=0, elapsed_s=60.0) == pytest.approx(4 * 0.368, rel=1e-3)
    assert damped_load(4.0, jobs=0, elapsed_s=300.0, over_s=LOAD5_S) == pytest.approx(4 * 0.368, rel=1e-3)


@pytest.mark.looptime
async def test_a_busy_core_is_half_of_a_node_with_two_and_the_counter_is_in_nanoseconds() -> None:
    node = a_node()
    work = asyncio.create_task(node.runtime.cpu.run(CONTAINER, 2.0))
    await run_for(node.telemetry(), 3.5)
    await work
    assert node.values("cpu") == pytest.approx([50.0, 50.0, 0.0], abs=0.1)
    assert node.values(f"kubernetes_cgrp_cpu/{CONTAINER}") == pytest.approx([1e9, 2e9, 2e9], rel=1e-3)
    assert node.values("load1")[0] > node.values("load5")[0] > 0.0
    assert (node.values("procs")[0], node.values("procs")[-1]) == (1.0, 0.0)
    assert node.values("psi_cpu/some") == [0.0, 0.0, 0.0]  # nobody had to wait


@pytest.mark.looptime
async def test_time_in_which_jobs_wait_for_a_core_adds_up() -> None:
    node = a_node()
    jobs = [asyncio.create_task(node.runtime.cpu.run(CONTAINER, 1.75)) for _ in range(4)]  # for 3.5 s
    await run_for(node.telemetry(), 6.5)
    await asyncio.wait(jobs)
    assert node.values("psi_cpu/some") == [1e6, 2e6, 3e6, 3e6, 3e6, 3e6]


@pytest.mark.looptime
async def test_cores_that_are_slower_show_a_lower_frequency() -> None:
    runtime = NodeRuntime(NodeSpec(name="n1", zone="z", cores=2, speed=0.5, memory_bytes=1000 * MIB), "127.0.0.1")
    node = Node(runtime)
    await run_for(node.telemetry(), 1.5)
    assert node.values("freq") == [1_000_000.0]


@pytest.mark.looptime
async def test_memory_counts_the_system_and_the_containers() -> None:
    node = a_node()
    await run_for(node.telemetry(), 1.5)
    assert node.values("ram") == [150 * 1024]
    assert node.values(f"kubernetes_cgrp_memory/{CONTAINER}") == [100 * MIB]


@pytest.mark.looptime
async def test_a_paused_node_says_nothing_until_it_may_again() -> None:
    node = a_node()
    telemetry = node.telemetry()
    telemetry.command("n1", "pause")
    running = asyncio.create_task(run_for(telemetry, 4.5))
    await asyncio.sleep(2.5)
    assert node.said == []
    telemetry.command("n1", "unpause")
    await running
    assert len(node.values("cpu")) == 2


@pytest.mark.looptime
async def test_a_dead_node_says_nothing() -> None:
    node = a_node()
    node.runtime.alive = False
    telemetry = node.telemetry()
    await run_for(telemetry, 2.5)
    assert node.said == []
    said_at_start = len(node.info)
    telemetry.command("n1", "info")
    assert len(node.info) == said_at_start


@pytest.mark.looptime
async def test_a_node_that_comes_back_has_booted_anew_and_is_not_paused() -> None:
    node = a_node()
    telemetry = node.telemetry()
    running = asyncio.create_task(run_for(telemetry, 9.5))
    await asyncio.sleep(2.5)
    telemetry.command("n1", "pause")
    node.runtime.alive = False
    await asyncio.sleep(2.0)
    telemetry.command("n1", "pause")  # nobody hears it
    node.runtime.alive = True
    telemetry.say_info("n1")
    await running
    assert [info["boot"] for _, info in node.info] == ["1700000000", "1700000004"]
    assert len(node.values("cpu")) == 2 + 5


@pytest.mark.looptime
async def test_info_is_said_at_the_start_and_when_asked_for() -> None:
    node = a_node()
    telemetry = node.telemetry()
    await run_for(telemetry, 0.5)
    telemetry.command("n1", "info")
    assert len(node.info) == 2
    name, info = node.info[0]
    assert name == "n1"
    assert set(info) == {"arch", "boot", "hostname", "ram", "cpus", "disk", "net", "netspeed"}
    assert (info["ram"], info["cpus"], info["boot"]) == (str(1000 * 1024), "2", "1700000000")


async def test_a_command_that_means_nothing_is_logged_and_counted(caplog: pytest.LogCaptureFixture) -> None:
    node = a_node()
    telemetry = node.telemetry()
    telemetry.command("n1", "restart")
    telemetry.command("n9", "pause")
    assert telemetry.unknown_commands == 2
    assert "for node 'n1': expected pause, unpause or info, got 'restart'" in caplog.text
    assert "no node 'n9'; there are n1" in caplog.text
