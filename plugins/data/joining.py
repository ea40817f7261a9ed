"""Joining: the clean rows of one data set beside those of others that match."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from dataagents.core.errors import InputError
from dataagents.core.suggestions import did_you_mean
from dataagents.plugins.data.contracts.model import ColumnType
from dataagents.plugins.data.engine import Session, identifier
from dataagents.plugins.data.keys import Pair, Side, comparable, condition, find, repeats
from dataagents.plugins.data.workplace import Match, Relation, Workplace

How = Literal["left", "inner"]


@dataclass(frozen=True, slots=True)
class Joined:
    """What became of one join."""

    match: Match
    rows: int
    matched: int
    """Rows of what there was before that found a match."""
    unmatched: int
    """Rows of it that found none: they stay with empty cells, or are left out by `inner`."""
    unused: int
    """Rows of the other data set that nothing matched."""


def join(
    place: Workplace,
    other: Workplace,
    given: Mapping[str, str] | None,
    how: How,
    joined: Mapping[str, Workplace],
    session: Session,
) -> tuple[Relation, tuple[Joined, ...]]:
    """Join a data set to what others were joined to before, and write the table `joined`.

    All joins are done again from the clean rows, so that doing one twice changes nothing.

    Args:
        place: The data set that keeps its rows.
        other: The one to join to it.
        given: Column of what there is so far → column of the other; found in the data when None.
        how: `left` keeps rows without a match, `inner` leaves them out.
        joined: Name → workplace of what was joined before.
        session: The engine.

    Raises:
        InputError: There is no such column, no key was found, or one value matches many on both
            sides.
    """
    known = place.relation()
    before = [each for each in (known.matches if known else ()) if each.other != other.dataset]
    left = _open(session, place, 0)
    results: list[Joined] = []
    for number, match in enumerate(before, 1):
        left, result = _next(session, left, joined[match.other], match.on, match, number)
        results.append(result)
    wanted = Match(other=other.dataset, how=how, on=(), found=given is None, names={})
    pairs = tuple(given.items()) if given is not None else None
    left, result = _next(session, left, other, pairs, wanted, len(before) + 1)
    results.append(result)
    columns = ", ".join(map(identifier, left.columns))
    session.tell("writing joined rows", None, None)
    session.write(
        f"SELECT _row, {columns} FROM {identifier(left.relation)} ORDER BY _row",
        place.table("joined"),
    )
    relation = Relation(matches=tuple(each.match for each in results), columns=dict(left.columns))
    place.save("joined.json", relation)
    return relation, tuple(results)


def _open(session: Session, place: Workplace, number: int) -> Side:
    table = place.table("clean")
    if not table.exists():
        raise InputError(
            f"data set {place.dataset!r}",
            "its rows were not separated yet",
            hint="Run route_pipeline first.",
        )
    session.view(f"clean_{number}", table)
    kinds: dict[str, ColumnType] = {
        name: column.type for name, column in place.schema().columns.items()
    }
    return Side(place.dataset, f"clean_{number}", kinds)


def _next(
    session: Session,
    left: Side,
    place: Workplace,
    pairs: Sequence[Pair] | None,
    wanted: Match,
    number: int,
) -> tuple[Side, Joined]:
    """Return what there is after one more join."""
    right = _open(session, place, number)
    session.tell(f"joining {place.dataset}", None, None)
    on = tuple(pairs) if pairs else find(session, left, right)
    _check(left, right, on)
    several = _multiplies(session, left, right, on)
    names = _names(left, right, on)
    match = wanted.model_copy(update={"on": on, "names": names})
    matching = condition(left, right, on)
    cells = ", ".join(
        [
            *(f"l.{identifier(name)}" for name in left.columns),
            *(f"r.{identifier(name)} AS {identifier(called)}" for name, called in names.items()),
        ]
    )
    row = "row_number() OVER (ORDER BY l._row, r._row)" if several else "l._row"
    one, two = identifier(left.relation), identifier(right.relation)
    relation = f"joined_{number}"
    session.rows(
        f"CREATE OR REPLACE TEMP VIEW {relation} AS SELECT {row} AS _row, {cells} "
        f"FROM {one} AS l {match.how} JOIN {two} AS r ON {matching}"
    )
    matched = _count(session, f"{one} AS l SEMI JOIN {two} AS r ON {matching}")
    whole, added = _count(session, one), _count(session, two)
    used = _count(session, f"{two} AS r SEMI JOIN {one} AS l ON {matching}")
    columns: dict[str, ColumnType] = {
        **left.columns,
        **{names[name]: right.columns[name] for name in names},
    }
    result = Joined(
        match,
        rows=_count(session, relation),
        matched=matched,
        unmatched=whole - matched,
        unused=added - used,
    )
    return Side(left.dataset, relation, columns), result


def _check(left: Side, right: Side, on: Sequence[Pair]) -> None:
    for place, side in enumerate((left, right)):
        for pair in on:
            if pair[place] not in side.columns:
                hint = did_you_mean(pair[place], side.columns).strip()
                raise InputError(
                    f"join of {left.dataset!r} and {right.dataset!r}",
                    f"{side.dataset!r} has no column {pair[place]!r}",
                    hint=hint or f"It has {', '.join(list(side.columns)[:10])}.",
                )


def _multiplies(session: Session, left: Side, right: Side, on: Sequence[Pair]) -> bool:
    """Whether a row on the left may match several on the right."""
    sides = [comparable(left, right, pair) for pair in on]
    right_repeats = repeats(session, right, [two for _, two in sides], "r")
    if not right_repeats:
        return False
    left_repeats = repeats(session, left, [one for one, _ in sides], "l")
    if left_repeats:
        key = ", ".join(f"{one}={two}" for one, two in on)
        raise InputError(
            f"join of {left.dataset!r} and {right.dataset!r} on {key}",
            f"{left_repeats:,} values occur more than once in {left.dataset!r} and "
            f"{right_repeats:,} in {right.dataset!r}, so rows would be multiplied",
            hint="One side needs a key without repetition: name more columns, or aggregate first.",
        )
    return True


def _names(left: Side, right: Side, on: Sequence[Pair]) -> dict[str, str]:
    """Return what the columns of the right are called; its key says what the left's says."""
    keys = {two for _, two in on}
    taken = {name.casefold() for name in left.columns}
    names: dict[str, str] = {}
    for name in right.columns:
        if name in keys:
            continue
        called, number = name, 1
        while called.casefold() in taken:
            called = (
                f"{right.dataset}_{name}" if number == 1 else f"{right.dataset}_{name}_{number}"
            )
            number += 1
        taken.add(called.casefold())
        names[name] = called
    return names


def _count(session: Session, relation: str) -> int:
    return int(session.row(f"SELECT count(*) FROM {relation}")[0])
