"""The sequence view: participants as lanes, and messages as arrows between them."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby

from rich.cells import cell_len

from dataagents.console.view.cells import Cell, Column
from dataagents.console.view.exchanges import SequenceRow
from dataagents.console.view.glyphs import Glyphs
from dataagents.console.view.marks import Mark
from dataagents.console.view.message_lines import MessageLine
from dataagents.console.view.moment import Moment
from dataagents.console.view.widths import cut, fill
from dataagents.core.messaging import ANYONE, EVERYONE

OTHERS = "others"
_TIME = 12
_LEAST_LANE = 10
_WIDEST_LANE = 20
_LEAST_SAID = 22
_SHARE_SAID = 3
"""What is said gets at least one cell in so many."""
_MOST_NAMED = 12
_WORDS = {EVERYONE: "everyone", ANYONE: "anyone"}


@dataclass(frozen=True, slots=True)
class LaneLayout:
    """Which participants have a lane of their own, and where the lanes are."""

    names: tuple[str, ...]
    """Those with a lane, in the order they first had to do with a message."""
    others: tuple[str, ...]
    """Those that share the last lane; none when there is room for all."""
    lane: int
    """Cells of a lane."""
    glyphs: Glyphs
    _places: Mapping[str, int]

    @property
    def lanes(self) -> int:
        """How many there are, the one of the others included."""
        return len(self.names) + bool(self.others)

    @property
    def width(self) -> int:
        """Cells of all of them."""
        return self.lanes * self.lane

    @property
    def heading(self) -> str:
        """The names over their lanes, in `width` cells; by their ends where they begin alike."""
        more, width = self.glyphs.more, self.lane - 1
        others = (f"{len(self.others)} {OTHERS}",) if self.others else ()
        titles = (*(_WORDS.get(each, each) for each in self.names), *others)
        heads = [cut(title, width, more) for title in titles]
        times = Counter(heads)
        told = (
            head if times[head] == 1 else _ending(title, width, more)
            for head, title in zip(heads, titles, strict=True)
        )
        return "".join(_centred(head, self.lane) for head in told)

    @property
    def columns(self) -> tuple[Column, ...]:
        """Columns of a table: time, lanes, and what is said."""
        return (Column("SENT", _TIME), Column(self.heading, self.width), Column("MESSAGE"))

    @property
    def sentence(self) -> str:
        """Who shares the last lane, in words; empty when nobody does."""
        if not self.others:
            return ""
        named = ", ".join(self.others[:_MOST_NAMED])
        left = len(self.others) - _MOST_NAMED
        return f"{OTHERS}: {named}" + (f" and {left:,} more" if left > 0 else "")

    def has(self, participant: str) -> bool:
        """Return whether somebody has a lane of its own."""
        return participant in self._places

    def centre(self, participant: str) -> int:
        """Return the cell that a participant's line is in."""
        place = self._places.get(participant, len(self.names))
        return min(place, max(0, self.lanes - 1)) * self.lane + (self.lane - 1) // 2


def lanes_for(messages: Iterable[MessageLine], width: int, moment: Moment) -> LaneLayout:
    """Return the lanes of a conversation that there is room for.

    Where there are too many participants, those with the most messages have a lane of their own.

    Args:
        messages: What was said.
        width: Cells of a line, time and words included.
        moment: Says which characters are used.
    """
    said: Counter[str] = Counter()
    for message in messages:
        said.update(dict.fromkeys((message.sender, *message.recipients), 1))
    room = width - _TIME - 2 - max(_LEAST_SAID, width // _SHARE_SAID)
    most = max(2, room // _LEAST_LANE)
    names = tuple(said)
    if len(names) > most:
        busiest = frozenset(each for each, _ in said.most_common(most - 1))
        names = tuple(each for each in said if each in busiest)
    kept = frozenset(names)
    others = tuple(sorted(_WORDS.get(each, each) for each in said if each not in kept))
    lanes = len(names) + bool(others)
    lane = min(_WIDEST_LANE, max(_LEAST_LANE, room // lanes)) if lanes else _LEAST_LANE
    places = {each: place for place, each in enumerate(names)}
    return LaneLayout(names, others, lane, moment.glyphs, places)


def sequence_cells(row: SequenceRow, layout: LaneLayout, moment: Moment) -> tuple[Cell, ...]:
    """Return a line of a sequence as cells of `LaneLayout.columns`.

    Args:
        row: The line.
        layout: The lanes.
        moment: When it is looked at.
    """
    mark = row.mark(moment)
    tone = "dim" if row.pause is not None else mark.value
    lanes = "".join(span.text for span in lane_spans(row, layout, moment))
    time = "" if row.pause is not None else f"{row.at:%H:%M:%S.%f}"[:_TIME]
    glyph = "" if row.pause is not None else f"{moment.glyph(mark)} "
    said = Cell(
        f"{glyph}{_who(row, layout)}{row.words(moment)}",
        "" if mark in (Mark.OK, Mark.NOTE) else tone,
    )
    return Cell(time, "dim"), Cell(lanes, tone), said


def lane_spans(row: SequenceRow, layout: LaneLayout, moment: Moment) -> tuple[Cell, ...]:
    """Return the lanes of a line in parts with tones of their own: lines dim, the arrow as it is.

    Together they are exactly `layout.width` cells. A solid arrow is a message, a dashed one an
    answer; what did not arrive, or not yet, ends in its mark instead of a head.

    Args:
        row: The line.
        layout: The lanes.
        moment: When it is looked at.
    """
    lane, middle = layout.lane, (layout.lane - 1) // 2
    line = moment.glyphs.rule if row.pause is None else moment.glyph(Mark.NOTE)
    cells = [" "] * layout.width
    tones = ["dim"] * layout.width
    for place in range(layout.lanes):
        cells[place * lane + middle] = line
    if row.pause is None:
        tone = row.mark(moment).value
        for place, character in _arrow(row, layout, moment):
            cells[place], tones[place] = character, tone
    return tuple(
        Cell("".join(character for character, _ in group), tone)
        for tone, group in groupby(zip(cells, tones, strict=True), key=lambda pair: pair[1])
    )


def _who(row: SequenceRow, layout: LaneLayout) -> str:
    """Return those of sender and recipients that have no lane of their own."""
    message = row.message
    if row.pause is not None or not layout.others:
        return ""
    if all(layout.has(each) for each in (message.sender, *message.recipients)):
        return ""
    sender = "" if layout.has(message.sender) else message.sender
    hidden = [_WORDS.get(each, each) for each in message.recipients if not layout.has(each)]
    more = f" and {len(hidden) - 2} more" if len(hidden) > 2 else ""
    to = f"to {', '.join(hidden[:2])}{more}" if hidden else ""
    return " ".join(filter(None, (sender, to))) + ": "


def _arrow(row: SequenceRow, layout: LaneLayout, moment: Moment) -> list[tuple[int, str]]:
    """Return the cells that an arrow takes, and what is in each."""
    glyphs, message = moment.glyphs, row.message
    begin = layout.centre(message.sender)
    ends = tuple(dict.fromkeys(layout.centre(each) for each in message.recipients)) or (begin,)
    body = glyphs.gap if message.reply_to else glyphs.line
    mark = message.state(moment)[1]
    head = moment.glyph(mark) if mark in (Mark.FAIL, Mark.BUSY, Mark.IDLE) else ""
    drawn: dict[int, str] = {}
    for end in sorted(ends, key=lambda each: -abs(each - begin)):
        step = 1 if end > begin else -1
        for place in range(begin + step, end, step):
            drawn.setdefault(place, body)
    for end in ends:
        if end == begin:
            drawn[begin + 1], drawn[begin + 2] = head or glyphs.left, body
        else:
            drawn[end] = head or (glyphs.right if end > begin else glyphs.left)
    return list(drawn.items())


def _ending(text: str, width: int, more: str) -> str:
    """Return the end of a name, where its beginning is that of another one, too."""
    kept = text
    while cell_len(kept) > width - 1:
        kept = kept[1:]
    return more + kept if kept != text else text


def _centred(text: str, width: int) -> str:
    before = max(0, (width - 1 - cell_len(text)) // 2)
    return fill(" " * before + text, width)
