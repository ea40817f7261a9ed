"""The waterfall: the rows of a trace as bars over the time that the run took."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from dataagents.console.view.cells import Cell
from dataagents.console.view.glyphs import Glyphs
from dataagents.console.view.marks import Mark
from dataagents.console.view.moment import Moment
from dataagents.console.view.row import Stretch, TraceRow
from dataagents.console.view.runs import RunView
from dataagents.console.view.time_axis import FOLD, Axis, Extent, axis_of
from dataagents.console.view.words import duration
from dataagents.core.goals import UNDER_WAY

_OVER_LEAVES = frozenset({"task", "reasoning"})
"""Kinds of rows that say nothing of whether anything goes on: what is below them does."""


@dataclass(frozen=True, slots=True)
class Waterfall:
    """The time axis of a run, and how rows are drawn on it."""

    axis: Axis
    whole: Extent
    """All of the run so far; what is shown may be a part of it."""
    turns: tuple[tuple[datetime, str, Mark], ...]
    """When plans were replaced and tasks tried again, in order, each with a word for it."""
    _horizon: datetime

    @property
    def width(self) -> int:
        """Cells of every bar."""
        return self.axis.width

    def bar(self, row: TraceRow, glyphs: Glyphs) -> Cell:
        """Return a row as a bar, as wide as the axis; empty cells for what has no place in time.

        An end on the left or right that is an arrow lies outside of what is shown, or is not
        reached yet. From the second attempt on, each begins with the mark of a warning.
        """
        cells = [" "] * self.width
        for number, span in enumerate(row.spans):
            self._draw(cells, span, row.mark, glyphs, again=number > 0)
        return Cell("".join(cells), row.mark if row.spans else "")

    def _draw(
        self, cells: list[str], span: Stretch, mark: Mark, glyphs: Glyphs, *, again: bool
    ) -> None:
        begin, end = span[0], self._end(span)
        shown = self.axis.extent
        if end < shown.begin:
            cells[0] = glyphs.left
            return
        if begin > shown.end:
            cells[-1] = glyphs.right
            return
        first, last = self.axis.column(begin), self.axis.column(end)
        if first == last and span[1] is not None:
            cells[first] = glyphs.bar if end > begin else glyphs.marks[mark]
        else:
            cells[first : last + 1] = glyphs.bar * (last + 1 - first)
            for fold in self.axis.folds:
                if first < fold.column < last:
                    cells[fold.column] = glyphs.more
            if span[1] is None or end > shown.end:
                cells[last] = glyphs.right
        if begin < shown.begin:
            cells[first] = glyphs.left
        elif again:
            cells[first] = glyphs.marks[Mark.WARN]

    def _end(self, span: Stretch) -> datetime:
        # A clock that was put back must not make a bar end before it begins.
        return max(span[0], self._horizon if span[1] is None else span[1])

    def ruler(self, glyphs: Glyphs) -> Cell:
        """Return the labels of the axis, in time since the run began."""
        return Cell(self.axis.ruler(glyphs), "dim")

    def marks(self, glyphs: Glyphs) -> Cell:
        """Return a line that marks where a plan was replaced, or a task tried again."""
        cells = [" "] * self.width
        for at, _, mark in self.turns:
            if self.axis.extent.begin <= at <= self.axis.extent.end:
                cells[self.axis.column(at)] = glyphs.marks[mark]
        return Cell("".join(cells).rstrip(), "warn" if self.turns else "")

    @property
    def gaps(self) -> str:
        """What was folded, in words; empty when nothing was."""
        folds = self.axis.folds
        if not folds:
            return ""
        total = duration(sum(fold.gap.seconds for fold in folds))
        if len(folds) == 1:
            return f"an idle gap of {total} is folded"
        return f"{len(folds)} idle gaps are folded, {total} in all"

    def extent_of(self, row: TraceRow) -> Extent | None:
        """Return what to zoom to for a row to fill the width; None when it has no length."""
        if not row.spans:
            return None
        found = Extent(row.spans[0][0], max(self._end(span) for span in row.spans))
        return found if found.seconds > 0 else None


def waterfall(
    run: RunView,
    rows: Sequence[TraceRow],
    moment: Moment,
    width: int,
    *,
    zoom: Extent | None = None,
    fold: float | None = FOLD,
) -> Waterfall:
    """Return the waterfall of a run.

    Args:
        run: The run.
        rows: All rows of its trace, the hidden ones too.
        moment: Now; what has no end goes on until then, as long as the run does.
        width: Cells of the bars.
        zoom: The part to show; all of it when None.
        fold: Share of what is shown from which on a gap without any work is folded to one column;
            None to fold nothing.
    """
    goes_on = run.status in UNDER_WAY and moment.live
    latest = run.latest or run.started
    horizon = max(latest, moment.now) if goes_on else latest
    begin = min((span[0] for row in rows for span in row.spans), default=run.started)
    whole = Extent(min(begin, run.started), horizon)
    shown = whole if zoom is None else zoom.within(whole)
    axis = axis_of(_busy(rows, horizon), shown, width, zero=run.started, fold=fold)
    return Waterfall(axis, whole, tuple(sorted(_turns(rows))), horizon)


def _busy(rows: Sequence[TraceRow], horizon: datetime) -> Iterator[Extent]:
    """Yield when something was at work, which a task that waits to be tried again is not."""
    for number, row in enumerate(rows):
        timed_below = row.kind in _OVER_LEAVES and _has_steps(rows, number)
        for begin, end in row.spans:
            last = max(begin, horizon if end is None else end)
            if end is None or not timed_below:
                yield Extent(begin, last)
            else:
                # Its ends still stand for something: work that was handed out, and handed in.
                yield from (Extent(begin, begin), Extent(last, last))


def _has_steps(rows: Sequence[TraceRow], number: int) -> bool:
    """Return whether steps are below a row, which is then at work while they are."""
    depth, place = rows[number].depth, number + 1
    while place < len(rows) and rows[place].depth > depth:
        if rows[place].kind == "step":
            return True
        place += 1
    return False


def _turns(rows: Iterable[TraceRow]) -> Iterator[tuple[datetime, str, Mark]]:
    for row in rows:
        if row.kind == "replan" and row.spans:
            yield row.spans[0][0], "plan replaced", Mark.WARN
        elif row.kind == "task":
            yield from ((begin, "tried again", Mark.NOTE) for begin, _ in row.spans[1:])
