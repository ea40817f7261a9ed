"""The overview: the agents, how each one is, and what it does."""

from collections.abc import Iterable

from dataagents.console.screens.stored import StandingListScreen
from dataagents.console.session import Session
from dataagents.console.view.agent_lines import AGENTS, AgentLine, agent_line


class AgentsScreen(StandingListScreen[AgentLine]):
    """The agents."""

    def __init__(self, session: Session) -> None:
        super().__init__(session, "Overview", AGENTS)

    def source(self) -> Iterable[AgentLine]:
        """Return the agents as they are now."""
        moment = self.session.moment()
        return (agent_line(agent, moment) for agent in self.session.standing.agents.values())
