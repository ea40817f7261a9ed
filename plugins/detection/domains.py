"""Values of a known domain: identifiers with check digits, and e-mail addresses."""

import re
from collections.abc import Callable, Iterable, Sequence
from importlib.util import find_spec

from dataagents.core.detection import Flags, Table, TableColumn
from dataagents.plugins.detection.values import at_cells, count_values

Check = Callable[[str], bool]

MOSTLY = 0.8
"""Share of the distinct values that must be of a domain for the others to be wrong."""

FEWEST = 10
"""Distinct values that must be of it: one in ten of any numbers has the right check digit, so that
eight of ten do by chance less than once in a million columns."""

TRIED = 200
"""Distinct values that a domain is tried on before all of the column are."""

MOST = 50_000
"""Distinct values that are checked; of more, these are drawn by their hash."""

_ADDRESS = re.compile(r"[^@\s,;]+@[^@\s,;]+\.[^@\s,;.]{2,}")


class Domains:
    """A value that is not of the domain that its column is of."""

    theory = (
        "Identifiers have a check digit that any slip in one of their characters breaks (ISO 7064 "
        "and the like), and an address has one @ and a host; where at least four in five of a "
        "column's values pass such a check, which random ones would not, one that fails it is "
        "wrong; of many values a sample is checked, and without python-stdnum only addresses are."
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


def _wrong(
    table: Table, column: TableColumn, checks: Sequence[tuple[str, Check]]
) -> Iterable[tuple[int, str, float, str]]:
    """Return place, value, confidence and reason of the values that fail the column's check."""
    counts = count_values(table, [column])
    values = [
        str(value)
        for (value,) in table.query(f"SELECT value FROM {counts} ORDER BY hash(value) LIMIT {MOST}")
    ]
    for name, check in checks:
        tried = values[:TRIED]
        if sum(map(check, tried)) < max(MOSTLY * len(tried), FEWEST * MOSTLY):
            continue
        failed = [value for value in values if not check(value)]
        share = 1 - len(failed) / len(values)
        if share >= MOSTLY:
            why = f"is no {name}, as {share:.0%} of the values of this column are"
            return [(column.place, value, min(share, 0.95), why) for value in failed]
    return ()
