"""Pairs of a rare and a common text that are a slip apart, found without comparing all with all.

A slip is one letter left out, put in, replaced or swapped with its neighbour, or several letters
replaced by the same sign. One slip leaves three quarters of a text as they were, some counted from
the front and the others from the back; a few replaced letters mostly leave the first or last third
or one of the middle quarters. Only texts that share such a piece are compared, and of those with
the same piece only the most common ones stand as what may have been meant. So the cost grows with
the number of texts.
"""

from dataagents.core.detection import Table

MEANT_PER_PIECE = 20
"""How many of the most common texts with the same piece are compared with each rare one."""

SHARED_BY = 500
"""Texts that may share a piece; one that more have, such as a common first name, tells nothing."""

LONGEST = 200
"""Letters of a text that are compared; a longer one is compared by its words only."""

TIMES_AS_COMMON = 2
"""How many times as common a text must be to stand for what a rare one should have been."""


def neighbours(table: Table, texts: str, times: float = TIMES_AS_COMMON) -> str:
    """Keep the pairs of a rare text and a common one a slip away, and return their relation's name.

    Texts that differ only in what numbers things (digits, single letters) are no pair: another
    number is another thing.

    Args:
        table: The table.
        texts: Name of a relation `place`, `value`, `cells`.
        times: How many times as common a text must be to stand for what another should have been.

    Returns:
        The name of a relation `place`, `value`, `cells`, `meant`, `meant_cells`, `kind`: `added`,
        `lost`, `swapped`, `replaced` or `masked` (several letters, all by the same sign).
    """
    known = table.keep(
        "SELECT row_number() OVER (ORDER BY place, value) AS id, place, value, cells, "
        f"length(value) AS size, hash({_NAMED}) AS named FROM {texts} "
        f"WHERE length(value) BETWEEN 2 AND {LONGEST}"
    )
    cut = table.keep(
        f"SELECT id, cells, named, size, piece FROM ({_pieces(known)}) "
        f"QUALIFY count(*) OVER (PARTITION BY piece) BETWEEN 2 AND {SHARED_BY} "
        f"AND max(cells) OVER (PARTITION BY piece) >= {TIMES_AS_COMMON}"
    )
    common = table.keep(
        f"SELECT * FROM {cut} WHERE cells >= {TIMES_AS_COMMON} QUALIFY row_number() "
        f"OVER (PARTITION BY piece ORDER BY cells DESC, id) <= {MEANT_PER_PIECE}"
    )
    pairs = table.keep(
        f"SELECT DISTINCT rare.id, common.id AS meant FROM {cut} AS rare JOIN {common} AS common "
        "ON rare.piece = common.piece AND rare.named <> common.named "
        f"AND common.cells >= {times} * rare.cells "
        "AND common.size BETWEEN rare.size - 1 AND rare.size + 1"
    )
    return table.keep(
        "SELECT rare.place, rare.value, rare.cells, common.value AS meant, "
        f"common.cells AS meant_cells, CASE {_KIND} END AS kind "
        f"FROM {pairs} AS pair JOIN {known} AS rare ON rare.id = pair.id "
        f"JOIN {known} AS common ON common.id = pair.meant "
        "WHERE rare.place = common.place AND kind IS NOT NULL"
    )


def _pieces(known: str) -> str:
    """Return the SQL of the pieces of each text that a slip may leave as they were.

    Texts whose sizes differ by one meet as if both had the larger size. The pieces that several
    replaced letters leave overlap less, so that most such texts meet, not all.
    """
    slip = (
        (
            f"{front}, size + {more}",
            f"left(value, {front} * ((size + {more}) // 4)), "
            f"right(value, {3 - front} * ((size + {more}) // 4))",
        )
        for more in (0, 1)
        for front in range(4)
    )
    masked = (
        (f"{number}, size", f"substr(value, {start}, {length})")
        for number, start, length in (
            (4, "1", "size // 3"),
            (5, "size - size // 3 + 1", "size // 3"),
            (6, "size // 4 + 1", "size // 4"),
            (7, "size // 2 + 1", "size // 4"),
        )
    )
    return " UNION ALL ".join(
        f"SELECT id, cells, named, size, hash(place, {which}, {kept}) AS piece FROM {known}"
        for which, kept in (*slip, *masked)
    )


_NAMED = r"regexp_replace(value, '[0-9]+|\b[A-Za-z]\b', '0', 'g')"
_SIGNS = (
    "list_distinct(list_transform(list_filter(range(1, rare.size + 1), "
    "lambda i: rare.value[i] <> common.value[i]), lambda i: rare.value[i]))"
)
_KIND = f"""
    WHEN rare.size = common.size THEN CASE
        WHEN hamming(rare.value, common.value) = 1 THEN 'replaced'
        WHEN hamming(rare.value, common.value) = 2
            AND damerau_levenshtein(rare.value, common.value) = 1 THEN 'swapped'
        WHEN rare.size >= 4 AND hamming(rare.value, common.value) <= rare.size // 3
            AND len({_SIGNS}) = 1 THEN 'masked' END
    WHEN rare.size <> common.size AND levenshtein(rare.value, common.value) = 1
    THEN CASE WHEN rare.size > common.size THEN 'added' ELSE 'lost' END
"""
"""How a rare text came from what was meant; NULL where it is no slip."""
