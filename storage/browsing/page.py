"""A page: which stretch of a list is wanted, by places in the journal, and what was found there."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from dataagents.core.errors import InputError

RowT = TypeVar("RowT")

LAST_PLACE = 2**63 - 1
"""No event has a greater place."""
MOST_ROWS = 5_000
"""Rows of one page."""


@dataclass(frozen=True, slots=True)
class Page:
    """A stretch of a list that is ordered by places in the journal.

    Without `after` it is what lies nearest below `before`, or the newest of all; with `after` alone
    it is what lies nearest above that.
    """

    before: int | None = None
    """Only what lies before this place."""
    after: int | None = None
    """Only what lies behind this place."""
    limit: int = 200
    since: int | None = None
    """Only what lies at this place or behind it."""
    until: int | None = None
    """Only what lies at this place or before it."""

    def __post_init__(self) -> None:
        """Refuse what is no page.

        Raises:
            InputError: The limit is out of bounds.
        """
        if not 1 <= self.limit <= MOST_ROWS:
            raise InputError("page", f"its limit {self.limit} is not from 1 to {MOST_ROWS:,}")

    @property
    def upwards(self) -> bool:
        """Whether the nearest rows are the oldest of the stretch."""
        return self.after is not None and self.before is None

    @property
    def low(self) -> int:
        """The first place of the stretch."""
        return max(0 if self.after is None else self.after + 1, self.since or 0)

    @property
    def high(self) -> int:
        """The last place of the stretch."""
        last = LAST_PLACE if self.before is None else self.before - 1
        return min(last, LAST_PLACE if self.until is None else self.until)

    def behind(self, searched: int) -> "Page":
        """Return the page that goes on where a search stopped."""
        if self.upwards:
            return replace(self, after=searched)
        return replace(self, before=searched)


@dataclass(frozen=True, slots=True)
class Found(Generic[RowT]):
    """What a page holds, and how far was looked for it."""

    rows: tuple[RowT, ...] = ()
    """Newest first, however the page was asked for."""
    searched: int | None = None
    """The place that the search reached; None when it reached the end of the stretch.

    There may be more behind it, whether rows were found or not: `Page.behind` goes on there.
    """

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[RowT]:
        return iter(self.rows)
