"""Wrong values that were put right elsewhere in the table: the same wrong, the same right."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from dataagents.core.detection import Suggestion, Table, TableColumn
from dataagents.plugins.detection.association import associations
from dataagents.plugins.detection.correctors.wrong_cells import columns_with_errors
from dataagents.plugins.detection.deviations import deviations

LEAST_STRENGTH = 0.5
"""As for the detector of dependencies: one of which three cells in ten are wrong comes to that."""
WITNESSES = 2
"""Columns that are asked about one other, the strongest first."""
SEEN = 2
"""Wrong cells that must have one right value, at least: once may be a chance."""


MOSTLY_WRONG = 0.5
"""Share of the cells with a value that must be wrong: elsewhere, it may stand for itself."""


class ValueMap:
    """What a wrong value stood for where other columns say what is right."""

    theory = (
        "Errors repeat: where a wrong value of a column is in several groups of a strong "
        "dependency and most groups hold the same value instead, that is what it stands for, also "
        "in the rows of which no group tells, unless it is right in others."
    )
    reversible = False

    def correct(self, table: Table, wrong: str) -> Iterable[Suggestion]:
        """Return for each wrong cell what the same wrong value is elsewhere, by most groups."""
        repeated = {
            column.place: _Repeated(column, *found)
            for column in columns_with_errors(table, wrong)
            if column.present > column.distinct > 1
            for found in (_repeated(table, wrong, column),)
            if table.query(f"SELECT 1 FROM {found[1]} LIMIT 1")
        }
        if not repeated:
            return
        strong = sorted(
            (each for each in associations(table, LEAST_STRENGTH) if each.right.place in repeated),
            key=lambda each: (each.right.place, -each.strength, each.left.place),
        )
        for place, column in repeated.items():
            lefts = [each.left for each in strong if each.right.place == place][:WITNESSES]
            if lefts:
                yield from _mapped(table, column, lefts)


@dataclass(frozen=True, slots=True)
class _Repeated:
    """A column in which wrong values repeat."""

    column: TableColumn
    told: str
    """Relation `_row`, `value` of its wrong cells."""
    never_right: str
    """Relation `value` of the values that repeat among them, and hardly anywhere else."""


def _repeated(table: Table, wrong: str, column: TableColumn) -> tuple[str, str]:
    """Keep the wrong cells of a column, and those of their values that a map can be of."""
    name = table.identifier(column.name)
    told = table.keep(
        f"SELECT cell._row, cell.{name} AS value FROM {table.relation} AS cell SEMI JOIN "
        f'(SELECT _row FROM {wrong} WHERE "column" = $1) AS told ON told._row = cell._row '
        rf"WHERE regexp_matches(cell.{name}, '[\pL\pN]')",
        (column.name,),
    )
    never_right = table.keep(
        f"SELECT value FROM (SELECT value, count(*) AS wrong FROM {told} GROUP BY value "
        f"HAVING count(*) >= {SEEN}) JOIN (SELECT cell.{name} AS value, count(*) AS cells "
        f"FROM {table.relation} AS cell GROUP BY cell.{name}) USING (value) "
        f"WHERE wrong > {MOSTLY_WRONG} * cells"
    )
    return told, never_right


def _mapped(
    table: Table, repeated: _Repeated, lefts: Sequence[TableColumn]
) -> Iterator[Suggestion]:
    """Return the map of a column, learned from what its wrong cells are by each of the lefts."""
    column, told = repeated.column, repeated.told
    name = table.identifier(column.name)
    ballots = [
        f"SELECT told._row, told.value, seen.usual FROM {told} AS told "
        f"JOIN {table.relation} AS cell ON cell._row = told._row JOIN {each.relation} AS seen "
        f"ON {each.left} = seen.value AND told.value = seen.other WHERE seen.votes > 1"
        for left in lefts
        for each in (
            deviations(
                table, f"cell.{table.identifier(left.name)}", f"cell.{name}", table.relation
            ),
        )
        if each.trust > 0
    ]
    if not ballots:
        return
    learned = table.keep(
        _LEARNED.format(ballots=" UNION ALL ".join(ballots), never_right=repeated.never_right)
    )
    yield Suggestion(
        f'SELECT told._row, {table.literal(column.name)} AS "column", learned.usual AS value, '
        "learned.confidence, 'value map' AS rule, concat('''', told.value, ''' stands for it in ', "
        "learned.n, ' of ', learned.total, ' rows where others tell') AS reason "
        f"FROM {told} AS told JOIN {learned} AS learned ON learned.value = told.value"
    )


_LEARNED = f"""
SELECT value, usual, n, total, n / (total + 1.0) AS confidence FROM (
    SELECT value, usual, n, sum(n) OVER (PARTITION BY value) AS total FROM (
        SELECT value, usual, count(DISTINCT _row) AS n
        FROM ({{ballots}}) SEMI JOIN {{never_right}} USING (value) GROUP BY ALL
    )
) WHERE n >= {SEEN} AND 2 * n > total
"""
"""Cautious about few: two of two rows make two thirds."""
