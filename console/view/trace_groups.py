"""Which rows of a trace say the same, one after the other, so that one may stand for all."""

from collections.abc import Iterator, Sequence

from dataagents.console.view.row import TraceRow

GROUP = "*"
"""What the key of a row ends with that stands for several."""
_GROUPED = frozenset({"step", "execution", "ballot", "bid"})
"""Kinds of which rows that say the same, one after the other, become one."""


def extents(rows: Sequence[TraceRow]) -> list[int]:
    """Return for each row the place of the first one that is not below it."""
    ends = [len(rows)] * len(rows)
    above: list[int] = []
    for place, row in enumerate(rows):
        while above and rows[above[-1]].depth >= row.depth:
            ends[above.pop()] = place
        above.append(place)
    return ends


def repeats(
    rows: Sequence[TraceRow], ends: Sequence[int], matters: Sequence[bool], place: int
) -> range:
    """Return the places of equal rows that follow each other, beginning with a place."""
    end = place + 1
    if rows[place].kind in _GROUPED and ends[place] == end:
        gist = _gist(rows[place])
        while (
            end < len(rows) and matters[end] and ends[end] == end + 1 and _gist(rows[end]) == gist
        ):
            end += 1
    return range(place, end)


def _gist(row: TraceRow) -> tuple[object, ...]:
    """Return what two rows have to share in order to be shown as one; numbers don't count."""
    if row.kind == "ballot":
        return (row.depth, row.kind, row.mark, row.detail)
    if row.kind == "bid":
        return (row.depth, row.kind, row.mark, row.detail, row.seconds)
    label = unnumbered(row.label) if row.kind == "step" else row.label
    detail = row.detail.partition(":")[2] if row.kind == "execution" else row.detail
    return (row.depth, row.kind, row.mark, label, row.agent, detail or row.detail)


def unnumbered(label: str) -> str:
    """Return what a step is called without its number."""
    return label.lstrip("0123456789 ")


def group_of(rows: Sequence[TraceRow], row: TraceRow) -> str:
    """Return the key of the group that a row would be a part of; empty when it is of none."""
    return next((key for key, members in _groups(rows) if row.address in members), "")


def _groups(rows: Sequence[TraceRow]) -> Iterator[tuple[str, frozenset[str]]]:
    ends, matters = extents(rows), [True] * len(rows)
    place = 0
    while place < len(rows):
        run = repeats(rows, ends, matters, place)
        if len(run) > 1:
            members = frozenset(rows[each].address for each in run)
            yield rows[run.start].address + GROUP, members
        place = run.stop
