"""A canvas of dots: eight to a character in braille, one to a character in ASCII."""

from collections.abc import Iterator

from dataagents.console.view.cells import Cell
from dataagents.console.view.glyphs import Glyphs

_BRAILLE = 0x2800
_DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
"""Bit of a dot, by its row and column within a character (Unicode, "Braille Patterns")."""
PLAIN_SIGNS = "*+xo#%"
"""What the dots of the first, second, … series are in ASCII."""


class Canvas:
    """Dots of several series; where two share a character, the later one gives it its tone.

    Args:
        width: Characters of a line.
        height: Lines.
        glyphs: The set of characters.
    """

    def __init__(self, width: int, height: int, glyphs: Glyphs) -> None:
        self._plain = glyphs.bar.isascii()
        self._width, self._height = max(1, width), max(1, height)
        self._bits: dict[tuple[int, int], int] = {}
        self._owner: dict[tuple[int, int], int] = {}
        self._text: dict[tuple[int, int], Cell] = {}

    @property
    def columns(self) -> int:
        """Dots side by side."""
        return self._width if self._plain else self._width * 2

    @property
    def rows(self) -> int:
        """Dots above each other."""
        return self._height if self._plain else self._height * 4

    def dot(self, x: int, y: int, owner: int) -> None:
        """Set a dot of a series; the first row is the lowest one."""
        if not (0 <= x < self.columns and 0 <= y < self.rows):
            return
        down = self.rows - 1 - y
        if self._plain:
            place, bit = (down, x), 1
        else:
            place, bit = (down // 4, x // 2), _DOTS[down % 4][x % 2]
        self._bits[place] = self._bits.get(place, 0) | bit
        self._owner[place] = owner

    def line(self, x: int, y: int, to_x: int, to_y: int, owner: int) -> None:
        """Set the dots from one to another one."""
        steps = max(abs(to_x - x), abs(to_y - y), 1)
        for step in range(steps + 1):
            self.dot(
                x + round((to_x - x) * step / steps), y + round((to_y - y) * step / steps), owner
            )

    def write(self, x: int, y: int, cell: Cell) -> None:
        """Put a character over the dots where a dot would be."""
        down = self.rows - 1 - min(max(y, 0), self.rows - 1)
        self._text[down if self._plain else down // 4, x if self._plain else x // 2] = cell

    def under(self, y: int, cell: Cell) -> None:
        """Put a character wherever nothing else is in the line of a row of dots."""
        down = self.rows - 1 - y
        row = down if self._plain else down // 4
        for column in range(self._width):
            if (row, column) not in self._bits:
                self._text.setdefault((row, column), cell)

    def lines(self, tones: tuple[str, ...]) -> Iterator[tuple[Cell, ...]]:
        """Yield the lines from the top, each in pieces of one tone that fill the width.

        Args:
            tones: That of each series.
        """
        for row in range(self._height):
            pieces: list[Cell] = []
            for column in range(self._width):
                cell = self._cell(row, column, tones)
                if pieces and pieces[-1].tone == cell.tone:
                    pieces[-1] = Cell(pieces[-1].text + cell.text, cell.tone)
                else:
                    pieces.append(cell)
            yield tuple(pieces)

    def _cell(self, row: int, column: int, tones: tuple[str, ...]) -> Cell:
        place = (row, column)
        if place in self._text:
            return self._text[place]
        if place not in self._bits:
            return Cell(" ")
        owner = self._owner[place]
        if self._plain:
            return Cell(PLAIN_SIGNS[owner % len(PLAIN_SIGNS)], tones[owner % len(tones)])
        return Cell(chr(_BRAILLE + self._bits[place]), tones[owner % len(tones)])
