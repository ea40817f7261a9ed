"""The list screen: one for every kind of list; rows, and the row under the cursor in full."""

import difflib
from collections.abc import Sequence
from typing import ClassVar, TypeVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container

from dataagents.console.apps import app_of
from dataagents.console.exports import export_name, write_export
from dataagents.console.keys import LIST_KEYS
from dataagents.console.screens.asking import Asking
from dataagents.console.screens.choosing import Choice, Choose
from dataagents.console.screens.messages import Left, Said, Wanted, WhyWanted
from dataagents.console.screens.pictures import picture
from dataagents.console.screens.reading import ReadScreen
from dataagents.console.session import Session
from dataagents.console.steering import Subject
from dataagents.console.view.addresses import parse_address
from dataagents.console.view.cells import Cell
from dataagents.console.view.listing import Listing
from dataagents.console.view.listing.exporting import as_csv, as_json
from dataagents.console.view.marks import Mark
from dataagents.console.widgets.detail_pane import DetailPane
from dataagents.console.widgets.virtual_table import VirtualTable
from dataagents.core.errors import InputError

RowT = TypeVar("RowT")

EXPORTS = (
    Choice("csv", "CSV, for a spreadsheet: every field of the rows shown"),
    Choice("json", "JSON, for programs: an object a row"),
    Choice("svg", "SVG, a picture of this screen"),
)


class ListScreen(Asking[RowT]):
    """Shows the rows of a listing; where they come from is the subclass's."""

    BINDINGS: ClassVar[list[BindingType]] = [*LIST_KEYS]
    BINDING_GROUP_TITLE = "Lists"
    AUTO_FOCUS: ClassVar[str | None] = "#rows"

    def __init__(self, session: Session, crumb: str, listing: Listing[RowT]) -> None:
        super().__init__(session, crumb, listing)
        self.marked: frozenset[str] = frozenset()
        """Addresses of the rows that are marked."""
        self._begun: int | None = None
        """Which file its rows are of; a list that is held has rows of it, too."""

    def body(self) -> ComposeResult:
        """Lay out the table and the pane with the row in full."""
        columns = [field.column for field in self.asked.columns()]
        with Container(id="body"):
            yield VirtualTable[RowT](
                columns, self._cells, self.listing.key, glyphs=self.session.glyphs, id="rows"
            )
            yield DetailPane(id="detail")

    @property
    def table(self) -> VirtualTable[RowT]:
        """The rows."""
        return self.query_one("#rows", VirtualTable)

    def column(self) -> int:
        """Return the index of the chosen column."""
        return self.table.column

    def notes(self) -> tuple[str, ...]:
        """Return which part of the list is shown, and how."""
        return (
            "" if self.asked.following else "HELD",
            f"{len(self.marked)} marked" if self.marked else "",
            *self.progress(),
            *self.asked.notes(self.session.clock.now()),
        )

    def progress(self) -> tuple[str, ...]:
        """Return how much of the list there is."""
        return ()

    def bring(self) -> None:
        """Bring the newest rows, now or soon."""
        raise NotImplementedError

    def show(self) -> None:
        """Show the rows, and the one under the cursor in full."""
        glyphs = self.session.moment().glyphs
        columns = [field.column for field in self.asked.columns()]
        self.table.set_columns(columns, self.asked.arrows(glyphs.up, glyphs.down))
        self.table.marked = self.marked
        self.table.empty = self.emptiness()
        if self.asked.following or self._begun != self.session.generation:
            self.bring()
            pulse = self.session.pulse
            if pulse is not None and pulse.state.is_readable:
                self._begun = self.session.generation
        self.show_detail()

    def emptiness(self) -> str:
        """Return what is said in place of rows."""
        wanted = self.wanted
        if wanted.filters or wanted.span:
            return (
                "Nothing fits.\n\n/ changes the filter, t the time, v the view, h what is hidden."
            )
        return self.session.nothing(self.listing.empty, how=self.listing.filled_by_runs)

    def show_detail(self) -> None:
        """Show the row under the cursor in full."""
        row, pane = self.table.current, self.query_one(DetailPane)
        pane.display = row is not None
        if row is not None:
            pane.show(self.listing.key(row), self.sections(row))

    def sections(self, row: RowT) -> Sequence[tuple[str, str]]:
        """Return everything there is to read about a row."""
        return self.listing.sections(row, self.session.moment())

    def targets(self) -> tuple[str, ...]:
        """Return the addresses of the marked rows, or of the one under the cursor."""
        if self.marked:
            return tuple(sorted(self.marked))
        row = self.table.current
        return () if row is None else (self.address_of(row),)

    def subjects(self) -> tuple[Subject, ...]:
        """Return the same, with the state of each where the list has one."""
        moment = self.session.moment()
        state = next((each for each in self.listing.fields if each.name == "state"), None)
        rows = {self.address_of(row): row for row in self.table.rows}

        def subject(address: str) -> Subject:
            row = rows.get(address)
            if row is None:
                return Subject(address)
            about = self.listing.about(row)
            known = "" if state is None else str(state.value(row, moment))
            return Subject(address, known, (about,) if about else ())

        return tuple(map(subject, self.targets()))

    def choose_row(self, row: RowT) -> None:
        """Open a row."""
        self.post_message(Wanted(parse_address(self.address_of(row))))

    def address_of(self, row: RowT) -> str:
        """Return the address that a row leads to."""
        return self.listing.key(row)

    def failed(self, row: RowT) -> bool:
        """Return whether a row has failed."""
        return self.listing.mark(row, self.session.moment()) is Mark.FAIL

    def action_error(self, by: int) -> None:
        """Go to the next row that failed, around the end."""
        rows, at = self.table.rows, self.table.cursor
        around = ((at + by * offset) % len(rows) for offset in range(len(rows)))
        failed = [each for each in around if self.failed(rows[each])]
        if not failed:
            self.post_message(Said(f"No {self.listing.noun} here has failed."))
            return
        beside = [each for each in failed if each != at]
        # From anywhere else the row under the cursor comes last; at first it is as good as any.
        self.table.move_to(beside[0] if beside and self.table.was_moved else failed[0])

    def action_mark(self) -> None:
        """Mark the row under the cursor, or take the mark away, and go on to the next."""
        row = self.table.current
        if row is not None:
            self.marked = self.marked ^ {self.listing.key(row)}
            self.table.action_move(1)
            self.table.refresh()
            self.paint()

    def action_diff(self) -> None:
        """Compare the row under the cursor with the marked one."""
        row = self.table.current
        key = next(iter(self.marked), "")
        other = next((each for each in self.table.rows if self.listing.key(each) == key), None)
        if len(self.marked) != 1 or row is None or other is None or other is row:
            self.post_message(Said("Mark one row with the space bar, and go to another one."))
            return
        lines = difflib.unified_diff(
            self._lines(other), self._lines(row),
            self.listing.key(other), self.listing.key(row), lineterm="", n=2,
        )  # fmt: skip
        text = "\n".join(lines) or "There is no difference."
        app_of(self).push_screen(ReadScreen("What differs", (("", text),)))

    def action_yank(self) -> None:
        """Copy the cell in the chosen column."""
        row, columns = self.table.current, self.asked.columns()
        if row is not None:
            field = columns[min(self.table.column, len(columns) - 1)]
            value = field.value(row, self.session.moment())
            self._copy("" if value is None else str(value))

    def action_yank_address(self) -> None:
        """Copy the address of the row."""
        row = self.table.current
        if row is not None:
            self._copy(self.address_of(row))

    def action_export(self) -> None:
        """Write the rows, or a picture of the screen, into the working folder."""

        def chosen(formats: tuple[str, ...] | None) -> None:
            for extension in formats or ():
                self.post_message(self._export(extension))

        app_of(self).push_screen(Choose("Export", EXPORTS), chosen)

    def action_why(self) -> None:
        """Show what led to the row."""
        row = self.table.current
        if row is not None:
            self.post_message(WhyWanted(parse_address(self.address_of(row))))

    def action_back(self) -> None:
        """Take the marks away, or go back."""
        if self.marked:
            self.marked = frozenset()
            self.paint()
            self.table.refresh()
        else:
            self.post_message(Left())

    @on(VirtualTable.Moved, "#rows")
    def _row_chosen(self) -> None:
        self.show_detail()

    @on(VirtualTable.Opened, "#rows")
    def _row_opened(self) -> None:
        self.open_row()

    def open_row(self) -> None:
        """Open the row under the cursor."""
        if self.table.current is not None:
            self.choose_row(self.table.current)

    @on(VirtualTable.HeadingClicked, "#rows")
    def _heading_clicked(self) -> None:
        self.action_sort()

    def _export(self, extension: str) -> Said:
        moment, rows = self.session.moment(), self.table.rows
        match extension:
            case "json":
                text = as_json(rows, self.listing, moment)
            case "csv":
                text = as_csv(rows, self.listing, moment)
            case _:
                text = picture(app_of(self))
        try:
            name = export_name(self.listing.name, extension, moment.now)
            written = write_export(self.session.folder, name, text)
        except InputError as error:
            return Said(str(error), bad=True)
        return Said(f"wrote {written.name}, {len(rows):,} rows")

    def _copy(self, text: str) -> None:
        app_of(self).copy_to_clipboard(text)
        self.post_message(Said(f"copied {text}"))

    def _cells(self, row: RowT) -> Sequence[Cell]:
        moment = self.session.moment()
        return [field.cell(row, moment) for field in self.asked.columns()]

    def _lines(self, row: RowT) -> list[str]:
        text = "\n".join(f"{heading}\n{body}" for heading, body in self.sections(row))
        return text.splitlines()
