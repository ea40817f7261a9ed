"""The header: whether the first record of a table names its columns, by how the body looks."""

import re
from collections.abc import Sequence
from itertools import pairwise

_NUMBER = re.compile(r"[-+]?\d[\d,.]*(e[-+]?\d+)?%?", re.IGNORECASE)
_MOMENT = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}([ T].*)?")
_WORD = re.compile(r"#?[^\W\d][^\d]*", re.UNICODE)
_BLANKS = frozenset({"", r"\N", "-", "NULL", "N/A"})
_FEWEST = 5
"""Cells of equal length that make a column look like a code."""
_TYPED = 0.9


def names_columns(first: Sequence[str], body: Sequence[Sequence[str]]) -> bool:
    """Return whether a record is a header; without evidence it is.

    Each column votes. For a header: the body is numbers or dates and the first cell is not; the
    body is codes of one length and the first cell has another; all first cells are different words.
    Against: the first cell is a number or date, occurs again in the body, is shaped like codes of
    the body, or is no value. Numbers in sequence, such as years, name columns too.
    """
    cells = [cell.strip() for cell in first]
    if not body:
        return True
    sequence = _in_sequence(cells)
    votes = sum(
        _vote(cell, [record[place].strip() for record in body if place < len(record)])
        for place, cell in enumerate(cells)
        if not (sequence and _NUMBER.fullmatch(cell))
    )
    if len(set(cells)) == len(cells) and all(_WORD.fullmatch(cell) for cell in cells):
        votes += 0.5
    return votes >= 0


def _vote(cell: str, column: Sequence[str]) -> float:
    values = [value for value in column if value not in _BLANKS]
    typed = sum(_typed(value) for value in values) >= _TYPED * len(values) if values else False
    if cell in _BLANKS:
        return -0.25
    if _typed(cell):
        return -1.0 if typed else -0.5
    if typed:
        return 1.0
    if cell in values:
        return -1.0
    if len(values) < _FEWEST or len({len(value) for value in values}) > 1:
        return 0.0
    if len(cell) != len(values[0]):
        return 0.75
    return -0.5 if _shape(cell) in {_shape(value) for value in values} else 0.0


def _shape(text: str) -> str:
    return "".join("9" if each.isdigit() else "A" if each.isupper() else "a" for each in text)


def _typed(text: str) -> bool:
    return bool(_NUMBER.fullmatch(text) or _MOMENT.fullmatch(text))


def _in_sequence(cells: Sequence[str]) -> bool:
    """Whether the numbers among the cells count up by one, beside at least one word."""
    numbers = [int(cell) for cell in cells if cell.isdecimal() and len(cell) == 4]
    counted = sum(bool(_NUMBER.fullmatch(cell)) for cell in cells)
    steps = {after - before for before, after in pairwise(numbers)}
    return steps == {1} and len(numbers) == counted < len(cells)
