"""Lists of codes: of countries and their parts, currencies and languages."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from importlib.util import find_spec
from typing import Any

Check = Callable[[str], bool]

LONGEST = 3
"""Characters of the codes that these lists have."""


def code_lists(values: Sequence[str]) -> Iterator[tuple[str, Check]]:
    """Yield the lists that values may be of, each with whether a value is in it.

    Codes of digits are left out: any small numbers are such codes of some country. Case is no
    matter here, since how a column writes its codes is what other detectors look at.

    Args:
        values: Common ones of a column. Unless all are as short as codes, there is no list.
    """
    if not all(len(value) <= LONGEST and value.isalpha() for value in values):
        return
    if find_spec("pycountry") is None:
        return
    import pycountry

    lists: Any = pycountry  # it has no types
    yield "country code (ISO 3166-1)", _among(each.alpha_2 for each in lists.countries)
    yield "country code (ISO 3166-1)", _among(each.alpha_3 for each in lists.countries)
    yield "currency code (ISO 4217)", _among(each.alpha_3 for each in lists.currencies)
    yield (
        "language code (ISO 639)",
        _among(each.alpha_2 for each in lists.languages if hasattr(each, "alpha_2")),
    )
    parts: dict[str, list[str]] = defaultdict(list)
    for each in lists.subdivisions:
        country, _, code = each.code.partition("-")
        if code.isalpha():
            parts[country].append(code)
    for country, codes in parts.items():
        yield f"code of a part of {country} (ISO 3166-2)", _among(codes)


def _among(codes: Iterable[str]) -> Check:
    known = frozenset(code.upper() for code in codes)
    return lambda text: text.upper() in known
