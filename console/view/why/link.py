"""The link: one cause of something, with why it is its cause."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from dataagents.console.view.marks import Mark
from dataagents.console.view.row import line
from dataagents.core.events import Event

Lookup: TypeAlias = Callable[[str], Sequence[tuple[int, Event]]]
"""Address of a thing → the events about it with their places, oldest first; none where unknown."""

MOST_LINKS = 60
"""Links of a chain; what lies behind them explains little."""


@dataclass(frozen=True, slots=True)
class WhyLink:
    """A cause; its texts are safe to show."""

    kind: str
    """`error`, `step`, `action`, `thought`, `observation`, `analysis`, `task`, `input`, `retry`,
    `auction`, `delegation`, `request`, `vote`, `ballot`, `method`, `risk`, `plan`, `replan`,
    `lesson`, `reflection`, `goal`, or, of the first link, the kind of its row."""
    sentence: str
    """What happened."""
    because: str
    """Why it is the cause of what it explains; empty for the first link."""
    address: str = ""
    """Where there is more about it; empty where there isn't."""
    at: datetime | None = None
    agent: str = ""
    mark: Mark = Mark.NOTE
    known: bool = True
    """Whether it is on record; otherwise the sentence says what is not."""
    of: int = -1
    """Place of the link that it explains; -1 for the first one."""


class Chain:
    """Links as they are found; no cause is told twice."""

    def __init__(self, lookup: Lookup) -> None:
        self.links: list[WhyLink] = []
        self.lookup = lookup
        self._told: set[tuple[str, str]] = set()

    def add(
        self,
        of: int,
        kind: str,
        sentence: str,
        because: str,
        *,
        address: str = "",
        key: str = "",
        at: datetime | None = None,
        agent: str = "",
        mark: Mark = Mark.NOTE,
        known: bool = True,
    ) -> int:
        """Add a link and return its place, or the place of what it explains when it is full.

        A cause that was told before is not told again: the place of what it explains comes back.
        It is known by its kind and `key`, or, where there is none, its address or sentence.
        """
        told = (kind, key or address or sentence)
        if told in self._told or len(self.links) >= MOST_LINKS:
            return of
        self._told.add(told)
        self.links.append(
            WhyLink(kind, line(sentence), because, address, at, agent, mark, known, of)
        )
        return len(self.links) - 1

    def unknown(self, of: int, kind: str, sentence: str, because: str) -> int:
        """Add that a cause is not on record."""
        return self.add(of, kind, sentence, because, mark=Mark.IDLE, known=False)

    def was_told(self, kind: str, address: str) -> bool:
        """Return whether there is such a link already."""
        return (kind, address) in self._told


def nothing(address: str) -> Sequence[tuple[int, Event]]:
    """Know nothing of anything: a lookup for when there is no store to ask."""
    return ()
