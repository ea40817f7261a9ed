"""Undoing what a wrong decoding did to text: bytes of UTF-8 that were read one by one."""

from collections.abc import Callable, Iterable
from html import unescape
from typing import Final

from dataagents.core.detection import Suggestion, Table
from dataagents.plugins.detection.correctors.wrong_cells import (
    at_wrong,
    columns_with_errors,
    wrong_values,
)

ROUNDS = 3
"""How often text may have been decoded wrongly on its way."""
_LATIN: Final = "\xff"
"""The last sign of Latin-1; software reads as Latin-1 what Windows-1252 has no sign for."""
_LOST: Final = "\ufffd"
"""Stands for what was lost before: to get that back is no gain."""
_RUN = r"[^\x{00}-\x{7F}]+"
"""Signs in a row that are no ASCII: what UTF-8 writes in two bytes or more."""
_ENTITY = r"&(?:#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});"
_INVISIBLE = (
    r"[\x{00}-\x{08}\x{0B}\x{0C}\x{0E}-\x{1F}\x{7F}\x{200B}\x{200E}\x{200F}"
    r"\x{202A}-\x{202E}\x{2060}\x{FEFF}]"
)


class Encoding:
    """Text as it was before it was decoded wrongly, or picked up what nobody sees."""

    theory = (
        "Bytes of UTF-8 read as Latin-1 or Windows-1252 give pairs of signs that spell nothing, "
        "and that decode back without an error in one way only; entities of HTML, and characters "
        "that show nothing, are left by machines and stand for what is seen without them."
    )
    reversible = True

    def correct(self, table: Table, wrong: str) -> Iterable[Suggestion]:
        """Return the text that was meant, where all that is odd about it decodes."""
        values = wrong_values(table, wrong, columns_with_errors(table, wrong))
        suspects = table.keep(
            f"SELECT place, value FROM {values} "
            f"WHERE regexp_matches(value, {table.literal(f'{_RUN}|{_ENTITY}|{_INVISIBLE}')})"
        )
        decoded = _replaced(table, suspects, "value", _RUN, decode)
        unescaped = _replaced(table, decoded, "becomes", _ENTITY, unescape)
        seen = table.keep(
            f"SELECT place, value, regexp_replace(becomes, {table.literal(_INVISIBLE)}, '', 'g') "
            "AS becomes, 0.95 AS confidence, 'encoding' AS rule, "
            f"'is what its bytes say when they are read as they were written' AS reason "
            f"FROM {unescaped}"
        )
        yield from at_wrong(table, wrong, [seen])


def decode(run: str) -> str:
    """Return what signs were before they were decoded wrongly; themselves if they weren't."""
    for _ in range(ROUNDS):
        try:
            before = b"".join(
                each.encode("latin-1" if each <= _LATIN else "cp1252") for each in run
            ).decode()
        except UnicodeError:
            break
        if _LOST in before:
            break
        run = before
    return run


def _replaced(
    table: Table, relation: str, text: str, pattern: str, replace: Callable[[str], str]
) -> str:
    """Keep a relation with `becomes`: a text of its with every match of a pattern replaced.

    The matches are few and distinct, whatever the rows: they alone are looked at in Python.
    """
    literal = table.literal(pattern)
    found = table.query(
        f"SELECT DISTINCT unnest(regexp_extract_all({text}, {literal})) FROM {relation}"
    )
    changed = [(each, replace(each)) for (each,) in found if replace(each) != each]
    pieces = f"regexp_extract_all({text}, {table.literal(f'(?s){pattern}|.')})"
    return table.keep(
        "SELECT place, value, array_to_string(list_transform(pieces, lambda piece: "
        "coalesce(known.after[list_position(known.before, piece)], piece)), '') AS becomes "
        f"FROM (SELECT place, value, {pieces} AS pieces FROM {relation}), "
        "(SELECT $1::VARCHAR[] AS before, $2::VARCHAR[] AS after) AS known",
        ([before for before, _ in changed], [after for _, after in changed]),
    )
