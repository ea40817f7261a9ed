"""Detectors and rules judged by the truth: what each finds in a table, and F1 with its spread."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random

from dataagents.core.detection import TallyExpression
from dataagents.core.detection.panel import Panel
from dataagents.core.detection.reliability import (
    combined,
    weights_from_agreement,
    weights_from_answers,
)
from dataagents.plugins.data.detection.flags import FLAGS, Looked, collect
from dataagents.plugins.data.detection.learning import answers, patterns, weights_by_agreement
from dataagents.plugins.data.detection.repair import REPAIRS, propose
from dataagents.plugins.data.detection.table import SessionTable, open_table
from dataagents.plugins.data.detection.verdicts import VERDICTS, vote
from dataagents.plugins.data.engine import Session
from support.dirty_review import reviews
from support.dirty_sets import DirtySet, DirtyTable, read_dirty, read_truth

REPAIR = "repair"
REVIEWED_ROWS = 20
REVIEWED = f"the default after {REVIEWED_ROWS} reviewed rows a table, by the others"
RESAMPLES = 200
BLOCK_ROWS = 50
"""A set of one table is resampled by blocks of so many rows."""


_WRONG = f"SELECT _row, place FROM {VERDICTS} WHERE wrong"


@dataclass(frozen=True, slots=True)
class Count:
    """What was flagged in a part of a set."""

    right: int = 0
    flagged: int = 0
    errors: int = 0

    def __add__(self, other: "Count") -> "Count":
        """Return the count of both parts."""
        return Count(
            self.right + other.right, self.flagged + other.flagged, self.errors + other.errors
        )

    @property
    def precision(self) -> float:
        """Share of the flagged cells that are errors."""
        return self.right / self.flagged if self.flagged else 0.0

    @property
    def recall(self) -> float:
        """Share of the errors that are flagged."""
        return self.right / self.errors if self.errors else 0.0

    @property
    def f1(self) -> float:
        """The harmonic mean of both."""
        both = self.flagged + self.errors
        return 2 * self.right / both if both else 0.0


@dataclass(slots=True)
class Scores:
    """What every detector and rule found in a set, by parts that are resampled."""

    parts: dict[str, list[Count]] = field(default_factory=dict)
    """Name of a detector or rule → its count in each part."""
    alone: Counter[str] = field(default_factory=Counter)
    """Detector → errors that no other detector flagged."""
    seconds: Counter[str] = field(default_factory=Counter)
    problems: dict[str, str] = field(default_factory=dict)

    def of(self, name: str) -> Count:
        """Return the count over the set."""
        return sum(self.parts[name], Count())

    def spread(self, name: str, seed: int = 1) -> float:
        """Return half the width of the middle 95 % of F1 over resampled parts."""
        rng, parts = Random(seed), self.parts[name]
        found = sorted(sum(rng.choices(parts, k=len(parts)), Count()).f1 for _ in range(RESAMPLES))
        cut = RESAMPLES // 40
        return (found[-1 - cut] - found[cut]) / 2


def judge(
    session: Session,
    group: DirtySet,
    panel: Panel,
    rules: Mapping[str, TallyExpression],
    default: str,
) -> Scores:
    """Have detectors look at every table of a set, hold the votes, and compare with the truth.

    What the rule called `default` finds is repaired.
    """
    scores = Scores()
    names = [each.name for each in panel.detectors]
    by_rows = len(group.tables) == 1
    for table in group.tables:
        opened, looked = _look(session, table, panel)
        part = f"_row // {BLOCK_ROWS}" if by_rows else "0"
        for each in looked:
            scores.seconds[each.detector] += each.seconds
            if each.problem:
                scores.problems[each.detector] = each.problem
        errors = _counted(session, "SELECT _row FROM errors", part)
        for name, flagged in _by_detector(session, names, part).items():
            _add(scores, name, flagged, errors)
        for number, alone in session.rows(
            "SELECT detector, count(*) FROM (SELECT any_value(detector) AS detector "
            f"FROM {FLAGS} JOIN errors USING (_row, place) GROUP BY _row, place "
            "HAVING count(*) = 1) GROUP BY detector"
        ):
            scores.alone[names[number]] += int(alone)
        learned = weights_by_agreement(session, names, opened.rows)
        agreed = combined(learned, weights_from_agreement(patterns(session, names)))
        for name, expression in rules.items():
            weighs = name.startswith("weighted")
            for what, weights in ((name, learned), (f"{name} by agreement", agreed))[: 1 + weighs]:
                vote(session, names, expression, weights if weighs else None)
                _add(scores, what, _flagged(session, _WRONG, part), errors)
        _review(session, table, opened.rows)
        taught = combined(learned, weights_from_answers(answers(session, names, "reviewed")))
        vote(session, names, rules[default], taught)
        left = "WHERE _row NOT IN (SELECT _row FROM drawn)"
        unseen = _counted(session, f"SELECT _row FROM errors {left}", part)
        _add(scores, REVIEWED, _flagged(session, f"SELECT * FROM ({_WRONG}) {left}", part), unseen)
        vote(session, names, rules[default], learned)
        propose(session, opened, names, panel.correctors, rules[default], panel.boundary)
        _add(scores, REPAIR, _repaired(session, part), errors)
        for each in reviews(session, opened, names, rules[default]):
            wrong = _counted(session, each.errors, part)
            _add(scores, each.name, _flagged(session, each.flagged, part), wrong)
    return scores


def _look(
    session: Session,
    table: DirtyTable,
    panel: Panel,
) -> tuple[SessionTable, tuple[Looked, ...]]:
    columns = read_dirty(session, table)
    opened = open_table(session, table.name, "dirty", columns)
    looked = collect(session, opened, panel.detectors, panel.boundary)
    read_truth(session, table, columns)
    return opened, looked


def _review(session: Session, table: DirtyTable, rows: int) -> None:
    """Have somebody who knows the truth judge all flagged cells of a few rows, drawn by lot."""
    drawn = Random(table.name).sample(range(1, rows + 1), min(REVIEWED_ROWS, rows))
    session.rows(
        "CREATE OR REPLACE TEMP TABLE drawn AS SELECT unnest(?::BIGINT[]) AS _row", [drawn]
    )
    session.rows(
        "CREATE OR REPLACE TEMP TABLE reviewed AS SELECT DISTINCT f._row, f.place, "
        f"e._row IS NOT NULL AS wrong FROM {FLAGS} AS f LEFT JOIN errors AS e "
        "USING (_row, place) WHERE f._row IN (SELECT _row FROM drawn)"
    )


def _by_detector(
    session: Session, names: Sequence[str], part: str
) -> dict[str, dict[int, tuple[int, int]]]:
    return {
        name: _flagged(session, f"SELECT _row, place FROM {FLAGS} WHERE detector = {number}", part)
        for number, name in enumerate(names)
    }


def _flagged(session: Session, cells: str, part: str) -> dict[int, tuple[int, int]]:
    """Return part → flagged cells that are errors, and flagged cells."""
    return {
        int(at): (int(right), int(flagged))
        for at, right, flagged in session.rows(
            f"SELECT {part} AS part, count(errors.place), count(*) FROM ({cells}) "
            "LEFT JOIN errors USING (_row, place) GROUP BY part"
        )
    }


def _repaired(session: Session, part: str) -> dict[int, tuple[int, int]]:
    """Return part → repairs that say what the truth says, and repairs."""
    return {
        int(at): (int(right), int(repaired))
        for at, right, repaired in session.rows(
            f"SELECT {part} AS part, count(*) FILTER (value = truth OR "
            "TRY_CAST(value AS DOUBLE) IS NOT DISTINCT FROM TRY_CAST(truth AS DOUBLE) "
            f"AND TRY_CAST(value AS DOUBLE) IS NOT NULL), count(*) FROM {REPAIRS} "
            "JOIN truths USING (_row, place) WHERE decided GROUP BY part"
        )
    }


def _counted(session: Session, rows: str, part: str) -> dict[int, int]:
    """Return part → errors, with every part that has a row."""
    found = {int(at): 0 for (at,) in session.rows(f"SELECT DISTINCT {part} FROM dirty")}
    return found | {
        int(at): int(count)
        for at, count in session.rows(f"SELECT {part} AS part, count(*) FROM ({rows}) GROUP BY ALL")
    }


def _add(
    scores: Scores, name: str, flagged: Mapping[int, tuple[int, int]], errors: Mapping[int, int]
) -> None:
    counts: Iterable[Count] = (
        Count(*flagged.get(part, (0, 0)), count) for part, count in errors.items()
    )
    scores.parts.setdefault(name, []).extend(counts)
