"""What most rows of a group hold, and how sure it is that the rest of them are wrong."""

from dataclasses import dataclass

from dataagents.core.detection.table import Table

LEAST_CONFIDENCE = 0.1
"""Less is no evidence, but what other dependencies left over."""
MOST_VOTES = 20
"""Votes ahead after which more make no difference; keeps powers of the odds within range."""


@dataclass(frozen=True, slots=True)
class Deviations:
    """Groups of rows that ought to agree in a column, and those that don't."""

    left: str
    """What rows of a group share, as an expression over `cell`."""
    groups: str
    """Relation `value`, `usual`, `votes`: what most rows of a group hold, and how many."""
    relation: str
    """Relation `value`, `other`, `usual`, `votes`, `n`, `confidence`: what the rest hold."""
    trust: float
    """How likely it is that groups ought to agree at all, in [0, 1]."""


@dataclass(frozen=True, slots=True)
class _Habits:
    """How groups are broken, over all of them."""

    rate: float
    """How often a cell is not what most hold, slips of that aside."""
    alone: float
    """How many of the values that differ are in one row only: who repeats one means it."""
    missing: float
    """How many cells are missing where others of the group hold something."""

    @property
    def trust(self) -> float:
        """How sure it is that groups ought to agree: not at all where every other cell differs."""
        return max(0.0, 1.0 - 2.0 * self.rate) ** 2

    @property
    def odds(self) -> float:
        """How many times likelier a cell is to be what most hold than not."""
        return (1.0 - self.rate) / self.rate


def deviations(table: Table, left: str, right: str, source: str) -> Deviations:
    """Keep what differs from most of its group, and return where.

    Args:
        table: The table.
        left: What rows of a group share, as an expression over `cell`.
        right: What they should agree in, as an expression over `cell`.
        source: Quoted name of the relation of cells.
    """
    pairs = table.keep(
        f"SELECT *, sum(k) OVER (PARTITION BY other) AS everywhere FROM (SELECT {left} AS value, "
        f"{right} AS other, count(*) AS k FROM {source} AS cell WHERE {left} IS NOT NULL "
        "GROUP BY ALL)"
    )
    groups = table.keep(
        "SELECT value, arg_max(other, (k, everywhere, other)) AS usual, max(k)::BIGINT AS votes, "
        "arg_max(everywhere, (k, everywhere)) AS everywhere, sum(k)::BIGINT AS n "
        f"FROM {pairs} WHERE other IS NOT NULL GROUP BY value HAVING sum(k) > 1"
    )
    usual = table.keep(f"SELECT DISTINCT usual FROM {groups} WHERE votes > 1")
    found = table.keep(_DIFFER.format(pairs=pairs, groups=groups, usual=usual))
    habits = _habits(table, groups, found)
    relation = table.keep(
        f"SELECT value, other, usual, votes, n, {_confidence(habits)} AS confidence FROM {found}"
    )
    return Deviations(left, groups, relation, habits.trust)


_DIFFER = """
SELECT value, other, usual, k, votes, n, other IS NULL AS missing,
    (pairs.everywhere - k) / (SELECT sum(k) FROM {pairs} WHERE other IS NOT NULL) AS popular,
    pairs.everywhere - k AS elsewhere, groups.everywhere - votes AS usual_elsewhere,
    coalesce(damerau_levenshtein(other, usual) <= CASE WHEN length(usual) < 5 THEN 1 ELSE 2 END
        AND regexp_replace(other, '[0-9]+', '0', 'g') <> regexp_replace(usual, '[0-9]+', '0', 'g')
        AND other NOT IN (SELECT usual FROM {usual}), false) AS slip
FROM {pairs} AS pairs JOIN {groups} AS groups USING (value)
WHERE other IS DISTINCT FROM usual
"""


def _habits(table: Table, groups: str, found: str) -> _Habits:
    ((rows, empty, differing),) = table.query(
        f"SELECT (SELECT coalesce(sum(n), 0) FROM {groups}), "
        "coalesce(sum(k) FILTER (missing), 0), "
        f"coalesce(sum(k) FILTER (NOT slip AND NOT missing), 0) FROM {found}"
    )
    filled = max(float(rows), 2.0)
    rate = min(max(float(differing), 1.0) / filled, 0.5)
    ((single, values),) = table.query(
        f"SELECT count(*) FILTER ({_on_purpose(rate)} <= 1), count(*) FROM {found} "
        "WHERE NOT slip AND NOT missing"
    )
    return _Habits(
        rate=rate,
        alone=(single + 1) / (values + 1),
        missing=float(empty) / (filled + float(empty)),
    )


def _on_purpose(rate: float) -> str:
    """Return how many rows of a group hold a value beyond what mistakes alone would bring about.

    Who errs writes what is common elsewhere, so of a common value a group has a few by chance: two
    standard deviations more than the expected (Poisson) are still down to that.
    """
    by_chance = f"{rate!r} * n * popular"
    return f"greatest(1, k - {by_chance} - 2 * sqrt({by_chance}))"


def _confidence(habits: _Habits) -> str:
    """Return how sure it is that a value that differs is wrong.

    What is missing is wrong where few are. A slip of what is usual is wrong whoever else makes it;
    another value is less so, the more rows hold it and the fewer agree on the usual one. With as
    many votes on both sides, a slip that nobody else makes is wrong, and else either of them.
    """
    ahead = f"1 - 1 / (1 + pow({habits.odds!r}, least(votes - k, {MOST_VOTES})))"
    tied = (
        "CASE WHEN slip THEN (usual_elsewhere + 1.0) / (usual_elsewhere + elsewhere + 2) "
        "ELSE 0.5 END"
    )
    filled = f"{1.0 - habits.missing!r} * (1 - pow({1.0 / habits.odds!r}, votes - 1))"
    other = f"pow({habits.alone!r}, {_on_purpose(habits.rate)}) * votes / n"
    return (
        f"{habits.trust!r} * CASE WHEN missing THEN {filled} ELSE "
        f"CASE WHEN slip THEN 1 ELSE {other} END * "
        f"CASE WHEN votes = k THEN {tied} ELSE {ahead} END END"
    )
