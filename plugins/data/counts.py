"""What is counted in the columns of a table, over the different cells of each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from dataagents.plugins.data.cells import (
    FITS,
    NUMERIC,
    DateOrder,
    date_like,
    date_part,
    dated,
    fits,
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

    def __add__(self, other: "Dates") -> "Dates":
        """Return the evidence of two tables together."""
        return Dates(
            self.cells + other.cells,
            self.year_first + other.year_first,
            self.day_first + other.day_first,
            self.day_second + other.day_second,
        )

    @property
    def order(self) -> DateOrder | None:
        """The order that these cells prove; None when nothing does, or they contradict."""
        if self.year_first:
            return "ymd" if self.year_first == self.cells else None
        if self.day_first and not self.day_second:
            return "dmy"
        return "mdy" if self.day_second and not self.day_first else None


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
    format: str = ""
    format_share: float = 0.0

    @property
    def is_code(self) -> bool:
        """Whether the digits are codes, such as those of post offices, and no numbers."""
        uniform = set(self.format) == {"9"} and self.format_share >= UNIFORM_SHARE
        return self.coded > (0 if uniform else CODED_SHARE * self.present)

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
    *,
    values: int = 0,
) -> dict[str, Profile]:
    """Count over the different cells of each column, every one weighted by how often it occurs."""
    found = dict.fromkeys(columns, Profile())
    kept = len(FITS)
    for place, *counts in session.rows(_counts(relation, columns, tokens, order, values)):
        present, null_tokens, untrimmed, distinct, coded, sample, *rest = counts
        dates, rest = rest[:4], rest[4:]
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
    order: DateOrder | None,
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
    words = dated("text", order) if order else "text"
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
            CASE WHEN day THEN {date_part("v", 2)} END AS second
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
        coalesce(sum(n) FILTER (first > 31), 0),
        coalesce(sum(n) FILTER (first BETWEEN 13 AND 31), 0),
        coalesce(sum(n) FILTER (first <= 31 AND second > 12), 0),
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
    """Count again, as the dates that they are, in columns whose cells prove an order of dates."""
    for name, profile in profiles.items():
        order = evidence.get(name, profile.dates).order
        iso = profile.conforming["date"] + profile.conforming["timestamp"]
        enough = profile.dates.cells + iso >= conformity * profile.present
        if order is None or not profile.dates.cells or not enough:
            continue
        counted = count(session, relation, (name,), tokens, order, values=values)
        again = counted[name]
        if again.narrowest(conformity) in ("date", "timestamp"):
            profiles = profiles | {name: replace(again, date_order=order)}
    return profiles
