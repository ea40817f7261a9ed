"""The inspection: every detector looks at a data set, they vote on its cells, and it is kept."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Literal

from dataagents.core.detection import BulkRule, TallyExpression
from dataagents.core.detection.expression import DIGITS
from dataagents.core.detection.panel import Panel
from dataagents.core.detection.reliability import Weights, combined
from dataagents.core.detection.review import Label
from dataagents.core.detection.sheet import REVIEW, Sheet
from dataagents.plugins.data.detection.amending import amend
from dataagents.plugins.data.detection.flags import COLUMNS, FLAGS, Looked, collect
from dataagents.plugins.data.detection.learning import weights_by_agreement
from dataagents.plugins.data.detection.repair import propose
from dataagents.plugins.data.detection.results import (
    Inspection,
    Share,
    write_ballots,
    write_suspicions,
)
from dataagents.plugins.data.detection.reviewing import keep_sheet, write_sheet
from dataagents.plugins.data.detection.sizes import Detect, chosen, open_sample, verified_columns
from dataagents.plugins.data.detection.table import SessionTable, open_table
from dataagents.plugins.data.detection.verdicts import (
    BALLOTS,
    VERDICTS,
    Contribution,
    contributions,
    vote,
)
from dataagents.plugins.data.engine import Session
from dataagents.plugins.data.repairs import write_repairs
from dataagents.plugins.data.workplace import Schema, Workplace

SOURCE = "kept"
"""The relation of the rows that are looked at."""


@dataclass(frozen=True, slots=True)
class Task:
    """What is to be looked for, and by whom."""

    panel: Panel
    learned: Weights
    """What earlier runs taught about the detectors."""
    detect: Detect | None = None
    """None when the size decides."""
    full_cells: int = 5_000_000
    reviewed: tuple[Label, ...] = ()
    """What a person said about cells of the data set."""


def inspect(session: Session, place: Workplace, schema: Schema, task: Task) -> Inspection:
    """Have errors looked for in the rows in `kept`, and keep ballots, suspicions and figures.

    `flags.parquet` has every ballot, `suspicions.parquet` every cell that was found to be wrong,
    `repairs.parquet` what should be there instead, `detection.json` what is returned.

    Raises:
        InputError: The work was stopped.
    """
    (rows,) = session.row(f"SELECT count(*) FROM {SOURCE}")
    names = list(schema.columns)
    detect = chosen(task.detect, int(rows), len(names), task.full_cells)
    expression, problem = _expression(task.panel)
    if detect == "off" or expression is None or not task.panel.detectors:
        found = _nothing(session, place, "off" if task.detect == "off" else detect, problem)
    else:
        found = _inspected(session, place, schema, task, expression, int(rows), detect)
    place.save("detection.json", found)
    return found


def _expression(panel: Panel) -> tuple[TallyExpression | None, str]:
    """Return how ballots about cells are added up; None, and why, where nothing does."""
    if panel.rule is None:
        return None, "no voting rule for cells is installed" if panel.detectors else ""
    rule = panel.rule
    if not isinstance(rule.value, BulkRule):
        return None, f"the voting rule {rule.name} does not decide about cells in bulk"
    bulk = rule.value.bulk
    what = f"voting rule {rule.name} bulk"
    return panel.boundary.call_now(rule.plugin, what, bulk, returns=TallyExpression), ""


def _nothing(session: Session, place: Workplace, detect: Detect, problem: str) -> Inspection:
    write_suspicions(session, place, found=False)
    write_repairs(session, place, found=False)
    keep_sheet(place, None)
    place.table("flags").unlink(missing_ok=True)
    return Inspection(detect=detect, problem=problem)


def _inspected(
    session: Session,
    place: Workplace,
    schema: Schema,
    task: Task,
    expression: TallyExpression,
    rows: int,
    detect: Literal["full", "sample", "off"],
) -> Inspection:
    names = list(schema.columns)
    look = _Look(session, place.dataset, schema, task, expression)
    sampled, verified = None, list[str]()
    if detect == "full":
        table, looked = look.at(SOURCE, names)
    else:
        sample = open_sample(session, SOURCE, rows, len(names))
        table, looked = look.at(sample, names)
        sampled = table.rows
        verified = _columns_with_errors(session)
        if verified:
            columns = verified_columns(names, verified, rows, task.full_cells)
            first = looked
            table, looked = look.at(SOURCE, columns, only=verified)
            looked = _both(first, looked)
    session.tell("writing ballots", None, None)
    keep_sheet(place, look.sheet)
    path = place.table("flags")
    detectors = look.detectors
    write_ballots(session, detectors, path)
    write_suspicions(session, place, found=True, detectors=detectors)
    session.tell("proposing repairs", None, None)
    panel = task.panel
    asked = propose(session, table, detectors, panel.correctors, expression, panel.boundary)
    proposed = write_repairs(session, place, found=True)
    (flagged,) = session.row(f"SELECT count(*) FROM {VERDICTS}")
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    rule = task.panel.rule
    return Inspection(
        detect=detect,
        rows=rows,
        columns=len(names),
        sampled=sampled,
        verified=tuple(verified),
        flagged=int(flagged),
        wrong=look.wrong,
        rule=rule.name if rule is not None else "",
        threshold=expression.threshold,
        digest=digest,
        proposed=proposed,
        correctors=tuple(
            Share(
                detector=each.corrector,
                plugin=each.plugin,
                cells=each.cells,
                seconds=round(each.seconds, 3),
                problem=each.problem,
            )
            for each in asked
        ),
        shares=_shares(session, looked, contributions(session, detectors, expression)),
    )


class _Look:
    """Looks of the same detectors at relations of a session, each with its vote."""

    def __init__(
        self,
        session: Session,
        dataset: str,
        schema: Schema,
        task: Task,
        expression: TallyExpression,
    ) -> None:
        self._session = session
        self._dataset = dataset
        self._schema = schema
        self._task = task
        self._expression = expression
        self.detectors = [each.name for each in task.panel.detectors]
        if task.reviewed:
            self.detectors.append(REVIEW)
        self.wrong = 0
        self.sheet: Sheet | None = None

    def at(
        self, source: str, names: Sequence[str], only: Sequence[str] | None = None
    ) -> tuple[SessionTable, tuple[Looked, ...]]:
        """Have all detectors look at columns of a relation, and hold the vote on their cells.

        Args:
            source: The relation.
            names: The columns.
            only: Those whose cells are voted on; all of them when None.
        """
        session, panel = self._session, self._task.panel
        table = open_table(
            session,
            self._dataset,
            source,
            names,
            key=self._schema.key,
            null_tokens=self._schema.null_tokens,
        )
        looked = collect(session, table, panel.detectors, panel.boundary)
        if only is not None:
            session.rows(
                f"DELETE FROM {FLAGS} WHERE place NOT IN (SELECT place FROM {COLUMNS} "
                "WHERE name IN (SELECT unnest(?::VARCHAR[])))",
                [list(only)],
            )
        looking = [each.name for each in panel.detectors]
        agreed = weights_by_agreement(session, looking, table.rows)
        weights = combined(agreed, self._task.learned)
        session.tell("voting on cells", None, None)
        self.wrong = vote(session, looking, self._expression, weights)
        labels = self._task.reviewed
        self.sheet = write_sheet(session, table, looking, labels)
        if labels:
            began = perf_counter()
            self.wrong = amend(session, table, looking, self._expression, labels)
            (cells,) = session.row(f"SELECT count(*) FROM {FLAGS} WHERE detector = {len(looking)}")
            looked = (*looked, Looked(REVIEW, "", int(cells), perf_counter() - began))
        return table, looked


def _columns_with_errors(session: Session) -> list[str]:
    return [
        str(name)
        for (name,) in session.rows(
            f"SELECT name FROM {COLUMNS} SEMI JOIN (SELECT place FROM {VERDICTS} WHERE wrong) "
            "USING (place) ORDER BY place"
        )
    ]


def _both(first: Sequence[Looked], second: Sequence[Looked]) -> tuple[Looked, ...]:
    """Return how two looks went: what the second flagged, and the time of both."""
    return tuple(
        Looked(
            after.detector,
            after.plugin,
            after.cells,
            before.seconds + after.seconds,
            after.problem or before.problem,
        )
        for before, after in zip(first, second, strict=True)
    )


def _shares(
    session: Session, looked: Sequence[Looked], added: Sequence[Contribution]
) -> tuple[Share, ...]:
    """Return what each detector did, the one with most cells first."""
    weights = {
        int(number): float(weight)
        for number, weight in session.rows(
            f"SELECT detector, round(avg(weight), {DIGITS}) FROM {BALLOTS} GROUP BY detector"
        )
    }
    surest = {
        int(number): (float(best["c"]), float(best["w"]))
        for number, best in session.rows(
            "SELECT detector, arg_max({'c': confidence, 'w': weight}, "
            "(confidence * weight, confidence)) "
            f"FROM {BALLOTS} JOIN {VERDICTS} USING (_row, place) WHERE wrong GROUP BY detector"
        )
    }
    shares: list[Share] = []
    for number, (look, each) in enumerate(zip(looked, added, strict=True)):
        confidence, weight = surest.get(number, (0.0, 1.0))
        shares.append(
            Share(
                detector=each.detector,
                plugin=look.plugin,
                cells=each.cells,
                upheld=each.upheld,
                alone=each.alone,
                decisive=each.decisive,
                weight=round(weights.get(number, 1.0), 6),
                surest=round(confidence, 9),
                surest_weight=round(weight, 9),
                seconds=round(look.seconds, 3),
                problem=look.problem,
            )
        )
    return tuple(sorted(shares, key=lambda each: (-each.upheld, -each.cells, each.detector)))
