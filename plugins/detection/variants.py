"""One label in several spellings."""

from collections.abc import Iterable

from dataagents.core.detection import Flags, Table
from dataagents.plugins.detection.values import at_cells, count_values, texts


class Variants:
    """A label that another spelling of the same column outnumbers."""

    theory = (
        "Two values that differ in case, blanks, punctuation or accents only are one label in two "
        "spellings, of which the less common is the wrong one, the likelier so the rarer it is."
    )

    def detect(self, table: Table) -> Iterable[Flags]:
        """Return the rarer spellings, with the most common one as the suggestion."""
        counts = count_values(table, texts(table))
        yield from at_cells(table, table.keep(_RARER.format(counts=counts)))


_RARER = r"""
WITH plain AS (
    SELECT *, regexp_replace(
        regexp_replace(lower(strip_accents(value)), '(\pN)[^\pL\pN]+(\pN)', '\1_\2', 'g'),
        '[^\pL\pN_]+', '', 'g') AS label
    FROM {counts}
),
spellings AS (
    SELECT *, first_value(value) OVER same AS usual, first_value(cells) OVER same AS most
    FROM plain WHERE regexp_matches(label, '\pL')
    WINDOW same AS (PARTITION BY place, label ORDER BY cells DESC, value)
)
SELECT place, value, most / (most + 2.0 * cells) AS confidence,
    concat('''', usual, ''' is how ', most, ' cells spell it, and this way ', cells) AS reason,
    usual AS suggestion
FROM spellings WHERE value <> usual
"""
"""What parts two numbers stays: 3.4 is another thing than 34."""
