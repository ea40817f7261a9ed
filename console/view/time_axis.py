"""The time axis of a waterfall: which column a moment stands in, with long idle gaps folded."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil, floor, log10

from dataagents.console.view.glyphs import Glyphs

FOLD = 0.1
"""Share of what is shown from which on a gap in which nothing happens is folded."""
_STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200, 86400)
"""Distances of labels, in seconds; shorter ones are tenths of them, longer ones whole days."""
_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_SHORTEST = 0.001
"""Seconds of the least extent that anything zooms to."""
_ROOM = 10
"""Cells from one label to the next, at least."""
_FOLD_ROOM = 8
"""Cells of the width for each fold there may be."""


@dataclass(frozen=True, slots=True)
class Extent:
    """A stretch of time, from the first to the last moment that is shown."""

    begin: datetime
    end: datetime

    @property
    def seconds(self) -> float:
        """How long it is."""
        return (self.end - self.begin).total_seconds()

    def zoomed(self, factor: float, around: float = 0.5) -> "Extent":
        """Return it with so much of its length, the point at a share of it staying in place."""
        fixed = self.begin + timedelta(seconds=self.seconds * around)
        length = max(self.seconds * factor, _SHORTEST)
        begin = fixed - timedelta(seconds=length * around)
        return Extent(begin, begin + timedelta(seconds=length))

    def shifted(self, share: float) -> "Extent":
        """Return it later, or earlier, by a share of its length."""
        by = timedelta(seconds=self.seconds * share)
        return Extent(self.begin + by, self.end + by)

    def within(self, whole: "Extent") -> "Extent":
        """Return it moved, and if need be cut, so that it lies in another one."""
        if self.seconds >= whole.seconds:
            return whole
        late = max(self.end - whole.end, timedelta())
        early = max(whole.begin - self.begin, timedelta())
        return Extent(self.begin - late + early, self.end - late + early)


@dataclass(frozen=True, slots=True)
class Fold:
    """An idle gap that takes one column, however long it was."""

    gap: Extent
    column: int


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of the axis that isn't folded; within it, columns are equally long."""

    extent: Extent
    column: int
    """Its first one."""
    columns: int

    def column_of(self, at: datetime) -> int:
        """Return the column of a moment; its first or last one for what lies outside."""
        share = (at - self.extent.begin).total_seconds() / max(self.extent.seconds, _SHORTEST)
        return self.column + max(0, min(floor(share * self.columns), self.columns - 1))


@dataclass(frozen=True, slots=True)
class Axis:
    """Columns of a width, each of which stands for some time."""

    extent: Extent
    """What is shown."""
    zero: datetime
    """Where the times of the ruler count from."""
    width: int
    pieces: tuple[Piece, ...]
    folds: tuple[Fold, ...]
    """Between the pieces, so there is one less of them."""

    def column(self, at: datetime) -> int:
        """Return the column of a moment; the first or last one for what lies outside."""
        place = bisect_right(self.pieces, at, key=lambda piece: piece.extent.begin) - 1
        piece = self.pieces[max(0, place)]
        if at > piece.extent.end and 0 <= place < len(self.folds):
            return self.folds[place].column
        return piece.column_of(at)

    def ruler(self, glyphs: Glyphs) -> str:
        """Return the labels, as times since its zero: `0s      5s …1h02m`."""
        cells = [" "] * self.width
        for fold in self.folds:
            cells[fold.column] = glyphs.more
        free = 0
        for column, label in self._labels():
            end = column + len(label)
            if column >= free and end <= self.width and set(cells[column:end]) == {" "}:
                cells[column:end] = label
                free = end + 1
        return "".join(cells)

    def _labels(self) -> Iterator[tuple[int, str]]:
        """Yield column and text of each label that one may want."""
        columns = sum(piece.columns for piece in self.pieces)
        seconds = sum(piece.extent.seconds for piece in self.pieces)
        step = round_step(_ROOM * seconds / columns)
        for piece in self.pieces:
            since = (piece.extent.begin - self.zero).total_seconds()
            yield piece.column, offset(since, step)
            first = floor(since / step) + 1
            # No more than there is room for, however little of a piece fits a column.
            for number in range(first, first + piece.columns // _ROOM + 2):
                at = self.zero + timedelta(seconds=number * step)
                if at <= piece.extent.end:
                    yield piece.column_of(at), offset(number * step, step)


def axis_of(
    busy: Iterable[Extent],
    extent: Extent,
    width: int,
    *,
    zero: datetime | None = None,
    fold: float | None = FOLD,
) -> Axis:
    """Return the axis of what is shown.

    Args:
        busy: When anything happened, in any order.
        extent: What is shown.
        width: Columns.
        zero: Where the ruler counts from; the beginning of what is shown when None.
        fold: Share of what is shown from which on an idle gap is folded; None folds nothing.
    """
    width = max(1, width)
    zero = extent.begin if zero is None else zero
    if extent.seconds <= 0:
        extent = Extent(extent.begin, extent.begin + timedelta(seconds=_SHORTEST))
    gaps = [] if fold is None else _gaps(busy, extent, extent.seconds * fold)
    gaps = sorted(gaps, key=lambda gap: -gap.seconds)[: width // _FOLD_ROOM]
    gaps.sort(key=lambda gap: gap.begin)
    begins = (extent.begin, *(gap.end for gap in gaps))
    ends = (*(gap.begin for gap in gaps), extent.end)
    shown = [Extent(begin, end) for begin, end in zip(begins, ends, strict=True)]
    pieces: list[Piece] = []
    folds: list[Fold] = []
    place = 0
    for number, columns in enumerate(_shares(shown, width - len(gaps))):
        pieces.append(Piece(shown[number], place, columns))
        place += columns
        if number < len(gaps):
            folds.append(Fold(gaps[number], place))
            place += 1
    return Axis(extent, zero, width, tuple(pieces), tuple(folds))


def _shares(shown: Sequence[Extent], columns: int) -> list[int]:
    """Return how many columns each part gets, by how long it is; at least one."""
    total = sum(each.seconds for each in shown)
    free = columns - len(shown)
    exact = [free * each.seconds / total if total > 0 else 0.0 for each in shown]
    given = [floor(each) for each in exact]
    nearest = sorted(range(len(shown)), key=lambda place: given[place] - exact[place])
    for place in nearest[: free - sum(given)]:
        given[place] += 1
    # Where nothing takes any time, all that is left goes to the last part.
    given[-1] += free - sum(given)
    return [each + 1 for each in given]


def _gaps(busy: Iterable[Extent], extent: Extent, least: float) -> list[Extent]:
    """Return when nothing happened for longer than so many seconds, in order."""
    gaps: list[Extent] = []
    reached = extent.begin
    for each in sorted(busy, key=lambda busy: busy.begin):
        if each.begin >= extent.end:
            break
        if (each.begin - reached).total_seconds() > least:
            gaps.append(Extent(reached, each.begin))
        reached = max(reached, each.end)
    if (extent.end - reached).total_seconds() > least:
        gaps.append(Extent(reached, extent.end))
    return gaps


def round_step(least: float) -> float:
    """Return a round number of seconds that is no less than so many."""
    if least >= _DAY:
        return float(ceil(least / _DAY) * _DAY)
    if least >= 1:
        return float(next(each for each in _STEPS if each >= least))
    scale = 10.0 ** floor(log10(max(least, _SHORTEST / _ROOM)))
    return next(each * scale for each in (1, 2, 5, 10) if each * scale >= least)


def offset(seconds: float, step: float = 1.0) -> str:
    """Return a time since a beginning, as exactly as steps of so many seconds need it."""
    decimals = 0 if step >= 1 else -floor(log10(step))
    sign, seconds = "-" if seconds < 0 else "", round(abs(seconds), decimals)
    if seconds < _MINUTE:
        return f"{sign}{seconds:.{decimals if seconds else 0}f}s"
    hours, rest = divmod(seconds, _HOUR)
    minutes, rest = divmod(rest, _MINUTE)
    width = 2 if decimals == 0 else 3 + decimals
    small = f"{rest:0{width}.{decimals}f}s"
    if not hours:
        return f"{sign}{minutes:.0f}m{small}"
    if hours >= _MOST_HOURS and step >= _HOUR:
        return f"{sign}{hours // 24:.0f}d{hours % 24:02.0f}h"
    return f"{sign}{hours:.0f}h{minutes:02.0f}m" + (small if step < _MINUTE else "")


_MOST_HOURS = 48
"""Hours from which on a label counts days."""
