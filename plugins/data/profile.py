"""The profile of a staged table, and the schema that it suggests."""

from collections.abc import Sequence
from dataclasses import dataclass

from dataagents.plugins.data.cells import (
    FITS,
    fits,
    is_token,
    normal,
    quickly_trimmed,
    repeated,
    value,
)
from dataagents.plugins.data.engine import Session, identifier
from dataagents.plugins.data.options import SchemaOptions
from dataagents.plugins.data.workplace import Column, ColumnType, Schema, Staging, Workplace

KEY_SHARE = 0.999
"""Share of different values among the present ones that makes a column a key."""

_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_SHAPED = "0123456789" + _LETTERS + _LETTERS.upper()
_SHAPES = "9" * 10 + "a" * 26 + "A" * 26
SHAPE_LENGTH = 64
SHAPED_ROWS = 10_000
"""In a longer table, the format is found on a sample of about so many rows, ever the same."""
BATCH_CELLS = 8_000_000
MAX_BATCH_COLUMNS = 64


@dataclass(frozen=True, slots=True)
class Profile:
    """What was counted in one column."""

    present: int
    null_tokens: int
    untrimmed: int
    distinct: int
    conforming: dict[ColumnType, int]
    format: str
    format_share: float


_NOTHING = Profile(0, 0, 0, 0, dict.fromkeys(FITS, 0), "", 0.0)


def propose(
    place: Workplace, staging: Staging, options: SchemaOptions, session: Session, *, lenient: bool
) -> Schema:
    """Profile a staged table and return the schema that fits it.

    Args:
        place: Where it is staged.
        staging: How it was read.
        options: The thresholds.
        session: The engine.
        lenient: Make every column nullable text.
    """
    session.view("staged", place.table("staged"))
    profiles = _profiles(session, staging, options.null_tokens)
    columns = {
        name: _column(profile, staging.rows, options, lenient=lenient)
        for name, profile in zip(staging.columns, profiles, strict=True)
    }
    session.rows(
        "CREATE OR REPLACE TEMP VIEW normal_rows AS "
        + normal(columns, options.null_tokens, "staged")
    )
    copies = session.row(f"SELECT count(*) FROM ({repeated(staging.columns, 'normal_rows')})")[0]
    return Schema(
        rows=staging.rows,
        rejects=staging.rejects,
        lenient=lenient,
        key=None if lenient else _key(columns, int(copies)),
        columns=columns,
        duplicates=int(copies),
        null_tokens=options.null_tokens,
    )


def _profiles(session: Session, staging: Staging, tokens: Sequence[str]) -> list[Profile]:
    """Profile the columns of a staged table, as many at a time as memory allows."""
    width = min(max(BATCH_CELLS // max(staging.rows, 1), 1), MAX_BATCH_COLUMNS)
    batches = [staging.columns[n : n + width] for n in range(0, len(staging.columns), width)]
    step = max(1, -(-staging.rows // SHAPED_ROWS))
    return [
        profile for batch in batches for profile in _profile_batch(session, batch, tokens, step)
    ]


def _profile_batch(
    session: Session, columns: Sequence[str], tokens: Sequence[str], step: int
) -> list[Profile]:
    """Count over the different cells of each column, every one weighted by how often it occurs."""
    profiles = [_NOTHING] * len(columns)
    for place, *counts in session.rows(_counts(columns, tokens, step)):
        present, null_tokens, untrimmed, distinct, shape, shaped, sampled, *conforming = counts
        profiles[place] = Profile(
            present=int(present),
            null_tokens=int(null_tokens),
            untrimmed=int(untrimmed),
            distinct=_distinct(session, columns[int(place)], tokens)
            if untrimmed
            else int(distinct),
            conforming={kind: int(count) for kind, count in zip(FITS, conforming, strict=True)},
            format=shape or "",
            format_share=int(shaped) / int(sampled) if sampled else 0.0,
        )
    return profiles


def _distinct(session: Session, column: str, tokens: Sequence[str]) -> int:
    """Count the different values where blanks make different cells of the same one."""
    said = value(identifier(column), tokens)
    return int(session.row(f"SELECT count(DISTINCT {said}) FROM staged")[0])


def _counts(columns: Sequence[str], tokens: Sequence[str], step: int) -> str:
    """Return the query that counts in a batch of columns, one row for each that has any cell.

    The cells are turned into rows of place and text, so that every expression stands once: to plan
    it for each of hundreds of columns takes longer than to evaluate it. Only different cells are
    judged, and only those of one in `step` rows give a shape, which is the dearest thing to find.
    """
    cells = ", ".join(identifier(name) for name in columns)
    kinds = ", ".join(f'"{kind}"' for kind in FITS)
    conforming = ", ".join(
        f'coalesce(sum(n) FILTER (v IS NOT NULL AND {fits(kind, "v")}), 0) AS "{kind}"'
        for kind in FITS
    )
    return f"""
    WITH cells AS (
        SELECT place, raw, count(*) AS n, count(*) FILTER (shaped) AS shaped
        FROM (
            SELECT hash(_row) % {step} = 0 AS shaped, unnest(range({len(columns)})) AS place,
                unnest([{cells}]) AS raw
            FROM staged
        ) GROUP BY place, raw
    ),
    texts AS (SELECT *, {quickly_trimmed("raw")} AS text FROM cells),
    judged AS MATERIALIZED (
        SELECT *, CASE WHEN {is_token("text", tokens)} THEN NULL ELSE text END AS v FROM texts
    ),
    shapes AS (
        SELECT place, translate(left(v, {SHAPE_LENGTH}), '{_SHAPED}', '{_SHAPES}') AS shape,
            sum(shaped) AS shaped
        FROM judged WHERE v IS NOT NULL AND shaped > 0 GROUP BY ALL
    ),
    formats AS (
        SELECT place, arg_min(shape, (-shaped, shape)) AS shape, max(shaped) AS shaped,
            sum(shaped) AS sampled
        FROM shapes GROUP BY place
    ),
    counts AS (
        SELECT place,
            coalesce(sum(n) FILTER (v IS NOT NULL), 0) AS present,
            coalesce(sum(n) FILTER (v IS NULL AND text <> ''), 0) AS null_tokens,
            coalesce(sum(n) FILTER (raw <> text), 0) AS untrimmed,
            count(v) AS different,
            {conforming}
        FROM judged GROUP BY place
    )
    SELECT place, present, null_tokens, untrimmed, different, shape, shaped, sampled, {kinds}
    FROM counts LEFT JOIN formats USING (place)
    """


def _column(profile: Profile, rows: int, options: SchemaOptions, *, lenient: bool) -> Column:
    kind: ColumnType = "text"
    if profile.present and not lenient:
        for candidate, count in profile.conforming.items():
            if count >= options.conformity * profile.present:
                kind = candidate
                break
    missing = rows - profile.present
    return Column(
        type=kind,
        nullable=lenient or not rows or missing > options.required_missing * rows,
        unique=0 < profile.present == profile.distinct,
        present=profile.present,
        missing=missing,
        null_tokens=profile.null_tokens,
        untrimmed=profile.untrimmed,
        distinct=profile.distinct,
        conforming=profile.conforming.get(kind, profile.present),
        format=profile.format,
        format_share=round(profile.format_share, 6),
    )


def _key(columns: dict[str, Column], copies: int) -> str | None:
    """Return the leftmost required column whose values tell rows apart, exact copies aside."""
    for name, column in columns.items():
        told_apart = column.distinct >= KEY_SHARE * (column.present - copies)
        if column.type in ("integer", "text") and not column.nullable and told_apart:
            return name
    return None
