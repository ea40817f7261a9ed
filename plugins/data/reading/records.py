"""Records of a delimited text, counted by its lines and quotes, without the engine."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from dataagents.plugins.data.reading.dialect import Dialect

CHECKED_LINES = 100_000


@dataclass(frozen=True, slots=True)
class Survey:
    """The records of a text after its header."""

    records: int
    lines: int
    """Physical lines of the whole text."""
    begins: tuple[tuple[int, int], ...]
    """Record, from 1 → its line, from 1, wherever that is not one more than the one before."""


def survey(source: Path, dialect: Dialect, check: Callable[[], None]) -> Survey:
    """Count the records after the header, and note where their lines jump.

    A record ends with the line, unless a quote is open. A quote opens at the start of a field alone
    and closes when it is not doubled or escaped. Blank lines are no records, except in a table of
    one column, where one is an empty cell. It shares nothing with the reader that stages the file,
    so a line which that one drops, splits or joins is noticed.
    """
    blank_counts = len(dialect.header) == 1
    number, shift, last = -1 if dialect.named else 0, None, dialect.skip
    begins: list[tuple[int, int]] = []
    with source.open("rb") as file:
        lines = islice(_checked(file, check), dialect.skip, None)
        for blank, start, end in _records(lines, dialect):
            last = end
            if blank and not (blank_counts and number >= 0):
                continue
            number += 1
            if number and start - number != shift:
                shift = start - number
                begins.append((number, start))
    return Survey(max(number, 0), last, tuple(begins))


def unify_ends(source: Path, target: Path, dialect: Dialect, check: Callable[[], None]) -> None:
    """Copy a file with LF at the end of every record; cells stay as they are."""
    quotes = _Quotes(dialect)
    is_open = False
    with source.open("rb") as file, target.open("wb") as copy:
        for line in _checked(file, check):
            for part in line.splitlines(keepends=True):
                is_open = quotes.open_after(part, is_open=is_open)
                text = part.rstrip(b"\r\n")
                copy.write(part if is_open or text == part else text + b"\n")


def _checked(lines: Iterable[bytes], check: Callable[[], None]) -> Iterator[bytes]:
    for number, line in enumerate(lines):
        if number % CHECKED_LINES == 0:
            check()
        yield line


def _records(lines: Iterable[bytes], dialect: Dialect) -> Iterator[tuple[bool, int, int]]:
    """Yield for each record whether it is blank, and its first and last line, from 1.

    An open quote ends with the file.
    """
    quotes = _Quotes(dialect)
    quote = quotes.quote
    is_open = False
    start = number = dialect.skip
    for number, line in enumerate(lines, start=dialect.skip + 1):
        if not is_open:
            start = number
        if is_open or quote in line:
            is_open = quotes.open_after(line, is_open=is_open)
            if not is_open:
                yield False, start, number
        else:
            yield line in (b"\n", b"\r\n"), number, number
    if is_open:
        yield False, start, number


class _Quotes:
    """Knows where the quotes of a dialect open and close."""

    def __init__(self, dialect: Dialect) -> None:
        self.quote = dialect.quote.encode()
        self._opening = (dialect.delimiter + dialect.quote).encode()
        self._escape = dialect.escape.encode() if dialect.escape != dialect.quote else None

    def open_after(self, line: bytes, *, is_open: bool) -> bool:
        """Return whether a quote is open at the end of a line."""
        place = 0 if is_open else self._opened(line, 0, starts=True)
        while place >= 0:
            place = self._closed(line, place)
            if place < 0:
                return True
            place = self._opened(line, place, starts=False)
        return False

    def _opened(self, line: bytes, place: int, *, starts: bool) -> int:
        """Return the place after the next opening quote; -1 when there is none."""
        if starts and line.startswith(self.quote):
            return len(self.quote)
        found = line.find(self._opening, place)
        return found + len(self._opening) if found >= 0 else -1

    def _closed(self, line: bytes, place: int) -> int:
        """Return the place after the quote that closes; -1 when it stays open."""
        while True:
            found = line.find(self.quote, place)
            if found < 0:
                return -1
            place = found + len(self.quote)
            if self._escape is not None:
                bare = line[:found].rstrip(self._escape)
                if (found - len(bare)) % 2:
                    continue
            elif line.startswith(self.quote, place):
                place += len(self.quote)
                continue
            return place
