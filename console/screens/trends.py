"""Trends: where the figures of the runs are heading."""

from collections.abc import Sequence

from dataagents.console.screens.base import Work
from dataagents.console.screens.messages import words_of
from dataagents.console.screens.stored import StandingListScreen
from dataagents.console.session import Session
from dataagents.console.view.trend_rows import TRENDS, TrendLine, trend_lines
from dataagents.core.errors import DataAgentsError
from dataagents.storage import StoreReader
from dataagents.storage.browsing import Page

_REFLECTIONS = 200
"""Reflections that trends are made of, the newest."""


class TrendsScreen(StandingListScreen[TrendLine]):
    """Where the figures of the runs are heading, as reflections said."""

    def __init__(self, session: Session) -> None:
        super().__init__(session, "Trends", TRENDS)
        self._trends: tuple[TrendLine, ...] = ()
        self._version = -1

    def source(self) -> Sequence[TrendLine]:
        """Return the trends as they were read last, and read them again where there is news."""
        if self._version != self.session.version:
            self._version = self.session.version
            work: Work = self._read
            self.run_worker(work, group="read", exclusive=True)
        return self._trends

    def address_of(self, row: TrendLine) -> str:
        """Return the address of the reflection that said it last."""
        return row.address

    async def _read(self) -> None:
        async def question(reader: StoreReader) -> tuple[TrendLine, ...]:
            found = await reader.browse.reflections(Page(limit=_REFLECTIONS))
            return trend_lines([(each.seq, each.event) for each in reversed(found.rows)])

        try:
            self._trends = await self.session.library.ask(question)
        except DataAgentsError as error:
            self.table.empty = words_of(error)
        self.bring()
        self.paint()
