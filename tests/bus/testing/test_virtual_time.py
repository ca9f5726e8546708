"""Time that jumps: at once, in order, and never past what is ready."""

from __future__ import annotations

import asyncio
import time

import pytest
from galileo_bus.testing import NothingWillHappenError, virtual_time


def test_a_day_takes_no_time() -> None:
    @virtual_time
    async def work() -> float:
        await asyncio.sleep(86_400)
        return asyncio.get_running_loop().time()

    began = time.monotonic()
    assert work() == pytest.approx(86_400)
    assert time.monotonic() - began < 1.0


@virtual_time
async def test_things_happen_in_the_order_of_their_times() -> None:
    seen: list[str] = []

    async def after(seconds: float, name: str) -> None:
        await asyncio.sleep(seconds)
        seen.append(f"{name} at {asyncio.get_running_loop().time():.3f}")

    async with asyncio.TaskGroup() as group:
        for seconds, name in ((3.0, "c"), (0.1, "a"), (0.3, "b")):
            group.create_task(after(seconds, name))
    assert seen == ["a at 0.100", "b at 0.300", "c at 3.000"]


@virtual_time
async def test_a_deadline_passes_in_virtual_time() -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(60):
            await asyncio.Event().wait()
    assert asyncio.get_running_loop().time() == pytest.approx(60)


def test_waiting_for_what_never_comes_fails_instead_of_hanging() -> None:
    @virtual_time
    async def work() -> None:
        await asyncio.Event().wait()

    with pytest.raises(NothingWillHappenError, match="never comes"):
        work()


@pytest.mark.parametrize("number", [1, 2])
@virtual_time
async def test_arguments_are_passed_on(number: int) -> None:
    assert number in (1, 2)
