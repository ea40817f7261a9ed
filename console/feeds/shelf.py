"""The shelf: the rows of a long list that were read, and how more of them are."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from dataagents.console.feeds.library import Library
from dataagents.console.view.listing import Listing, Query, Window
from dataagents.console.view.listing.matching import predicate
from dataagents.console.view.listing.sorting import ordered
from dataagents.console.view.moment import Moment
from dataagents.storage import StoreReader
from dataagents.storage.browsing import Found, Page

RowT = TypeVar("RowT")

MOST = 2_000
"""Rows that are kept; a sort orders so many of the newest."""
_PAGE = 200
_SEARCH = 20_000
"""Rows that are looked at for a filter before the operator is asked whether to go on."""
_NOWHERE = 2**62
"""A place that no event has."""
_RENEWED = 60
"""Rows that are not over yet which are read again, whenever the store changed."""


Feed = Callable[[StoreReader, Page], Awaitable[Found[RowT]]]
"""Reads a page of a list."""


Ahead = Callable[[StoreReader], Awaitable[Sequence[RowT]]]
"""Reads what will be in a list, and has no place in the journal yet; newest first."""


class Shelf(Generic[RowT]):
    """Reads a list as far as somebody wants to see it.

    Args:
        library: Where the store is asked.
        listing: The kind of list.
        feed: Reads a page of it.
        ahead: Reads what comes before the newest page.
    """

    def __init__(
        self,
        library: Library,
        listing: Listing[RowT],
        feed: Feed[RowT],
        ahead: Ahead[RowT] | None = None,
    ) -> None:
        self._library = library
        self._listing = listing
        self._feed = feed
        self._ahead = ahead
        self._first: tuple[RowT, ...] = ()
        """What comes before the newest page, as far as it is wanted."""
        self._query = Query()
        self._top = 0
        """Place of the newest row that was looked at, whether it is wanted or not."""
        self._bottom: int | None = None
        """Place of the oldest one."""
        self.window: Window[RowT] = Window()
        self.searching = False
        """Whether a filter found too little so far, and there is more to search."""

    @property
    def rows(self) -> tuple[RowT, ...]:
        """The rows, in the order that is asked for."""
        return self._ordered

    _ordered: tuple[RowT, ...] = ()

    async def ask(self, query: Query, moment: Moment) -> None:
        """Begin anew with the newest rows.

        Raises:
            DataAgentsError: The store can't be read now.
        """
        self._query, self._top, self._bottom = query, 0, None
        self.window, self.searching = Window(), False
        await self._look_ahead(moment)
        await self._fill(moment, MOST if query.sorts else _PAGE)
        self._arrange(moment)

    async def renew(self, moment: Moment) -> None:
        """Read what is new, and again what was not over yet."""
        if self._bottom is None:
            await self.ask(self._query, moment)
            return
        await self._look_ahead(moment)
        if not self.window.newer:
            await self._add_newer(moment)
        await self._look_again(moment)
        self._arrange(moment)

    async def older(self, moment: Moment) -> None:
        """Read on at the end."""
        if self.window.older and not self._query.sorts:
            await self._fill(moment, _PAGE)
            self._arrange(moment)

    async def newer(self, moment: Moment) -> None:
        """Read on at the beginning, where rows were let go of."""
        if self.window.newer and self.window.rows and not self._query.sorts:
            place = self._listing.place(self.window.rows[0])
            batch = await self._page(after=place)
            more = batch.searched is not None
            if not more:
                self._top = max(self._top, 0, *map(self._listing.place, batch.rows))
            self.window = self.window.with_newer(
                self._wanted(batch.rows, moment), more=more, most=MOST
            )
            self._note_bottom()
            self._arrange(moment)

    async def oldest(self, moment: Moment) -> None:
        """Show the oldest rows."""
        if not self.window.older or self._query.filters or self._query.sorts:
            await self.older(moment)
            return
        batch = await self._page(after=0)
        self.window = Window(tuple(batch.rows), newer=True, older=False)
        self._note_bottom()
        self._arrange(moment)

    async def _fill(self, moment: Moment, wanted: int) -> None:
        """Read older rows until there are enough that are wanted, or enough was searched."""
        found, looked = 0, 0
        while found < wanted and looked < _SEARCH:
            batch = await self._page(before=self._bottom)
            kept = self._wanted(batch.rows, moment)
            self._top = max(self._top, 0, *map(self._listing.place, batch.rows))
            self._bottom = batch.searched or self._lowest(batch.rows)
            more = batch.searched is not None
            self.window = self.window.with_older(kept, more=more, most=MOST)
            found, looked = found + len(kept), looked + max(_PAGE, len(batch.rows))
            if not more:
                break
        self.searching = self.window.older and found < wanted and self._query.filters

    async def _add_newer(self, moment: Moment) -> None:
        batch = await self._page(after=self._top)
        while batch.rows:
            self._top = max(self._top, *map(self._listing.place, batch.rows))
            fresh = self._wanted(batch.rows, moment)
            keys = {self._listing.key(row) for row in fresh}
            kept = tuple(row for row in self.window.rows if self._listing.key(row) not in keys)
            self.window = Window(kept, self.window.newer, self.window.older).with_newer(
                fresh, more=False, most=MOST
            )
            if batch.searched is None:
                break
            batch = await self._page(after=self._top)

    async def _look_ahead(self, moment: Moment) -> None:
        if self._ahead is not None:
            self._first = self._wanted(await self._library.ask(self._ahead), moment)

    async def _look_again(self, moment: Moment) -> None:
        """Read those again that may have changed."""
        places = [
            self._listing.place(row)
            for row in self.window.rows
            if not self._listing.finished(row, moment)
        ][:_RENEWED]
        if not places:
            return
        found: list[RowT] = []
        if places[0] - places[-1] <= _PAGE:
            found += (await self._page(before=places[0] + 1, since=places[-1])).rows
        else:
            for place in places:
                found += (await self._page(before=place + 1, since=place)).rows
        self.window = self.window.renewed(found, self._listing.key)

    async def _page(
        self, before: int | None = None, after: int | None = None, since: int | None = None
    ) -> Found[RowT]:
        async def question(reader: StoreReader) -> Found[RowT]:
            span, begin, end = self._query.span, since, None
            if span.since is not None:
                first = await reader.browse.place_at(span.since)
                begin = _NOWHERE if first is None else max(begin or 0, first)
            if span.until is not None:
                end = await reader.browse.place_at(span.until)
            page = Page(before=before, after=after, limit=_PAGE, since=begin, until=end)
            return await self._feed(reader, page)

        return await self._library.ask(question)

    def _wanted(self, rows: Sequence[RowT], moment: Moment) -> tuple[RowT, ...]:
        if not self._query.filters and not self._query.span:
            return tuple(rows)
        return tuple(filter(predicate(self._query, self._listing, moment), rows))

    def _lowest(self, rows: Sequence[RowT]) -> int:
        return min(map(self._listing.place, rows), default=self._bottom or 0)

    def _note_bottom(self) -> None:
        if self.window.rows:
            self._bottom = self._listing.place(self.window.rows[-1])

    def _arrange(self, moment: Moment) -> None:
        rows = self.window.rows if self.window.newer else (*self._first, *self.window.rows)
        if self._query.sorts:
            rows = tuple(ordered(rows, self._query.sorts, self._listing.fields, moment))
        self._ordered = rows
