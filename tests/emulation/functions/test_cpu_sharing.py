"""Requests share the cores of a node as processor sharing says."""

import math
import random

import pytest
from galileo_emulation.functions.cpu_sharing import CpuSharing, share_cores
from hypothesis import given, settings
from hypothesis import strategies as st


def test_a_single_job_takes_its_work_divided_by_the_speed() -> None:
    cpu = CpuSharing(cores=4, speed=0.5)
    job = cpu.add("a", 1.0, now=10.0)
    assert cpu.next_completion(10.0) == pytest.approx(12.0)
    assert cpu.completed(11.9) == []
    (done,) = cpu.completed(13.0)
    assert (done.job, done.container) == (job, "a")
    assert done.at == pytest.approx(12.0)


@pytest.mark.parametrize("jobs", [1, 2, 7, 40])
def test_n_equal_jobs_on_one_core_take_n_times_as_long(jobs: int) -> None:
    cpu = CpuSharing(cores=1)
    for index in range(jobs):
        cpu.add(f"container {index % 3}", 0.1, now=0.0)
    ends = [done.at for done in cpu.completed(1000.0)]
    assert ends == [pytest.approx(0.1 * jobs)] * jobs


def test_a_job_uses_at_most_one_core() -> None:
    cpu = CpuSharing(cores=8)
    cpu.add("a", 2.0, now=0.0)
    assert cpu.next_completion(0.0) == pytest.approx(2.0)


def test_a_job_that_comes_later_slows_the_first_one_down() -> None:
    cpu = CpuSharing(cores=1)
    first = cpu.add("a", 1.0, now=0.0)
    second = cpu.add("b", 1.0, now=0.5)
    ends = {done.job: done.at for done in cpu.completed(10.0)}
    assert ends == {first: pytest.approx(1.5), second: pytest.approx(2.0)}


def test_a_limited_container_gets_its_limit_and_the_rest_goes_to_the_others() -> None:
    assert share_cores(2.0, [(4, 0.5), (2, math.inf)]) == [pytest.approx(0.125), pytest.approx(0.75)]


def test_a_limit_of_half_a_core_doubles_the_time_of_a_lone_job_from_the_moment_it_is_set() -> None:
    cpu = CpuSharing(cores=1)
    cpu.add("a", 1.0, now=0.0)
    cpu.set_limit("a", 500, now=0.5)
    assert cpu.next_completion(0.5) == pytest.approx(1.5)
    cpu.set_limit("a", None, now=1.0)
    assert cpu.next_completion(1.0) == pytest.approx(1.25)


def test_a_cancelled_job_makes_room_and_never_completes() -> None:
    cpu = CpuSharing(cores=1)
    first = cpu.add("a", 1.0, now=0.0)
    second = cpu.add("a", 1.0, now=0.0)
    assert cpu.cancel(first, now=0.5)
    assert [done.job for done in cpu.completed(10.0)] == [second]
    assert cpu.used_cpu_s("a") == pytest.approx(1.25)
    assert not cpu.cancel(second, now=10.0)


def test_removing_a_container_keeps_what_it_used_in_the_counter_of_the_node() -> None:
    cpu = CpuSharing(cores=1)
    cpu.add("a", 1.0, now=0.0)
    cpu.remove("a", now=0.4)
    assert cpu.next_completion(0.4) is None
    assert cpu.used_cpu_s("a") == 0.0
    assert cpu.total_used_cpu_s() == pytest.approx(0.4)


def test_time_that_goes_backwards_and_impossible_work_are_refused() -> None:
    cpu = CpuSharing(cores=1, now=5.0)
    with pytest.raises(ValueError, match="backwards"):
        cpu.advance(4.0)
    with pytest.raises(ValueError, match="expected 0 or more"):
        cpu.add("a", math.nan, now=5.0)


LIMITS = st.one_of(st.none(), st.floats(0.05, 4.0))
DEMANDS = st.lists(st.tuples(st.integers(1, 20), LIMITS), min_size=1, max_size=8)


@given(cores=st.floats(0.1, 16.0), demands=DEMANDS)
def test_sharing_wastes_nothing_and_exceeds_no_limit(cores: float, demands: list[tuple[int, float | None]]) -> None:
    wanted = [(jobs, math.inf if limit is None else limit) for jobs, limit in demands]
    rates = share_cores(cores, wanted)
    most = [min(1.0, limit / jobs) for jobs, limit in wanted]
    assert all(0.0 <= rate <= top * (1 + 1e-9) for rate, top in zip(rates, most, strict=True))
    used = sum(rate * jobs for rate, (jobs, _) in zip(rates, wanted, strict=True))
    could = sum(top * jobs for top, (jobs, _) in zip(most, wanted, strict=True))
    assert used == pytest.approx(min(cores, could))
    unlimited = [rate for rate, top in zip(rates, most, strict=True) if rate < top * (1 - 1e-9)]
    assert unlimited == [pytest.approx(max(rates))] * len(unlimited)  # who could use more has the same level as all


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10_000), cores=st.sampled_from([0.5, 1.0, 2.0, 4.0]), speed=st.sampled_from([0.5, 1.0, 3.0]))
def test_the_counters_equal_the_work_that_was_done(seed: int, cores: float, speed: float) -> None:
    rng = random.Random(seed)
    cpu = CpuSharing(cores=cores, speed=speed)
    cpu.set_limit("c1", 300, now=0.0)
    works: dict[int, tuple[str, float]] = {}
    now = 0.0
    for _ in range(60):
        now += rng.expovariate(5.0)
        container, work_s = f"c{rng.randrange(4)}", rng.expovariate(4.0)
        works[cpu.add(container, work_s, now)] = (container, work_s)
    done = cpu.completed(now + 1000.0)
    assert sorted(completion.job for completion in done) == sorted(works)
    assert [completion.at for completion in done] == sorted(completion.at for completion in done)
    for container in {container for container, _ in works.values()}:
        work_s = sum(work for owner, work in works.values() if owner == container)
        assert cpu.used_cpu_s(container) * speed == pytest.approx(work_s)
    assert cpu.total_used_cpu_s() * speed == pytest.approx(sum(work for _, work in works.values()))


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_it_agrees_with_a_simulation_in_small_steps(seed: int) -> None:
    rng = random.Random(seed)
    arrivals = [(rng.uniform(0, 1), f"c{rng.randrange(3)}", rng.uniform(0.05, 0.5)) for _ in range(8)]
    arrivals.sort()
    cpu = CpuSharing(cores=1.5)
    cpu.set_limit("c0", 400, now=0.0)
    jobs = [cpu.add(container, work_s, at) for at, container, work_s in arrivals]
    ends = {done.job: done.at for done in cpu.completed(100.0)}
    expected = _in_small_steps(arrivals, cores=1.5, limits={"c0": 0.4}, step_s=0.001)
    assert [ends[job] for job in jobs] == pytest.approx(expected, abs=0.02)


def _in_small_steps(
    arrivals: list[tuple[float, str, float]], *, cores: float, limits: dict[str, float], step_s: float
) -> list[float]:
    left = [work_s for _, _, work_s in arrivals]
    ends = [math.inf] * len(arrivals)
    now = 0.0
    while any(work_s > 0 for work_s in left):
        active = [i for i, (at, _, _) in enumerate(arrivals) if at <= now and left[i] > 0]
        names = sorted({arrivals[i][1] for i in active})
        counts = [(sum(arrivals[i][1] == name for i in active), limits.get(name, math.inf)) for name in names]
        rates = dict(zip(names, share_cores(cores, counts), strict=True))
        now += step_s
        for i in active:
            left[i] -= rates[arrivals[i][1]] * step_s
            if left[i] <= 0:
                ends[i] = now
    return ends
