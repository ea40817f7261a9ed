"""The profile of the staged rows: what was measured of each column, and the type that follows."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from dataagents.plugins.data.cells import normal, open_part, open_staged, repeated
from dataagents.plugins.data.contracts.model import (
    ColumnType,
    DatasetContract,
    PartColumn,
    PartProfile,
    Resolution,
)
from dataagents.plugins.data.counts import Dates, Profile, count, distinct, ordered, shapes
from dataagents.plugins.data.engine import Session
from dataagents.plugins.data.options import SchemaOptions
from dataagents.plugins.data.workplace import Column, Staging, Workplace

PART_ROWS = 20_000
"""About so many rows of each file are looked at for drift."""
PART_VALUES = 1_000
"""So many different values of a column are kept to tell whether a column was renamed."""
SHAPED_ROWS = 10_000
"""In a longer table, the format is found on a sample of about so many rows, ever the same."""
BATCH_CELLS = 4_000_000
MAX_BATCH_COLUMNS = 64

KEY_SHARE = 0.999
"""Share of different values among the present ones that makes a column the key."""
SUSPECTED_SHARE = 0.95
"""Share that makes one look like a key."""
NAMED_SHARE = 0.75
"""The same for a first column with a key's name."""
_KEY_NAME = re.compile(r"(?i)(?:.*[ _.-])?(?:id|key|uuid|guid|index|no|nr|number)|.*[a-z]ID")


def profile_columns(
    place: Workplace,
    staging: Staging,
    resolution: Resolution,
    options: SchemaOptions,
    session: Session,
) -> dict[str, Profile]:
    """Profile the rows of all files, read as the resolution says."""
    open_staged(session, place, staging, resolution)
    columns = tuple(resolution.contract.columns)
    step = max(1, -(-staging.rows // SHAPED_ROWS))
    session.rows(
        f"CREATE OR REPLACE TEMP TABLE shaped_rows AS SELECT * FROM staged "
        f"WHERE hash(_row) % {step} = 0"
    )
    promises = promised_years(resolution.contract)
    found: dict[str, Profile] = {}
    width = min(max(BATCH_CELLS // max(staging.rows, 1), 1), MAX_BATCH_COLUMNS)
    for start in range(0, len(columns), width):
        batch = columns[start : start + width]
        session.tell("profiling columns", start, len(columns))
        counted = count(session, "staged", batch, options.null_tokens)
        promised = {name: promises[name] for name in batch if name in promises}
        evidence = {name: counted[name].dates + known for name, known in promised.items()}
        counted = ordered(
            session, "staged", counted, options.null_tokens, options.conformity, evidence
        )
        formats = shapes(session, "shaped_rows", batch, options.null_tokens)
        for name, profile in counted.items():
            shape, share = formats.get(name, ("", 0.0))
            if profile.untrimmed:
                profile = replace(profile, distinct=distinct(session, name, options.null_tokens))
            found[name] = replace(profile, format=shape, format_share=share)
    return found


def promised_years(contract: DatasetContract) -> dict[str, Dates]:
    """Return the years of each column of dates that a contract bounds on both sides."""
    return {
        name: Dates(first_year=int(rule.minimum[:4]), last_year=int(rule.maximum[:4]))
        for name, rule in contract.columns.items()
        if rule.type in ("date", "timestamp")
        and rule.minimum is not None
        and rule.maximum is not None
        and rule.minimum[:4].isdecimal()
        and rule.maximum[:4].isdecimal()
    }


def columns_of(
    profiles: Mapping[str, Profile],
    settled: Mapping[str, ColumnType],
    rows: int,
    options: SchemaOptions,
    *,
    lenient: bool,
) -> dict[str, Column]:
    """Return what was measured of each column, with its type.

    Args:
        profiles: What was counted.
        settled: Types that are in force whatever the cells say.
        rows: How many rows there are.
        options: The thresholds.
        lenient: Make every column nullable text.
    """
    return {
        name: _column(profile, settled.get(name), rows, options, lenient=lenient)
        for name, profile in profiles.items()
    }


def _column(
    profile: Profile,
    settled: ColumnType | None,
    rows: int,
    options: SchemaOptions,
    *,
    lenient: bool,
) -> Column:
    kind = "text" if lenient else settled or profile.narrowest(options.conformity)
    dominant = kind if kind != "text" or lenient else profile.dominant()
    missing = rows - profile.present
    smallest, greatest = profile.extremes.get(kind, (None, None))
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
        dominant=dominant,
        dominating=profile.conforming.get(dominant, profile.present),
        format=profile.format,
        format_share=round(profile.format_share, 6),
        date_order=profile.date_order,
        date_years=profile.date_years,
        short_years=profile.dates.short_years
        if kind == "text" and profile.is_dates(options.conformity)
        else 0,
        other_dates=profile.dates.cells if profile.date_order else 0,
        minimum=smallest,
        maximum=greatest,
    )


def count_copies(
    columns: Mapping[str, Column], rows: int, tokens: Sequence[str], session: Session
) -> int:
    """Return how many of the staged rows equal an earlier one in every column."""
    if any(column.distinct == rows for column in columns.values()):
        return 0
    session.rows(f"CREATE OR REPLACE TEMP VIEW normal_rows AS {normal(columns, tokens, 'staged')}")
    (copies,) = session.row(f"SELECT count(*) FROM ({repeated(tuple(columns), 'normal_rows')})")
    return int(copies)


def key_of(columns: Mapping[str, Column], copies: int) -> tuple[str, ...]:
    """Return the leftmost required column whose values tell rows apart, exact copies aside."""
    for name, column in columns.items():
        candidate = column.type in ("integer", "text") and not column.nullable
        if candidate and _told_apart(column, copies) >= KEY_SHARE:
            return (name,)
    return ()


def suspected_key(columns: Mapping[str, Column], copies: int) -> str | None:
    """Return the column that looks like a key with errors in it: best first, then leftmost."""
    best, name = 0.0, None
    for place, (each, column) in enumerate(columns.items()):
        named = place == 0 and _KEY_NAME.fullmatch(each) is not None
        least = NAMED_SHARE if named else SUSPECTED_SHARE
        filled = column.present >= SUSPECTED_SHARE * (column.present + column.missing)
        if column.type not in ("integer", "text") or not column.present or not filled:
            continue
        share = _told_apart(column, copies)
        if share >= least and share > best:
            best, name = share, each
    return name


def _told_apart(column: Column, copies: int) -> float:
    """Return the share of values that are different; 0 where copies leave too few to tell."""
    if 2 * column.distinct < column.present:
        return 0.0
    return min(column.distinct / max(column.present - copies, 1), 1.0)


def profile_parts(
    place: Workplace,
    staging: Staging,
    options: SchemaOptions,
    session: Session,
    promises: Mapping[str, Dates] = MappingProxyType({}),
) -> tuple[PartProfile, ...]:
    """Profile each file by itself on a sample of its rows, for drift.

    A file may hold too few dates to prove their order or the century of their years; the other
    files help, and so does what a contract promises.
    """
    counted: list[dict[str, Profile]] = []
    evidence = dict(promises)
    for index, part in enumerate(staging.parts):
        session.tell("comparing files", index, len(staging.parts))
        relation = _sampled_part(session, place, index, part.rows)
        profiles: dict[str, Profile] = {}
        for start in range(0, len(part.columns), MAX_BATCH_COLUMNS):
            batch = part.columns[start : start + MAX_BATCH_COLUMNS]
            profiles |= count(session, relation, batch, options.null_tokens, values=PART_VALUES)
        counted.append(profiles)
        for name, profile in profiles.items():
            evidence[name] = evidence.get(name, Dates()) + profile.dates
    return tuple(
        _part_profile(place, staging, index, profiles, evidence, options, session)
        for index, profiles in enumerate(counted)
    )


def _part_profile(
    place: Workplace,
    staging: Staging,
    index: int,
    profiles: dict[str, Profile],
    evidence: Mapping[str, Dates],
    options: SchemaOptions,
    session: Session,
) -> PartProfile:
    part = staging.parts[index]
    if any(profile.dates.cells for profile in profiles.values()):
        relation = _sampled_part(session, place, index, part.rows)
        profiles = ordered(
            session,
            relation,
            profiles,
            options.null_tokens,
            options.conformity,
            evidence,
            values=PART_VALUES,
        )
    columns: dict[str, PartColumn] = {}
    rows = min(part.rows, len(range(0, part.rows, _step(part.rows))))
    for name, profile in profiles.items():
        kind = profile.narrowest(options.conformity)
        smallest, greatest = profile.extremes.get(kind, (None, None))
        columns[name] = PartColumn(
            type=kind,
            present=profile.present,
            missing=rows - profile.present,
            minimum=smallest,
            maximum=greatest,
            sample=profile.values,
        )
    return PartProfile(part=index, file=part.name, columns=columns)


def _step(rows: int) -> int:
    return max(1, -(-rows // PART_ROWS))


def _sampled_part(session: Session, place: Workplace, index: int, rows: int) -> str:
    """Keep every n-th row of a file in a table of its own, and return its name."""
    name = open_part(session, place, index)
    session.rows(
        f"CREATE OR REPLACE TEMP TABLE part_sample AS SELECT * FROM {name} "
        f"WHERE (_row - (SELECT min(_row) FROM {name})) % {_step(rows)} = 0"
    )
    return "part_sample"
