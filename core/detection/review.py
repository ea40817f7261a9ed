"""Review: what a person's answers about cells teach about all cells like them.

The chance that a cell is wrong is what the vote says, moved in log odds by effects that answers
are evidence of: of each detector, of each in a column, of detectors that flag together, of the
column, of the shape of a value and of the value itself. Effects are drawn towards none by a normal
prior, so an answer counts most for cells that share most with it, and a few answers say little
about the others; it is the multilevel logistic model of Gelman and Hill, *Data Analysis Using
Regression and Multilevel/Hierarchical Models* (2007), chapter 14. All functions here are pure.
"""

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import exp, log

VARIANCE = 2.0
"""Of the effects before anything is known: two in three are expected to change odds by less than a
factor of four. Half or twice as much hardly changes what is found."""
SWEEPS = 15
STEP = 2.0
"""Most that one step changes an effect, in log odds."""
SETTLED = 0.01
CERTAIN = 0.999
"""No vote is taken to be surer than that; an answer can still outweigh it."""
UNFLAGGED = 0.01
"""Chance that a cell is wrong which no detector flagged, until answers say otherwise."""
MOST_LABELS = 2_000
"""So many answers about a data set are kept, the newest."""
FOLDS = 5


@dataclass(frozen=True, slots=True)
class Kind:
    """What a cell has in common with others."""

    column: str
    detectors: tuple[str, ...]
    """Those who flagged it, sorted; nobody did when empty."""
    shape: str
    """Its value with each run of letters and digits as one sign."""


@dataclass(frozen=True, slots=True)
class Label:
    """What a person said about one cell."""

    row: int
    column: str
    value: str
    """What it says."""
    detectors: tuple[str, ...]
    shape: str
    support: float
    """The chance that it is wrong as the detectors see it, without any review."""
    wrong: bool
    correction: str | None = None
    """What should be there; None when that was not said."""

    @property
    def kind(self) -> Kind:
        """What it has in common with others."""
        return Kind(self.column, self.detectors, self.shape)


@dataclass(frozen=True, slots=True)
class Effects:
    """What answers taught, as changes of log odds."""

    sizes: Mapping[Hashable, float] = field(default_factory=dict)

    def of_detectors(self, column: str, detectors: Sequence[str]) -> float:
        """Return the effect of a column and of who flagged a cell there."""
        kind = Kind(column, tuple(detectors), "")
        return sum(self.sizes.get(each, 0.0) for each in _common(kind))

    def of_shape(self, column: str, shape: str, *, flagged: bool) -> float:
        """Return the effect of a shape in a column."""
        return self.sizes.get(("shape", column, shape, flagged), 0.0)

    def of_value(self, column: str, value: str) -> float:
        """Return the effect of a value in a column."""
        return self.sizes.get(("value", column, value), 0.0)

    def chance(self, kind: Kind, support: float, value: str | None = None) -> float:
        """Return the chance that a cell is wrong, in the light of the answers."""
        moved = self.of_detectors(kind.column, kind.detectors) + self.of_shape(
            kind.column, kind.shape, flagged=bool(kind.detectors)
        )
        if value is not None:
            moved += self.of_value(kind.column, value)
        return _chance(log_odds(support) + moved)


@dataclass(frozen=True, slots=True)
class Comparison:
    """How well cells are judged without answers and with them, on answers that were kept apart."""

    before: float
    """F1 of the vote on the cells that were answered."""
    after: float
    """F1 on the same cells, each judged by answers about others."""
    answers: int


def learn(labels: Sequence[Label]) -> Effects:
    """Return the most likely effects, given answers: by Newton's method, one effect at a time."""
    odds = [log_odds(each.support) for each in labels]
    where: dict[Hashable, list[int]] = defaultdict(list)
    for place, label in enumerate(labels):
        for each in _features(label):
            where[each].append(place)
    sizes: dict[Hashable, float] = dict.fromkeys(where, 0.0)
    for _ in range(SWEEPS):
        largest = 0.0
        for each, places in where.items():
            slope, curve = -sizes[each] / VARIANCE, 1.0 / VARIANCE
            for place in places:
                chance = _chance(odds[place])
                slope += labels[place].wrong - chance
                curve += chance * (1.0 - chance)
            step = max(-STEP, min(STEP, slope / curve))
            sizes[each] += step
            largest = max(largest, abs(step))
            for place in places:
                odds[place] += step
        if largest < SETTLED:
            break
    return Effects(sizes)


def compare(labels: Sequence[Label], threshold: float = 0.5) -> Comparison | None:
    """Return by how much answers help, those about some rows judged by what the others teach.

    Args:
        labels: The answers.
        threshold: Chance from which a cell counts as wrong.

    Returns:
        None where there are answers about too few rows to tell, or nothing among them is wrong.
    """
    rows = {row: place for place, row in enumerate(dict.fromkeys(each.row for each in labels))}
    if len(rows) < FOLDS or not any(each.wrong for each in labels):
        return None
    before, after = Counter[str](), Counter[str]()
    for fold in range(FOLDS):
        effects = learn([each for each in labels if rows[each.row] % FOLDS != fold])
        for label in (each for each in labels if rows[each.row] % FOLDS == fold):
            chance = effects.chance(label.kind, label.support, label.value)
            before[_outcome(label.support >= threshold, label.wrong)] += 1
            after[_outcome(chance >= threshold, label.wrong)] += 1
    return Comparison(_f1(before), _f1(after), len(labels))


def merged(known: Sequence[Label], news: Sequence[Label]) -> tuple[Label, ...]:
    """Return all answers, of two about the same cell the newer, at most `MOST_LABELS`."""
    by_cell = {(each.row, each.column, each.value): each for each in known}
    for each in news:
        cell = each.row, each.column, each.value
        by_cell.pop(cell, None)
        by_cell[cell] = each
    return tuple(by_cell.values())[-MOST_LABELS:]


def log_odds(chance: float) -> float:
    """Return the logarithm of the odds, of a chance that is never quite certain."""
    bounded = min(max(chance, 1.0 - CERTAIN), CERTAIN)
    return log(bounded / (1.0 - bounded))


def _features(label: Label) -> Iterator[Hashable]:
    yield from _common(label.kind)
    yield "shape", label.column, label.shape, bool(label.detectors)
    yield "value", label.column, label.value


def _common(kind: Kind) -> Iterator[Hashable]:
    """Yield what is shared with cells of whatever shape and value."""
    flagged = bool(kind.detectors)
    yield "flagged", flagged
    yield "column", kind.column, flagged
    yield "together", kind.column, kind.detectors
    for each in kind.detectors:
        yield "detector", each
        yield "detector in column", each, kind.column


def _chance(odds: float) -> float:
    return 1.0 / (1.0 + exp(-max(-40.0, min(40.0, odds))))


def _outcome(said: bool, wrong: bool) -> str:
    if said and wrong:
        return "found"
    return "alarm" if said else "miss" if wrong else "passed"


def _f1(count: Counter[str]) -> float:
    both = 2 * count["found"] + count["alarm"] + count["miss"]
    return 2 * count["found"] / both if both else 0.0
