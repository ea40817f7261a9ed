"""Repair by proposal and vote: what should be in the place of wrong cells, and who says so.

Detectors propose what their evidence names, correctors propose once it is known which cells are
wrong, and proposals of the same value for a cell are ballots for it. Nothing is changed here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from time import perf_counter

from dataagents.core.boundary import Boundary
from dataagents.core.detection import Corrector, Suggestion, TallyExpression
from dataagents.core.errors import DataAgentsError
from dataagents.core.registry import Built
from dataagents.plugins.data.detection.flags import COLUMNS
from dataagents.plugins.data.detection.table import SessionTable
from dataagents.plugins.data.detection.tallying import tallied
from dataagents.plugins.data.detection.verdicts import BALLOTS, VERDICTS, WRONG
from dataagents.plugins.data.engine import Session, identifier

PROPOSALS = identifier("detection_proposals")
"""The relation of all proposals: `proposer`, `_row`, `place`, `value`, `confidence`, `weight`,
`rule`, `reason` and `reversible`; several of a proposer for one value of a cell count once."""
REPAIRS = identifier("detection_repairs")
"""The relation of the value that won for each wrong cell: `_row`, `place`, `value`, `support`,
`decided`, `reversible` (whether a proposer of it changes the format only), `proposers` (names, the
surest first) and `rules`."""

_FROM_FLAGS = f"""
SELECT list_extract(?::VARCHAR[], detector + 1) AS proposer, _row, place, suggestion AS value,
    confidence, weight, 'suggestion' AS rule, reason, false AS reversible
FROM {BALLOTS} JOIN {VERDICTS} USING (_row, place) WHERE wrong AND suggestion IS NOT NULL
"""
_FROM_CORRECTOR = """
INSERT INTO {proposals} SELECT ?, found._row, place, CAST(found.value AS VARCHAR),
    least(CAST(found.confidence AS DOUBLE), 1.0), 1.0, CAST(found.rule AS VARCHAR),
    CAST(found.reason AS VARCHAR), {reversible}
FROM ({sql}) AS found JOIN {columns} AS known ON known.name = found."column"
SEMI JOIN {verdicts} AS told
    ON told._row = found._row AND told.place = known.place AND told.wrong
WHERE found.value IS NOT NULL
    AND isfinite(CAST(found.confidence AS DOUBLE)) AND found.confidence > 0
"""


@dataclass(frozen=True, slots=True)
class Proposed:
    """How it went when one corrector was asked."""

    corrector: str
    plugin: str
    cells: int
    """Wrong cells that it proposes a value for."""
    seconds: float
    problem: str = ""
    """Why it proposes nothing: what it raised; empty when it was fine."""


def propose(
    session: Session,
    table: SessionTable,
    detectors: Sequence[str],
    correctors: Sequence[Built[Corrector]],
    expression: TallyExpression,
    boundary: Boundary,
) -> tuple[Proposed, ...]:
    """Gather proposals for the cells that were found to be wrong, vote on them, keep `REPAIRS`.

    A corrector that raises, or whose query the engine refuses, costs its own proposals only. What
    is proposed for a cell that is not wrong, or for one that says that already, is passed over.

    Args:
        session: Where the vote on the cells was held.
        table: The table.
        detectors: Names of the detectors, by their numbers in the flags.
        correctors: Those who are asked.
        expression: What the values are decided by.
        boundary: Contains what the correctors do.

    Raises:
        InputError: The work was stopped.
    """
    session.rows(f"CREATE OR REPLACE TEMP TABLE {PROPOSALS} AS {_FROM_FLAGS}", [list(detectors)])
    asked = tuple(_ask(session, table, each, boundary) for each in correctors)
    _keep_repairs(session, table, expression)
    return asked


def _ask(
    session: Session, table: SessionTable, built: Built[Corrector], boundary: Boundary
) -> Proposed:
    began, problem = perf_counter(), ""
    correct = partial(_insert, session, table, built)
    try:
        boundary.call_now(built.plugin, f"corrector {built.name}", correct)
    except DataAgentsError as error:
        session.check()
        problem = str(error)
        session.rows(f"DELETE FROM {PROPOSALS} WHERE proposer = ?", [built.name])
    finally:
        table.release()
    (cells,) = session.row(
        f"SELECT count(DISTINCT (_row, place)) FROM {PROPOSALS} WHERE proposer = ?", [built.name]
    )
    return Proposed(built.name, built.plugin, int(cells), perf_counter() - began, problem)


def _insert(session: Session, table: SessionTable, built: Built[Corrector]) -> None:
    suggestions: Sequence[Suggestion] = tuple(built.value.correct(table, WRONG))
    for each in suggestions:
        sql = _FROM_CORRECTOR.format(
            proposals=PROPOSALS,
            reversible="true" if built.value.reversible else "false",
            sql=each.sql,
            columns=COLUMNS,
            verdicts=VERDICTS,
        )
        session.rows(sql, [built.name, *each.parameters])


def _keep_repairs(session: Session, table: SessionTable, expression: TallyExpression) -> None:
    """Decide which value wins in each cell; of those with equal support, the one sorted first."""
    names = [each.name for each in table.columns]
    cells = ", ".join(identifier(name) for name in names)
    ballots = (
        "(SELECT proposer, _row, place, value, max(confidence) AS confidence, any_value(weight) "
        "AS weight, any_value(rule) AS rule, bool_or(reversible) AS reversible "
        f"FROM {PROPOSALS} AS p JOIN (SELECT _row, unnest(range({len(names)}))::INTEGER AS place, "
        f"unnest([{cells}]) AS now FROM {table.raw} SEMI JOIN {VERDICTS} USING (_row)) AS said "
        "USING (_row, place) WHERE value IS DISTINCT FROM now "
        "GROUP BY proposer, _row, place, value)"
    )
    session.rows(
        f"CREATE OR REPLACE TEMP TABLE {REPAIRS} AS "
        f"WITH ballots AS MATERIALIZED {ballots}, "
        f"tallied AS ({tallied(expression, 'ballots', '_row, place, value')}), "
        "why AS (SELECT _row, place, value, bool_or(reversible) AS reversible, "
        "list(proposer ORDER BY confidence DESC, proposer) AS proposers, "
        "list(DISTINCT rule ORDER BY rule) AS rules FROM ballots GROUP BY _row, place, value) "
        "SELECT _row, place, value, support, wrong AS decided, reversible, proposers, rules "
        "FROM tallied JOIN why USING (_row, place, value) "
        "QUALIFY row_number() OVER (PARTITION BY _row, place ORDER BY support DESC, value) = 1"
    )
