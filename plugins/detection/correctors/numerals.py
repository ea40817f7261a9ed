"""Numbers with a unit, a sign of money or separators, as plain as the numbers of their column."""

from collections.abc import Sequence

from dataagents.core.detection import Table, TableColumn
from dataagents.plugins.detection.correctors.wrong_cells import NONE
from dataagents.plugins.detection.values import NUMERIC

MOSTLY = 0.8
"""Share of a column's cells that must be a number, alone or with a unit that is usual there."""
ESTABLISHED = 0.05
"""Share of the cells from which on a unit is usual; else any word behind a number would be one."""
STANDARD = 0.5
"""Share of the cells from which on a spelling of a unit is the column's own form."""
DIGITS = 16
"""A double shows no more than fifteen digits and a point of what was typed: what is beyond was put
there by a machine, and is rounded away."""
SURE = 0.9
"""How sure it is that a number means itself, once its size fits; worked out by a factor, less."""

_PLAIN = r"[0-9]*\.?[0-9]+"
_COMMAS = r"[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?"
_BLANKS = r"[0-9]{1,3}([ ''\x{2019}_][0-9]{3})+([.,][0-9]+)?"
_POINTS = r"[0-9]{1,3}(\.[0-9]{3})+,[0-9]+|[0-9]{1,3}(\.[0-9]{3}){2,}"
_DECIMAL_COMMA = r"[0-9]+,[0-9]+"
"""How a number is grouped; within a literal, hence two quotes. With `1,234` a thousand is meant,
unless the column has decimal commas: there, points and commas change places."""
_DECIMALS = (
    r"([0-9]{{1,3}}([ ''\x{{2019}}_{group}][0-9]{{3}})+|0|[0-9]{{4,}})[{mark}][0-9]+"
    r"|[0-9]+[{mark}]([0-9]{{1,2}}|[0-9]{{4,}})"
)
"""What shows that a mark is that of decimals, and parts no thousands."""
_NUMERAL = (
    r"^(\(?)([-+\x{2212}]?)\s*(\p{Sc}?)\s*([0-9](?:[0-9.,\x{2019}_ '']*[0-9])?|\.[0-9]+)\.?\s*"
    r"([^0-9()]*)(\)?)$"
)
_SCALES = (
    ("%", 0.01),
    ("‰", 0.001),
    ("k", 1e3),
    ("thousand", 1e3),
    ("m", 1e6),
    ("mn", 1e6),
    ("million", 1e6),
    ("bn", 1e9),
    ("billion", 1e9),
)
"""What comes with a number and multiplies it."""


def numerals(table: Table, columns: Sequence[TableColumn], counts: str, values: str) -> str:
    """Keep wrong values of columns of numbers with the number alone.

    A unit is dropped where the numbers with it are of the size of the column's other numbers, so
    that it says nothing; where they are of that size once a percent or a thousand is worked out,
    that is done. Where most cells have one unit in one spelling, that is the column's form. The
    sign of decimals is the column's, and where it parts thousands, they stay parted.

    Args:
        table: The table.
        columns: Columns with wrong cells.
        counts: Relation `place`, `value`, `cells` of all that they say.
        values: The same of what their wrong cells say.
    """
    eligible = [each.place for each in columns if each.type in {"text", *NUMERIC}]
    if not eligible:
        return table.keep(NONE)
    commas = _with_commas(table, counts, eligible)
    numbers = table.keep(_of_numbers(_parsed(counts, commas), counts), (eligible,))
    units = table.keep(_UNITS.format(numbers=numbers))
    scales = ", ".join(f"({table.literal(name)}, {factor!r})" for name, factor in _SCALES)
    return table.keep(
        _FITTING.format(parsed=_parsed(values, commas), units=units, scales=f"(VALUES {scales})")
    )


def _with_commas(table: Table, counts: str, places: Sequence[int]) -> list[int]:
    """Return the columns whose numbers have a comma before the decimals."""
    shown = {
        name: f"coalesce(sum(cells) FILTER (regexp_full_match(body, '{pattern}')), 0)"
        for name, pattern in (
            ("commas", _DECIMALS.format(mark=",", group=".")),
            ("points", _DECIMALS.format(mark=".", group=",")),
        )
    }
    found = table.query(
        f"SELECT place FROM (SELECT place, cells, parts.body AS body FROM ({_split(counts)}) "
        "WHERE list_contains($1, place)) "
        f"JOIN (SELECT place, sum(cells) AS total FROM {counts} GROUP BY place) USING (place) "
        f"GROUP BY place HAVING {shown['commas']} > {shown['points']} "
        f"AND {shown['commas']} >= {ESTABLISHED} * any_value(total)",
        (list(places),),
    )
    return [int(place) for (place,) in found]


def _split(relation: str) -> str:
    """Return the query for the values that may be a number, with its parts."""
    return (
        "SELECT *, regexp_extract("
        r"regexp_replace(trim(value), '[\x{A0}\x{202F}\x{2009}]', ' ', 'g'), "
        f"'{_NUMERAL}', ['owed', 'sign', 'money', 'body', 'unit', 'closed']) AS parts "
        f"FROM {relation} WHERE length(value) <= 40 AND regexp_matches(value, '[0-9]')"
    )


def _parsed(relation: str, commas: Sequence[int]) -> str:
    """Return the query for the values that are a number.

    Beside `unit` and its `word` there is the `number`, with a point before the decimals, and its
    `body` as it is written, with its thousands `parted` or not; `comma` says that points and commas
    have changed places in both.
    """
    return (
        "SELECT place, value, cells, comma, sign || body AS body, sign || digits AS number, "
        f"regexp_full_match(body, '{_COMMAS}') AS parted, unit, word, money "
        "FROM (SELECT place, value, cells, comma, body, "
        "parts.money || trim(parts.unit) AS unit, "
        r"lower(regexp_replace(unit, '[\s.,]+', '', 'g')) AS word, parts.money AS money, "
        r"CASE WHEN parts.owed <> '' OR regexp_matches(parts.sign, '[-\x{2212}]') "
        "THEN '-' ELSE '' END AS sign, CASE "
        f"WHEN regexp_full_match(body, '{_PLAIN}') THEN body "
        f"WHEN regexp_full_match(body, '{_COMMAS}') THEN replace(body, ',', '') "
        f"WHEN regexp_full_match(body, '{_BLANKS}') "
        r"THEN replace(regexp_replace(body, '[ ''\x{2019}_]', '', 'g'), ',', '.') "
        f"WHEN regexp_full_match(body, '{_POINTS}') "
        "THEN replace(replace(body, '.', ''), ',', '.') "
        f"WHEN regexp_full_match(body, '{_DECIMAL_COMMA}') "
        "THEN replace(body, ',', '.') END AS digits FROM (SELECT *, "
        f"list_contains({list(commas)}::INT[], place) AS comma, "
        f"{_swapped('parts.body')} AS body FROM ({_split(relation)})) "
        "WHERE body <> '' AND (parts.owed = '') = (parts.closed = '')) WHERE digits IS NOT NULL"
    )


def _swapped(text: str) -> str:
    """Return a number with points for commas and the other way round, if its column has commas."""
    return f"CASE WHEN comma THEN translate({text}, '.,', ',.') ELSE {text} END"


def _of_numbers(parsed: str, counts: str) -> str:
    """Return the query for the numbers of columns of little but numbers, with usual units."""
    return (
        f"WITH parsed AS ({parsed}), totals AS (SELECT place, sum(cells) AS total FROM {counts} "
        "WHERE list_contains($1, place) GROUP BY place), "
        "usual AS (SELECT place, word, sum(cells) AS word_cells FROM parsed JOIN totals "
        "USING (place) GROUP BY place, word "
        f"HAVING word = '' OR word_cells >= {ESTABLISHED} * any_value(total)) "
        "SELECT parsed.*, total FROM parsed JOIN totals USING (place) SEMI JOIN ("
        "SELECT place FROM usual JOIN totals USING (place) GROUP BY place "
        f"HAVING sum(word_cells) >= {MOSTLY} * any_value(total)) AS counted USING (place)"
    )


_UNITS = rf"""
WITH words AS (
    SELECT place, word, sum(cells) AS word_cells, median(number::DOUBLE) AS middle,
        quantile_cont(number::DOUBLE, 0.05) AS low, quantile_cont(number::DOUBLE, 0.95) AS high
    FROM {{numbers}} GROUP BY place, word
),
columns AS (
    SELECT place, max(cells) FILTER (unit <> '') >= {STANDARD} * any_value(total) AS standard,
        count(DISTINCT money) FILTER (money <> '') > 1 AS currencies,
        coalesce(sum(cells) FILTER (word = '' AND ends), 0)
            >= 0.5 * sum(cells) FILTER (word = '' AND whole) AS pointed
    FROM (
        SELECT place, unit, word, money, regexp_matches(number, '\.0+$') AS ends,
            number::DOUBLE = trunc(number::DOUBLE) AS whole, sum(cells) AS cells,
            any_value(total) AS total
        FROM {{numbers}} GROUP BY ALL
    ) GROUP BY place
),
parting AS (
    SELECT place, sum(cells) FILTER (parted) >= {ESTABLISHED} * any_value(total)
        AND 2 * sum(cells) FILTER (parted)
            > sum(cells) FILTER (abs(number::DOUBLE) >= 1000) AS parts
    FROM {{numbers}} WHERE word = '' GROUP BY place
)
SELECT place, word, middle, coalesce(pointed, false) AS pointed, currencies,
    coalesce(parts, false) AS parts,
    first_value(low) OVER usual AS low, first_value(high) OVER usual AS high,
    first_value(word) OVER usual AS usual
FROM words JOIN columns USING (place) LEFT JOIN parting USING (place)
WHERE NOT coalesce(standard, false)
WINDOW usual AS (PARTITION BY place ORDER BY word_cells DESC, word)
"""
"""For each word that is a unit, the middle of its numbers, beside the range of those with the most
common unit, or without one; `pointed` says that whole numbers are written with a point, `parts`
that those from a thousand on are parted."""

_FITTING = rf"""
WITH fitting AS (
    SELECT place, value, comma, word, number, pointed, {_swapped("trim(value)")} = number AS plain,
        CASE WHEN parted AND parts THEN body ELSE number END AS written,
        known.factor AS factor,
        word = usual OR middle BETWEEN low AND high AS fits,
        middle * known.factor BETWEEN low AND high AS scaled
    FROM ({{parsed}}) JOIN {{units}} AS units USING (place, word)
    LEFT JOIN {{scales}} AS known(scale, factor) ON known.scale = word
    WHERE NOT (currencies AND word <> '')
        AND NOT regexp_matches(number, '^-?0[0-9]')
),
becoming AS (
    SELECT *, CASE
        WHEN NOT fits THEN format('{{{{:.15g}}}}', number::DOUBLE * factor)
        WHEN length(number) > {DIGITS} AND NOT plain THEN format('{{{{:.15g}}}}', number::DOUBLE)
        WHEN pointed THEN written
        ELSE regexp_replace(written, '\.0+$', '') END AS number_alone
    FROM fitting WHERE fits OR scaled
)
SELECT place, value, {_swapped("number_alone")} AS becomes,
    CASE WHEN fits THEN {SURE} ELSE 0.75 END AS confidence, 'number' AS rule,
    CASE WHEN NOT fits THEN concat('is that much once ''', word, ''' is worked out')
        ELSE 'is the number alone, as the column''s numbers are' END AS reason
FROM becoming
"""
"""A zero in front is a code's, not a number's; a number with a unit that shows more digits than a
double has was calculated."""
