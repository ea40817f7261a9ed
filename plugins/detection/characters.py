"""Characters that no keyboard put there: text read in the wrong encoding, or damaged."""

from collections.abc import Iterable

from dataagents.core.detection import Flags, Table
from dataagents.plugins.detection.values import at_cells, count_values

_LEAD = r"[\x{C2}-\x{C5}\x{CE}\x{CF}\x{D0}\x{D1}]"
_TRAIL = (
    r"[\x{80}-\x{BF}\x{20AC}\x{201A}\x{0192}\x{201E}\x{2026}\x{2020}\x{2021}\x{02C6}\x{2030}"
    r"\x{0160}\x{2039}\x{0152}\x{017D}\x{2018}\x{2019}\x{201C}\x{201D}\x{2022}\x{2013}\x{2014}"
    r"\x{02DC}\x{2122}\x{0161}\x{203A}\x{0153}\x{017E}\x{0178}]"
)
"""What the first and the following bytes of UTF-8 look like as Latin-1 or Windows-1252; capital
letters with an accent before a sign that no word holds."""

_DAMAGE = (
    (0.95, "holds the sign that stands for a lost character", r"\x{FFFD}"),
    (0.95, "holds a control character", r"[\x{00}-\x{08}\x{0B}\x{0C}\x{0E}-\x{1F}\x{7F}-\x{9F}]"),
    (
        0.95,
        "looks like UTF-8 that was read in another encoding",
        rf"{_LEAD}{_TRAIL}|\x{{E2}}\x{{20AC}}|\x{{EF}}\x{{BB}}\x{{BF}}",
    ),
    (0.9, "holds an invisible character", r"[\x{200B}-\x{200F}\x{202A}-\x{202E}\x{2060}\x{FEFF}]"),
    (
        0.8,
        "mixes letters of two scripts in one word",
        r"\p{Latin}[\p{Cyrillic}\p{Greek}]|[\p{Cyrillic}\p{Greek}]\p{Latin}",
    ),
    (0.6, "holds a question mark within a word", r"\pL\?\pL"),
)
"""How sure, why, and the pattern; the first that is found counts."""


class Characters:
    """Text with traces of a wrong decoding or of damage."""

    theory = (
        "Replacement signs, control and invisible characters, the typical pairs of UTF-8 read byte "
        "by byte, and words in two alphabets are left by machines, not written by people."
    )

    def detect(self, table: Table) -> Iterable[Flags]:
        """Return values with such characters."""
        counts = count_values(table, table.columns, raw=True)
        cases = " ".join(
            f"WHEN regexp_matches(value, {table.literal(pattern)}) "
            f"THEN {{'sure': {sure}, 'why': {table.literal(why)}}}"
            for sure, why, pattern in _DAMAGE
        )
        # Plain ASCII without control characters has none of it, and is most of what there is.
        suspects = table.keep(
            f"SELECT place, value FROM {counts} "
            r"WHERE NOT regexp_full_match(value, '[\x{20}-\x{3E}\x{40}-\x{7E}]*')"
        )
        verdicts = table.keep(
            "SELECT place, value, found.sure AS confidence, found.why AS reason, "
            "NULL::VARCHAR AS suggestion FROM "
            f"(SELECT *, CASE {cases} END AS found FROM {suspects}) WHERE found IS NOT NULL"
        )
        yield from at_cells(table, verdicts, raw=True)
