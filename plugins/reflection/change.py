"""Changes: when a stream leaves its level, and where a finished series did.

Two detectors watch a stream as it comes. `PageHinkley` needs to know nothing: it sums how far
samples lie above the mean so far, less a tolerance, and alarms when the sum has risen far enough
above its lowest point (Page, "Continuous Inspection Schemes", 1954; Hinkley, "Inference about the
Change-Point from Cumulative Sum Tests", 1971). `BernoulliCusum` knows the usual rate of failures
and the one to look out for, and sums the log-likelihood ratio (Page; Reynolds and Stoumbos, "A
CUSUM Chart for Monitoring a Proportion", 1999). `alarm_threshold` finds how high either has to go
for a stated chance of a false alarm.

`change_point` looks back over a series (Pettitt, "A Non-Parametric Approach to the Change-Point
Problem", 1979). Its p comes from permutations rather than from Pettitt's formula, which is for
long series without ties: error rates have little else.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from math import isfinite, log
from random import Random
from statistics import fmean

from dataagents.plugins.reflection.trend import midranks

SHORTEST = 8
"""Samples below which a series is not searched for a change."""
PERMUTATIONS = 999
_HOPELESS = 50
"""Shuffles as clear as the series from which on p stays above 0.05, however many are to come."""
_IMPOSSIBLE = 1e-9
_DIGITS = 2
"""Heights that agree in so many places are the same: the chance is right to a few percent of it."""


@dataclass(slots=True)
class PageHinkley:
    """Alarms when a stream rises above its mean; it starts afresh after an alarm."""

    tolerance: float
    """How far above the mean still counts as the same level."""
    threshold: float
    fewest: int = 30
    """Samples before which there is no alarm."""
    since: int = field(default=0, init=False)
    """Samples since the sum was lowest: those of the new level, when it alarms."""
    _count: int = field(default=0, init=False)
    _mean: float = field(default=0.0, init=False)
    _sum: float = field(default=0.0, init=False)
    _least: float = field(default=0.0, init=False)
    _over: bool = field(default=False, init=False)

    def alarms(self, value: float) -> bool:
        """Take a sample; return whether the level has risen."""
        if self._over:
            self._count, self._mean, self._sum, self._least, self.since = 0, 0.0, 0.0, 0.0, 0
        self._count += 1
        self._mean += (value - self._mean) / self._count
        self._sum += value - self._mean - self.tolerance
        if self._sum < self._least:
            self._least, self.since = self._sum, 0
        else:
            self.since += 1
        self._over = self._count >= self.fewest and self._sum - self._least > self.threshold
        return self._over


@dataclass(slots=True)
class BernoulliCusum:
    """Alarms when failures become more frequent; it starts afresh after an alarm."""

    usual: float
    """Rate of failures as long as all is well, in (0, 1)."""
    raised: float
    """The rate to look out for, above the usual one; a still higher one is found sooner."""
    threshold: float
    since: int = field(default=0, init=False)
    """Samples since the sum was 0: those of the new rate, when it alarms."""
    _sum: float = field(default=0.0, init=False)

    def alarms(self, failed: bool) -> bool:
        """Take an event; return whether failures have become more frequent."""
        failure, success = likelihoods(self.usual, self.raised)
        self._sum += failure if failed else success
        self.since += 1
        if self._sum <= 0:
            self._sum, self.since = 0.0, 0
            return False
        if self._sum <= self.threshold:
            return False
        self._sum = 0.0
        return True


def likelihoods(usual: float, raised: float) -> tuple[float, float]:
    """Return how much a failure and a success speak for the raised rate, in nats."""
    return log(raised / usual), log((1 - raised) / (1 - usual))


def alarm_threshold(
    steps: tuple[float, float], usual: float, events: int, false_alarms: float
) -> float:
    """Return how high a sum has to be for an alarm.

    Args:
        steps: What a failure adds to the sum and what a success adds: `likelihoods` for a
            `BernoulliCusum`, (1 - usual - tolerance, -usual - tolerance) for a `PageHinkley`.
        usual: Rate of failures as long as all is well.
        events: How many events are watched.
        false_alarms: Chance of an alarm among so many events of the usual rate.
    """
    low, high = 0.0, steps[0]
    while chance_of_alarm(steps, usual, events, high) > false_alarms:
        low, high = high, 2 * high
    for _ in range(10):
        middle = (low + high) / 2
        if chance_of_alarm(steps, usual, events, middle) > false_alarms:
            low = middle
        else:
            high = middle
    return high


def chance_of_alarm(
    steps: tuple[float, float], usual: float, events: int, threshold: float
) -> float:
    """Return the chance that a sum that never falls below 0 passes the threshold.

    It follows every height that the sum can have (the Markov chain of Brook and Evans, "An Approach
    to the Probability Distribution of CUSUM Run Length", 1972). Heights that are all but impossible
    are taken for alarms.

    Args:
        steps: What a failure adds to the sum, and what a success adds.
        usual: Rate of failures.
        events: How many events are watched.
        threshold: How high the sum may go.
    """
    failure, success = steps
    heights = {0.0: 1.0}
    passed = 0.0
    for _ in range(events):
        reached: defaultdict[float, float] = defaultdict(float)
        for height, chance in heights.items():
            if chance < _IMPOSSIBLE:
                passed += chance
                continue
            if height + failure > threshold:
                passed += chance * usual
            else:
                reached[round(height + failure, _DIGITS)] += chance * usual
            reached[round(max(0.0, height + success), _DIGITS)] += chance * (1 - usual)
        heights = reached
    return passed


@dataclass(frozen=True, slots=True)
class ChangePoint:
    """Where a series most likely changed its level."""

    at: int
    """First sample of the new level, from 0."""
    p: float
    """Chance of so clear a change among series without one."""
    before: float
    """Mean before it."""
    after: float


def change_point(series: Sequence[float], rng: Random) -> ChangePoint | None:
    """Find the one place where a series changed its level most.

    Args:
        series: Finite figures, oldest first, taken for independent of each other.
        rng: Shuffles the series to see what chance does. Once so many shuffles show as clear a
            change that p can't become 0.05, it stops (Besag and Clifford, "Sequential Monte Carlo
            p-values", 1991).

    Returns:
        The place, significant or not; None for a series that is too short or never changes.
    """
    if len(series) < SHORTEST or not all(map(isfinite, series)):
        return None
    middle = (len(series) + 1) / 2
    off = [rank - middle for rank in midranks(series)]
    sums = [abs(each) for each in accumulate(off)][:-1]
    clearest = max(sums)
    if not clearest:
        return None
    at = sums.index(clearest) + 1
    return ChangePoint(at, _as_clear(off, clearest, rng), fmean(series[:at]), fmean(series[at:]))


def _as_clear(off: Sequence[float], clearest: float, rng: Random) -> float:
    """Return the share of shuffles whose sums go as far from 0, the series itself included."""
    shuffled = list(off)
    found = 1
    for tried in range(1, PERMUTATIONS + 1):
        rng.shuffle(shuffled)
        found += max(map(abs, accumulate(shuffled))) >= clearest
        if found > _HOPELESS:
            return found / (tried + 1)
    return found / (PERMUTATIONS + 1)
