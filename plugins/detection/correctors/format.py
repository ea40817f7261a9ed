"""Bringing a cell to the form that its column has, without a change of what it says."""

from collections.abc import Iterable

from dataagents.core.detection import Suggestion, Table
from dataagents.plugins.detection.correctors.absence import absence, words_for_nothing
from dataagents.plugins.detection.correctors.dates import dates
from dataagents.plugins.detection.correctors.numerals import numerals
from dataagents.plugins.detection.correctors.writing import masks, spellings
from dataagents.plugins.detection.correctors.wrong_cells import (
    at_wrong,
    columns_with_errors,
    wrong_values,
)
from dataagents.plugins.detection.values import count_values


class Format:
    """A wrong cell in the form of its column, where that form says the same."""

    theory = (
        "The cells of a column are written in one form, so what can be read in another form, as a "
        "number with its unit, a date in another order or a label in another case, was meant as "
        "what it says and is right once it is written as the others are."
    )
    reversible = True

    def correct(self, table: Table, wrong: str) -> Iterable[Suggestion]:
        """Return wrong cells in the form of their column; the form that says most goes first."""
        columns = columns_with_errors(table, wrong)
        said = wrong_values(table, wrong, columns)
        words = words_for_nothing(table, said)
        values = table.keep(f"SELECT * FROM {said} ANTI JOIN {words} USING (place, value)")
        counts = count_values(table, columns)
        corrections = [
            absence(table, words),
            numerals(table, columns, counts, values),
            dates(table, columns, counts, values),
            masks(table, columns, counts, values),
            spellings(table, columns, counts, values),
        ]
        yield from at_wrong(table, wrong, corrections)
