"""Columns whose values tell rows apart, and values of them that several rows have all the same."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from math import log

from dataagents.core.detection.detector import Flags
from dataagents.core.detection.table import Table, TableColumn
from dataagents.plugins.detection.association import CHANCE, measured, surprise
from dataagents.plugins.detection.repeats import FEW, by_chance

MOSTLY_SINGLE = 0.8
"""So many of the values are in one row only; a column of names or places rarely comes to that."""
NEARLY_ALL_SINGLE = 0.95
"""The same of numbers with decimals: more measures than keys, and some measures are equal."""
LITTLE_IN_COMMON = 0.2
"""Rows of one thing share far more of what rows don't share by chance; a fifth may be luck."""
NEARLY_CONSTANT = 0.9
"""Where any two rows agree that often, agreeing says nothing."""
FAMILY = 8
"""Of text, so many rows have a repeated value on average where some were copied; names that many
rows have, beside a long tail of rare ones, are kinds of things."""
STANDS_OUT = 3
"""How many times as often as any other a value must occur to stand for none (a disguised missing
value, Pearson 2006): of values that come again by chance, the commonest are about as common."""
NOTHING = r"[^0-9]*0+([.,]0+)?[^0-9]*"
"""One number that is zero, with its unit or sign of money: of amounts, many are nothing."""
FEW_COLUMNS = 3
SECOND = 0.5
"""What is left of the suspicion where another column tells all rows apart: one key is enough."""
LEAST_CONFIDENCE = 0.1


@dataclass(frozen=True, slots=True)
class _Spread:
    """How often the values of a column occur."""

    column: TableColumn
    single: int
    """Values of one row."""
    repeated: int
    """Values of several rows."""
    most: int
    """Rows of the commonest value."""
    rows: int
    """Rows whose value is in several."""
    pairs: int
    """Pairs of rows of the same value."""
    second: int
    """Rows of the value that is commonest but for one."""

    @property
    def share(self) -> float:
        """How many of the values are in one row only, one that was not seen yet counted in."""
        return (self.single + 1) / (self.single + self.repeated + 1)


class Keys:
    """Flags values of a key that several rows have, which share nothing else."""

    theory = (
        "Where nearly every value of a column is in one row only, and values spread like these "
        "would not come again by chance, it tells rows apart; a value in several rows that have "
        "nothing else in common was copied to all of them but one, or, if it is in far more than "
        "any other, stands for a missing one."
    )

    def detect(self, table: Table) -> Iterable[Flags]:
        """Return repeated values of columns that are keys; any row but one of each is wrong."""
        told_apart = _told_apart(table)
        spreads = [
            each
            for each in _spreads(table)
            if each.column.key
            or (
                (_like_a_key(each) or _stands_out(each))
                and not by_chance(table, each.column, each.repeated, each.pairs)
            )
        ]
        common = _in_common(table, [each.column for each in spreads])
        for each in spreads:
            shared = common.get(each.column.place, 0.0)
            sure = each.share * (1.0 - (max(shared, 0.0) / LITTLE_IN_COMMON) ** 2)
            if _stands_out(each) and sure > LEAST_CONFIDENCE and _numbered(table, each.column):
                yield _placeholder(table, each, sure)
            if not each.column.key and not _like_a_key(each):
                continue
            if told_apart:
                sure *= SECOND
            if each.column.key:
                sure = 1.0
            if sure > LEAST_CONFIDENCE:
                yield _flags(table, each.column, sure)


def _spreads(table: Table) -> Iterable[_Spread]:
    for column in table.columns:
        if not 1 < column.distinct < column.present:
            continue
        name = table.identifier(column.name)
        ((single, repeated, most, rows, pairs, second),) = table.query(
            "SELECT count(*) FILTER (n = 1), count(*) FILTER (n > 1), max(n), "
            "coalesce(sum(n) FILTER (n > 1), 0), sum(n * (n - 1) / 2), max(n, 2)[2] "
            f"FROM (SELECT count(*) AS n FROM {table.relation} WHERE {name} IS NOT NULL "
            f"GROUP BY {name})"
        )
        yield _Spread(column, single, repeated, most, rows, int(pairs), second)


def _like_a_key(spread: _Spread) -> bool:
    """Say whether values tell rows apart, but for some that are more than one common default."""
    if spread.column.type == "text" and spread.rows > FAMILY * spread.repeated:
        return False
    default = spread.most > max(spread.rows / 2, FEW)
    alone = spread.single > max(spread.rows, FEW)
    least = NEARLY_ALL_SINGLE if spread.column.type in {"decimal", "float"} else MOSTLY_SINGLE
    return alone and spread.share >= least and not default


def _stands_out(spread: _Spread) -> bool:
    """Say whether one value is in far more rows than any other, of which hardly any is in two."""
    return (
        spread.column.type == "text"
        and spread.most >= STANDS_OUT * spread.second
        and spread.single > max(spread.rows, FEW)
        and spread.share >= NEARLY_ALL_SINGLE
    )


def _numbered(table: Table, column: TableColumn) -> bool:
    """Say whether values are told apart by digits, as numbers and codes are; a phrase may recur."""
    name = table.identifier(column.name)
    ((share,),) = table.query(
        f"SELECT avg(regexp_matches({name}, '[0-9]')::INTEGER) FROM {table.relation}"
    )
    return bool(share >= NEARLY_ALL_SINGLE)


def _placeholder(table: Table, spread: _Spread, sure: float) -> Flags:
    """Return the cells of the value that stands out, all of which stand for none."""
    name = table.identifier(spread.column.name)
    others = "one" if spread.second == 1 else f"{spread.second}"
    return Flags(
        f'SELECT cell._row, {table.literal(spread.column.name)} AS "column", '
        f"{sure * (spread.most - spread.second) / spread.most!r} AS confidence, "
        f"format('''{{}}'' is in {spread.most} rows, and no other value in more than {others}: "
        "it was copied or stands for none', known.value) AS reason, NULL AS suggestion "
        f"FROM {table.relation} AS cell JOIN (SELECT {name} AS value FROM {table.relation} "
        f"WHERE {name} IS NOT NULL GROUP BY {name} HAVING count(*) = {spread.most}) AS known "
        f"ON cell.{name} = known.value WHERE NOT regexp_full_match(known.value, '{NOTHING}')"
    )


def _told_apart(table: Table) -> set[int]:
    """Return the places of columns that tell all rows apart: one word each, and no two the same."""
    found = {each.place for each in table.columns if each.key}
    for each in table.columns:
        if each.type in {"text", "integer"} and each.distinct == each.present == table.rows:
            name = table.identifier(each.name)
            ((words,),) = table.query(
                f"SELECT avg(regexp_matches({name}, '\\s')::INTEGER) FROM {table.relation}"
            )
            if words <= 1.0 - MOSTLY_SINGLE:
                found.add(each.place)
    return found


def _in_common(table: Table, columns: list[TableColumn]) -> dict[int, float]:
    """Return by place how much rows of one value share of what rows don't share by chance.

    One other column is enough, if that isn't luck; else it is the mean of all, and of a few more
    that share nothing, since of few columns the mean may be luck.
    """
    found = [each for each in measured(table, columns) if each.by_chance < NEARLY_CONSTANT]
    luck = log(max(len(found), 1) / CHANCE)
    strengths: defaultdict[int, list[float]] = defaultdict(list)
    surest: defaultdict[int, float] = defaultdict(float)
    for each in found:
        strengths[each.left.place].append(each.strength)
        if surprise(each) > luck:
            surest[each.left.place] = max(surest[each.left.place], each.strength)
    return {
        place: max(sum(all_of) / (len(all_of) + FEW_COLUMNS), surest[place])
        for place, all_of in strengths.items()
    }


def _flags(table: Table, column: TableColumn, sure: float) -> Flags:
    name = table.identifier(column.name)
    return Flags(
        f'SELECT cell._row, {table.literal(column.name)} AS "column", '
        f"{sure} * (known.n - 1) / known.n AS confidence, "
        "format('''{}'' is in {} rows that have little else in common; nearly all other values "
        "are in one', known.value, known.n) AS reason, NULL AS suggestion "
        f"FROM {table.relation} AS cell JOIN (SELECT {name} AS value, count(*) AS n FROM "
        f"{table.relation} WHERE try_cast({name} AS DOUBLE) IS DISTINCT FROM 0 "
        f"GROUP BY {name} HAVING count(*) > 1) AS known "
        f"ON cell.{name} = known.value"
    )
