"""The decisions of both services against numbers of the upstream autoscaler's own tests (tests/vectors/vpa).

NOT_BUILT lists the cases that concern parts which are not there, with the reason; the tests hold it exact: every case
is run or listed, and nothing is listed that is not among the vectors.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import pytest
from galileo_schemas.events import ContainerRecommendation, Resources
from galileo_schemas.quantities import cpu_quantity, memory_quantity
from galileo_services.vpa_recommender import aggregate_state, histogram, histogram_options, recommendation
from galileo_services.vpa_recommender import resource_amounts as amounts
from galileo_services.vpa_recommender.capping import UNLIMITED, capped
from galileo_services.vpa_recommender.decaying_histogram import MAX_DECAY_EXPONENT
from galileo_services.vpa_recommender.histogram import Histogram
from galileo_services.vpa_recommender.histogram_options import ExponentialBuckets, HistogramOptions, LinearBuckets
from galileo_services.vpa_recommender.settings import VpaRecommenderSettings
from galileo_services.vpa_updater.container_amounts import read_amounts
from galileo_services.vpa_updater.limit_scaling import MAX_LIMIT, proportional_limit
from galileo_services.vpa_updater.service import VpaUpdaterSettings

VECTORS = Path(__file__).parents[1] / "vectors" / "vpa"
FILES = {path.stem: orjson.loads(path.read_bytes()) for path in sorted(VECTORS.glob("*.json"))}

_WORDS = "memory in words (humanize-memory, deprecated upstream) is for VPA objects, which are not built"
_OBJECTS = "annotations of VPA objects, which are not built"

# Which cases are not run, by file and Go test; by name as well where only some cases of a test are meant.
NOT_BUILT: dict[tuple[str, str] | tuple[str, str, str], str] = {
    ("cpu_integer_post_processor", "TestIntegerCPUPostProcessor_Process"): _OBJECTS,
    ("cpu_integer_post_processor", "TestSetIntegerCPURecommendation"): _OBJECTS,
    ("types", "TestHumanizeMemoryQuantity"): _WORDS,
    ("types", "TestResourcesAsResourceList", "basic resources with humanize and cpu rounding to 1"): _WORDS,
    ("types", "TestResourcesAsResourceList", "basic resources with humanize and memory rounding to 256Mi"): _WORDS,
    ("types", "TestResourcesAsResourceList", "large memory value with humanize and cpu rounding to 3"): _WORDS,
}

# What capping.json tells of further tests in words: the first is test_limits_of_both_kinds_hold below.
NOT_BUILT_IN_WORDS = {
    "TestRecommendationToLimitCapping": "controlledValues RequestsOnly, a policy of VPA objects, which are not built",
}

_CHECKPOINTS = "checkpoints are not written"
_EVICTION = "pods are not evicted"
NOT_BUILT_CONSTANTS = {
    "aggregation.supported_checkpoint_version": _CHECKPOINTS,
    "recommender_defaults.checkpoints_gc_interval_s": _CHECKPOINTS,
    "recommender_defaults.checkpoints_timeout_s": _CHECKPOINTS,
    "recommender_defaults.update_worker_count": "one loop does the work",
    "recommender_defaults.kube_api_qps": "the recommender does not ask Kubernetes",
    "recommender_defaults.kube_api_burst": "the recommender does not ask Kubernetes",
    "recommender_defaults.memory_saver": "only pods of functions are ever followed",
    "recommender_defaults.estimator_order": "an order, which test_estimates.py tells by numbers",
    "updater_defaults.eviction_tolerance": _EVICTION,
    "updater_defaults.eviction_rate_limit": _EVICTION,
    "updater_defaults.eviction_rate_burst": _EVICTION,
    "updater_defaults.in_place_skip_disruption_budget": "one pod of a function at a time, whatever its budget",
    "updater_defaults.use_admission_controller_status": "there is no admission controller",
}


@dataclass(frozen=True)
class Case:
    file: str
    number: int
    data: dict[str, Any]

    @property
    def reason_not_built(self) -> str | None:
        whole = (self.file, self.data["go_test"])
        return NOT_BUILT.get(whole) or NOT_BUILT.get((*whole, self.data.get("name", "")))


CASES = [Case(file, number, case) for file, content in FILES.items() for number, case in enumerate(content["cases"])]


@pytest.mark.parametrize(
    "case",
    [case for case in CASES if case.reason_not_built is None],
    ids=lambda case: f"{case.file}-{case.number}-{case.data['go_test']}",
)
def test_the_decisions_give_upstreams_numbers(case: Case) -> None:
    RUN[case.file](case.data)


def test_every_case_is_run_or_listed_with_a_reason() -> None:
    listed = {case.file for case in CASES if case.reason_not_built is not None}
    assert {case.file for case in CASES} <= set(RUN) | listed
    for key in NOT_BUILT:
        file, go_test, *name = key
        meant = [
            case
            for case in CASES
            if (case.file, case.data["go_test"]) == (file, go_test) and name in ([], [case.data.get("name")])
        ]
        assert meant, f"{key} is not among the vectors"
    in_words = FILES["capping"]["other_tests_in_file"]
    assert all(name in in_words for name in NOT_BUILT_IN_WORDS)


# ------------------------------------------------------------ histograms


def _buckets(options: dict[str, Any]) -> HistogramOptions:
    if options["type"] == "linear":
        return LinearBuckets(options["max_value"], options["bucket_size"], options["epsilon"])
    return ExponentialBuckets(options["max_value"], options["first_bucket_size"], options["ratio"], options["epsilon"])


def _run_options(case: dict[str, Any]) -> None:
    buckets = _buckets(case["options"])
    assert (buckets.epsilon, buckets.num_buckets) == (case["epsilon"], case["num_buckets"])
    assert [[bucket, buckets.bucket_start(bucket)] for bucket, _ in case["bucket_start"]] == case["bucket_start"]
    assert [[value, buckets.find_bucket(value)] for value, _ in case["find_bucket"]] == case["find_bucket"]


def _run_histogram(case: dict[str, Any]) -> None:
    options = _buckets(case["options"])
    tolerance = case.get("rel_tol", 0.0)
    found = Histogram(options)
    for step in case["steps"]:
        match step["op"]:
            case "percentile":
                assert found.percentile(step["p"]) == pytest.approx(step["expect"], rel=tolerance, abs=0.0)
            case "is_empty":
                assert found.is_empty is step["expect"]
            case "equals":
                assert (found == _filled(options, step["other"])) is step["expect"]
            case "save_checkpoint":
                assert _as_json(found.checkpoint()) == step["expect"]
            case "load_checkpoint" if step["expect_error"]:
                with pytest.raises(ValueError, match="checkpoint"):
                    found.restore(step["checkpoint"])
            case "load_checkpoint":
                found.restore(step["checkpoint"])
            case "save_load_into_new":
                fresh = Histogram(options)
                fresh.restore(found.checkpoint())
                found = fresh
            case "state":
                assert found.total_weight == step["expect"]["total_weight"]
                weights = {str(at): weight for at, weight in enumerate(found.weights) if weight}
                assert weights == step["expect"]["bucket_weight"]
            case _:
                _change(found, step)


def _change(found: Histogram, step: dict[str, Any]) -> None:
    match step["op"]:
        case "add":
            found.add(step["value"], step["weight"])
        case "subtract":
            found.subtract(step["value"], step["weight"])
        case "merge":
            found.merge(_filled(found.options, step["other"]))
        case other:
            raise AssertionError(f"no such step: {other}")


def _filled(options: HistogramOptions, steps: list[dict[str, Any]]) -> Histogram:
    filled = Histogram(options)
    for step in steps:
        _change(filled, step)
    return filled


def _as_json(checkpoint: dict[str, Any]) -> Any:
    return orjson.loads(orjson.dumps(checkpoint, option=orjson.OPT_NON_STR_KEYS))


# ------------------------------------------------------------ amounts


def _run_types(case: dict[str, Any]) -> None:
    given = case["in"]
    match case["fn"]:
        case "cpu_amount_from_cores":
            assert amounts.cpu_amount_from_cores(given) == case["expect"]
        case "cores_from_cpu_amount":
            assert amounts.cores_from_cpu_amount(given) == case["expect"]
        case "memory_amount_from_bytes":
            assert amounts.memory_amount_from_bytes(given) == case["expect"]
        case "bytes_from_memory_amount":
            assert float(given) == case["expect"]  # an amount of memory is a number of bytes already
        case "scale_resource":
            assert amounts.scaled(*given) == case["expect"]
        case "resource_amount_from_float":
            assert amounts.amount_from_float(given) == case["expect"]
        case "round_up_to_scale" if case["error"]:
            with pytest.raises(ValueError, match=case["error"]):
                amounts.rounded_up(*given)
        case "round_up_to_scale":
            assert amounts.rounded_up(*given) == case["expect"]
        case "resources_as_resource_list":
            cpu = amounts.rounded_up(given["cpu_m"], given["round_cpu_m"])
            memory = amounts.rounded_up(given["memory_bytes"], given["round_memory_bytes"])
            expected = case["expect"]
            assert (cpu, memory) == (expected["cpu_m"], expected["memory_bytes_of_quantity"])
            assert memory_quantity(memory) == expected["memory_quantity"]
            assert read_amounts({"cpu": cpu_quantity(cpu)}) == {"cpu": cpu}
        case other:
            raise AssertionError(f"no such function: {other}")


# ------------------------------------------------------------ capping, limits


def _resources(quantities: dict[str, str] | None) -> Resources:
    read = read_amounts(quantities or {})
    return Resources(cpu_millicores=read.get("cpu"), memory_bytes=read.get("memory"))


def _recommendation(quantities: dict[str, dict[str, str]]) -> ContainerRecommendation:
    return ContainerRecommendation(
        target=_resources(quantities["target"]),
        lower_bound=_resources(quantities["lowerBound"]),
        upper_bound=_resources(quantities["upperBound"]),
        uncapped_target=_resources(quantities["uncappedTarget"]),
    )


def _run_capping(case: dict[str, Any]) -> None:
    policy = case["policy"] or {}
    within = capped(
        _recommendation(FILES["capping"]["input_recommendation"]),
        min_allowed=_resources(policy.get("minAllowed")),
        max_allowed=_resources(policy.get("maxAllowed")),
        global_max=_resources(case["global_max"]),
    )
    assert within == _recommendation(case["expect"])


def test_limits_of_both_kinds_hold() -> None:
    """TestRecommendationCappedToMinMaxPolicy, which capping.json tells in words."""

    def both(cpu: float, memory: float) -> Resources:
        return Resources(cpu_millicores=cpu, memory_bytes=memory)

    given = ContainerRecommendation(
        target=both(300, 50000), lower_bound=both(200, 43000), upper_bound=both(500, 55000), uncapped_target=UNLIMITED
    )
    within = capped(given, min_allowed=both(400, 40000), max_allowed=both(450, 45000))
    assert within.target == both(400, 45000)
    assert within.lower_bound == both(400, 43000)
    assert within.upper_bound == both(450, 45000)


def _run_limit_scaling(case: dict[str, Any]) -> None:
    resource = case["resource"]

    def amount(name: str) -> int | None:
        return None if case[name] is None else read_amounts({resource: case[name]})[resource]

    limit = proportional_limit(
        limit=amount("original_limit"),
        request=amount("original_request"),
        recommended=amount("recommended_request") or 0,
        default_limit=amount("default_limit"),
    )
    expected = case["expect_limit"]
    if expected is not None and expected.startswith("MaxInt64"):
        assert limit == MAX_LIMIT
    else:
        assert limit == amount("expect_limit")
    # Upstream notes a limit that it did not set or had to cut down; ours shows that by itself.
    assert case["expect_annotation"] is (limit in (None, MAX_LIMIT))


RUN: dict[str, Callable[[dict[str, Any]], None]] = {
    "histogram_options": _run_options,
    "histogram": _run_histogram,
    "types": _run_types,
    "capping": _run_capping,
    "limit_scaling": _run_limit_scaling,
}


# ------------------------------------------------------------ constants


def _constants() -> dict[str, object]:
    """Ours, under the names of constants.json."""
    recommender, updater = VpaRecommenderSettings.load({}), VpaUpdaterSettings.load({})
    upper, lower = recommendation.UPPER_CONFIDENCE, recommendation.LOWER_CONFIDENCE
    found: dict[str, object] = {
        "aggregation.memory_aggregation_interval_s": recommender.memory_interval,
        "aggregation.memory_aggregation_interval_count": recommender.memory_interval_count,
        "aggregation.memory_window_s": aggregate_state.AggregationParameters().history_s,
        "aggregation.histogram_bucket_size_growth": histogram_options.BUCKET_GROWTH,
        "aggregation.min_sample_weight": aggregate_state.MIN_SAMPLE_WEIGHT,
        "aggregation.cpu_sample_weight": _weight_of_a_cpu_sample(),
        "aggregation.memory_sample_weight": aggregate_state.MEMORY_SAMPLE_WEIGHT,
        "aggregation.oom_bump_up_ratio": recommender.oom_bump_up_ratio,
        "aggregation.oom_min_bump_up_bytes": recommender.oom_min_bump_up,
        "aggregation.max_resource_amount": amounts.MAX_AMOUNT,
        "aggregation.max_checkpoint_weight": histogram.MAX_CHECKPOINT_WEIGHT,
        "aggregation.max_decay_exponent": MAX_DECAY_EXPONENT,
        "recommender_defaults.safety_margin_fraction": recommender.margin_fraction,
        "recommender_defaults.pod_min_cpu_millicores": recommender.pod_min_cpu,
        "recommender_defaults.pod_min_memory_mb": recommender.pod_min_memory,
        "recommender_defaults.pod_min_memory_bytes": recommender.pod_min_memory * amounts.MIB,
        "recommender_defaults.confidence_interval_s": recommender.confidence_cpu,
        "recommender_defaults.upper_confidence": {"multiplier": upper[0], "exponent": upper[1]},
        "recommender_defaults.lower_confidence": {"multiplier": lower[0], "exponent": lower[1]},
        "recommender_defaults.target_confidence": None,
        "recommender_defaults.interval_s": recommender.recommender_interval,
        "updater_defaults.interval_s": updater.updater_interval,
        "updater_defaults.min_replicas": updater.min_replicas,
        "updater_defaults.pod_update_threshold": updater.pod_update_threshold,
        "updater_defaults.pod_lifetime_update_threshold_s": updater.lifetime_threshold,
        "updater_defaults.evict_after_oom_threshold_s": updater.oom_threshold,
        "updater_defaults.deferred_resize_timeout_s": updater.deferred_resize_timeout,
        "updater_defaults.in_progress_resize_timeout_s": updater.in_progress_resize_timeout,
    }
    for kind in ("target", "lower", "upper"):
        cpu, memory = getattr(recommender, f"{kind}_cpu"), getattr(recommender, f"{kind}_memory")
        assert cpu == memory
        found[f"recommender_defaults.{kind}_percentile"] = cpu
    for resource, buckets, half_life, unit in (
        ("cpu", histogram_options.CPU_BUCKETS, recommender.cpu_half_life, "cores"),
        ("memory", histogram_options.MEMORY_BUCKETS, recommender.memory_half_life, "bytes"),
    ):
        found[f"aggregation.{resource}_histogram"] = {
            "max_value": buckets.max_value,
            "first_bucket_size": buckets.first_bucket_size,
            "ratio": buckets.ratio,
            "epsilon": buckets.epsilon,
            "half_life_s": half_life,
            "unit": unit,
        }
    return found


def _weight_of_a_cpu_sample() -> float:
    state = aggregate_state.AggregateState(aggregate_state.AggregationParameters(), created_s=0.0)
    state.add_cpu(500, at_s=86_400.0, request_millicores=4000)
    return state.cpu_cores.histogram.total_weight


def test_constants_and_defaults_are_upstreams() -> None:
    upstream = {
        f"{part}.{name}": value
        for part in ("aggregation", "recommender_defaults", "updater_defaults")
        for name, value in FILES["constants"][part].items()
    }
    ours = _constants()
    assert set(upstream) == set(ours) | set(NOT_BUILT_CONSTANTS)
    assert not set(ours) & set(NOT_BUILT_CONSTANTS)
    assert ours == {name: value for name, value in upstream.items() if name in ours}
