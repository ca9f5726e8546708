"""Waiting for CPU time takes as long as the sharing says, in virtual time."""

import asyncio

import pytest
from galileo_emulation.functions.node_cpu import NodeCpu

pytestmark = pytest.mark.looptime


async def test_two_requests_on_one_core_end_after_twice_the_time() -> None:
    cpu = NodeCpu(cores=1)
    loop = asyncio.get_running_loop()
    began = loop.time()
    await asyncio.gather(cpu.run("a", 0.3), cpu.run("b", 0.3))
    assert loop.time() - began == pytest.approx(0.6, abs=1e-3)
    assert cpu.used_cpu_s("a") == pytest.approx(0.3)
    assert cpu.total_used_cpu_s() == pytest.approx(0.6)
    assert cpu.jobs == 0


async def test_a_cancelled_request_leaves_its_share_to_the_others() -> None:
    cpu = NodeCpu(cores=1)
    loop = asyncio.get_running_loop()
    began = loop.time()
    leaving = asyncio.create_task(cpu.run("a", 10.0))
    staying = asyncio.create_task(cpu.run("a", 1.0))
    await asyncio.sleep(1.0)
    leaving.cancel()
    await staying
    assert loop.time() - began == pytest.approx(1.5, abs=1e-3)
    with pytest.raises(asyncio.CancelledError):
        await leaving


async def test_a_lower_limit_prolongs_what_is_running() -> None:
    cpu = NodeCpu(cores=1)
    loop = asyncio.get_running_loop()
    began = loop.time()
    running = asyncio.create_task(cpu.run("a", 1.0))
    await asyncio.sleep(0.5)
    cpu.set_limit("a", 250)
    await running
    assert loop.time() - began == pytest.approx(2.5, abs=1e-3)


async def test_odd_durations_never_hold_the_clock() -> None:
    cpu = NodeCpu(cores=3, speed=0.7)
    await asyncio.gather(*(cpu.run(index % 4, 0.0123456789 * (index + 1) / 7) for index in range(50)))
    assert cpu.jobs == 0
