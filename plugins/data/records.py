"""The records of a CSV file, told apart line by line and without the engine."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from dataagents.plugins.data.dialect import Dialect

CHECKED_LINES = 100_000
"""How many lines pass between two checks for an interrupt."""


def count_records(source: Path, dialect: Dialect, check: Callable[[], None]) -> int:
    """Return how many records follow the header.

    A record ends with the line, unless a quote is open. A quote opens at the start of a field alone
    and closes when it is not doubled. Blank lines are no records, except in a file of one column,
    where one is an empty cell. It shares nothing with the reader that stages the file, so a line
    which that one drops, splits or joins is noticed.
    """
    blank_counts = len(dialect.header) == 1
    records = 0
    with source.open("rb") as file:
        for blank in _records(_checked(file, check), dialect):
            if not blank or (blank_counts and records):
                records += 1
    return records - 1


def unify_ends(source: Path, target: Path, dialect: Dialect, check: Callable[[], None]) -> None:
    """Copy a file with LF at the end of every record; cells stay as they are."""
    quote, opening = _marks(dialect)
    is_open = False
    with source.open("rb") as file, target.open("wb") as copy:
        for line in _checked(file, check):
            for part in line.splitlines(keepends=True):
                is_open = _ends_open(part, quote, opening, is_open=is_open)
                text = part.rstrip(b"\r\n")
                copy.write(part if is_open or text == part else text + b"\n")


def _checked(lines: Iterable[bytes], check: Callable[[], None]) -> Iterator[bytes]:
    for number, line in enumerate(lines):
        if number % CHECKED_LINES == 0:
            check()
        yield line


def _records(lines: Iterable[bytes], dialect: Dialect) -> Iterator[bool]:
    """Yield for each record whether it is a blank line; an open quote ends with the file."""
    quote, opening = _marks(dialect)
    is_open = False
    for line in lines:
        if is_open or quote in line:
            is_open = _ends_open(line, quote, opening, is_open=is_open)
            if is_open:
                continue
            yield False
        else:
            yield line in (b"\n", b"\r\n")
    if is_open:
        yield False


def _marks(dialect: Dialect) -> tuple[bytes, bytes]:
    """Return the quote, and what opens a quoted field that is not the first of its record."""
    return dialect.quote.encode(), (dialect.delimiter + dialect.quote).encode()


def _ends_open(line: bytes, quote: bytes, opening: bytes, *, is_open: bool) -> bool:
    """Return whether a quote is open at the end of a line."""
    place = 0
    if not is_open:
        if not line.startswith(quote):
            place = line.find(opening)
            if place < 0:
                return False
            place += len(opening) - len(quote)
        place += len(quote)
    while True:
        place = line.find(quote, place)
        if place < 0:
            return True
        place += len(quote)
        if line.startswith(quote, place):
            place += len(quote)
            continue
        place = line.find(opening, place)
        if place < 0:
            return False
        place += len(opening)
