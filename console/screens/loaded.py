"""Screens about one thing: what is on record about it is read again whenever the store changed."""

from collections.abc import Callable, Sequence
from typing import ClassVar, Generic, TypeVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container

from dataagents.console.apps import app_of
from dataagents.console.exports import export_name, write_export
from dataagents.console.keys import ENTITY_KEYS
from dataagents.console.screens.base import ViewScreen, Work
from dataagents.console.screens.messages import Left, Said, Wanted, WhyWanted, words_of
from dataagents.console.screens.pictures import picture
from dataagents.console.session import Session
from dataagents.console.view.addresses import Address, crumb_of, parse_address
from dataagents.console.view.cells import Cell, Column
from dataagents.console.widgets.ask_bar import AskBar
from dataagents.console.widgets.detail_pane import DetailPane
from dataagents.console.widgets.virtual_table import VirtualTable
from dataagents.core.errors import DataAgentsError, InputError
from dataagents.storage import StoreReader

ThingT = TypeVar("ThingT")
RowT = TypeVar("RowT")

_REST = 9.0
"""How many times as long as reading took it is not read again: it takes a tenth of the time."""


class LoadedScreen(ViewScreen, Generic[ThingT, RowT]):
    """A thing as rows in a table, and the row under the cursor in full.

    A subclass says how the thing is read (`load`), what rows it is shown as (`rows_of`), and how a
    row is shown (`cells`, `key`, `sections`). Reading never holds up the keys.
    """

    BINDINGS: ClassVar[list[BindingType]] = [*ENTITY_KEYS]
    BINDING_GROUP_TITLE = "This screen"
    AUTO_FOCUS: ClassVar[str | None] = "#rows"
    COLUMNS: ClassVar[tuple[Column, ...]] = ()
    NOTHING: ClassVar[str] = "Nothing more is on record of it."
    """What is said where the thing has no rows."""

    def __init__(self, session: Session, address: Address, crumb: str = "") -> None:
        super().__init__(session, crumb or crumb_of(address))
        self.address = address
        self.thing: ThingT | None = None
        """What was read; None before it was, and where there is nothing."""
        self._version = -1
        self._generation = session.generation
        self.filter = ""
        """Text that the rows shown have."""
        self._problem = ""
        self._reading = False
        self._rest = 0.0
        """Time before which it is not read again, since reading it took long."""

    def body(self) -> ComposeResult:
        """Lay out the heading, the table and the pane."""
        with Container(id="body"):
            yield VirtualTable[RowT](
                self.columns(), self.cells, self.key, glyphs=self.session.glyphs, id="rows"
            )
            yield DetailPane(id="detail")

    @property
    def table(self) -> VirtualTable[RowT]:
        """The rows."""
        return self.query_one("#rows", VirtualTable)

    # What a subclass says ---------------------------------------------------------------------

    async def load(self, reader: StoreReader) -> ThingT | None:
        """Read the thing; None where there is none.

        Raises:
            DataAgentsError: It can't be read; the screen says so.
        """
        raise NotImplementedError

    def rows_of(self, thing: ThingT) -> Sequence[RowT]:
        """Return what the table shows."""
        raise NotImplementedError

    def key(self, row: RowT) -> str:
        """Return the address of a row, or what else tells it from the others."""
        raise NotImplementedError

    def cells(self, row: RowT) -> Sequence[Cell]:
        """Return how a row is shown."""
        raise NotImplementedError

    def sections(self, row: RowT) -> Sequence[tuple[str, str]]:
        """Return everything there is to read about a row."""
        raise NotImplementedError

    def columns(self) -> Sequence[Column]:
        """Return the columns."""
        return self.COLUMNS

    def link(self, row: RowT) -> str:
        """Return the address that a row leads to; empty where enter just reads on."""
        return ""

    def arrived(self, thing: ThingT) -> None:
        """Note that the thing was read for the first time; the cursor may be put somewhere."""

    # ------------------------------------------------------------------------------------------

    def show(self) -> None:
        """Read it again where the store changed, and show what is known."""
        if self._generation != self.session.generation:
            self._generation, self._rest = self.session.generation, 0.0
            self.forget()
        changed = self._version != self.session.version and self.session.pulse is not None
        if changed and self.session.clock.monotonic() >= self._rest:
            self.read()
        self.refresh_rows()

    def forget(self) -> None:
        """Let go of what was read, since the file is another one."""
        self.thing = None

    def read(self) -> None:
        """Read the thing, unless that is being done."""
        if not self._reading:
            self._reading = True
            self._version = self.session.version
            work: Work = self._read
            self.run_worker(work, group="read")

    async def _read(self) -> None:
        first, began = self.thing is None, self.session.clock.monotonic()
        try:
            self.thing = await self.session.library.ask(self.load)
            nothing = f"Nothing is on record of {self.address}."
            self._problem = "" if self.thing is not None else nothing
        except DataAgentsError as error:
            self._problem = words_of(error)
        finally:
            self._reading = False
        if not self.query("#rows"):
            return  # it was left while it was read
        self.refresh_rows()
        ended = self.session.clock.monotonic()
        self._rest = ended + _REST * (ended - began)
        if first and self.thing is not None:
            self.arrived(self.thing)
        self.paint()

    def refresh_rows(self) -> None:
        """Show what was read."""
        table = self.table
        table.set_columns(self.columns(), {})
        table.empty = self.emptiness()
        rows = () if self.thing is None else self.rows_of(self.thing)
        table.show([row for row in rows if self._has_text(row)] if self.filter else rows)
        self.show_detail()

    def emptiness(self) -> str:
        """Return what is said in place of rows."""
        if self._problem:
            return self._problem
        if self.thing is None:
            return "reading"
        return "Nothing has this text; esc shows everything." if self.filter else self.NOTHING

    def _has_text(self, row: RowT) -> bool:
        wanted = self.filter.casefold()
        texts = [cell.text for cell in self.cells(row)] + [text for _, text in self.sections(row)]
        return any(wanted in text.casefold() for text in texts)

    def show_detail(self) -> None:
        """Show the row under the cursor in full."""
        row, pane = self.table.current, self.query_one(DetailPane)
        pane.display = row is not None
        if row is not None:
            pane.show(self.key(row), self.sections(row))

    def targets(self) -> tuple[str, ...]:
        """Return the address of the row under the cursor, or of the thing."""
        row = self.table.current
        return (self.key(row) if row is not None else str(self.address),)

    @on(VirtualTable.Moved, "#rows")
    def _row_chosen(self) -> None:
        self.show_detail()

    @on(VirtualTable.Opened, "#rows")
    def _row_opened(self) -> None:
        row = self.table.current
        link = "" if row is None else self.link(row)
        if link:
            self.post_message(Wanted(parse_address(link)))
        else:
            self.query_one(DetailPane).focus()

    def action_filter(self) -> None:
        """Ask for a text that rows have to have."""

        def hear(text: str, meant: bool) -> str | None:
            self.filter = text.strip()
            self.refresh_rows()
            self.paint()
            return None

        self.query_one(AskBar).ask("/", hear, self.filter, hint="text in the rows shown")

    def action_back(self) -> None:
        """Go back: from the pane to the table, from there to where one came from."""
        if self.filter:
            self.filter = ""
            self.refresh_rows()
        elif self.query_one(DetailPane).has_focus:
            self.table.focus()
        else:
            self.post_message(Left())

    def failed(self, row: RowT) -> bool:
        """Return whether a row has failed."""
        return False

    def action_error(self, by: int) -> None:
        """Go to the next row that failed, around the end."""
        self.find(self.failed, by)

    def find(self, wanted: Callable[[RowT], bool], by: int) -> None:
        """Go to the next row that is wanted, around the end; say so where there is none."""
        rows, at = self.table.rows, self.table.cursor
        around = ((at + by * offset) % len(rows) for offset in range(1, len(rows) + 1))
        found = next((each for each in around if wanted(rows[each])), None)
        if found is None:
            self.post_message(Said("Nothing here has failed."))
        else:
            self.table.move_to(found)

    def action_why(self) -> None:
        """Show what led to the row under the cursor."""
        self.post_message(WhyWanted(parse_address(self.targets()[0])))

    def action_yank(self) -> None:
        """Copy everything there is to read about the row."""
        row = self.table.current
        if row is not None:
            text = "\n".join(f"{heading}\n{body}" for heading, body in self.sections(row))
            app_of(self).copy_to_clipboard(text)
            self.post_message(Said("copied what the pane shows"))

    def action_yank_address(self) -> None:
        """Copy the address of the row, or of the thing."""
        app_of(self).copy_to_clipboard(self.targets()[0])
        self.post_message(Said(f"copied {self.targets()[0]}"))

    def action_export(self) -> None:
        """Write a picture of the screen into the working folder."""
        try:
            name = export_name(self.address.scheme, "svg", self.session.clock.now())
            written = write_export(self.session.folder, name, picture(app_of(self)))
        except InputError as error:
            self.post_message(Said(str(error), bad=True))
        else:
            self.post_message(Said(f"wrote {written.name}"))
