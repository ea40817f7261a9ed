"""A review: the cells of a run whose answers teach most are judged, and the answers kept."""

import asyncio
from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.binding import BindingType

from dataagents.console.apps import app_of
from dataagents.console.feeds.reviews import asked_of
from dataagents.console.keys import REVIEW_KEYS
from dataagents.console.screens.base import Work
from dataagents.console.screens.keeping import keep
from dataagents.console.screens.loaded import LoadedScreen
from dataagents.console.screens.messages import Said
from dataagents.console.screens.reading import ReadScreen
from dataagents.console.session import Session
from dataagents.console.view.addresses import Address
from dataagents.console.view.cells import Cell
from dataagents.console.view.review_rows import (
    DOUBTFUL,
    REVIEW_COLUMNS,
    CellKey,
    Questions,
    ReviewRow,
    questions,
    review_cells,
    review_sections,
)
from dataagents.console.view.words import plural
from dataagents.console.widgets.ask_bar import AskBar
from dataagents.console.widgets.virtual_table import VirtualTable
from dataagents.core.detection.review import Label
from dataagents.core.errors import InputError
from dataagents.storage import StoreReader


class ReviewScreen(LoadedScreen[Questions, ReviewRow]):
    """The most telling cells of a run, each data set's in turn; answers are kept all at once."""

    BINDINGS: ClassVar[list[BindingType]] = [*REVIEW_KEYS]
    BINDING_GROUP_TITLE = "Review"
    COLUMNS = REVIEW_COLUMNS
    NOTHING = "Nothing is left to ask about this run: all of its cells were judged."

    def __init__(self, session: Session, address: Address) -> None:
        super().__init__(session, address, "review")
        self.answers: dict[CellKey, Label] = {}
        """What was said, by cell."""
        self._safe: dict[CellKey, Label] = {}
        """Those of them that are in a file."""

    async def load(self, reader: StoreReader) -> Questions | None:
        """Read what can be asked about.

        Raises:
            InputError: There is no such run, or nobody looked for errors in its data.
        """
        run, found = await asked_of(reader, self.address.id)
        if not found:
            hint = "A run looks for them with --detect full, or by itself in small data."
            raise InputError(f"run {run}", "nobody looked for errors in its data", hint=hint)
        return await asyncio.to_thread(questions, run, found)

    def forget(self) -> None:
        """Let go of what was read and said, since the file is another one."""
        super().forget()
        self.answers, self._safe = {}, {}

    def rows_of(self, thing: Questions) -> Sequence[ReviewRow]:
        """Return the cells to ask about."""
        return thing.answered(self.answers)

    def key(self, row: ReviewRow) -> str:
        """Return what tells a cell from the others."""
        return row.key

    def cells(self, row: ReviewRow) -> Sequence[Cell]:
        """Return how a cell is shown."""
        return review_cells(row)

    def sections(self, row: ReviewRow) -> Sequence[tuple[str, str]]:
        """Return what detectors say of a cell, and its row."""
        return review_sections(row)

    def targets(self) -> tuple[str, ...]:
        """Return the address of the run."""
        return (f"run:{self.address.id if self.thing is None else self.thing.run}",)

    def failed(self, row: ReviewRow) -> bool:
        """Return whether a cell is taken to be wrong."""
        return row.cell.chance >= DOUBTFUL

    def notes(self) -> tuple[str, ...]:
        """Return how many answers there are, and for which data."""
        if self.thing is None:
            return ()
        before = sum(len(each.labels) for each in self.thing.asked)
        number = plural(len(self.answers), "answer")
        written = f"{number} in a file" if self.answers == self._safe else f"{number} to keep"
        return (
            written if self.answers else "",
            f"{before:,} kept before" if before else "",
        )

    def action_judge(self, wrong: bool) -> None:
        """Say that the cell is wrong, or right, and go on to the next."""
        self._judge(wrong=wrong)

    def action_propose(self) -> None:
        """Say that the cell is wrong, and that the proposal is what should be there."""
        row = self.table.current
        if row is not None and row.proposal is None:
            self.post_message(Said("Nobody proposes a value for this cell."))
        elif row is not None:
            self._judge(wrong=True, correction=row.proposal)

    def action_undo(self) -> None:
        """Take the answer about the cell back; one without an answer is skipped."""
        row = self.table.current
        if row is None:
            return
        if self.answers.pop(row.place, None) is None:
            self.table.action_move(1)
        self.refresh_rows()
        self.paint()

    def action_keep(self) -> None:
        """Ask whether the answers are to be kept, and keep them."""
        if self.answers:
            work: Work = self._keep
            app_of(self).run_worker(work, group="act", exclusive=True)
        else:
            self.post_message(Said("There is no answer yet."))

    def unkept(self) -> str:
        """Return how many answers would be lost."""
        if self.answers == self._safe:
            return ""
        return f"{plural(len(self.answers), 'answer')} not kept"

    @on(VirtualTable.Opened, "#rows")
    def _ask(self, event: VirtualTable.Opened) -> None:
        """Ask what should be there."""
        event.prevent_default()  # that of the base, which goes to the pane
        row = self.table.current
        if row is None:
            return

        def hear(text: str, meant: bool) -> str | None:
            if meant and text.strip() and self.table.current == row:
                self._judge(wrong=True, correction=text.strip())
            return None

        self.query_one(AskBar).ask("should be", hear, hint="the value; esc leaves it as it was")

    def _judge(self, *, wrong: bool, correction: str | None = None) -> None:
        row = self.table.current
        if row is None:
            return
        self.answers[row.place] = row.cell.label(wrong=wrong, correction=correction)
        self.table.action_move(1)
        self.refresh_rows()
        self.paint()

    async def _keep(self) -> None:
        given = dict(self.answers)
        news = [
            (each, [label for place, label in given.items() if place[0] == each.sheet.dataset])
            for each in (() if self.thing is None else self.thing.asked)
        ]
        kept = await keep(app_of(self), self.session, [pair for pair in news if pair[1]])
        if kept.commands:
            sections = [("to keep them, when its kernel has ended", each) for each in kept.commands]
            app_of(self).push_screen(ReadScreen("The answers are in a file", sections))
        elif kept.told:
            self.post_message(Said(kept.told, bad=kept.failed))
        if kept.in_store:
            self.answers = {k: v for k, v in self.answers.items() if given.get(k) != v}
        if kept.commands:
            self._safe = given
        self.paint()
