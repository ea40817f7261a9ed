"""Reliability: what a detector's confidences are worth, learned from answers and from agreement.

A weight is a ratio: how often a detector is right, to how often it says that it is. At 1 it is
taken at its word. All functions here are pure.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import exp, log1p, prod
from typing import TypeAlias

Weights: TypeAlias = Mapping[tuple[str, str | None], float]
"""Detector and column → weight; where the column is None, in all columns that are not named."""

STATED = 2.0
"""What a detector says of itself counts as much as so many answers: as a uniform distribution does,
with another mean. A handful of answers that say otherwise outweighs it, and one alone does not."""
BACKED = 4.0
"""So many flags are taken at their word before it counts how far others back them up."""
ROUNDS = 5
"""How often weights are learned from what weights make likely; they hardly change after that."""
MISFIRES = 0.1
"""Share of the columns in which a detector's idea of what is right is expected not to hold."""
SYSTEMATIC = 0.2
"""Share of the columns with errors in which they are systematic, so that any share may be wrong."""
USUAL = 9.0
"""In others with errors, the share of wrong cells is distributed as Beta(1, USUAL): a tenth on
average, and seldom a third."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What became known of one flag."""

    detector: str
    column: str
    confidence: float
    """What the detector said."""
    right: bool
    """Whether the cell was wrong: an operator says so, or accepted a repair of it. That a repair
    was declined says nothing yet: the cell may be wrong all the same."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """Cells of one column that the same detectors flagged."""

    column: str
    flags: tuple[tuple[str, float], ...]
    """The detectors, each with its mean confidence there."""
    cells: int


def weight_of(weights: Weights, detector: str, column: str) -> float:
    """Return the weight of a detector in a column; 1 where nothing was learned."""
    return weights.get((detector, column), weights.get((detector, None), 1.0))


def combined(first: Weights, second: Weights) -> dict[tuple[str, str | None], float]:
    """Return the product of two weights, for what was learned from different evidence."""
    keys = {*first, *second}

    def at(weights: Weights, detector: str, column: str | None) -> float:
        if column is not None:
            return weight_of(weights, detector, column)
        return weights.get((detector, None), 1.0)

    return {key: at(first, *key) * at(second, *key) for key in keys}


def weights_from_answers(answers: Iterable[Answer]) -> dict[tuple[str, str | None], float]:
    """Return weights by what became known: of each detector, and of it in each column.

    The share of a detector's flags that are right has a Beta distribution. Its prior has the mean
    that the detector states, and counts `STATED` answers; in a column, the mean that it has over
    all columns. A weight is the mean of the posterior, relative to what is stated.
    """
    known: dict[tuple[str, str | None], list[Answer]] = defaultdict(list)
    for each in answers:
        known[each.detector, None].append(each)
        known[each.detector, each.column].append(each)
    weights: dict[tuple[str, str | None], float] = {}
    for (detector, column), given in sorted(known.items(), key=_detectors_first):
        stated = sum(each.confidence for each in given) / len(given)
        before = 1.0 if column is None else weights[detector, None]
        right = sum(each.right for each in given)
        mean = (STATED * min(stated * before, 1.0) + right) / (STATED + len(given))
        weights[detector, column] = mean / stated if stated else 0.0
    return weights


def weights_from_agreement(patterns: Sequence[Pattern]) -> dict[tuple[str, str | None], float]:
    """Return weights of detectors by how far others back up what they flag in a table.

    Expectation maximisation as in Dawid and Skene, "Maximum Likelihood Estimation of Observer
    Error-Rates Using the EM Algorithm", Applied Statistics 28 (1979), with two differences. Silence
    is no vote: detectors see different errors, so a cell that one alone flags stays as likely to be
    wrong as that one says. And agreement tells who is better, not how good all are: the mean of
    what is claimed stays as it was, for detectors may be mistaken together. Where the detectors
    state well how sure they are, this gains nothing: one that sees what no other sees loses by it.

    Args:
        patterns: Who flagged what.
    """
    weights: dict[str, float] = {name: 1.0 for each in patterns for name, _ in each.flags}
    claimed: dict[str, float] = defaultdict(float)
    for each in patterns:
        for name, confidence in each.flags:
            claimed[name] += each.cells * confidence
    for _ in range(ROUNDS if any(claimed.values()) else 0):
        likely: dict[str, float] = defaultdict(float)
        for each in patterns:
            for name, confidence in each.flags:
                doubts = (
                    1.0 - min(weights[other] * sure, 1.0)
                    for other, sure in each.flags
                    if other != name
                )
                likely[name] += each.cells * (1.0 - (1.0 - confidence) * prod(doubts))
        ratios = {name: (BACKED + likely[name]) / (BACKED + claimed[name]) for name in weights}
        mean = sum(ratios[name] * claimed[name] for name in weights) / sum(claimed.values())
        weights = {name: ratio / mean for name, ratio in ratios.items()}
    return {(name, None): weight for name, weight in weights.items()}


def weights_from_shares(
    patterns: Sequence[Pattern], rows: int
) -> dict[tuple[str, str | None], float]:
    """Return weights of detectors in columns by how much of a column each claims alone.

    A detector whose idea of what is right does not hold in a column flags any share of its cells;
    where it holds, the share is as usual for errors, or they are systematic. How likely the former
    is follows from Bayes' theorem. So a few flags weigh what they say, and to claim most of a
    column takes a high confidence. What others flag too is no sign of a misfire.

    Args:
        patterns: Who flagged what.
        rows: Rows of the table.
    """
    alone: dict[tuple[str, str], float] = defaultdict(float)
    for each in patterns:
        if len(each.flags) == 1:
            [(name, confidence)] = each.flags
            alone[name, each.column] += each.cells * confidence
    trusted = _holds(0.0)
    return {key: _holds(min(mass / rows, 1.0)) / trusted for key, mass in alone.items() if rows}


def _holds(share: float) -> float:
    """Return the chance that an idea holds in a column by which this share of it is wrong."""
    usual = USUAL * exp((USUAL - 1.0) * log1p(-share)) if share < 1.0 else 0.0
    density = (1.0 - SYSTEMATIC) * usual + SYSTEMATIC
    return 1.0 - MISFIRES / (MISFIRES + (1.0 - MISFIRES) * density)


def _detectors_first(item: tuple[tuple[str, str | None], list[Answer]]) -> tuple[bool, str, str]:
    (detector, column), _ = item
    return column is not None, detector, column or ""
