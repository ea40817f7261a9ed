"""The data that the fixtures are about, made from seeds: by the script and by the tests alike."""

from random import Random

SEEDS = 200
CHANGE = 300
"""Event at which failures become frequent."""
PAGE_HINKLEY = ((0.005, 10.0, 30), (0.1, 4.0, 30), (0.15, 2.5, 5))
"""Tolerance, threshold and fewest samples."""
BASKETS = ((1, 12), (2, 8), (3, 5))
"""Seed and support."""


def series(seed):
    """A series of 8 to 60 figures: with a slope or without, with ties or without, correlated."""
    rng = Random(seed)
    slope, memory = rng.choice((0.0, 0.02, -0.05)), rng.choice((0.0, 0.6))
    digits = rng.choice((0, 1, 6))
    level, values = 0.0, []
    for place in range(rng.randint(8, 60)):
        level = memory * level + rng.gauss(0, 1)
        values.append(round(slope * place + level, digits))
    return values


def failures(seed, before=0.1, after=0.4):
    """A stream of 300 events before the change and 300 after it: whether each is a failure."""
    rng = Random(seed)
    return [rng.random() < (before if place < CHANGE else after) for place in range(2 * CHANGE)]


def baskets(seed):
    """Forty sorted baskets over eight items, some of which go together."""
    rng = Random(seed)
    made = []
    for _ in range(40):
        basket = {item for item in "abcdefgh" if rng.random() < 0.35}
        if "a" in basket and rng.random() < 0.8:
            basket |= {"d", "g"}
        made.append(sorted(basket))
    return made
