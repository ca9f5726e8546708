"""Windows of a second become samples of the length that estimators count on."""

from __future__ import annotations

import pytest
from galileo_schemas.events import ContainerUsage
from galileo_services.vpa_recommender.usage_sampling import Sample, UsageSampler


def feed(sampler: UsageSampler, *windows: tuple[float, float, float | None, float | None]) -> list[Sample]:
    """Windows of (start, end, millicores, bytes); the samples that they make."""
    made = []
    for start, end, millicores, amount in windows:
        usage = ContainerUsage(cpu_millicores=millicores, memory_bytes=amount)
        if (sample := sampler.add(usage, start_s=start, end_s=end)) is not None:
            made.append(sample)
    return made


def test_a_sample_is_the_mean_of_cpu_and_the_largest_memory() -> None:
    windows = [(float(at), at + 1.0, 100.0 * at, 50.0 + at % 3) for at in range(5)]
    assert feed(UsageSampler(5.0), *windows) == [Sample(5.0, 200.0, 52.0)]


def test_windows_weigh_by_their_length() -> None:
    (sample,) = feed(UsageSampler(4.0), (0.0, 1.0, 900.0, None), (1.0, 4.0, 100.0, None))
    assert sample.cpu_millicores == pytest.approx(300.0)


def test_samples_follow_one_another() -> None:
    windows = [(float(at), at + 1.0, 100.0 if at < 3 else 700.0, None) for at in range(6)]
    assert [sample.cpu_millicores for sample in feed(UsageSampler(3.0), *windows)] == [100.0, 700.0]


def test_a_window_that_was_doubled_or_comes_late_does_not_count() -> None:
    windows = [(0.0, 1.0, 100.0, None), (0.0, 1.0, 900.0, None), (0.2, 0.8, 900.0, None), (1.0, 2.0, 100.0, None)]
    assert feed(UsageSampler(2.0), *windows) == [Sample(2.0, 100.0, None)]


def test_a_container_whose_cpu_no_window_told_has_none() -> None:
    assert feed(UsageSampler(1.0), (0.0, 1.0, None, 10.0)) == [Sample(1.0, None, 10.0)]


def test_after_a_gap_the_next_window_ends_the_sample() -> None:
    samples = feed(UsageSampler(60.0), (0.0, 1.0, 100.0, 5.0), (600.0, 601.0, 300.0, 4.0))
    assert samples == [Sample(601.0, 200.0, 5.0)]


def test_windows_that_are_a_little_short_do_not_delay_a_sample() -> None:
    windows = [(at * 1.0, at * 1.0 + 0.9999, 100.0, None) for at in range(2)]
    assert len(feed(UsageSampler(2.0), *windows)) == 1
