"""The profile of a staged table, and the schema that it suggests."""

from collections.abc import Sequence
from dataclasses import dataclass

from dataagents.plugins.data.cells import FITS, fits, is_null, normal, repeated, trimmed, value
from dataagents.plugins.data.engine import Session, identifier
from dataagents.plugins.data.options import SchemaOptions
from dataagents.plugins.data.workplace import Column, ColumnType, Schema, Staging, Workplace

KEY_SHARE = 0.999
"""Share of different values among the present ones that makes a column a key."""

_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_SHAPED = "0123456789" + _LETTERS + _LETTERS.upper()
_SHAPES = "9" * 10 + "a" * 26 + "A" * 26
SHAPE_LENGTH = 64


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
    columns = {
        name: _column(
            _profile(session, name, options.null_tokens), staging.rows, options, lenient=lenient
        )
        for name in staging.columns
    }
    session.rows(
        "CREATE OR REPLACE TEMP VIEW normal_rows AS "
        + normal(staging.columns, options.null_tokens, "staged")
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


def _profile(session: Session, column: str, tokens: Sequence[str]) -> Profile:
    """Count over the different cells of a column, each weighted by how often it occurs."""
    counts = ", ".join(
        f"coalesce(sum(n) FILTER (v IS NOT NULL AND {fits(kind, 'v')}), 0)" for kind in FITS
    )
    present, null_tokens, untrimmed, distinct, shape, *conforming = session.row(
        f"""
        WITH cells AS (
            SELECT {identifier(column)} AS raw, count(*) AS n FROM staged GROUP BY ALL
        ),
        judged AS MATERIALIZED (SELECT raw, n, {value("raw", tokens)} AS v FROM cells),
        shapes AS (
            SELECT translate(left(v, {SHAPE_LENGTH}), '{_SHAPED}', '{_SHAPES}') AS shape,
                sum(n) AS n
            FROM judged WHERE v IS NOT NULL GROUP BY ALL ORDER BY 2 DESC, 1 LIMIT 1
        )
        SELECT
            coalesce(sum(n) FILTER (v IS NOT NULL), 0),
            coalesce(sum(n) FILTER ({is_null("raw", tokens)} AND {trimmed("raw")} <> ''), 0),
            coalesce(sum(n) FILTER (raw <> {trimmed("raw")}), 0),
            count(DISTINCT v),
            (SELECT [shape, CAST(n AS VARCHAR)] FROM shapes),
            {counts}
        FROM judged
        """
    )
    return Profile(
        present=int(present),
        null_tokens=int(null_tokens),
        untrimmed=int(untrimmed),
        distinct=int(distinct),
        conforming={kind: int(count) for kind, count in zip(FITS, conforming, strict=True)},
        format=shape[0] if shape else "",
        format_share=int(shape[1]) / int(present) if shape else 0.0,
    )


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
