"""How text is written: its signs and zeros, its case, its blanks, and the label it is."""

from collections.abc import Sequence

from dataagents.core.detection import Table, TableColumn

DOMINANT = 0.8
"""Share of a column's cells that must have one mask for it to be the column's."""
HABIT = 0.95
"""Share of a column's cells that must follow a habit for it to be one."""
OUTNUMBERED = 5
"""How many times as common the spelling must be that a rarer one becomes; of two rare ones, none is
how the column spells it."""


def masks(table: Table, columns: Sequence[TableColumn], counts: str, values: str) -> str:
    """Keep wrong codes with the signs, zeros and case that nearly all codes of the column have.

    The letters and digits stay, in order; signs are put between them where all codes have them.
    Text that has signs of its own is rewritten only where they part it as the usual ones do. Zeros
    are put in front of digits only where other codes of that length begin with one.

    Args:
        table: The table.
        columns: Columns with wrong cells.
        counts: Relation `place`, `value`, `cells` of all that they say.
        values: The same of what their wrong cells say.
    """
    places = [each.place for each in columns if each.type in {"text", "integer"}]
    usual = table.keep(_USUAL.format(counts=counts, mask=_mask("value")), (places,))
    return table.keep(
        _MASKED.format(values=values, usual=usual, mask=_mask("plain"), filled=_mask("filled"))
    )


def spellings(table: Table, columns: Sequence[TableColumn], counts: str, values: str) -> str:
    """Keep wrong text as the column spells that label, and without stray signs.

    Its case is changed only to that of a value that the column has: in the case of the others, what
    is no value of the column would hide the error.

    Args:
        table: The table.
        columns: Columns with wrong cells.
        counts: Relation `place`, `value`, `cells` of all that they say.
        values: The same of what their wrong cells say.
    """
    places = [each.place for each in columns if each.type == "text"]
    labels = table.keep(_LABELS.format(counts=counts, label=_label("value")), (places,))
    habits = table.keep(_HABITS.format(counts=counts), (places,))
    return table.keep(
        _SPELT.format(
            counts=counts, values=values, labels=labels, habits=habits, label=_label("value")
        )
    )


def _mask(text: str) -> str:
    r"""Return the SQL of a text with `A`, `a` and `9` for each capital, small letter and digit."""
    capitals = rf"regexp_replace({text}, '\p{{Lu}}', 'A', 'g')"
    small = rf"regexp_replace({capitals}, '\p{{Ll}}', 'a', 'g')"
    return rf"regexp_replace({small}, '\p{{Nd}}', '9', 'g')"


def _label(text: str) -> str:
    r"""Return the SQL of what spellings of one label have in common.

    That is its letters and digits, signs that mean something, and what its numbers are: 3.4 is
    another thing than 34, or than 3-4.
    """
    numbers = rf"regexp_extract_all({text}, '\pN+(?:[.,:/-]\pN+)*')"
    signs = rf"regexp_replace(lower({text}), '{_PUNCTUATION}', '', 'g')"
    return f"{signs} || ' ' || array_to_string({numbers}, ' ')"


_PUNCTUATION = r"[\s\x{A0}\x{3000}.,;:!?_()''\"`/\\|*~\x{2010}-\x{2015}\x{2018}-\x{201E}-]+"
_USUAL = f"""
WITH masked AS (
    SELECT place, {{mask}} AS mask, sum(cells) AS mask_cells,
        bool_or(starts_with(value, '0')) AS zeros
    FROM {{counts}} WHERE list_contains($1, place) AND length(value) BETWEEN 2 AND 40 GROUP BY ALL
),
totals AS (SELECT place, sum(cells) AS total FROM {{counts}} GROUP BY place)
SELECT place, mask, zeros, mask_cells / total AS share,
    regexp_replace(mask, '[^Aa9]', '', 'g') AS slots,
    regexp_replace(mask, '[^Aa9]+', ' ', 'g') AS parts,
    contains(mask, 'A') AND NOT contains(mask, 'a') AS upper,
    contains(mask, 'a') AND NOT contains(mask, 'A') AS lower
FROM masked JOIN totals USING (place) WHERE mask_cells >= {DOMINANT} * total
    AND contains(mask, '9')
"""
"""The mask of a column, where it has one. Without a digit it is that of a word, not of a code."""

# Without MATERIALIZED an expression is compiled anew wherever its alias is used, and to compile a
# class of letters takes milliseconds.
_MASKED = r"""
WITH parsed AS MATERIALIZED (
    SELECT *, trim(value) AS plain, regexp_replace(plain, '[^\pL\pN]+', '', 'g') AS signs
    FROM {values} JOIN {usual} USING (place)
),
cased AS MATERIALIZED (
    SELECT *, CASE WHEN upper AND signs = lower(signs) THEN upper(signs)
        WHEN lower AND signs = upper(signs) THEN lower(signs) ELSE signs END AS cased
    FROM parsed
),
complete AS MATERIALIZED (
    SELECT *, CASE WHEN zeros AND regexp_full_match(slots, '9+')
        AND regexp_full_match(cased, '[0-9]+') AND length(cased) < length(slots)
        THEN lpad(cased, length(slots)::INTEGER, '0') ELSE cased END AS filled
    FROM cased
),
fitting AS MATERIALIZED (
    SELECT *, translate({mask}, 'Aa', 'aa') AS own FROM complete
    WHERE length(filled) = length(slots)
)
SELECT place, value,
    array_to_string(list_transform(range(1, length(mask) + 1), lambda i:
        CASE WHEN contains('Aa9', mask[i])
        THEN filled[length(regexp_replace(mask[1:i], '[^Aa9]', '', 'g'))]
        ELSE mask[i] END), '') AS becomes,
    share AS confidence, 'mask' AS rule,
    concat('is written like ''', mask, ''', as ', floor(100 * share)::INT, ' % of the column are')
        AS reason
FROM fitting
WHERE {filled} = slots
    AND (trim(regexp_replace(own, '[^a9]+', ' ', 'g')) = trim(translate(parts, 'Aa', 'aa'))
        OR regexp_full_match(plain, '[\pL\pN]+'))
"""

_LABELS = """
SELECT place, {label} AS label, arg_max(value, (cells, value)) AS usual, max(cells) AS most,
    sum(cells) AS label_cells
FROM {counts} WHERE list_contains($1, place) GROUP BY ALL
HAVING count(*) > 1 AND regexp_matches(label, '\\pL')
"""

_SPACED = r"\s\s|[\t\r\n\x{{A0}}\x{{3000}}]"
_SIGN = r"[^\pL\pN]"
_HABITS = f"""
SELECT place, sum(cells) AS lettered,
    coalesce(sum(cells) FILTER (value = lower(value)), 0) >= {HABIT} * lettered AS lower,
    coalesce(sum(cells) FILTER (value = upper(value)), 0) >= {HABIT} * lettered AS upper,
    coalesce(sum(cells) FILTER (NOT broken), 0) >= {HABIT} * lettered AS blanks,
    coalesce(sum(cells) FILTER (NOT edged), 0) >= {HABIT} * lettered AS bare
FROM (
    SELECT *, regexp_matches(value, '{_SPACED}') AS broken,
        regexp_matches(value, '^{_SIGN}|{_SIGN}$') AS edged
    FROM {{counts}} WHERE list_contains($1, place) AND lower(value) <> upper(value)
) GROUP BY place
"""
"""Habits of a column's cells that hold a letter."""

_BLANKS = r"[\s\x{{A0}}\x{{3000}}]+"
_ENDS = r"^[\s`*_,;:|~^-]+|[\s`*_,;:|~^-]+$"
_QUOTED = r"""^["'']+([^"'']+)["'']+$"""
_MIXED = r"\p{{Ll}}\p{{Lu}}|\p{{Lu}}\p{{Lu}}\p{{Ll}}"
_CAPITALS = r"\p{{Lu}}\p{{Lu}}"
"""Letters of both cases in one word are a slip, and capitals among small letters mean something:
neither is a case that a text was written in."""
_SPELT = rf"""
WITH known AS (
    SELECT place, value FROM {{counts}} AS said LEFT JOIN {{values}} AS wrong USING (place, value)
    WHERE said.cells > coalesce(wrong.cells, 0)
),
cased AS (
    SELECT place, value, cells, {{label}} AS label, lower, upper,
        CASE WHEN blanks THEN trim(regexp_replace(value, '{_BLANKS}', ' ', 'g'))
            ELSE trim(value) END AS even,
        CASE WHEN bare THEN regexp_replace(regexp_replace(even, '{_ENDS}', '', 'g'),
            '{_QUOTED}', '\1') ELSE even END AS stripped,
        CASE WHEN lower AND NOT regexp_matches(stripped, '{_MIXED}') THEN lower(stripped)
            WHEN upper AND NOT regexp_matches(stripped, '{_MIXED}|{_CAPITALS}')
                THEN upper(stripped) END AS cased
    FROM {{values}} JOIN {{habits}} USING (place)
),
tidied AS (
    SELECT cased.*, coalesce(known.value, stripped) AS tidy
    FROM cased LEFT JOIN known ON known.place = cased.place AND known.value = cased.cased
)
SELECT place, value,
    CASE WHEN most >= {OUTNUMBERED} * cells THEN usual ELSE tidy END AS becomes,
    CASE WHEN most >= {OUTNUMBERED} * cells THEN most / (most + 2.0 * cells) ELSE 0.6 END
        AS confidence,
    CASE WHEN most >= {OUTNUMBERED} * cells THEN 'spelling' ELSE 'tidy' END AS rule,
    CASE WHEN most >= {OUTNUMBERED} * cells
        THEN concat('is how ', most, ' cells spell it, and this way ', cells)
        ELSE 'is without stray blanks and signs, in the case that the column has it in'
            END AS reason
FROM tidied LEFT JOIN {{labels}} USING (place, label)
WHERE tidy <> '' AND (most >= {OUTNUMBERED} * cells OR tidy <> trim(value) OR trim(value) <> value)
"""
"""Of the same label, the most common spelling; else the habits of the column. `known` is what cells
say that were not found to be wrong."""
