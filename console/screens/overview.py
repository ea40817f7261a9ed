"""The overview: the agents, how each one is, and what it does."""

from collections.abc import Sequence
from functools import partial

from dataagents.console.screens.stored import StandingListScreen
from dataagents.console.session import Session
from dataagents.console.view.agent_lines import AGENTS, AgentLine, agent_line
from dataagents.console.view.made_rows import MadeRows


class AgentsScreen(StandingListScreen[AgentLine]):
    """The agents."""

    def __init__(self, session: Session) -> None:
        super().__init__(session, "Overview", AGENTS)

    def source(self) -> Sequence[AgentLine]:
        """Return the agents as they are now."""
        agents = tuple(self.session.standing.agents.values())
        return MadeRows(agents, partial(agent_line, moment=self.session.moment()))
