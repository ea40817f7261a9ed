"""The dialect of a delimited text: found on a sample, checked, then pinned for the whole file."""

import csv
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from dataagents.core.errors import InputError
from dataagents.plugins.data.engine import Session, pattern
from dataagents.plugins.data.reading.header import names_columns

SAMPLE_RECORDS = 500
MOST_PREAMBLE = 30
MOST_FOOTER = 5
CONSISTENT = 0.8
"""Share of the records after a title that have the same width."""
DELIMITERS = (",", ";", "\t", "|")
_CELL_LIMIT = 1 << 30


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a text is to be read."""

    delimiter: str
    quote: str
    escape: str
    """The quote itself where quotes are doubled, or a backslash."""
    header: tuple[str, ...]
    """The names as they stand in the file; made up where it has none."""
    named: bool
    """Whether the file names its columns."""
    skip: int
    """Lines before the table."""
    preamble: tuple[str, ...]
    """What they say, blank ones left out."""


@dataclass(frozen=True, slots=True)
class _Sample:
    """The first records of a text under one dialect, each with the line it begins in, from 0."""

    delimiter: str
    quote: str
    escape: str
    records: tuple[tuple[int, tuple[str, ...]], ...]

    @property
    def start(self) -> int:
        """Index of the record that the table begins with."""
        return _table_start([cells for _, cells in self.records])

    @property
    def agreement(self) -> tuple[float, bool, int]:
        """Share of records as wide as the table's first, whether that is the file's, and its width.

        One column has 0.
        """
        table = [cells for _, cells in self.records[self.start :]]
        if not table or len(table[0]) < 2:
            return (0.0, True, min(len(table), 1))
        body, width = table[1:], _width(table)
        agreeing = sum(len(record) == width for record in body)
        return (agreeing / len(body) if body else 1.0, self.start == 0, width)


def detect(text: Path, shown: str, session: Session) -> Dialect:
    """Return the dialect whose records agree best with their header; then, with most columns.

    DuckDB's sniffer takes some ragged files for a single column, so it proposes one dialect among
    others, and wins only where its proposal is strictly better.

    Raises:
        InputError: No table was found.
    """
    escape = _escape(text)
    candidates = [*((each, '"') for each in DELIMITERS), *_sniffed(text, session)]
    samples = [_sample(text, delimiter, quote, escape or quote) for delimiter, quote in candidates]
    readable = [sample for sample in samples if sample is not None and sample.records]
    if not readable:
        raise InputError(shown, "no table was found in it", hint="Give delimited text or JSON.")
    best = max(readable, key=lambda sample: sample.agreement)
    start = best.start
    line, first = best.records[start]
    body = [cells for _, cells in best.records[start + 1 :]]
    named = names_columns(first, body)
    width = _width([first, *body])
    numbered = tuple(f"column_{place}" for place in range(1, width + 1))
    header = (*first, *numbered[len(first) :]) if named else numbered
    return Dialect(
        best.delimiter,
        best.quote,
        best.escape,
        header,
        named=named,
        skip=line,
        preamble=_lines(text, line),
    )


def _width(table: Sequence[Sequence[str]]) -> int:
    """Return how many columns a table has: its header's, or one more where nearly all rows do."""
    first, body = len(table[0]), [len(record) for record in table[1:]]
    wider = sum(width == first + 1 for width in body)
    return first + 1 if body and first > 1 and wider >= 0.9 * len(body) else first


def _table_start(records: Sequence[Sequence[str]]) -> int:
    """Return the record that the table begins with; titles and comments come before it.

    A title fills few cells, and nearly all records after it have one width.
    """
    widths = Counter(len(record) for record in records)
    usual = max(widths, key=lambda width: (widths[width], width), default=1)
    for place, record in enumerate(records[:MOST_PREAMBLE]):
        filled = sum(bool(cell.strip()) for cell in record)
        comment = record[0].startswith("#") and len(record) != usual
        enough = len(record) == usual if usual <= 2 else filled >= max(2, usual / 3)
        if enough and not comment:
            after = _without_footer(records[place + 1 :], usual)
            alike = sum(len(each) == usual for each in after)
            return place if alike >= CONSISTENT * len(after) else 0
    return 0


def _without_footer(records: Sequence[Sequence[str]], width: int) -> Sequence[Sequence[str]]:
    end = len(records)
    while end and len(records) - end < MOST_FOOTER and len(records[end - 1]) < width:
        end -= 1
    return records[:end]


def _escape(text: Path) -> str | None:
    r"""Return a backslash where quotes are escaped by `\"` and never by doubling."""
    with text.open("rb") as file:
        sample = file.read(1 << 18)
    inside = sample.count(b'\\"') - sample.count(b'\\",') - sample.count(b'\\"\n')
    doubled = sample.replace(b',""', b"").replace(b'"",', b"").count(b'""')
    return "\\" if inside > doubled else None


def _sniffed(text: Path, session: Session) -> list[tuple[str, str]]:
    """Return the delimiter and quote that DuckDB proposes; none where it finds no dialect."""
    import duckdb

    try:
        (sniffed,) = session.rows(
            "SELECT Delimiter, Quote FROM sniff_csv(?, all_varchar = true)", [pattern(text)]
        )
    except duckdb.InvalidInputException:
        return []
    delimiter, quote = sniffed
    if len(delimiter) != 1 or delimiter in "\r\n\"' " or delimiter.isalnum():
        return []
    return [(delimiter, quote if quote in ('"', "'") else '"')]


def _sample(text: Path, delimiter: str, quote: str, escape: str) -> _Sample | None:
    """Parse the first records; None where Python's reader refuses."""
    csv.field_size_limit(_CELL_LIMIT)
    records: list[tuple[int, tuple[str, ...]]] = []
    with text.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        reader = csv.reader(
            file,
            delimiter=delimiter,
            quotechar=quote,
            doublequote=escape == quote,
            escapechar=None if escape == quote else escape,
        )
        begins = 0
        try:
            for record in islice(reader, SAMPLE_RECORDS):
                if record:
                    records.append((begins, tuple(record)))
                begins = reader.line_num
        except csv.Error:
            return None
    return _Sample(delimiter, quote, escape, tuple(records))


def _lines(text: Path, count: int) -> tuple[str, ...]:
    with text.open(encoding="utf-8-sig", errors="replace") as file:
        said = (line.strip()[:200] for line in islice(file, count))
        return tuple(line for line in said if line)
