"""The row: one line of a trace, and how its texts are made."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from dataagents.console.safe_text import safe_text
from dataagents.console.view.marks import Mark

Stretch: TypeAlias = tuple[datetime, datetime | None]
"""From when to when something went on; None as an end means that no end is on record."""


@dataclass(frozen=True, slots=True)
class TraceRow:
    """One line of a trace."""

    depth: int
    kind: str
    """`plan`, `phase`, `method`, `risk`, `task`, `auction`, `bid`, `reasoning`, `step`, `vote`,
    `ballot`, `replan`, `execution`, `applied` (a lesson), `reflection`, `lesson`, `messages` or
    `outcome`."""
    label: str
    detail: str
    mark: Mark
    address: str
    """Stays the same as the run goes on, for example `run:ID/task:load(a)/step:3`."""
    agent: str = ""
    seconds: float | None = None
    score: float | None = None
    sections: tuple[tuple[str, str], ...] = ()
    """Heading and text of everything there is to read about it; texts may have lines."""
    spans: tuple[Stretch, ...] = ()
    """When it went on, in order: one for each attempt; a moment begins and ends at once. Empty for
    what has no place in time."""

    @property
    def title(self) -> str:
        """The label with its kind before it, where the label doesn't say it."""
        return self.label if self.label.startswith(self.kind) else f"{self.kind} {self.label}"


def stretch(at: datetime | None, until: datetime | None) -> tuple[Stretch, ...]:
    """Return the one span of a row; none when nobody knows when it began."""
    return () if at is None else ((at, until),)


def moment(at: datetime | None) -> tuple[Stretch, ...]:
    """Return the span of what takes no time."""
    return stretch(at, at)


def line(text: str) -> str:
    """Return a text on one line, as long as a row may have it."""
    return safe_text(text, limit=300)


def sections(*pairs: tuple[str, str]) -> tuple[tuple[str, str], ...]:
    """Return the sections that have a text."""
    return tuple(pair for pair in pairs if pair[1])


def lines(pairs: Mapping[str, str]) -> str:
    """Return an object, a line for each of its fields."""
    return "\n".join(f"{key}: {value}" for key, value in pairs.items())


def figure(value: float | None) -> str:
    """Return a number with three digits; empty when there is none."""
    return "" if value is None else f"{value:.3g}"


def count(number: int, noun: str) -> str:
    """Return a number of things."""
    return f"{number} {noun}" + ("" if number == 1 else "s")
