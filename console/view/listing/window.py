"""A window: the part of a long list that was read, and whether there is more on either side."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

RowT = TypeVar("RowT")


@dataclass(frozen=True, slots=True)
class Window(Generic[RowT]):
    """Rows of a list, newest first."""

    rows: tuple[RowT, ...] = ()
    newer: bool = False
    """Whether there are rows above the first."""
    older: bool = True
    """Whether there are rows below the last."""

    def with_older(self, rows: Sequence[RowT], *, more: bool, most: int) -> "Window[RowT]":
        """Return the window with the rows that follow below, and rows let go of above.

        Args:
            rows: The next older ones.
            more: Whether there are older ones still.
            most: How many rows are kept.
        """
        joined = (*self.rows, *rows)
        kept = joined[-most:]
        return Window(kept, self.newer or len(kept) < len(joined), more)

    def with_newer(self, rows: Sequence[RowT], *, more: bool, most: int) -> "Window[RowT]":
        """Return the window with the rows that come before above, and rows let go of below."""
        joined = (*rows, *self.rows)
        kept = joined[:most]
        return Window(kept, more, self.older or len(kept) < len(joined))

    def renewed(self, rows: Sequence[RowT], key: Callable[[RowT], str]) -> "Window[RowT]":
        """Return the window with rows that were read again in the place of what they were."""
        known = {key(row): row for row in rows}
        return Window(tuple(known.get(key(row), row) for row in self.rows), self.newer, self.older)
