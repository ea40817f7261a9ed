"""What is counted in the columns of a table, over the different cells of each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace

from dataagents.plugins.data.cells import (
    FITS,
    NUMERIC,
    DateOrder,
    Years,
    date_like,
    date_part,
    dated,
    fits,
    full_year,
    quickly_trimmed,
    value,
)
from dataagents.plugins.data.contracts.model import ColumnType
from dataagents.plugins.data.engine import Session, identifier, literal

DOMINANT_SHARE = 0.5
"""Share of the present cells that makes a type the dominant one."""

UNIFORM_SHARE = 0.95
"""Share of one shape that makes digits look like codes when any begins with a zero."""
CODED_SHARE = 0.01
"""Share of such beginnings that does without that."""

_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_SHAPED = "0123456789" + _LETTERS + _LETTERS.upper()
_SHAPES = "9" * 10 + "a" * 26 + "A" * 26
SHAPE_LENGTH = 64

_LAST_YEAR = 9999
"""The last year that four digits can write."""

_ORDERED: tuple[ColumnType, ...] = ("integer", "decimal", "float", "date", "timestamp")
"""Types whose values have a smallest and a greatest."""


@dataclass(frozen=True, slots=True)
class Dates:
    """What the cells say that look like dates in another order than ISO."""

    cells: int = 0
    year_first: int = 0
    day_first: int = 0
    """Cells whose first number can only be a day."""
    day_second: int = 0
    short_years: int = 0
    """Cells whose year has two digits."""
    first_year: int = _LAST_YEAR
    last_year: int = 0
    """Of the years that are written in full, in ISO or in another order."""

    def __add__(self, other: "Dates") -> "Dates":
        """Return the evidence of two tables together."""
        return Dates(
            self.cells + other.cells,
            self.year_first + other.year_first,
            self.day_first + other.day_first,
            self.day_second + other.day_second,
            self.short_years + other.short_years,
            min(self.first_year, other.first_year),
            max(self.last_year, other.last_year),
        )

    @property
    def years(self) -> Years | None:
        """The span of the years that are written in full; None without any."""
        return (self.first_year, self.last_year) if self.last_year else None

    def order(self, conformity: float) -> DateOrder | None:
        """Return the order that these cells prove; None when nothing does, or they contradict.

        Cells that can only be read in another order are errors as long as they are no more than a
        column of a type may have: one slip says nothing about the others.
        """
        if self.year_first and self.year_first >= conformity * self.cells:
            return "ymd"
        most, least = sorted((self.day_first, self.day_second), reverse=True)
        if most == least or most < conformity * (most + least):
            return None
        return "dmy" if self.day_first == most else "mdy"


@dataclass(frozen=True, slots=True)
class Profile:
    """What was counted in one column."""

    present: int = 0
    null_tokens: int = 0
    untrimmed: int = 0
    distinct: int = 0
    coded: int = 0
    """Present cells of digits that begin with a zero, which a number would lose."""
    dates: Dates = Dates()
    conforming: Mapping[ColumnType, int] = field(default_factory=lambda: dict.fromkeys(FITS, 0))
    extremes: Mapping[ColumnType, tuple[str | None, str | None]] = field(default_factory=dict)
    values: tuple[str, ...] = ()
    date_order: DateOrder | None = None
    date_years: Years | None = None
    format: str = ""
    format_share: float = 0.0

    @property
    def is_code(self) -> bool:
        """Whether the digits are codes, such as those of post offices, and no numbers."""
        uniform = set(self.format) == {"9"} and self.format_share >= UNIFORM_SHARE
        return self.coded > (0 if uniform else CODED_SHARE * self.present)

    def is_dates(self, conformity: float) -> bool:
        """Return whether enough of the present cells look like dates, in ISO or another order."""
        iso = self.conforming["date"] + self.conforming["timestamp"]
        return self.dates.cells > 0 and self.dates.cells + iso >= conformity * self.present

    def narrowest(self, conformity: float) -> ColumnType:
        """Return the first type that enough of the present cells fit."""
        if self.present:
            for kind, count in self.conforming.items():
                numeric = kind in NUMERIC
                if count >= conformity * self.present and not (numeric and self.is_code):
                    return kind
        return "text"

    def dominant(self) -> ColumnType:
        """Return the type that most present cells fit, if that is at least half of them."""
        kinds: list[ColumnType] = [
            kind for kind in self.conforming if kind not in NUMERIC or not self.is_code
        ]
        kind = max(kinds, key=lambda each: self.conforming[each])
        enough = self.present and self.conforming[kind] >= DOMINANT_SHARE * self.present
        return kind if enough else "text"


def count(
    session: Session,
    relation: str,
    columns: Sequence[str],
    tokens: Sequence[str],
    order: DateOrder | None = None,
    years: Years | None = None,
    *,
    values: int = 0,
) -> dict[str, Profile]:
    """Count over the different cells of each column, every one weighted by how often it occurs."""
    found = dict.fromkeys(columns, Profile())
    kept, dated_by = len(FITS), len(fields(Dates))
    words = dated("text", order, years) if order else "text"
    for place, *counts in session.rows(_counts(relation, columns, tokens, words, values)):
        present, null_tokens, untrimmed, distinct, coded, sample, *rest = counts
        dates, rest = rest[:dated_by], rest[dated_by:]
        conforming, extremes = rest[:kept], rest[kept:]
        found[columns[int(place)]] = Profile(
            present=int(present),
            null_tokens=int(null_tokens),
            untrimmed=int(untrimmed),
            distinct=int(distinct),
            coded=int(coded),
            dates=Dates(*map(int, dates)),
            conforming={kind: int(n) for kind, n in zip(FITS, conforming, strict=True)},
            extremes={
                kind: (extremes[2 * n], extremes[2 * n + 1]) for n, kind in enumerate(_ORDERED)
            },
            values=tuple(sample or ()),
        )
    return found


def _counts(
    relation: str,
    columns: Sequence[str],
    tokens: Sequence[str],
    words: str,
    values: int,
) -> str:
    """Return the query that counts in a batch of columns, one row for each that has any cell.

    The cells of several columns are turned into rows of place and text, so that every expression
    stands once: to plan it for each of hundreds of columns takes longer than to evaluate it. A
    single column is grouped as it stands, which DuckDB does on its dictionary. Only different
    cells are judged.
    """
    if len(columns) == 1:
        source = f"SELECT 0 AS place, {identifier(columns[0])} AS raw FROM {relation}"
    else:
        cells = ", ".join(identifier(name) for name in columns)
        source = (
            f"SELECT unnest(range({len(columns)})) AS place, unnest([{cells}]) AS raw "
            f"FROM {relation}"
        )
    known = ", ".join(literal(token.lower()) for token in dict.fromkeys(("", *tokens)))
    kinds = ", ".join(f'{fits(kind, "v")} AS "{kind}"' for kind in FITS)
    sample = f"list(left(v, 100) ORDER BY hash(v)) FILTER (v IS NOT NULL)[:{values}]"
    counted = ", ".join(f'coalesce(sum(n) FILTER ("{kind}"), 0)' for kind in FITS)
    return f"""
    WITH cells AS (SELECT place, raw, count(*) AS n FROM ({source}) GROUP BY place, raw),
    texts AS (SELECT *, {quickly_trimmed("raw")} AS text FROM cells),
    said AS (
        SELECT *, CASE WHEN lower(text) IN ({known}) THEN NULL ELSE {words} END AS v FROM texts
    ),
    judged AS (SELECT *, {kinds} FROM said),
    looked AS (
        SELECT *,
            CASE WHEN "integer" OR "decimal" OR "float" THEN TRY_CAST(v AS DOUBLE) END AS number,
            CASE WHEN "decimal" OR "date" OR "timestamp" THEN false
                ELSE {date_like("v")} END AS day
        FROM judged
    ),
    numbered AS (
        SELECT *, CASE WHEN day THEN {date_part("v", 1)} END AS first,
            CASE WHEN day THEN {date_part("v", 2)} END AS second,
            CASE WHEN day OR "date" OR "timestamp" THEN {full_year("v")} END AS year
        FROM looked
    )
    SELECT place,
        coalesce(sum(n) FILTER (v IS NOT NULL), 0),
        coalesce(sum(n) FILTER (v IS NULL AND text <> ''), 0),
        coalesce(sum(n) FILTER (raw <> text), 0),
        count(v),
        coalesce(sum(n) FILTER (v > '0' AND v < '1' AND regexp_full_match(v, '0[0-9]+')), 0),
        {sample if values else "NULL"},
        coalesce(sum(n) FILTER (day), 0),
        coalesce(sum(n) FILTER (first > 99), 0),
        coalesce(sum(n) FILTER (first BETWEEN 13 AND 31 AND second <= 12), 0),
        coalesce(sum(n) FILTER (first <= 12 AND second BETWEEN 13 AND 31), 0),
        coalesce(sum(n) FILTER (day AND year IS NULL), 0),
        coalesce(min(year), {_LAST_YEAR}),
        coalesce(max(year), 0),
        {counted},
        {", ".join(_extremes(kind) for kind in _ORDERED)}
    FROM numbered GROUP BY place
    """


def _extremes(kind: ColumnType) -> str:
    if kind in ("date", "timestamp"):
        text = "replace(v, 'T', ' ')"
        return f'min({text}) FILTER ("{kind}"), max({text}) FILTER ("{kind}")'
    return f'arg_min(v, number) FILTER ("{kind}"), arg_max(v, number) FILTER ("{kind}")'


def distinct(session: Session, column: str, tokens: Sequence[str]) -> int:
    """Count the different values where blanks make different cells of the same one."""
    said = value(identifier(column), tokens)
    return int(session.row(f"SELECT count(DISTINCT {said}) FROM staged")[0])


def shapes(
    session: Session, relation: str, columns: Sequence[str], tokens: Sequence[str]
) -> dict[str, tuple[str, float]]:
    """Return the commonest shape of each column and its share, in the sample."""
    cells = ", ".join(identifier(name) for name in columns)
    found = session.rows(
        f"""
        WITH cells AS (
            SELECT place, raw, count(*) AS n FROM (
                SELECT unnest(range({len(columns)})) AS place, unnest([{cells}]) AS raw
                FROM {relation}
            ) GROUP BY place, raw
        ),
        shapes AS (
            SELECT place, sum(n) AS n,
                translate(left(v, {SHAPE_LENGTH}), '{_SHAPED}', '{_SHAPES}') AS shape
            FROM (SELECT place, n, {value("raw", tokens)} AS v FROM cells)
            WHERE v IS NOT NULL GROUP BY place, shape
        )
        SELECT place, arg_min(shape, (-n, shape)), max(n) / sum(n) FROM shapes GROUP BY place
        """
    )
    return {columns[int(place)]: (str(shape), float(share)) for place, shape, share in found}


def ordered(
    session: Session,
    relation: str,
    profiles: dict[str, Profile],
    tokens: Sequence[str],
    conformity: float,
    evidence: Mapping[str, Dates],
    *,
    values: int = 0,
) -> dict[str, Profile]:
    """Count again, as the dates that they are, in columns whose cells prove an order of dates.

    Args:
        session: The engine.
        relation: Where the columns are.
        profiles: What was counted of them.
        tokens: Cells that stand for no value.
        conformity: Share of the present cells that must be dates.
        evidence: Column → what is known of its dates beyond its own cells.
        values: How many of the different values are kept.
    """
    for name, profile in profiles.items():
        known = evidence.get(name, profile.dates)
        order, years = known.order(conformity), known.years
        if order is None or not profile.is_dates(conformity):
            continue
        counted = count(session, relation, (name,), tokens, order, years, values=values)
        again = counted[name]
        if again.narrowest(conformity) in ("date", "timestamp"):
            again = replace(again, dates=profile.dates, date_order=order, date_years=years)
            profiles = profiles | {name: again}
    return profiles
