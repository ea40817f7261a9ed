"""A run's trace, folded as far as the run has come; only what is new is read again."""

from dataagents.console.view.run_fold import RunsFold
from dataagents.console.view.runs import RunView
from dataagents.core.detection.sheet import REVIEW
from dataagents.core.events import EventKind
from dataagents.storage import StoreReader
from dataagents.storage.browsing import Page

MOST = 20_000
"""Events of a run that are folded; a longer run is shown as far as that."""
_PAGE = 2_000
_LESSONS = 10_000
"""Changes of lessons before the run that are looked at, the newest."""


class RunTrace:
    """Reads one run.

    Args:
        run: Its id.
        most: Events that are folded at most; all of them when None.
    """

    def __init__(self, run: str, most: int | None = MOST) -> None:
        self.run = run
        self._most = most
        self.cut = False
        """Whether the run has more events than are folded."""
        self.reviewable = False
        """Whether a person can be asked about its cells: somebody looked for errors in them."""
        self._fold = RunsFold()
        self._place: int = 0
        self._events = 0

    async def renew(self, reader: StoreReader) -> RunView | None:
        """Read what is new, and return the run; None when there is none of that id.

        Raises:
            DataAgentsError: The store can't be read now.
        """
        while self._most is None or self._events < self._most:
            found = await reader.browse.events(Page(after=self._place, limit=_PAGE), run=self.run)
            if not self._place and found.rows:
                await self._learn(reader, found.rows[-1].seq)
            for stored in reversed(found.rows):
                self._fold.apply(stored.event)
                self._place = stored.seq
                if stored.event.kind == EventKind.ANALYSIS_MADE:
                    self.reviewable |= stored.event.body.get("kind") == REVIEW
            self._events += len(found.rows)
            if found.searched is None:
                break
            self._place = int(max(self._place, found.searched))
        else:
            self.cut = True
        if reader.holder() is None:
            self._fold.interrupt()
        return self._fold.runs.get(self.run)

    async def _learn(self, reader: StoreReader, before: int) -> None:
        """Take the lessons that stood when the run began: its plan names those it applied."""
        for stored in await reader.recent(EventKind.LESSON_CHANGED, _LESSONS):
            if stored.seq < before:
                self._fold.apply(stored.event)
