"""A floor under the speed of a cycle, so that nobody digs through it unnoticed."""

from __future__ import annotations

import random
import time

from galileo_services.vpa_recommender.aggregate_state import AggregateState, AggregationParameters
from galileo_services.vpa_recommender.recommendation import RecommendationParameters, Recommender

CONTAINERS = 1000
START = 1_700_000_000.0
CPU_SECONDS = 0.4
"""Twenty times what it takes on the machine where it was written."""


def test_a_thousand_containers_are_recommended_something_in_a_fraction_of_a_second() -> None:
    rng = random.Random(1)
    states = [AggregateState(AggregationParameters(), created_s=START) for _ in range(CONTAINERS)]
    for state in states:
        for minute in range(60):
            at_s = START + 60.0 * minute
            state.add_cpu(round(rng.lognormvariate(5.0, 1.0)), at_s=at_s, request_millicores=250)
        state.add_memory_peak(round(rng.lognormvariate(18.5, 0.3)), at_s=START)
    recommender = Recommender(RecommendationParameters())
    began_s = time.process_time()
    recommended = [recommender.recommend({"fn": state}) for state in states]
    assert time.process_time() - began_s < CPU_SECONDS
    assert all(found["fn"].target.cpu_millicores for found in recommended)
