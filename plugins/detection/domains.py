"""Values of a known domain: identifiers with check digits, e-mail addresses, codes of a list."""

import re
from collections.abc import Iterable, Sequence
from importlib.util import find_spec
from math import floor

from dataagents.core.detection import Flags, Table, TableColumn
from dataagents.plugins.detection.code_lists import Check, code_lists
from dataagents.plugins.detection.values import at_cells, count_values

MOSTLY = 0.8
"""Share of the distinct values that must be of a domain for the others to be wrong."""

FEWEST = 10
"""Distinct values that must be of it: one in ten of any numbers has the right check digit, so that
eight of ten do by chance less than once in a million columns."""

TRIED = 200
"""Distinct values that a domain is tried on before all of the column are."""

MOST = 50_000
"""Distinct values that are checked; of more, these are drawn by their hash."""

LISTED = 0.9
"""Share of the commonest values, which make up `MOSTLY` of the cells, that must stand in a list for
the rest to be wrong: codes are few, and slips in many cells are each a value of its own."""

Wrong = Sequence[tuple[int, str, float, str]]
"""Place, value, confidence and reason."""

_ADDRESS = re.compile(r"[^@\s,;]+@[^@\s,;]+\.[^@\s,;.]{2,}")


class Domains:
    """A value that is not of the domain that its column is of."""

    theory = (
        "Identifiers have a check digit that any slip in one of their characters breaks (ISO 7064 "
        "and the like), an address has one @ and a host, and codes of countries, currencies and "
        "languages stand in a list (ISO 3166, 4217, 639); where most of a column pass such a "
        "check, which random values would not, one that fails it is wrong; of many values a sample "
        "is checked, by python-stdnum and pycountry where they are installed."
    )

    def detect(self, table: Table) -> Iterable[Flags]:
        """Return the values that fail the check that most of their column pass."""
        checks = _checks()
        wrong: list[tuple[int, str, float, str]] = []
        for column in table.columns:
            if column.distinct >= FEWEST:
                wrong += _wrong(table, column, checks)
        if wrong:
            places, values, confidences, reasons = map(list, zip(*wrong, strict=True))
            verdicts = table.keep(
                "SELECT unnest(?::INTEGER[]) AS place, unnest(?::VARCHAR[]) AS value, "
                "unnest(?::DOUBLE[]) AS confidence, unnest(?::VARCHAR[]) AS reason, "
                "NULL::VARCHAR AS suggestion",
                [places, values, confidences, reasons],
            )
            yield from at_cells(table, verdicts)


def _checks() -> Sequence[tuple[str, Check]]:
    """Return the domains, each with what a value has to pass."""
    address: tuple[str, Check] = ("e-mail address", lambda text: bool(_ADDRESS.fullmatch(text)))
    if find_spec("stdnum") is None:
        return (address,)
    from stdnum import ean, iban, imei, imo, isbn, isin, issn, lei

    return (
        address,
        ("ISBN", isbn.is_valid),
        ("EAN or UPC", ean.is_valid),
        ("ISSN", issn.is_valid),
        ("IBAN", iban.is_valid),
        ("ISIN", isin.is_valid),
        ("LEI", lei.is_valid),
        ("IMEI", imei.is_valid),
        ("IMO number", imo.is_valid),
    )


def _wrong(table: Table, column: TableColumn, checks: Sequence[tuple[str, Check]]) -> Wrong:
    """Return the values that fail the check that fits the column; none where none does."""
    counts = count_values(table, [column])
    found = [
        (str(value), int(cells))
        for value, cells in table.query(
            f"SELECT value, cells FROM {counts} ORDER BY hash(value) LIMIT {MOST}"
        )
    ]
    values = [value for value, _ in found]
    check = _identifiers(values, checks) or _list(found)
    if check is None:
        return ()
    name, share, passes = check
    why = f"is no {name}, and {floor(100 * share)} % of this column's values are one"
    return [(column.place, value, min(share, 0.95), why) for value in values if not passes(value)]


def _identifiers(
    values: Sequence[str], checks: Sequence[tuple[str, Check]]
) -> tuple[str, float, Check] | None:
    """Return the check that most of the values pass, and how many do."""
    for name, check in checks:
        tried = values[:TRIED]
        if sum(map(check, tried)) < max(MOSTLY * len(tried), FEWEST * MOSTLY):
            continue
        share = sum(map(check, values)) / len(values)
        if share >= MOSTLY:
            return name, share, check
    return None


def _list(found: Sequence[tuple[str, int]]) -> tuple[str, float, Check] | None:
    """Return the list that most of the common values stand in, and the share of cells that do."""
    total = sum(cells for _, cells in found)
    common: list[str] = []
    left = MOSTLY * total
    for value, cells in sorted(found, key=lambda each: (-each[1], each[0])):
        if left <= 0:
            break
        common.append(value)
        left -= cells
    if len(common) < FEWEST * MOSTLY:
        return None
    name, check, passed = "", None, 0
    for list_name, is_in in code_lists(common):
        if (count := sum(map(is_in, common))) > passed:
            name, check, passed = list_name, is_in, count
    if check is None or passed < LISTED * len(common):
        return None
    return name, sum(cells for value, cells in found if check(value)) / total, check
