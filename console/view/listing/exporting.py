"""Exporting: the rows of a list as JSON and CSV, by value and in full."""

import csv
import io
import json
import math
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TypeVar

from dataagents.console.safe_text import safe_text
from dataagents.console.view.listing.field import Value
from dataagents.console.view.listing.listing import Listing
from dataagents.console.view.moment import Moment

RowT = TypeVar("RowT")

_FORMULA = tuple("=+-@\t\r\N{FULLWIDTH EQUALS SIGN}\N{FULLWIDTH PLUS SIGN}"
                 "\N{FULLWIDTH HYPHEN-MINUS}\N{FULLWIDTH COMMERCIAL AT}")  # fmt: skip
"""What makes a spreadsheet take a cell for a formula, also behind spaces."""
ADDRESS = "address"
"""Name of what says which row it is; first in every export."""


def as_json(rows: Iterable[RowT], listing: Listing[RowT], moment: Moment) -> str:
    """Return rows as an array of objects by name of field; times are in ISO 8601, UTC."""
    objects = [dict(_record(row, listing, moment)) for row in rows]
    return json.dumps(objects, ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def as_csv(rows: Iterable[RowT], listing: Listing[RowT], moment: Moment) -> str:
    """Return rows as CSV (RFC 4180), with a heading.

    A text that a spreadsheet would run as a formula has an apostrophe before it. Figures are the
    console's own and have none, whatever their sign.
    """
    written = io.StringIO(newline="")
    lines = csv.writer(written, lineterminator="\r\n")
    lines.writerow([ADDRESS, *(_cell(field.name) for field in listing.fields)])
    for row in rows:
        lines.writerow([_cell(value) for _, value in _record(row, listing, moment)])
    return written.getvalue()


def _record(
    row: RowT, listing: Listing[RowT], moment: Moment
) -> Iterable[tuple[str, str | float | None]]:
    """Yield the name and value of everything a row has."""
    yield ADDRESS, _exported(listing.key(row))
    for field in listing.fields:
        yield field.name, _exported(field.value(row, moment))


def _exported(value: Value) -> str | float | None:
    """Return a value as JSON has it, its text safe and whole."""
    if isinstance(value, str):
        return safe_text(value, lines=True, limit=max(1, len(value)))
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def _cell(value: str | float | None) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f"'{value}" if value.lstrip(" \n").startswith(_FORMULA) else value
    return str(value)
