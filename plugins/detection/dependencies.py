"""Functional dependencies that hold but for a few rows, and the cells that break them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from dataagents.core.detection.detector import Flags
from dataagents.core.detection.table import Table, TableColumn
from dataagents.plugins.detection.association import Association, associations
from dataagents.plugins.detection.deviations import LEAST_CONFIDENCE, Deviations, deviations
from dataagents.plugins.detection.minimal import culprits

LEAST_STRENGTH = 0.5
"""A dependency of which three cells in ten are wrong still comes to that: 0.7 times 0.7."""
WITNESSES = 5
"""Columns that are asked about one other, the strongest first; the rest say the same again."""
FITS = 1.5
"""How many witnesses it is worth that another cell of the row is what this one asks for; one that
would be so by chance is worth less."""
FOLLOWING = 0.1
"""What is left of the suspicion of a cell that differs just as another cell of its row does."""


@dataclass(frozen=True, slots=True)
class _Dependency:
    """One column that settles another, and the rows that break it."""

    found: Association
    seen: Deviations

    def holds(self, table: Table, groups: str, weight: float) -> str:
        """Return the SQL of a weight where a row keeps it, together with other rows; else 0."""
        return (
            f"CASE WHEN {groups}.usual = cell.{table.identifier(self.found.right.name)} "
            f"AND {groups}.votes > 1 THEN {weight!r} ELSE 0 END"
        )


class Dependencies:
    """Flags what differs from what other rows with the same value elsewhere hold."""

    theory = (
        "Where rows that share a value of one column nearly always share that of another, the few "
        "that don't break a functional dependency; dependencies are found on whole groups of rows, "
        "sampled in a large table, and tested against chance."
    )

    def detect(self, table: Table) -> Iterable[Flags]:
        """Return the minority of each group, weighed by what the other dependencies say of it."""
        about: defaultdict[int, list[Association]] = defaultdict(list)
        for each in associations(table, LEAST_STRENGTH):
            about[each.right.place].append(each)
        kept: list[_Dependency] = []
        for place in sorted(about):
            strongest = sorted(about[place], key=lambda each: (-each.strength, each.left.place))
            kept += _kept(table, strongest[:WITNESSES])
        if not kept:
            return
        broken = _broken(table, kept)
        blamed = culprits(table, broken, kept)
        for right in {each.found.right.place: each.found.right for each in kept}.values():
            yield _flags(table, right, kept, broken, blamed)
        for left in {each.found.left.place: each.found.left for each in kept}.values():
            yield _blamed(table, left, blamed)


def _kept(table: Table, found: list[Association]) -> Iterator[_Dependency]:
    """Yield the dependencies that hold for nearly all rows."""
    for each in found:
        left, right = (f"cell.{table.identifier(one.name)}" for one in (each.left, each.right))
        seen = deviations(table, left, right, table.relation)
        if seen.trust > 0:
            yield _Dependency(each, seen)


def _broken(table: Table, kept: Sequence[_Dependency]) -> str:
    """Keep what each dependency says of the rows that break it.

    A relation `_row`, `left`, `right` (places), `usual`, `confidence` and `reason`.
    """
    return table.keep(
        " UNION ALL ".join(
            f'SELECT cell._row, {each.found.left.place} AS "left", '
            f'{each.found.right.place} AS "right", found.usual, found.confidence, '
            "format('{} of {} rows with {} ''{}'' hold ''{}''', found.votes, found.n, "
            f"{table.literal(each.found.left.name)}, found.value, found.usual) AS reason "
            f"FROM {table.relation} AS cell JOIN {each.seen.relation} AS found "
            f"ON {each.seen.left} = found.value "
            f"AND cell.{table.identifier(each.found.right.name)} IS NOT DISTINCT FROM found.other"
            for each in kept
        )
    )


def _blamed(table: Table, left: TableColumn, blamed: str) -> Flags:
    """Return the cells of a column that alone explain what several others are accused of."""
    return Flags(
        f'SELECT one._row, {table.literal(left.name)} AS "column", one.confidence, '
        f"concat('goes with none of ', one.against, ' other cells of the row, ', "
        "coalesce('which all go with ''' || one.suggestion || '''', "
        "'which go with each other')) AS reason, one.suggestion "
        f"FROM {blamed} AS one WHERE one.place = {left.place} AND one.against > 1"
    )


def _flags(
    table: Table, right: TableColumn, kept: Sequence[_Dependency], broken: str, blamed: str
) -> Flags:
    """Return each deviation by the share of dependencies about its cell that it breaks.

    A row whose value on the left is wrong is in a group where it has no business: there it dissents
    from everything, and the other witnesses assent. So does what the cell itself settles, as far as
    that is not down to chance: of a code and its name, the one that fits the rest of the row is
    right.
    """
    witnesses = [each for each in kept if each.found.right.place == right.place]
    settled = [each for each in kept if each.found.left.place == right.place]
    rows = table.keep(_DISSENT.format(broken=broken, blamed=blamed, place=right.place))
    typical, follows = _follows(table, right, rows)
    weighed = [
        *((each, each.seen.trust) for each in witnesses),
        *((each, FITS * each.seen.trust * (1.0 - each.found.by_chance)) for each in settled),
    ]
    assent = " + ".join(
        each.holds(table, f"g{number}", weight) for number, (each, weight) in enumerate(weighed)
    )
    joins = " ".join(
        f"LEFT JOIN {each.seen.groups} AS g{number} ON {each.seen.left} = g{number}.value"
        for number, (each, _) in enumerate(weighed)
    )
    return Flags(
        f'SELECT * FROM (SELECT cell._row, {table.literal(right.name)} AS "column", '
        f"rows.surest * rows.dissent / (rows.dissent + {assent}) * CASE WHEN {follows} "
        f"THEN {FOLLOWING} ELSE 1 END AS confidence, rows.reason, rows.suggestion "
        f"FROM {rows} AS rows JOIN {table.relation} AS cell ON cell._row = rows._row "
        f"{joins} {typical}) AS found "
        f"WHERE found.confidence >= {LEAST_CONFIDENCE}"
    )


def _follows(table: Table, right: TableColumn, rows: str) -> tuple[str, str]:
    """Return a join and a condition: the cell deviates as another cell of its row does.

    That is so where the usual text, with what usually is in the other column replaced by what is
    there in this row, gives the cell: a code for another state, beside that state.
    """
    name = table.identifier(right.name)
    others = [
        each
        for each in table.columns
        if each.type == "text" and each.place != right.place and 1 < each.distinct < each.present
    ]
    if right.type != "text" or not others:
        return "", "false"
    usual = ", ".join(
        f"mode(cell.{table.identifier(each.name)} ORDER BY cell.{table.identifier(each.name)}) "
        f"AS u{each.place}"
        for each in others
    )
    typical = table.keep(
        f"SELECT cell.{name} AS suggestion, {usual} FROM {table.relation} AS cell "
        f"SEMI JOIN {rows} AS rows ON cell.{name} = rows.suggestion GROUP BY cell.{name}"
    )
    follows = " OR ".join(
        f"(length(typical.u{each.place}) > 1 AND replace(rows.suggestion, "
        f"typical.u{each.place}, cell.{table.identifier(each.name)}) = cell.{name})"
        for each in others
    )
    join = f"LEFT JOIN {typical} AS typical ON typical.suggestion = rows.suggestion"
    return join, f"coalesce({follows}, false)"


_DISSENT = f"""
SELECT _row, max(confidence) AS surest, arg_max(reason, (confidence, reason, usual)) AS reason,
    arg_max(usual, (confidence, reason, usual)) AS suggestion, sum(confidence) AS dissent
FROM {{broken}} ANTI JOIN (SELECT _row FROM {{blamed}} WHERE place <> {{place}}) USING (_row)
WHERE "right" = {{place}} GROUP BY _row HAVING surest >= {LEAST_CONFIDENCE}
"""
"""What any witness dissents from, but for rows of which another cell explains all that is wrong."""
