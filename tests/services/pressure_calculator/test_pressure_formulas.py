"""The pressures against the values of the original, and how they behave where there is little to compute them from."""

import pytest
from galileo_services.pressure_calculator.parameters import Parameters
from galileo_services.pressure_calculator.pressure import PRESSURES, Facts, product
from hypothesis import given
from hypothesis import strategies as st

REFERENCE = Facts(
    requests=10,
    busiest=30,
    total=40,
    client_zones=2,
    percentile_ms=30.0,
    cpu_millicores=(800.0,),
    distance_ms=20 / 3,
    max_latency_ms=250.0,
    required_latency_ms=70.0,
)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("request", 0.333333),
        ("rtt_log", 0.271866),
        ("cpu_usage", 0.8),
        ("network_distance", 0.026667),
        ("latency_req_unbound", 0.095238),
        ("latency_req_log", 0.004003),
    ],
)
def test_the_reference_values(name: str, value: float) -> None:
    assert PRESSURES[name](REFERENCE) == pytest.approx(value, abs=5e-7)


def test_the_reference_product() -> None:
    values = {name: pressure(REFERENCE) for name, pressure in PRESSURES.items()}
    assert product(values, Parameters().pressures) == pytest.approx(0.072498, abs=5e-7)


@pytest.mark.parametrize("name", PRESSURES)
def test_without_data_a_pressure_is_not_known(name: str) -> None:
    assert PRESSURES[name](Facts(requests=0, busiest=0, total=0, client_zones=0)) is None


def test_a_product_with_something_unknown_is_unknown() -> None:
    assert product({"request": 1.0, "cpu_usage": None}, ("request", "cpu_usage")) is None
    assert product({"request": 1.0, "cpu_usage": None}, ("request",)) == 1.0


amounts = st.floats(min_value=0, max_value=1e6)


@st.composite
def facts(draw: st.DrawFn) -> Facts:
    busiest = draw(st.integers(1, 10_000))
    return Facts(
        requests=draw(st.integers(0, busiest)),
        busiest=busiest,
        total=busiest,
        client_zones=1,
        percentile_ms=draw(st.none() | amounts),
        cpu_millicores=tuple(draw(st.lists(amounts, max_size=4))),
        distance_ms=draw(st.none() | amounts),
        max_latency_ms=draw(amounts),
        required_latency_ms=draw(st.none() | amounts),
    )


@given(facts())
def test_no_pressure_is_negative(some: Facts) -> None:
    assert all(value is None or value >= 0 for value in (pressure(some) for pressure in PRESSURES.values()))


@given(st.sampled_from(list(PRESSURES)), amounts, amounts)
def test_more_of_the_same_never_presses_less(name: str, a: float, b: float) -> None:
    low, high = (
        PRESSURES[name](
            Facts(
                requests=int(x),
                busiest=10**6,
                total=10**6,
                client_zones=2,
                percentile_ms=x,
                cpu_millicores=(x, x),
                distance_ms=x,
                max_latency_ms=250.0,
                required_latency_ms=70.0,
            )
        )
        for x in sorted((a, b))
    )
    assert low is not None
    assert high is not None
    assert low <= high


@pytest.mark.parametrize(
    ("setting", "complaint"),
    [
        ({"pressures": ("request", "rt_log")}, "pressures are one or more of request, .* got 'rt_log'"),
        ({"pressures": ()}, "got none"),
        ({"min_threshold": 0.5, "max_threshold": 0.3}, "at most max_threshold"),
        ({"percentile": 101.0}, "between 0 and 100"),
        ({"min_replicas": 0}, "at least 1"),
    ],
)
def test_settings_that_cannot_be_are_refused(setting: dict[str, object], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        Parameters(**setting)  # type: ignore[arg-type]


def test_a_latency_requirement_is_found_under_both_spellings() -> None:
    parameters = Parameters(latency_requirement_ms={"my_fn": 40.0}, default_latency_requirement_ms=None)
    assert parameters.required_latency_ms("my-fn") == 40.0
    assert parameters.required_latency_ms("my_fn") == 40.0
    assert parameters.required_latency_ms("other") is None
