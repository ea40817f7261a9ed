"""Choosing among alternatives whose success is not known and may change.

Each alternative has a Beta posterior over its rate of success; a draw from each says which comes
first (Thompson, "On the Likelihood that One Unknown Probability Exceeds Another", 1933). The
posteriors are sharpened before the draw, which explores less (Chapelle and Li, "An Empirical
Evaluation of Thompson Sampling", 2011, posterior reshaping): alternatives here are tried tens of
times, not thousands.

When an alternative starts to fail more often than it did, by Page and Hinkley's test, what was
learned before is forgotten, for all alternatives of that source: where the best one has changed,
the others have seldom been tried and need another chance. Only the outcomes since the change are
kept.

What was seen on other sources helps a source that has seen little, but within bounds: together it
counts for at most `BORROWED` outcomes of an alternative, and a single other source for at most
`SHARE` of these, however often it reports. So a source that is broken, or poisoned, can mislead
others for a few tries and not take them over.

All of it is computed from the outcomes alone, so the same experiences give the same state.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from random import Random

from dataagents.plugins.reflection.change import PageHinkley

SHARPNESS = 3.0
TOLERANCE = 0.15
THRESHOLD = 2.5
FEWEST = 5
"""Outcomes of an alternative before it can be said to have changed."""
BORROWED = 9.0
SHARE = 1 / 3


@dataclass(frozen=True, slots=True)
class Trial:
    """An alternative that was tried, and what came of it."""

    arm: str
    """The alternative."""
    success: bool
    source: str = ""
    """Where it was tried."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for and against an alternative, in outcomes; parts of them when borrowed."""

    successes: float = 0.0
    failures: float = 0.0

    @property
    def samples(self) -> float:
        """How much evidence there is."""
        return self.successes + self.failures

    @property
    def expected(self) -> float:
        """The expected rate of success; 0.5 when nothing is known."""
        return (1 + self.successes) / (2 + self.samples)

    def draw(self, rng: Random, sharpness: float = SHARPNESS) -> float:
        """Return a rate of success that the evidence allows."""
        return rng.betavariate(sharpness * (1 + self.successes), sharpness * (1 + self.failures))

    def scaled(self, factor: float) -> "Evidence":
        """Return it with another weight."""
        return Evidence(self.successes * factor, self.failures * factor)

    def __add__(self, other: "Evidence") -> "Evidence":
        return Evidence(self.successes + other.successes, self.failures + other.failures)


NOTHING = Evidence()


class Learner:
    """What is known of the alternatives of one source."""

    def __init__(self) -> None:
        self.changes = 0
        """How often everything was forgotten."""
        self._outcomes: defaultdict[str, list[bool]] = defaultdict(list)
        self._detectors: defaultdict[str, PageHinkley] = _detectors()

    def observe(self, arm: str, success: bool) -> None:
        """Take an outcome, in the order of time."""
        outcomes, detector = self._outcomes[arm], self._detectors[arm]
        outcomes.append(success)
        if detector.alarms(not success):
            self.changes += 1
            self._outcomes.clear()
            self._outcomes[arm] = outcomes[-detector.since :]
            self._detectors = _detectors()

    def evidence(self) -> dict[str, Evidence]:
        """Return alternative → evidence since the last change."""
        return {
            arm: Evidence(sum(outcomes), len(outcomes) - sum(outcomes))
            for arm, outcomes in self._outcomes.items()
        }


def _detectors() -> defaultdict[str, PageHinkley]:
    return defaultdict(lambda: PageHinkley(TOLERANCE, THRESHOLD, FEWEST))


def learn(trials: Iterable[Trial]) -> dict[str, dict[str, Evidence]]:
    """Return source → alternative → evidence.

    Args:
        trials: Of one choice, oldest first.
    """
    learners: defaultdict[str, Learner] = defaultdict(Learner)
    for trial in trials:
        learners[trial.source].observe(trial.arm, trial.success)
    return {source: learner.evidence() for source, learner in learners.items()}


def pooled(
    learned: Mapping[str, Mapping[str, Evidence]], own: Collection[str]
) -> dict[str, Evidence]:
    """Return alternative → evidence that bears on some sources.

    Args:
        learned: Source → alternative → evidence.
        own: The sources that the choice is about; their evidence counts in full.
    """
    mine: defaultdict[str, Evidence] = defaultdict(Evidence)
    others: defaultdict[str, list[Evidence]] = defaultdict(list)
    for source, arms in sorted(learned.items()):
        for arm, evidence in sorted(arms.items()):
            if source in own:
                mine[arm] += evidence
            else:
                others[arm].append(evidence)
    return {arm: mine[arm] + borrowed(others[arm]) for arm in sorted({*mine, *others})}


def borrowed(others: Sequence[Evidence]) -> Evidence:
    """Return what the evidence of other sources counts, within the bounds."""
    total = NOTHING
    for each in others:
        if each.samples:
            total += each.scaled(min(1.0, SHARE * BORROWED / each.samples))
    return total.scaled(min(1.0, BORROWED / total.samples)) if total.samples else total


def scores(
    arms: Iterable[str],
    evidence: Mapping[str, Evidence],
    rng: Random,
    sharpness: float = SHARPNESS,
) -> dict[str, float]:
    """Return alternative → a draw from its posterior, in [0, 1]: the highest is to be tried first.

    Args:
        arms: The alternatives, in an order that is always the same.
        evidence: What is known; an alternative without any may be anything.
        rng: Decides; the same state gives the same scores.
        sharpness: How much surer of the evidence to be than it warrants; 1 for not at all.
    """
    return {arm: evidence.get(arm, NOTHING).draw(rng, sharpness) for arm in arms}


def choose(arms: Sequence[str], evidence: Mapping[str, Evidence], rng: Random) -> str:
    """Return the alternative to try."""
    drawn = scores(arms, evidence, rng)
    return max(arms, key=drawn.__getitem__)
