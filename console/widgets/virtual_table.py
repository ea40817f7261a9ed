"""A table that renders only the rows in sight, so a frame costs the same however many there are."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, TypeVar

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

RowT = TypeVar("RowT")


@dataclass(frozen=True, slots=True)
class Column:
    """A column; columns are one cell apart."""

    title: str
    width: int = 0
    """Cells; 0 takes what the others leave, for one column of a table."""
    right: bool = False
    """Whether its cells stand at the right, as figures should."""
    needs: int = 0
    """The column is left out in tables narrower than this."""


@dataclass(frozen=True, slots=True)
class Cell:
    """Text that is safe to show, and what it means."""

    text: str
    tone: str = ""
    """`ok`, `busy`, `warn`, `fail`, `idle`, `note`, `dim`, `strong`, or empty for plain text."""


class VirtualTable(ScrollView, Generic[RowT], can_focus=True):
    """Rows of any kind, one of them under the cursor; the cursor stays with its row's key."""

    TONES: ClassVar[tuple[str, ...]] = (
        "ok", "busy", "warn", "fail", "idle", "note", "dim", "strong",
    )  # fmt: skip
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "table--heading",
        "table--cursor",
        *(f"table--{tone}" for tone in TONES),
    }
    BINDING_GROUP_TITLE = "Table"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "move(1)", "Down", id="table.down", tooltip="Next row", show=False),
        Binding("up,k", "move(-1)", "Up", id="table.up", tooltip="Previous row", show=False),
        Binding("pagedown,ctrl+f", "page(1)", "Page down", id="table.page_down",
                tooltip="A screenful down", show=False),
        Binding("pageup,ctrl+b", "page(-1)", "Page up", id="table.page_up",
                tooltip="A screenful up", show=False),
        Binding("home,g", "move_to(0)", "First", id="table.first", tooltip="First row", show=False),
        Binding("end,G", "move_to(-1)", "Last", id="table.last", tooltip="Last row", show=False),
        Binding("enter", "open", "Open", id="table.open", tooltip="Open the row"),
    ]  # fmt: skip

    class Moved(Message):
        """The cursor is on another row."""

        def __init__(self, table: "VirtualTable[Any]") -> None:
            self.table = table
            super().__init__()

        @property
        def control(self) -> "VirtualTable[Any]":
            """The table."""
            return self.table

        def can_replace(self, message: Message) -> bool:
            """Only the newest place matters."""
            return isinstance(message, VirtualTable.Moved) and message.table is self.table

    class Opened(Message):
        """The row under the cursor was chosen."""

        def __init__(self, table: "VirtualTable[Any]") -> None:
            self.table = table
            super().__init__()

        @property
        def control(self) -> "VirtualTable[Any]":
            """The table."""
            return self.table

    def __init__(
        self,
        columns: Sequence[Column],
        cells: Callable[[RowT], Sequence[Cell]],
        key: Callable[[RowT], str],
        *,
        empty: str = "",
        id: str | None = None,
    ) -> None:
        super().__init__(id=id)
        self._columns = tuple(columns)
        self._cells = cells
        self._key = key
        self._rows: Sequence[RowT] = ()
        self._cursor = 0
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
    def current(self) -> RowT | None:
        """The row under the cursor."""
        return self._rows[self._cursor] if self._cursor < len(self._rows) else None

    def show(self, rows: Sequence[RowT]) -> None:
        """Show other rows; the cursor follows its row where that is still there."""
        before = None if self.current is None else self._key(self.current)
        self._rows = rows
        self._cursor = min(self._cursor, max(0, len(rows) - 1))
        if before is not None and rows:
            self._follow(before)
        self._measure()
        self.refresh()
        if self.current is None or self._key(self.current) != before:
            self.post_message(self.Moved(self))

    def go_to(self, key: str) -> bool:
        """Put the cursor on the row with a key; False when there is none."""
        found = next((at for at, row in enumerate(self._rows) if self._key(row) == key), None)
        if found is not None:
            self._move_to(found)
        return found is not None

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
        """Put the cursor on the row; a second click opens it."""
        line = event.get_content_offset_capture(self).y
        at = line - 1 + self.scroll_offset.y
        if line < 1 or at >= len(self._rows):
            return
        again = at == self._cursor
        self._move_to(at)
        if again:
            self.action_open()

    def action_move(self, by: int) -> None:
        """Move the cursor by rows."""
        self._move_to(self._cursor + by)

    def action_page(self, by: int) -> None:
        """Move the cursor by screenfuls."""
        self._move_to(self._cursor + by * max(1, self._height - 1))

    def action_move_to(self, row: int) -> None:
        """Move the cursor to a row; counted from the end when below 0."""
        self._move_to(row if row >= 0 else len(self._rows) + row)

    def action_open(self) -> None:
        """Say that the row under the cursor was chosen."""
        if self.current is not None:
            self.post_message(self.Opened(self))

    @property
    def _height(self) -> int:
        """Rows in sight; the heading takes a line."""
        return self.scrollable_content_region.height - 1

    def _move_to(self, row: int) -> None:
        row = max(0, min(row, len(self._rows) - 1))
        if row != self._cursor:
            self._cursor = row
            self._reveal()
            self.refresh()
            self.post_message(self.Moved(self))

    def _reveal(self) -> None:
        # The heading covers the first line, so the cursor must be in sight below it.
        region = Region(0, self._cursor, 1, 2)
        self.scroll_to_region(region, animate=False, force=True)

    def render_line(self, y: int) -> Strip:
        """Render one line of the window: the heading, a row or nothing."""
        width = self.scrollable_content_region.width
        if y == 0:
            heading = [Cell(column.title) for column in self._columns]
            return self._strip(heading, width, self.get_component_rich_style("table--heading"))
        if not self._rows:
            return self._nothing(y, width)
        at = y - 1 + self.scroll_offset.y
        if at >= len(self._rows):
            return Strip.blank(width, self.rich_style)
        base, marked = self.rich_style, at == self._cursor
        if marked and self.has_focus:
            base = self.get_component_rich_style("table--cursor")
        return self._strip(self._cells(self._rows[at]), width, base, ">" if marked else " ")

    def _nothing(self, y: int, width: int) -> Strip:
        lines = self.empty.splitlines()
        text = lines[y - 2] if 2 <= y < len(lines) + 2 else ""
        style = self.rich_style + self._tone("dim")
        return Strip([Segment(_fit(f"  {text}", width), style)], width)

    def _strip(self, cells: Sequence[Cell], width: int, base: Style, before: str = " ") -> Strip:
        shown = [
            (column, cell)
            for column, cell in zip(self._columns, cells, strict=True)
            if column.needs <= width
        ]
        rest = max(0, width - 1 - sum(column.width + 1 for column, _ in shown))
        segments = [Segment(before, base)]
        for column, cell in shown:
            style = base + self._tone(cell.tone) if cell.tone else base
            segments.append(Segment(_fit(cell.text, column.width or rest, column.right), style))
            segments.append(Segment(" ", base))
        return Strip(segments).adjust_cell_length(width, base)

    def _tone(self, tone: str) -> Style:
        """Return a tone without its background, which is the line's."""
        style = self.get_component_rich_style(f"table--{tone}")
        return Style(color=style.color, bold=style.bold)


def _fit(text: str, width: int, right: bool = False) -> str:
    """Return a text that takes exactly `width` cells; one that is cut ends in an ellipsis."""
    length = cell_len(text)
    if length > width:
        return set_cell_size(text, width - 1) + "…" if width > 0 else ""
    return " " * (width - length) + text if right else text + " " * (width - length)
