"""Trends: whether a series rises or falls beyond chance, and how steeply.

The test is Mann's (Mann, "Nonparametric Tests Against Trend", 1945; Kendall, "Rank Correlation
Methods", 1975): it asks how many pairs of samples are in rising order, so it needs no distribution,
no straight line and no scale, and one wild sample moves it little. It takes samples for
independent. Where each resembles the one before, it sees trends that are not there; the variance
can then be corrected by the serial correlation of the ranks (Hamed and Rao, "A modified
Mann-Kendall trend test for autocorrelated data", 1998), which `lags` asks for. The correction only
ever widens here: estimated from few samples, a negative correlation would make the test bold.

The steepness is the median slope over all pairs (Sen, "Estimates of the Regression Coefficient
Based on Kendall's Tau", 1968).
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from math import isfinite, sqrt
from statistics import NormalDist, fmean, median

FEWEST = 8
"""Samples below which the normal approximation says nothing worth knowing."""
_CORRELATED = NormalDist().inv_cdf(0.975)
"""Standard errors from which on a correlation of ranks counts as one."""


@dataclass(frozen=True, slots=True)
class TrendTest:
    """What the test says of a series."""

    s: int
    """Pairs in rising order less pairs in falling order."""
    variance: float
    """Of `s` among series without a trend."""
    z: float
    p: float
    """Chance of such a trend, up or down, among series without one."""
    slope: float
    """Change a sample."""
    samples: int

    def direction(self, alpha: float = 0.05) -> str:
        """Return `up`, `down` or, when the chance is above `alpha`, `steady`."""
        if self.p > alpha:
            return "steady"
        return "up" if self.s > 0 else "down"


def mann_kendall(series: Sequence[float], lags: int = 0) -> TrendTest | None:
    """Test a series for a trend.

    Args:
        series: Figures, oldest first; those that are not finite are left out.
        lags: Up to which distance samples may depend on each other; 0 for independent ones.

    Returns:
        The test, or None when there are too few samples.
    """
    values = [value for value in series if isfinite(value)]
    count = len(values)
    if count < FEWEST:
        return None
    s = sum((b > a) - (b < a) for a, b in combinations(values, 2))
    slope = sens_slope(values)
    variance = _variance(values) * _widening(values, slope, lags)
    z = (s - (s > 0) + (s < 0)) / sqrt(variance) if variance > 0 else 0.0
    p = 2 * NormalDist().cdf(-abs(z))
    return TrendTest(s, variance, z, p, slope, count)


def sens_slope(values: Sequence[float]) -> float:
    """Return the median change a sample over all pairs of finite values; 0 for fewer than two."""
    slopes = [(b - a) / (j - i) for (i, a), (j, b) in combinations(enumerate(values), 2)]
    return median(slopes) if slopes else 0.0


def _variance(values: Sequence[float]) -> float:
    """Return the variance of S, ties taken into account."""
    n = len(values)
    ties = sum(t * (t - 1) * (2 * t + 5) for t in Counter(values).values())
    return (n * (n - 1) * (2 * n + 5) - ties) / 18


def _widening(values: Sequence[float], slope: float, lags: int) -> float:
    """Return Hamed and Rao's factor on the variance, from the ranks of what the slope leaves."""
    n = len(values)
    ranks = midranks([value - slope * place for place, value in enumerate(values)])
    mean = fmean(ranks)
    off = [rank - mean for rank in ranks]
    spread = sum(each * each for each in off)
    if not spread:
        return 1.0
    total = 0.0
    for lag in range(1, min(lags, n - 3) + 1):
        correlation = sum(a * b for a, b in zip(off, off[lag:], strict=False)) / spread
        if abs(correlation) > _CORRELATED / sqrt(n):
            total += (n - lag) * (n - lag - 1) * (n - lag - 2) * correlation
    return max(1.0, 1 + 2 * total / (n * (n - 1) * (n - 2)))


def midranks(values: Sequence[float]) -> list[float]:
    """Return each value's rank from 1; equal values share the mean of their ranks."""
    ranks: dict[float, float] = {}
    below = 0
    for value, times in sorted(Counter(values).items()):
        ranks[value] = below + (times + 1) / 2
        below += times
    return [ranks[value] for value in values]
