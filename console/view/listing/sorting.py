"""Sorting: orders by several fields, as keys make them and as they are written."""

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TypeAlias, TypeVar

from dataagents.console.view.listing.field import Field, Value
from dataagents.console.view.listing.naming import field_named
from dataagents.console.view.listing.query import Sort
from dataagents.console.view.moment import Moment
from dataagents.core.errors import InputError

RowT = TypeVar("RowT")

_FIGURES, _TIMES, _TEXTS = range(3)
_DIGITS = re.compile("([0-9]{1,15})")
"""Longer numbers are texts: reading them as figures takes time that grows with their square."""

_Key: TypeAlias = tuple[int, float, tuple[str | int, ...]]


def parse_sorts(text: str, fields: Sequence[Field[RowT]]) -> tuple[Sort, ...]:
    """Return the orders that a text such as `state, beat-` says; a hyphen is from large to small.

    Raises:
        InputError: It names no field of the list, or one twice; names the nearest.
    """
    sorts: list[Sort] = []
    for word in text.replace(",", " ").split():
        field = field_named(word.rstrip("+-") or word, fields).name
        if any(sort.field == field for sort in sorts):
            hint = "Each field counts once: write state, beat-."
            raise InputError(f"sort {text!r}", f"it names {field} twice", hint=hint)
        sorts.append(Sort(field, word.endswith("-")))
    return tuple(sorts)


def describe_sorts(sorts: Iterable[Sort]) -> str:
    """Return orders as they are written: `state, beat-`."""
    return ", ".join(sort.field + ("-" if sort.descending else "") for sort in sorts)


def cycled(sorts: Sequence[Sort], field: str) -> tuple[Sort, ...]:
    """Return what the key for sorting makes of the orders.

    By the field and nothing else at first; where it comes first already, the other way round and
    then no more, with the orders behind it kept.
    """
    if not sorts or sorts[0].field != field:
        return (Sort(field),)
    return (*_turned(sorts[0]), *sorts[1:])


def with_added(sorts: Sequence[Sort], field: str) -> tuple[Sort, ...]:
    """Return what the key for a further order makes of the orders.

    The field comes last; where it is among them already, it is turned round and then taken out.
    """
    if all(sort.field != field for sort in sorts):
        return (*sorts, Sort(field))
    return tuple(
        turned for sort in sorts for turned in (_turned(sort) if sort.field == field else (sort,))
    )


def ordered(
    rows: Iterable[RowT], sorts: Sequence[Sort], fields: Sequence[Field[RowT]], moment: Moment
) -> list[RowT]:
    """Return rows in an order; equal ones stay as they came, those without a value come last.

    Figures come before times and times before texts, where a field has several kinds. Numbers in
    texts count as numbers, so that `etl-2` comes before `etl-10`.

    Raises:
        InputError: An order names no field of the list.
    """
    found = list(rows)
    for sort in reversed(sorts):
        value = field_named(sort.field, fields).value
        keyed: list[tuple[_Key, RowT]] = []
        absent: list[RowT] = []
        for row in found:
            key = _key(value(row, moment))
            if key is None:
                absent.append(row)
            else:
                keyed.append((key, row))
        keyed.sort(key=_first, reverse=sort.descending)
        found = [row for _, row in keyed] + absent
    return found


def _turned(sort: Sort) -> tuple[Sort, ...]:
    return () if sort.descending else (replace(sort, descending=True),)


def _first(pair: tuple[_Key, RowT]) -> _Key:
    return pair[0]


def _key(value: Value) -> _Key | None:
    """Return what a value is ordered by; None for what has none."""
    if value is None:
        return None
    if isinstance(value, str):
        parts = _DIGITS.split(value.casefold())
        return _TEXTS, 0.0, tuple(int(part) if odd % 2 else part for odd, part in enumerate(parts))
    if isinstance(value, datetime):
        return _TIMES, value.timestamp(), ()
    return None if math.isnan(value) else (_FIGURES, value, ())
