"""Events as a list."""

from dataagents.console.view.event_lines import EventLine, event_line
from dataagents.storage import StoreReader
from dataagents.storage.browsing import Found, Page


async def events(
    reader: StoreReader, page: Page, agent: str | None = None, run: str | None = None
) -> Found[EventLine]:
    """Return events, whatever they are about; those of an agent or a run where one is named."""
    found = await reader.browse.events(page, agent=agent, run=run)
    return Found(tuple(event_line(e.seq, e.event) for e in found.rows), found.searched)
