"""The dialect of a CSV file: found on a sample, checked, then pinned for the whole file."""

import codecs
import csv
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from dataagents.core.errors import InputError
from dataagents.plugins.data.engine import Session, pattern

CHUNK = 1 << 20
SAMPLE_RECORDS = 500
DELIMITERS = (",", ";", "\t", "|")
UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


@dataclass(frozen=True, slots=True)
class Inspection:
    """What one pass over the bytes shows."""

    odd_ends: bool
    """Several kinds of line end, which DuckDB refuses outside of quotes, or lone CRs."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a file is to be read; quotes are escaped by doubling."""

    delimiter: str
    quote: str
    header: tuple[str, ...]
    """The names as they stand in the file."""
    skip: int
    """Blank lines before the header."""


def inspect(source: Path, check: Callable[[], None]) -> Inspection:
    """Read a file once and make sure that it is text in UTF-8.

    Raises:
        InputError: It is absent, a folder, empty, binary or in another encoding.
    """
    if source.is_dir():
        raise InputError(str(source), "this is a folder", hint="Name one CSV file.")
    decoder = codecs.getincrementaldecoder("utf-8")()
    ends, seen, blank, last = [0, 0, 0], 0, True, b""
    try:
        with source.open("rb") as file:
            while chunk := file.read(CHUNK):
                check()
                if not seen and chunk.startswith(UTF16):
                    raise _encoding(source, "it starts with the mark of UTF-16", "UTF-16")
                if b"\0" in chunk:
                    raise InputError(
                        str(source),
                        "this is a binary file",
                        hint="Give a CSV file in UTF-8, no archive, spreadsheet or UTF-16.",
                    )
                decoder.decode(chunk)
                _count_ends(last + chunk, ends)
                last = b"\r" if chunk.endswith(b"\r") else b""
                blank = blank and not chunk.removeprefix(codecs.BOM_UTF8).strip()
                seen += len(chunk)
        decoder.decode(b"", final=True)
        ends[2] += len(last)
    except UnicodeDecodeError as error:
        problem = f"{error.reason} near byte {seen + error.start:,}"
        raise _encoding(source, problem, "WINDOWS-1252") from error
    except FileNotFoundError as error:
        raise InputError(
            str(source), "there is no such file", hint="Check the path of the input."
        ) from error
    except OSError as error:
        raise InputError(
            str(source), error.strerror or "it can't be read", hint="Check the file's permissions."
        ) from error
    if blank:
        raise InputError(str(source), "the file is empty", hint="It needs at least a header row.")
    crlf, lf, cr = ends
    return Inspection(odd_ends=bool(cr or (crlf and lf)))


def _count_ends(chunk: bytes, ends: list[int]) -> None:
    """Count CRLF, lone LF and lone CR; a CR at the end is left for the next chunk."""
    whole = chunk[:-1] if chunk.endswith(b"\r") else chunk
    both = whole.count(b"\r\n")
    ends[0] += both
    ends[1] += whole.count(b"\n") - both
    ends[2] += whole.count(b"\r") - both


def _encoding(source: Path, problem: str, likely: str) -> InputError:
    return InputError(
        str(source),
        f"UTF-8 is expected, but {problem}",
        hint=f"Convert it; if it is in {likely}, by: iconv -f {likely} -t UTF-8",
    )


def detect(source: Path, session: Session) -> Dialect:
    """Return the dialect whose records agree best with their header; then, with most columns.

    DuckDB's sniffer takes some ragged files for a single column, so it proposes one dialect among
    others, and wins only where its proposal is strictly better.

    Raises:
        InputError: There is no header row.
    """
    candidates = [*((delimiter, '"') for delimiter in DELIMITERS), *_sniffed(source, session)]
    judged = [(_agreement(source, *candidate), candidate) for candidate in candidates]
    (_, width), (delimiter, quote) = max(judged, key=lambda entry: entry[0])
    skip, header = _header(source, delimiter, quote)
    if width == 0 or not header:
        raise InputError(str(source), "no header row was found", hint="Name the columns in row 1.")
    return Dialect(delimiter, quote, header, skip)


def _sniffed(source: Path, session: Session) -> list[tuple[str, str]]:
    """Return the delimiter and quote that DuckDB proposes; none where it finds no dialect."""
    import duckdb

    try:
        (sniffed,) = session.rows(
            "SELECT Delimiter, Quote FROM sniff_csv(?, all_varchar = true)", [pattern(source)]
        )
    except duckdb.InvalidInputException:
        return []
    delimiter, quote = sniffed
    if len(delimiter) != 1 or delimiter in "\r\n\"' " or delimiter.isalnum():
        return []
    return [(delimiter, quote if quote in ('"', "'") else '"')]


def _agreement(source: Path, delimiter: str, quote: str) -> tuple[float, int]:
    """Return the share of records as wide as the header, and that width; a single column has 0."""
    widths: list[int] = []
    with source.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file, delimiter=delimiter, quotechar=quote)
        try:
            widths.extend(len(record) for record in islice(reader, SAMPLE_RECORDS) if record)
        except csv.Error:
            return (-1.0, 0)
    if not widths or widths[0] < 2:
        return (0.0, min(len(widths), 1))
    body = widths[1:]
    agreeing = sum(width == widths[0] for width in body)
    return (agreeing / len(body) if body else 1.0, widths[0])


def _header(source: Path, delimiter: str, quote: str) -> tuple[int, tuple[str, ...]]:
    with source.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file, delimiter=delimiter, quotechar=quote)
        try:
            for skipped, record in enumerate(reader):
                if record:
                    return skipped, tuple(record)
        except csv.Error as error:
            raise InputError(str(source), f"the header can't be read: {error}") from error
    return 0, ()
