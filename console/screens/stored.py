"""Lists that are read from the store by the page, and lists of what is known anyway."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeVar

from textual import on

from dataagents.console.feeds.shelf import Ahead, Feed, Shelf
from dataagents.console.screens.base import Work
from dataagents.console.screens.listing import ListScreen
from dataagents.console.screens.messages import Said, words_of
from dataagents.console.session import Session
from dataagents.console.view.listing import Listing, Query
from dataagents.console.view.listing.matching import select
from dataagents.console.view.words import plural
from dataagents.console.widgets.virtual_table import VirtualTable
from dataagents.core.errors import DataAgentsError

RowT = TypeVar("RowT")


class StoredListScreen(ListScreen[RowT]):
    """A list of any length: a window of it is read, and moves along with the cursor."""

    def __init__(
        self,
        session: Session,
        crumb: str,
        listing: Listing[RowT],
        feed: Feed[RowT],
        ahead: Ahead[RowT] | None = None,
    ) -> None:
        super().__init__(session, crumb, listing)
        self.shelf = Shelf(session.library, listing, feed, ahead)
        self._feed_query: Query | None = None
        self._version = -1
        self._generation = session.generation
        self._problem = ""
        self._reading = False
        self._asking = False
        """Whether the answer to a new question is awaited."""
        self._typed: tuple[Callable[[], None], ...] = ()
        """What was asked of rows before they were there."""

    def progress(self) -> tuple[str, ...]:
        """Return how many rows were read, and whether there are more."""
        shelf = self.shelf
        count = f"{len(shelf.rows):,}" + ("+" if shelf.window.older or shelf.window.newer else "")
        more = "searched a part, G goes on" if shelf.searching else ""
        return ("reading, esc ends it" if self._asking else "", more, count)

    def emptiness(self) -> str:
        """Return what is said in place of rows."""
        if self._problem:
            return self._problem
        if self._version < 0 or self._asking:
            return f"reading {self.listing.name}; esc ends it"
        if self.shelf.searching:
            return "Nothing fits so far; G searches on.\n\n/ changes the filter, t the time."
        return super().emptiness()

    def bring(self) -> None:
        """Read what is new, unless nothing is."""
        changed = self._version != self.session.version or self.stale()
        if changed and self.session.pulse is not None and not self._reading:
            fresh = self._generation != self.session.generation
            self._version, self._generation = self.session.version, self.session.generation
            self._read("ask" if self._feed_query is None or fresh else "renew")

    def stale(self) -> bool:
        """Return whether something that is no part of the store has changed since the last call."""
        return False

    def changed(self) -> None:
        """Read what is asked for now; what was shown is no answer to it."""
        self._read("ask")
        self.table.empty = self.emptiness()
        self.table.show(())

    def _read(self, how: str) -> None:
        # A new question makes the answer to the one before useless; other reading goes in turn.
        if how == "ask" or not self._reading:
            self._reading, self._asking = True, how == "ask"
            work: Work = partial(self._bring, how)
            self.run_worker(work, group="read", exclusive=how == "ask")

    async def _bring(self, how: str) -> None:
        moment, shelf = self.session.moment(), self.shelf
        try:
            match how:
                case "ask":
                    self._feed_query = self.wanted
                    await shelf.ask(self._feed_query, moment)
                case "renew":
                    await shelf.renew(moment)
                case "older":
                    await shelf.older(moment)
                case "newer":
                    await shelf.newer(moment)
                case _:
                    await shelf.oldest(moment)
            self._problem = ""
        except DataAgentsError as error:
            self._problem = words_of(error)
        self._reading = self._asking = False
        if not self.query("#rows"):
            return  # it was left while it was read
        self.table.empty = self.emptiness()
        self.table.show(shelf.rows, follow=self.asked.following)
        if how == "oldest":
            self.table.move_to(len(shelf.rows) - 1)
        self.arrived()
        self.paint()
        typed, self._typed = self._typed, ()
        for action in typed:
            action()

    def action_back(self) -> None:
        """End what is being read, or go back."""
        if self._asking:
            self.session.library.interrupt()
        else:
            super().action_back()

    def arrived(self) -> None:
        """Note that rows were read."""

    @property
    def there(self) -> bool:
        """Whether the rows that are asked for are shown; what is typed ahead waits for them."""
        return self._feed_query is not None and not self._asking

    def open_row(self) -> None:
        """Open the row under the cursor, as soon as it is there."""
        if self.there:
            super().open_row()
        else:
            self._typed = (*self._typed, self.open_row)

    def action_error(self, by: int) -> None:
        """Go to the next row that failed; read on for it where none of those at hand has."""
        if not self.there:
            self._typed = (*self._typed, partial(self.action_error, by))
            return
        below = self.table.rows[self.table.cursor + 1 :]
        if by > 0 and self.shelf.window.older and not any(map(self.failed, below)):
            work: Work = self._find_error
            self.run_worker(work, group="read")
        else:
            super().action_error(by)

    async def _find_error(self) -> None:
        shelf, moment = self.shelf, self.session.moment()
        before = -1
        try:
            while shelf.window.older and len(shelf.rows) != before:
                before = len(shelf.rows)
                await shelf.older(moment)
                if shelf.searching or any(map(self.failed, shelf.rows[before:])):
                    break
        except DataAgentsError as error:
            self.post_message(told(error))
        self.table.show(shelf.rows)
        super().action_error(1)

    @on(VirtualTable.NearEnd, "#rows")
    def _near_end(self) -> None:
        if self.shelf.window.older:
            self._read("older")

    @on(VirtualTable.NearStart, "#rows")
    def _near_start(self) -> None:
        if self.shelf.window.newer:
            self._read("newer")


class StandingListScreen(ListScreen[RowT]):
    """A list of what is known anyway, since all of it fits into memory."""

    _all = 0

    def source(self) -> Sequence[RowT]:
        """Return all rows as they are now, or as they are when they are first looked at."""
        raise NotImplementedError

    def progress(self) -> tuple[str, ...]:
        """Return how many of the rows are shown."""
        shown = len(self.table.rows)
        return (plural(shown, self.listing.noun) if shown == self._all
                else f"{shown:,} of {plural(self._all, self.listing.noun)}",)  # fmt: skip

    def bring(self) -> None:
        """Show the rows as they are now."""
        rows = self.source()
        self._all = len(rows)
        wanted = self.wanted
        if wanted != Query():
            rows = select(rows, wanted, self.listing, self.session.moment())
        # A list that is held shows how things are now, whenever a row comes into sight.
        self.table.show(rows if self.asked.following else tuple(rows))

    def changed(self) -> None:
        """Show what is asked for now."""
        self.bring()


def told(error: DataAgentsError) -> Said:
    """Return an error as something to tell."""
    return Said(words_of(error), bad=True)
