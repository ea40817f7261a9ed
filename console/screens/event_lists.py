"""Lists of events: the whole journal as it grows, and what one agent did."""

from collections.abc import Sequence
from dataclasses import replace

from dataagents.console.feeds.events import events
from dataagents.console.feeds.shelf import Feed
from dataagents.console.screens.messages import Wanted, WhyWanted
from dataagents.console.screens.stored import StoredListScreen
from dataagents.console.session import Session
from dataagents.console.view.addresses import Address, crumb_of, find_id, parse_address
from dataagents.console.view.agent_lines import AGENTS, AgentLine, agent_line
from dataagents.console.view.event_lines import EventLine
from dataagents.console.view.event_rows import EVENTS
from dataagents.console.view.listing import Listing
from dataagents.core.errors import InputError
from dataagents.storage import StoreReader
from dataagents.storage.browsing import Found, Page


class EventsScreen(StoredListScreen[EventLine]):
    """Every event as it comes; a row leads to what it is about."""

    def __init__(
        self,
        session: Session,
        crumb: str = "Tail",
        listing: Listing[EventLine] = EVENTS,
        feed: Feed[EventLine] = events,
    ) -> None:
        super().__init__(session, crumb, listing, feed)

    def choose_row(self, row: EventLine) -> None:
        """Open what an event is about; the event itself where that has no address."""
        self.post_message(Wanted(subject_of(row)))

    def action_why(self) -> None:
        """Show what led to what an event is about."""
        row = self.table.current
        if row is not None:
            self.post_message(WhyWanted(subject_of(row)))


class AgentScreen(EventsScreen):
    """What one agent did, newest first."""

    def __init__(self, session: Session, address: Address) -> None:
        super().__init__(session, crumb_of(address), _EVENTS_OF_ONE, self._page)
        self.address = address
        self._agent = ""

    def targets(self) -> tuple[str, ...]:
        """Return the agent's address: actions are about it."""
        return (str(self.address),)

    def notes(self) -> tuple[str, ...]:
        """Return how the agent is, and how its events are shown."""
        line = self._line()
        if line is None:
            return super().notes()
        glyph = self.session.moment().glyph(line.mark)
        tasks = f"tasks: {line.done:,} done, {line.failed:,} failed"
        return (f"{glyph} {line.state}", *super().notes(), tasks)

    def sections(self, row: EventLine) -> Sequence[tuple[str, str]]:
        """Return everything about the event, and about the agent."""
        line = self._line()
        agent = () if line is None else AGENTS.sections(line, self.session.moment())
        return (*super().sections(row), *agent)

    def _line(self) -> AgentLine | None:
        agent = self.session.standing.agents.get(self._agent or self.address.id)
        return None if agent is None else agent_line(agent, self.session.moment())

    async def _page(self, reader: StoreReader, page: Page) -> Found[EventLine]:
        if not self._agent:
            self._agent = find_id(self.address, await reader.entities.ids("agent"))
        return await events(reader, page, agent=self._agent)


_EVENTS_OF_ONE = replace(
    EVENTS,
    name="agent",
    empty="It has not done anything yet.",
    fields=tuple(replace(each, title="") if each.name == "agent" else each
                 for each in EVENTS.fields),
)  # fmt: skip
"""The same list without the column that would say the same in every row."""


def subject_of(line: EventLine) -> Address:
    """Return the address of what an event is about, or its own."""
    try:
        return parse_address(line.subject)
    except InputError:
        return Address("event", line.id)
