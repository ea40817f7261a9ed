"""Rows that are made when they are looked at: of a thousand, a screen shows forty."""

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar, overload

ThingT = TypeVar("ThingT")
RowT = TypeVar("RowT", covariant=True)


class MadeRows(Sequence[RowT], Generic[ThingT, RowT]):
    """A row for each of some things, made once; a thing that changes before that is seen changed.

    Args:
        things: What the rows are of.
        make: Makes a row.
    """

    def __init__(self, things: Sequence[ThingT], make: Callable[[ThingT], RowT]) -> None:
        self._things = things
        self._make = make
        self._made: dict[int, RowT] = {}

    def __len__(self) -> int:
        return len(self._things)

    @overload
    def __getitem__(self, at: int) -> RowT: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[RowT]: ...
    def __getitem__(self, at: int | slice) -> RowT | Sequence[RowT]:
        if isinstance(at, slice):
            return [self[each] for each in range(*at.indices(len(self)))]
        place = at + len(self) if at < 0 else at
        if place not in self._made:
            self._made[place] = self._make(self._things[place])
        return self._made[place]
