"""Pages of what was learned: lessons and reflections."""

from dataagents.storage.browsing.page import Found, Page
from dataagents.storage.browsing.pages import Pages, Trail
from dataagents.storage.rows import StoredEvent


class LearningPages(Pages):
    """Reads lessons and reflections in pages."""

    async def lessons(self, page: Page) -> Found[StoredEvent]:
        """Return the newest change of each lesson."""
        return await self._events(await self._places(page, [Trail("lessons")], {}))

    async def reflections(self, page: Page) -> Found[StoredEvent]:
        """Return reflections."""
        return await self._events(await self._places(page, [Trail("reflections")], {}))
