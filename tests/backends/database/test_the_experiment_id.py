"""The names of experiments."""

import random
import re
import time

from galileo_backends.database import new_experiment_id


def test_an_id_tells_the_local_minute_of_the_start() -> None:
    now_s = time.mktime((2024, 11, 30, 14, 5, 59, 0, 0, -1))
    assert re.fullmatch(r"202411301405-[0-9a-f]{4}", new_experiment_id(now_s=now_s, rng=random.Random(1)))


def test_ids_of_one_minute_differ_by_chance_and_repeat_by_seed() -> None:
    rng = random.Random(1)
    first, second = new_experiment_id(now_s=0.0, rng=rng), new_experiment_id(now_s=0.0, rng=rng)
    assert first != second
    assert new_experiment_id(now_s=0.0, rng=random.Random(1)) == first
