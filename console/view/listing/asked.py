"""What was asked: how an operator looks at one list, as it was typed and chosen; pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Generic, TypeVar

from dataagents.console.view.listing.field import Field
from dataagents.console.view.listing.grammar import parse_partial
from dataagents.console.view.listing.listing import Listing
from dataagents.console.view.listing.query import Query, Sort, Span
from dataagents.console.view.listing.sorting import describe_sorts
from dataagents.console.view.listing.timing import describe, parse_span

RowT = TypeVar("RowT")


@dataclass(frozen=True, slots=True)
class Asked(Generic[RowT]):
    """The settings of one list."""

    listing: Listing[RowT]
    filter: str = ""
    """As it was typed."""
    span: str = ""
    """As it was typed, so that `15m` goes on meaning the last fifteen minutes."""
    preset: int = 0
    sorts: tuple[Sort, ...] = ()
    hide_finished: bool = False
    hidden: frozenset[str] = frozenset()
    """Names of the columns that are left out."""
    following: bool = True

    def query(self, now: datetime) -> Query:
        """Return what is asked for; of a filter that makes no sense yet, the part that does.

        Raises:
            InputError: The range of time is none.
        """
        given = self.listing.presets[self.preset].filter if self.listing.presets else ""
        terms, _ = parse_partial(f"{given} {self.filter}", self.listing.fields, self.sorts)
        span = parse_span(self.span, now) if self.span else Span()
        return Query(terms, self.sorts, span, self.hide_finished)

    def problem(self) -> str | None:
        """Return what is wrong with the filter."""
        return parse_partial(self.filter, self.listing.fields, self.sorts)[1]

    def turned(self, by: int) -> "Asked[RowT]":
        """Return it with another of the ready-made filters."""
        count = len(self.listing.presets)
        return replace(self, preset=(self.preset + by) % count) if count else self

    def columns(self) -> tuple[Field[RowT], ...]:
        """Return the fields that are shown as columns."""
        return tuple(
            field for field in self.listing.fields if field.title and field.name not in self.hidden
        )

    def arrows(self, up: str, down: str) -> dict[int, str]:
        """Return the arrow of each column that rows are sorted by."""
        places = {field.name: at for at, field in enumerate(self.columns())}
        return {
            places[sort.field]: down if sort.descending else up
            for sort in self.sorts
            if sort.field in places
        }

    def notes(self, now: datetime) -> Sequence[str]:
        """Return what is asked for in words, the most important first."""
        span = describe(parse_span(self.span, now), now) if self.span else ""
        presets = "  ".join(
            f"[{each.name}]" if at == self.preset else each.name
            for at, each in enumerate(self.listing.presets)
        )
        return (
            f"filter: {self.filter}" if self.filter else "",
            presets,
            f"sort: {describe_sorts(self.sorts)}" if self.sorts else "",
            span,
            "done hidden" if self.hide_finished else "",
        )
