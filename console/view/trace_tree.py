"""A trace as a tree that folds up: which rows are to be seen, and which stand for others."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import IntEnum

from dataagents.console.view.cells import Cell
from dataagents.console.view.marks import Mark
from dataagents.console.view.moment import Moment
from dataagents.console.view.row import TraceRow
from dataagents.console.view.trace_groups import GROUP, extents, group_of, repeats, unnumbered


class Importance(IntEnum):
    """How much a row says about what became of a run; also the least that is to be shown."""

    ALL = 0
    """Everything: methods that did not fit, bids that lost, abstentions, counts of messages."""
    MAIN = 1
    """Work and decisions."""
    TROUBLE = 2
    """What failed, or is in doubt, or made the plan change."""


_MINOR = frozenset({"phase", "method", "alternative", "risk", "applied", "messages"})
_CLOSED = frozenset({"plan", "auction", "replan", "hierarchy"})
"""Kinds of rows that are closed until somebody opens them."""
_DEEPEST = 8
"""Levels by which rows are set in; a terminal is no wider for deeper ones."""


@dataclass(frozen=True, slots=True)
class TreeState:
    """What an operator opened and closed; rows that come later follow the kind that they are of."""

    opened: frozenset[str] = frozenset()
    """Addresses; of a group, with `GROUP` behind."""
    closed: frozenset[str] = frozenset()
    closed_kinds: frozenset[str] = _CLOSED
    least: Importance = Importance.ALL

    def is_open(self, address: str, kind: str) -> bool:
        """Return whether what is below a row is shown."""
        if address in self.opened:
            return True
        return address not in self.closed and kind not in self.closed_kinds

    def toggled(self, row: "TreeRow") -> "TreeState":
        """Return it with a row opened that was closed, or closed that was open."""
        if row.open is None:
            return self
        return self._closing(row.key) if row.open else self.opening(row.key)

    def opening(self, *addresses: str) -> "TreeState":
        """Return it with rows open."""
        return replace(
            self, opened=self.opened.union(addresses), closed=self.closed.difference(addresses)
        )

    def _closing(self, address: str) -> "TreeState":
        return replace(self, opened=self.opened - {address}, closed=self.closed | {address})

    def all_open(self) -> "TreeState":
        """Return it with every row open; groups stay as they are."""
        return TreeState(closed_kinds=frozenset(), least=self.least)

    def all_closed(self, rows: Sequence[TraceRow]) -> "TreeState":
        """Return it with only the outermost rows to be seen."""
        kinds = frozenset(row.kind for row in rows) | _CLOSED
        return TreeState(closed_kinds=kinds, least=self.least)

    def quieter(self) -> "TreeState":
        """Return it with the next fewer rows; after the fewest come all again."""
        return replace(self, least=Importance((self.least + 1) % len(Importance)))

    def revealing(self, rows: Sequence[TraceRow], address: str) -> "TreeState":
        """Return it with everything open that hides a row."""
        above: list[TraceRow] = []
        for row in rows:
            while above and above[-1].depth >= row.depth:
                above.pop()
            if row.address == address:
                shown = self.opening(*(each.address for each in above))
                # As a part of a group, a row is hidden by an earlier one beside it.
                group = group_of(rows, row)
                shown = shown.opening(group) if group else shown
                return (
                    shown if importance(row) >= self.least else replace(shown, least=Importance.ALL)
                )
            above.append(row)
        return self


@dataclass(frozen=True, slots=True)
class TreeRow:
    """A row that is to be seen."""

    row: TraceRow
    open: bool | None = None
    """Whether what is below it is shown; None when there is nothing below."""
    below: int = 0
    """How many rows it hides while it is closed, or leaves out because they matter too little."""
    times: int = 1
    """How many equal rows it stands for, itself included."""
    trouble: bool = False
    """Whether anything that it hides failed."""
    extra: int = 0
    """Levels by which it is set in further, since it is shown below the group it is of."""

    @property
    def key(self) -> str:
        """What it is opened and closed by; its address, unless it stands for several rows."""
        return self.row.address + (GROUP if self.times > 1 else "")

    @property
    def title(self) -> str:
        """What it is called; several rows by what they have in common."""
        if self.times == 1:
            return self.row.title
        match self.row.kind:
            case "ballot" | "bid":
                return f"{self.row.kind}s"
            case "step":
                return f"steps {unnumbered(self.row.label)}"
            case _:
                return self.row.title

    def cell(self, moment: Moment) -> Cell:
        """Return it as the tree shows it: set in, with the sign that opens it, and its title."""
        glyphs = moment.glyphs
        sign = " " if self.open is None else glyphs.open if self.open else glyphs.closed
        indent = "  " * min(self.row.depth + self.extra, _DEEPEST)
        times = f" x{self.times}" if self.times > 1 else ""
        hidden = f" +{self.below}" if self.below else ""
        hides = self.trouble and self.row.mark is not Mark.FAIL
        alarm = f" {glyphs.marks[Mark.FAIL]}" if hides else ""
        state = f"{glyphs.marks[self.row.mark]} " if self.row.mark in _TOLD else ""
        return Cell(f"{indent}{sign} {state}{self.title}{times}{hidden}{alarm}", self.row.mark)


_TOLD = (Mark.FAIL, Mark.WARN, Mark.BUSY)
"""Marks that stand before a title; all others are what one expects."""


def importance(row: TraceRow) -> Importance:
    """Return how much a row says about what became of a run."""
    if row.mark in (Mark.FAIL, Mark.WARN, Mark.BUSY) or row.kind == "outcome":
        return Importance.TROUBLE
    if row.kind in _MINOR or (row.kind == "bid" and row.mark is Mark.NOTE):
        return Importance.ALL
    if row.kind == "ballot" and row.score is None:
        return Importance.ALL  # an abstention
    return Importance.MAIN


def visible_rows(rows: Sequence[TraceRow], state: TreeState) -> tuple[TreeRow, ...]:
    """Return the rows of a trace that are to be seen.

    Args:
        rows: All of them, parents before children.
        state: What is open, and how much is wanted. A row that matters too little is shown anyway
            when something below it matters.
    """
    ends, matters = extents(rows), _matters(rows, state.least)
    seen: list[TreeRow] = []
    place = 0
    while place < len(rows):
        row, end = rows[place], ends[place]
        if not matters[place]:
            place = end
            continue
        run = repeats(rows, ends, matters, place)
        if len(run) > 1:
            place = _show_group(rows, run, state, seen)
            continue
        if end == place + 1:
            seen.append(TreeRow(row))
            place = end
            continue
        below = range(place + 1, end)
        shown = any(matters[each] for each in below)
        is_open = shown and state.is_open(row.address, row.kind)
        hidden = [each for each in below if not (is_open and matters[each])]
        failed = not is_open and any(rows[each].mark is Mark.FAIL for each in hidden)
        count = len(hidden) if not is_open else 0
        seen.append(TreeRow(row, is_open if shown else None, count, trouble=failed))
        place = place + 1 if is_open else end
    return tuple(seen)


def next_trouble(rows: Sequence[TraceRow], address: str, *, back: bool = False) -> str:
    """Return the address of the next row that failed, hidden or not; empty when there is none.

    Args:
        rows: All of the trace.
        address: Where to begin; the first row, or the last one, when it is no row's.
        back: Whether to look for the one before.
    """
    found = [place for place, row in enumerate(rows) if row.mark is Mark.FAIL]
    at = next((place for place, row in enumerate(rows) if row.address == address), None)
    if back:
        before = [place for place in found if at is None or place < at]
        return rows[before[-1]].address if before else ""
    after = [place for place in found if at is None or place > at]
    return rows[after[0]].address if after else ""


def _matters(rows: Sequence[TraceRow], least: Importance) -> list[bool]:
    """Return for each row whether it, or anything below it, is important enough."""
    matters = [False] * len(rows)
    above: list[int] = []
    for place, row in enumerate(rows):
        while above and rows[above[-1]].depth >= row.depth:
            above.pop()
        above.append(place)
        if importance(row) >= least:
            for each in reversed(above):
                if matters[each]:
                    break
                matters[each] = True
    return matters


def _show_group(rows: Sequence[TraceRow], run: range, state: TreeState, seen: list[TreeRow]) -> int:
    """Add rows that are equal, as one or, where it is open, all of them; returns what is next."""
    first = rows[run.start]
    head = TreeRow(first, False, times=len(run))
    if head.key not in state.opened:
        seen.append(head)
        return run.stop
    seen.append(replace(head, open=True))
    seen.extend(TreeRow(rows[each], extra=1) for each in run)
    return run.stop
