"""Matching: which rows of a list a query leaves in."""

import math
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import TypeAlias, TypeVar

from dataagents.console.view.listing.field import Field, Value
from dataagents.console.view.listing.listing import Listing
from dataagents.console.view.listing.measures import figure, measure, plain
from dataagents.console.view.listing.naming import field_named
from dataagents.console.view.listing.pattern import Pattern
from dataagents.console.view.listing.query import Query, Term
from dataagents.console.view.listing.sorting import ordered
from dataagents.console.view.moment import Moment
from dataagents.core.errors import InputError

RowT = TypeVar("RowT")

Test: TypeAlias = Callable[[Value], bool]
"""Whether a value fulfils a condition."""

_IN_FIGURES = frozenset("0123456789.-+:e infa")
"""The characters that figures and times have; a text with any other is in none of them."""
_YES = {"yes": True, "true": True, "no": False, "false": False}
_CLOCK_AT = len("2026-03-02 ")


def predicate(query: Query, listing: Listing[RowT], moment: Moment) -> Callable[[RowT], bool]:
    """Return the question whether a query leaves a row in; made once, asked for each row.

    Raises:
        InputError: A condition names no field of the list, or has a text that can't be read.
    """
    tests = [_of_rows(term, listing.fields, moment) for term in query.terms]
    if query.span:
        at, holds = listing.at, query.span.holds
        tests.append(lambda row: holds(at(row)))
    if query.hide_finished:
        finished = listing.finished
        tests.append(lambda row: not finished(row, moment))
    if len(tests) == 1:
        return tests[0]

    def fulfils(row: RowT) -> bool:
        for test in tests:  # noqa: SIM110 - a generator costs more than most tests
            if not test(row):
                return False
        return True

    return fulfils


def matches(row: RowT, query: Query, listing: Listing[RowT], moment: Moment) -> bool:
    """Return whether a query leaves one row in."""
    return predicate(query, listing, moment)(row)


def select(
    rows: Iterable[RowT], query: Query, listing: Listing[RowT], moment: Moment
) -> list[RowT]:
    """Return the rows that a query leaves in, in its order; as they came where it has none."""
    kept = list(filter(predicate(query, listing, moment), rows))
    return ordered(kept, query.sorts, listing.fields, moment) if query.sorts else kept


def _of_rows(term: Term, fields: Sequence[Field[RowT]], moment: Moment) -> Callable[[RowT], bool]:
    test, negated = _of_values(term, moment), term.negated
    if term.field:
        value = field_named(term.field, fields).value
        return lambda row: test(value(row, moment)) is not negated
    values = [field.value for field in fields]

    def anywhere(row: RowT) -> bool:
        for value in values:
            if test(value(row, moment)):
                return not negated
        return negated

    return anywhere


def _of_values(term: Term, moment: Moment) -> Test:
    """Return the test of a value; negation is left to the row."""
    match term.operator:
        case "contains":
            tests = [_contains(text) for text in term.texts]
        case "is":
            tests = [_is(text, moment) for text in term.texts]
        case "matches":
            return _found(Pattern(term.text))
        case _:
            return _compares(term, moment)
    return tests[0] if len(tests) == 1 else lambda value: any(test(value) for test in tests)


def _contains(text: str) -> Test:
    wanted = text.casefold()
    in_texts_alone = not _IN_FIGURES.issuperset(wanted)
    words = [word for word in ("yes", "no") if wanted in word]

    def contains(value: Value) -> bool:
        if isinstance(value, str):
            return wanted in value.casefold()
        if isinstance(value, bool):
            return ("yes" if value else "no") in words
        return not in_texts_alone and wanted in plain(value)

    return contains


def _is(text: str, moment: Moment) -> Test:
    wanted, number = text.casefold(), figure(text)
    moment_text = wanted.replace("t", " ")

    def equals(value: Value) -> bool:
        match value:
            case None:
                return not wanted
            case str():
                return value.casefold() == wanted
            case bool():
                return _YES.get(wanted) is value
            case datetime():
                said = plain(value)
                starts = said.startswith(moment_text) or said.startswith(moment_text, _CLOCK_AT)
                return bool(moment_text) and starts
            case _:
                return number is not None and math.isclose(value, number)

    return equals


def _found(pattern: Pattern) -> Test:
    found = pattern.found
    in_texts_alone = not all(_IN_FIGURES.issuperset(word) for word in pattern.words)

    def is_found(value: Value) -> bool:
        if isinstance(value, str):
            return found(value)
        if isinstance(value, bool) or not in_texts_alone:
            return found(plain(value))
        return False

    return is_found


def _compares(term: Term, moment: Moment) -> Test:
    """Compare figures with figures, and times with times or by their age in seconds."""
    limit, now = measure(term.text, moment.now), moment.now
    holds = _COMPARISONS.get(term.operator)
    if limit is None or holds is None:
        raise InputError(f"filter {str(term)!r}", f"{term.text!r} is no figure or time")

    def compares(value: Value) -> bool:
        if isinstance(value, datetime):
            if isinstance(limit, datetime):
                return holds(value.timestamp(), limit.timestamp())
            return holds((now - value).total_seconds(), limit)
        if isinstance(value, int | float) and not isinstance(limit, datetime):
            return holds(value, limit)
        return False

    return compares


_COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    ">": lambda value, limit: value > limit,
    ">=": lambda value, limit: value >= limit,
    "<": lambda value, limit: value < limit,
    "<=": lambda value, limit: value <= limit,
}
