"""A listing: everything about one kind of list but how its rows are read."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeAlias, TypeVar

from dataagents.console.view.listing.field import Field
from dataagents.console.view.marks import Mark
from dataagents.console.view.moment import Moment

RowT = TypeVar("RowT")

Sections: TypeAlias = Sequence[tuple[str, str]]
"""Heading and text of everything there is to read about a row; texts are safe, and have lines."""


@dataclass(frozen=True, slots=True)
class Preset:
    """A filter that is one key away."""

    name: str
    """A word or two, as the head of the list shows it."""
    filter: str
    """The filter as an operator would write it; empty shows everything."""


@dataclass(frozen=True, slots=True)
class Listing(Generic[RowT]):
    """A kind of list."""

    name: str
    """What its settings are remembered under: `agents`."""
    noun: str
    """What a row is: `agent`."""
    fields: Sequence[Field[RowT]]
    key: Callable[[RowT], str]
    """The address of a row; it stays the same while the row changes."""
    mark: Callable[[RowT, Moment], Mark]
    """How a row is; `e` goes to the next one that failed."""
    sections: Callable[[RowT, Moment], Sections]
    empty: str
    """What the list will hold, and when."""
    at: Callable[[RowT], datetime | None] = lambda row: None
    """When it was, for ranges of time."""
    place: Callable[[RowT], int] = lambda row: 0
    """Place in the journal of the event that the row is ordered by; 0 in lists that have none."""
    finished: Callable[[RowT, Moment], bool] = lambda row, moment: False
    """Whether the row is over and done with, so that `h` hides it."""
    about: Callable[[RowT], str] = lambda row: ""
    """Address of what a row is about, where that can be acted on, too; empty for nothing."""
    filled_by_runs: bool = True
    """Whether a run brings rows, so that an empty list may say how to have one."""
    presets: tuple[Preset, ...] = ()
