"""How strongly one column settles another: measured for all pairs of columns at once.

For rows that share a value of one column, the chance that two of them agree in another is set
against the chance that any two rows of the table do. What is left over is the strength: 1 where the
first settles the second, 0 where they have nothing to do with each other (Goodman and Kruskal's
tau, with each row left out of its own vote, so that small groups don't flatter).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, log

from dataagents.core.detection.table import Table, TableColumn

JOINED_ROWS = 4_000_000
"""About so many pairs of cells are counted; of a larger table, whole groups are sampled."""
CHANCE = 0.01
"""How likely an association may be to come about by chance, over all pairs of columns together."""


@dataclass(frozen=True, slots=True)
class Association:
    """One column as what another may depend on."""

    left: TableColumn
    right: TableColumn
    groups: int
    """How many values of the left column are in several rows."""
    agreement: float
    """The chance that two rows of a group agree in the right column: of a row's group or of any
    group, whichever is less, so that neither one large group nor many small ones speak for all."""
    by_chance: float
    """The chance that any two rows do."""

    @property
    def strength(self) -> float:
        """How much of the disagreement between rows the left column explains; 1 for all of it."""
        return (self.agreement - self.by_chance) / max(1.0 - self.by_chance, 1e-9)


def cells(table: Table, columns: Sequence[TableColumn]) -> str:
    """Keep each cell that holds a value as `_row`, `place` and `code`, and return the name.

    A code stands for the text without case, blanks and full stops: a variant is no other value.
    """
    places = ", ".join(str(each.place) for each in columns)
    codes = ", ".join(
        f"CASE WHEN {name} IS NOT NULL "
        f"THEN hash(replace(replace(lower({name}), ' ', ''), '.', '')) END"
        for name in (table.identifier(each.name) for each in columns)
    )
    return table.keep(
        f"SELECT _row, place, code FROM (SELECT _row, unnest([{places}]::INTEGER[]) AS place, "
        f"unnest([{codes}]) AS code FROM {table.relation}) WHERE code IS NOT NULL"
    )


def associations(table: Table, least: float) -> list[Association]:
    """Return the pairs of columns whose strength reaches `least` and is not down to chance."""
    found = measured(table, [each for each in table.columns if 1 < each.distinct < each.present])
    return [
        each
        for each in found
        if each.strength >= least and surprise(each) >= log(len(table.columns) ** 2 / CHANCE)
    ]


def measured(table: Table, lefts: Sequence[TableColumn]) -> list[Association]:
    """Return what each of some columns has to do with each other column, however little.

    Args:
        table: The table.
        lefts: The columns whose values make the groups; without two rows in one it tells nothing.
    """
    rights = [each for each in table.columns if each.distinct > 1]
    if not lefts or not rights:
        return []
    step = max(1, ceil(table.rows * len(lefts) * len(rights) / JOINED_ROWS))
    places = {each.place for each in (*lefts, *rights)}
    kept = cells(table, [each for each in table.columns if each.place in places])
    chance = _by_chance(table, kept)
    within = ", ".join(str(each.place) for each in lefts)
    of = ", ".join(str(each.place) for each in rights)
    found = table.query(
        f"""
        WITH sharing AS (
            SELECT a.place AS "left", a.code AS value, b.place AS "right", count(*) AS n
            FROM {kept} AS a JOIN {kept} AS b ON b._row = a._row AND b.place <> a.place
            WHERE a.place IN ({within}) AND b.place IN ({of}) AND a.code % {step} = 0
            GROUP BY a.place, a.code, b.place, b.code
        ), grouped AS (
            SELECT "left", "right", sum(n) AS n, sum(n * (n - 1)) AS agreeing
            FROM sharing GROUP BY "left", value, "right" HAVING sum(n) > 1
        )
        SELECT "left", "right", count(*),
            least(sum(agreeing / (n - 1)) / sum(n), avg(agreeing / (n * (n - 1))))
        FROM grouped GROUP BY "left", "right"
        """
    )
    by_place = {each.place: each for each in table.columns}
    return [
        Association(by_place[left], by_place[right], groups, agreement, chance[right])
        for left, right, groups, agreement in found
    ]


def _by_chance(table: Table, kept: str) -> dict[int, float]:
    return {
        place: float(share)
        for place, share in table.query(
            f"SELECT place, sum(n * (n - 1)) / greatest(sum(n) * (sum(n) - 1), 1) FROM ("
            f"SELECT place, count(*)::DOUBLE AS n FROM {kept} GROUP BY place, code) GROUP BY place"
        )
    }


def surprise(association: Association) -> float:
    """Return the least that the logarithm of the odds against chance comes to (Chernoff's bound).

    One pair of rows of each group is counted, since the others of a group are not independent.
    """
    seen, chance = association.agreement, association.by_chance
    if seen <= chance:
        return 0.0
    return association.groups * divergence(seen, min(max(chance, 1e-9), 1.0 - 1e-9))


def divergence(seen: float, expected: float) -> float:
    """Return how far a share is from an expected one, in nats per case (Kullback and Leibler)."""
    answer = seen * log(seen / expected) if seen > 0 else 0.0
    return answer + ((1 - seen) * log((1 - seen) / (1 - expected)) if seen < 1 else 0.0)
