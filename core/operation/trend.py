"""Trends: how much a figure changed over a window, told so that one outlier changes nothing.

The slope is the median of the slopes between all pairs (Theil 1950, Sen 1968). Whether the change
has a direction at all is told by Kendall's tau: the share of pairs that rise less those that fall.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from dataagents.core.operation.samples import Sample

FEWEST = 4
"""Samples below which nothing is called a trend."""
MOST = 64
"""Samples that are looked at: pairs grow with the square. Of more, these are spread evenly."""


@dataclass(frozen=True, slots=True)
class Trend:
    """What a figure did over a window."""

    change: float
    """How much it changed from the first to the last sample, in its own unit."""
    steadiness: float
    """Kendall's tau in [-1, 1]: 1 when it only rose, -1 when it only fell."""


def trend_of(samples: Sequence[Sample]) -> Trend | None:
    """Return the trend of samples, oldest first; None when they are too few or at one moment."""
    if len(samples) > MOST:
        step = (len(samples) - 1) / (MOST - 1)
        samples = [samples[round(number * step)] for number in range(MOST)]
    span = samples[-1].at - samples[0].at if samples else 0.0
    if len(samples) < FEWEST or span <= 0:
        return None
    slopes: list[float] = []
    rising = pairs = 0
    for place, later in enumerate(samples):
        for earlier in samples[:place]:
            gone, risen = later.at - earlier.at, later.value - earlier.value
            pairs += 1
            rising += (risen > 0) - (risen < 0)
            if gone > 0:
                slopes.append(risen / gone)
    return Trend(median(slopes) * span, rising / pairs)
