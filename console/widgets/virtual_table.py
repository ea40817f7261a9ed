"""A table that renders only the rows in sight, so a frame costs the same however many there are."""

from collections.abc import Callable, Collection, Mapping, Sequence
from textwrap import wrap
from typing import Any, ClassVar, Generic, TypeVar

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from dataagents.console.apps import app_of
from dataagents.console.keys import TABLE_KEYS
from dataagents.console.view.cells import TONES, Cell, Column
from dataagents.console.view.glyphs import UNICODE, Glyphs

RowT = TypeVar("RowT")

_MARGIN = 2
"""Cells at either side of what is said in place of rows."""
_EDGE = 50
"""Rows from an end at which the table says that it will need more."""


class VirtualTable(ScrollView, Generic[RowT], can_focus=True):
    """Rows of any kind, one of them under the cursor; the cursor stays with its row's key."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "table--heading",
        "table--column",
        "table--cursor",
        "table--resting",
        "table--marked",
        *(f"table--{tone}" for tone in TONES),
    }
    BINDING_GROUP_TITLE = "Table"
    BINDINGS: ClassVar[list[BindingType]] = [*TABLE_KEYS]

    class Said(Message):
        """Something about a table; its sender is the table."""

        def __init__(self, table: "VirtualTable[Any]") -> None:
            self.table = table
            super().__init__()

        @property
        def control(self) -> "VirtualTable[Any]":
            """The table."""
            return self.table

    class Moved(Said):
        """The cursor is on another row."""

        def can_replace(self, message: Message) -> bool:
            """Only the newest place matters."""
            return isinstance(message, VirtualTable.Moved) and message.table is self.table

    class Opened(Said):
        """The row under the cursor was chosen; there may be none yet."""

    class NearEnd(Said):
        """The cursor comes near the last row."""

        def can_replace(self, message: Message) -> bool:
            """It is enough to hear it once."""
            return isinstance(message, VirtualTable.NearEnd) and message.table is self.table

    class NearStart(Said):
        """The cursor comes near the first row."""

        def can_replace(self, message: Message) -> bool:
            """It is enough to hear it once."""
            return isinstance(message, VirtualTable.NearStart) and message.table is self.table

    class HeadingClicked(Said):
        """The heading of a column was clicked; it is the chosen column now."""

    def __init__(
        self,
        columns: Sequence[Column],
        cells: Callable[[RowT], Sequence[Cell]],
        key: Callable[[RowT], str],
        *,
        empty: str = "",
        glyphs: Glyphs = UNICODE,
        id: str | None = None,
    ) -> None:
        super().__init__(id=id)
        self._columns = tuple(columns)
        self._cells = cells
        self._key = key
        self._glyphs = glyphs
        self._rows: Sequence[RowT] = ()
        self._cursor = 0
        self._column = 0
        self._arrows: Mapping[int, str] = {}
        self._tones: dict[tuple[str, str, bool], Style] = {}
        """Theme, tone and whether the line is reversed → the style, which is asked for often."""
        self.was_moved = False
        """Whether somebody has put the cursor where it is."""
        self._was_opened = False
        """Whether the row under the cursor was opened: who comes back looks for it."""
        self.marked: Collection[str] = frozenset()
        """Keys of the rows that are marked."""
        self.empty = empty
        """What is said in place of rows; may have several lines."""

    @property
    def rows(self) -> Sequence[RowT]:
        """The rows shown."""
        return self._rows

    @property
    def cursor(self) -> int:
        """Index of the row under the cursor; 0 in an empty table."""
        return self._cursor

    @property
    def column(self) -> int:
        """Index of the chosen column."""
        return self._column

    @property
    def current(self) -> RowT | None:
        """The row under the cursor."""
        return self._rows[self._cursor] if self._cursor < len(self._rows) else None

    def set_columns(self, columns: Sequence[Column], arrows: Mapping[int, str]) -> None:
        """Show other columns, and arrows in the headings of those that rows are sorted by."""
        if (tuple(columns), arrows) != (self._columns, self._arrows):
            self._columns, self._arrows = tuple(columns), dict(arrows)
            self._column = min(self._column, len(self._columns) - 1)
            self.refresh()

    def show(self, rows: Sequence[RowT], *, follow: bool = False) -> None:
        """Show other rows; the cursor follows its row where that is still there.

        Args:
            rows: The rows.
            follow: Leave a cursor that is on the first row there, whatever that is now, unless
                that row was opened.
        """
        before = None if self.current is None else self._key(self.current)
        stays = follow and self._cursor == 0 and not self._was_opened
        line = self._cursor - self.scroll_offset.y
        self._rows = rows
        self._cursor = min(self._cursor, max(0, len(rows) - 1))
        if before is not None and rows and not stays:
            self._follow(before)
        self._measure()
        if not stays and self._cursor - self.scroll_offset.y != line:
            self.scroll_to(y=max(0, self._cursor - line), animate=False, force=True)
        self._reveal()
        self.refresh()
        if self.current is None or self._key(self.current) != before:
            self.post_message(self.Moved(self))

    def go_to(self, key: str) -> bool:
        """Put the cursor on the row with a key; False when there is none."""
        found = next((at for at, row in enumerate(self._rows) if self._key(row) == key), None)
        if found is not None:
            self.move_to(found)
        return found is not None

    def move_to(self, row: int) -> None:
        """Put the cursor on a row; the nearest there is."""
        row = max(0, min(row, len(self._rows) - 1))
        self.was_moved, self._was_opened = True, False
        if row != self._cursor:
            self._cursor = row
            self._reveal()
            self.refresh()
            self.post_message(self.Moved(self))
        if row >= len(self._rows) - _EDGE:
            self.post_message(self.NearEnd(self))
        if row < _EDGE:
            self.post_message(self.NearStart(self))

    def _follow(self, key: str) -> None:
        if self._key(self._rows[self._cursor]) != key:
            for at, row in enumerate(self._rows):
                if self._key(row) == key:
                    self._cursor = at
                    return

    def _measure(self) -> None:
        self.virtual_size = Size(self.scrollable_content_region.width, len(self._rows) + 1)

    def on_resize(self, event: events.Resize) -> None:
        """Fit the rows to the new width, and keep the cursor in sight."""
        self._measure()
        self._reveal()
        self.refresh()

    def on_focus(self, event: events.Focus) -> None:
        """Show the cursor as the active one."""
        self.refresh()

    def on_blur(self, event: events.Blur) -> None:
        """Show the cursor as a resting one."""
        self.refresh()

    def on_click(self, event: events.Click) -> None:
        """Put the cursor on the row, or choose the column; a second click opens the row."""
        offset = event.get_content_offset_capture(self)
        if offset.y < 1:
            self._click_heading(offset.x)
            return
        at = offset.y - 1 + self.scroll_offset.y
        if at >= len(self._rows):
            return
        again = at == self._cursor
        self.move_to(at)
        if again:
            self.action_open()

    def _click_heading(self, x: int) -> None:
        begin = 1
        for index, width in self._widths(self.scrollable_content_region.width):
            if begin <= x <= begin + width:
                self._column = index
                self.refresh()
                self.post_message(self.HeadingClicked(self))
                return
            begin += width + 1

    def action_move(self, by: int) -> None:
        """Move the cursor by rows."""
        self.move_to(self._cursor + by)

    def action_page(self, by: int) -> None:
        """Move the cursor by screenfuls."""
        self.move_to(self._cursor + by * max(1, self._height - 1))

    def action_move_to(self, row: int) -> None:
        """Move the cursor to a row; counted from the end when below 0."""
        self.move_to(row if row >= 0 else len(self._rows) + row)

    def action_choose(self, by: int) -> None:
        """Choose the next column in sight to the right, or to the left."""
        shown = [index for index, _ in self._widths(self.scrollable_content_region.width)]
        if shown:
            at = shown.index(self._column) if self._column in shown else 0
            self._column = shown[max(0, min(len(shown) - 1, at + by))]
            self.refresh()

    def action_open(self) -> None:
        """Say that the row under the cursor was chosen, or is to be once there is one."""
        self._was_opened = self.current is not None
        self.post_message(self.Opened(self))

    @property
    def _height(self) -> int:
        """Rows in sight; the heading takes a line."""
        return self.scrollable_content_region.height - 1

    def _reveal(self) -> None:
        # The heading covers the first line, so the cursor must be in sight below it.
        region = Region(0, self._cursor, 1, 2)
        self.scroll_to_region(region, animate=False, force=True)

    def render_line(self, y: int) -> Strip:
        """Render one line of the window: the heading, a row or nothing."""
        width = self.scrollable_content_region.width
        if y == 0:
            return self._heading(width)
        if not self._rows:
            return self._nothing(y, width)
        at = y - 1 + self.scroll_offset.y
        if at >= len(self._rows):
            return Strip.blank(width, self.rich_style)
        row, base, before = self._rows[at], self.rich_style, " "
        if self._key(row) in self.marked:
            base, before = self.get_component_rich_style("table--marked"), self._glyphs.marked
        if at == self._cursor:
            active = "table--cursor" if self.has_focus else "table--resting"
            before = self._glyphs.cursor if before == " " else self._glyphs.both
            base = self.get_component_rich_style(active)
        return self._strip(self._cells(row), width, base, before)

    def _heading(self, width: int) -> Strip:
        base = self.get_component_rich_style("table--heading")
        chosen = base + Style(underline=True) if self.has_focus else base
        segments = [Segment(" ", base)]
        for index, room in self._widths(width):
            column, arrow = self._columns[index], self._arrows.get(index, "")
            title = _fit(column.title, room - len(arrow)).rstrip() + arrow
            style = chosen if index == self._column else base
            segments += _aligned(title, room, column.right, style, base)
            segments.append(Segment(" ", base))
        return Strip(segments).adjust_cell_length(width, base)

    def _nothing(self, y: int, width: int) -> Strip:
        room = max(1, width - 2 * _MARGIN)
        lines = [
            part
            for line in self.empty.splitlines()
            for part in wrap(line, room, break_on_hyphens=False) or [""]
        ]
        text = lines[y - 2] if 2 <= y < len(lines) + 2 else ""
        style = self.rich_style + self._tone("dim")
        return Strip([Segment(_fit(f"{' ' * _MARGIN}{text}", width), style)], width)

    def _widths(self, width: int) -> list[tuple[int, int]]:
        """Return the columns in sight, each with its cells."""
        shown = [index for index, column in enumerate(self._columns) if column.needs <= width]
        fixed = sum(self._columns[index].width + 1 for index in shown)
        rest = max(0, width - 1 - fixed)
        return [(index, self._columns[index].width or rest) for index in shown]

    def _strip(self, cells: Sequence[Cell], width: int, base: Style, before: str) -> Strip:
        segments = [Segment(before, base)]
        for index, room in self._widths(width):
            cell, column = cells[index], self._columns[index]
            tone = self._tone(cell.tone, reverse=bool(base.reverse)) if cell.tone else Style()
            style = base + tone
            segments.append(Segment(_fit(cell.text, room, column.right, self._glyphs.more), style))
            segments.append(Segment(" ", base))
        return Strip(segments).adjust_cell_length(width, base)

    def _tone(self, tone: str, *, reverse: bool = False) -> Style:
        kind = (app_of(self).theme, tone, reverse)
        if kind not in self._tones:
            self._tones[kind] = self._new_tone(tone, reverse=reverse)
        return self._tones[kind]

    def _new_tone(self, tone: str, *, reverse: bool) -> Style:
        """Return a tone without its background, which is the line's.

        In a reversed line it brings no colour: that would become the background of its cell.
        """
        style = self.get_component_rich_style(f"table--{tone}")
        return Style(
            color=None if reverse else style.color,
            bold=style.bold or None,
            dim=None if reverse else style.dim or None,
            underline=style.underline or None,
            italic=style.italic or None,
        )


def _aligned(text: str, width: int, right: bool, style: Style, around: Style) -> list[Segment]:
    """Return a text at its side of a column, styled without the room around it."""
    room = Segment(" " * max(0, width - cell_len(text)), around)
    return [room, Segment(text, style)] if right else [Segment(text, style), room]


def _fit(text: str, width: int, right: bool = False, more: str = UNICODE.more) -> str:
    """Return a text that takes exactly `width` cells; one that is cut ends in an ellipsis."""
    length = cell_len(text)
    if length > width:
        return set_cell_size(text, width - 1) + more if width > 0 else ""
    return " " * (width - length) + text if right else text + " " * (width - length)
