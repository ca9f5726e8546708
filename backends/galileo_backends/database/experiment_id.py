"""How experiments are named: the minute of their start and four random characters."""

import random
import time


def new_experiment_id(*, now_s: float, rng: random.Random) -> str:
    """An id such as `202411301405-3fa9`: local time, then four hexadecimal digits.

    Args:
        now_s: Unix time in seconds.
        rng: gives the four digits.
    """
    return f"{time.strftime('%Y%m%d%H%M', time.localtime(now_s))}-{rng.getrandbits(16):04x}"
