"""Screens: what a terminal shows after the bytes that it got."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import pyte

_PLAIN: Final = "default"


@dataclass(frozen=True, slots=True)
class Place:
    """A character and how it is drawn."""

    text: str
    """Empty for the right half of a wide character."""
    ink: str
    """A name such as `red`, six hexadecimal digits, or `default`."""
    paper: str
    bold: bool
    reverse: bool
    underlined: bool


class Screen:
    """A grid of characters, fed with what a program writes."""

    def __init__(self, columns: int, rows: int) -> None:
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)
        logging.getLogger("pyte").setLevel(logging.ERROR)

    def feed(self, data: bytes) -> None:
        """Take what was written."""
        self._stream.feed(data)

    def resize(self, columns: int, rows: int) -> None:
        """Become larger or smaller; what is cut off is gone."""
        self._screen.resize(lines=rows, columns=columns)

    @property
    def lines(self) -> list[str]:
        """The lines, without the blanks at their ends."""
        return [line.rstrip() for line in self._screen.display]

    @property
    def text(self) -> str:
        """All of it."""
        return "\n".join(self.lines)

    @property
    def cursor(self) -> tuple[int, int]:
        """Column and row of the cursor, from 0."""
        return self._screen.cursor.x, self._screen.cursor.y

    def line_with(self, text: str) -> str:
        """Return the first line that has a text.

        Raises:
            AssertionError: None has it.
        """
        for line in self.lines:
            if text in line:
                return line
        raise AssertionError(f"{text!r} is not shown; the screen:\n{self.text}")

    def place_of(self, text: str) -> tuple[int, int]:
        """Return column and row, from 0, where a text begins."""
        row = self.lines.index(self.line_with(text))
        return self.lines[row].index(text), row

    def at(self, column: int, row: int) -> Place:
        """Return what is at a place."""
        char = self._screen.buffer[row][column]
        return Place(char.data, char.fg, char.bg, char.bold, char.reverse, char.underscore)

    def row(self, row: int) -> list[Place]:
        """Return what is on a row, from left to right."""
        return [self.at(column, row) for column in range(self._screen.columns)]

    def colours(self) -> set[str]:
        """Return all colours but the terminal's own."""
        return set(self._colours()) - {_PLAIN}

    def _colours(self) -> Iterator[str]:
        for row in range(self._screen.lines):
            for place in self.row(row):
                yield place.ink
                yield place.paper
