"""How old samples lose their weight, over minutes and over years."""

from __future__ import annotations

import orjson
import pytest
from galileo_services.vpa_recommender.decaying_histogram import MAX_DECAY_EXPONENT, DecayingHistogram
from galileo_services.vpa_recommender.histogram_options import LinearBuckets

H = 3600.0
"""A half-life."""
START = 1_700_000_000.0 - 1_700_000_000.0 % H
BUCKETS = LinearBuckets(max_value=10.0, bucket_size=1.0, epsilon=1e-15)


def histogram(*samples: tuple[float, float, float]) -> DecayingHistogram:
    """Of (value, weight, half-lives after the start)."""
    made = DecayingHistogram(BUCKETS, half_life_s=H)
    for value, weight, at in samples:
        made.add(value, weight, START + at * H)
    return made


def test_a_sample_of_one_half_life_later_weighs_twice_as_much() -> None:
    made = histogram((1.0, 2.0, 0.0), (3.0, 1.0, 1.0))
    assert made.percentile(0.499) == 2.0
    assert made.percentile(0.501) == 4.0
    assert made.histogram.weights[1] == made.histogram.weights[3]


def test_a_heavy_old_sample_is_worth_less_than_a_light_new_one_after_enough_time() -> None:
    made = histogram((2.0, 1000.0, 0.0), (1.0, 1.0, 20.0))
    assert made.percentile(0.999) == 2.0
    assert made.percentile(1.0) == 3.0


def test_the_reference_is_a_multiple_of_the_half_life_counted_from_the_year_one() -> None:
    odd = 7 * 3600.0  # a day is no multiple of it, so that 1970 lies between two references
    made = DecayingHistogram(BUCKETS, half_life_s=odd)
    made.add(1.0, 1.0, START)
    assert made.reference_s is not None
    assert (made.reference_s + 62_135_596_800) % odd == 0
    assert abs(made.reference_s - START) <= odd / 2


def test_the_reference_rounds_a_half_up() -> None:
    made = histogram((1.0, 1.0, 0.5))
    assert made.reference_s == START + H
    assert made.histogram.total_weight == pytest.approx(2**-0.5)


@pytest.mark.parametrize("gap", [100.0, 100.5, 101.0, 150.0, 1000.0, 5000.0, 250_000.0])
def test_after_a_long_gap_only_the_new_sample_counts(gap: float) -> None:
    """At an hour of half-life, the last is a gap of 28 years: 2^250000 is no number."""
    made = histogram((7.0, 1e6, 0.0), (2.0, 1.0, gap))
    assert made.percentile(0.0001) == 3.0
    assert made.percentile(0.9999) == 3.0
    assert made.histogram.total_weight > 0.0


def test_the_reference_moves_only_when_the_exponent_has_grown_too_large() -> None:
    made = histogram((1.0, 1.0, 0.0), (2.0, 1.0, float(MAX_DECAY_EXPONENT)))
    assert made.reference_s == START
    made.add(3.0, 1.0, START + (MAX_DECAY_EXPONENT + 0.25) * H)
    assert made.reference_s == START + MAX_DECAY_EXPONENT * H
    assert made.histogram.weights[2] == pytest.approx(1.0)
    assert made.histogram.weights[3] == pytest.approx(2.0**0.25)


def test_weights_keep_their_proportion_when_the_reference_moves() -> None:
    made = histogram((1.0, 4.0, 99.0), (2.0, 1.0, 100.0), (3.0, 1.0, 101.0))
    one, two, three = (made.histogram.weights[bucket] for bucket in (1, 2, 3))
    assert one / two == pytest.approx(2.0)
    assert three / two == pytest.approx(2.0)


def test_a_sample_that_comes_late_weighs_what_its_time_says() -> None:
    made = histogram((1.0, 1.0, 10.0), (2.0, 1.0, 8.0))
    assert made.histogram.weights[1] / made.histogram.weights[2] == pytest.approx(4.0)


def test_a_peak_is_taken_out_with_the_time_it_was_put_in_with() -> None:
    made = histogram((1.0, 1.0, 0.0), (5.0, 1.0, 3.0))
    made.subtract(5.0, 1.0, START + 3.0 * H)
    assert made.percentile(1.0) == 2.0
    assert made.histogram.weights[5] == 0.0


@pytest.mark.parametrize("other_way_round", [False, True])
def test_histograms_of_different_times_merge_as_if_all_samples_had_come_to_one(other_way_round: bool) -> None:
    old, new = [(1.0, 3.0, 0.0), (2.0, 5.0, 1.0)], [(3.0, 1.0, 150.0), (4.0, 2.0, 151.0)]
    first, second = (new, old) if other_way_round else (old, new)
    merged = histogram(*first)
    merged.merge(histogram(*second))
    together = histogram(*old, *new)
    assert merged.reference_s == together.reference_s
    assert merged.histogram == together.histogram


def test_an_empty_histogram_merges_both_ways() -> None:
    empty, full = histogram(), histogram((1.0, 1.0, 0.0))
    full.merge(histogram())
    empty.merge(full)
    assert empty.histogram == full.histogram
    assert empty.percentile(0.5) == 2.0


def test_different_half_lives_do_not_add_up() -> None:
    with pytest.raises(ValueError, match=r"3600\.0 s and 7200\.0 s"):
        histogram().merge(DecayingHistogram(BUCKETS, half_life_s=2 * H))


def test_a_checkpoint_goes_through_json_and_decays_on() -> None:
    made = histogram((1.0, 4.0, 0.0), (5.0, 1.0, 2.0))
    kept = orjson.loads(orjson.dumps(made.checkpoint(), option=orjson.OPT_NON_STR_KEYS))
    restored = DecayingHistogram(BUCKETS, half_life_s=H)
    restored.restore(kept)
    for continued in (made, restored):
        continued.add(8.0, 1.0, START + 3.0 * H)
    assert restored.reference_s == made.reference_s
    assert restored.histogram.weights == pytest.approx(made.histogram.weights)


def test_a_checkpoint_of_nothing_restores_nothing() -> None:
    restored = histogram()
    restored.restore(histogram().checkpoint())
    assert restored.is_empty
    assert restored.reference_s is None


@pytest.mark.parametrize(
    ("checkpoint", "why"),
    [
        (None, "totalWeight and bucketWeights"),
        ({"totalWeight": "much"}, "numbers"),
        ({"totalWeight": 1.0, "bucketWeights": {"1": -1}}, "buckets 0 to 10"),
        ({"totalWeight": 1.0, "bucketWeights": {"1": 1}, "referenceTimestamp": "yesterday"}, "unix seconds"),
    ],
)
def test_a_checkpoint_that_is_none_is_refused_and_changes_nothing(checkpoint: object, why: str) -> None:
    made = histogram()
    with pytest.raises(ValueError, match=why):
        made.restore(checkpoint)
    assert made.is_empty
    assert made.reference_s is None


def test_a_checkpoint_is_for_the_beginning() -> None:
    made = histogram((1.0, 1.0, 0.0))
    with pytest.raises(ValueError, match="before the first sample"):
        made.restore(made.checkpoint())
