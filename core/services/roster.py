"""The roster: who is there, and in what state."""

from collections.abc import Mapping
from types import MappingProxyType

from dataagents.core.cards import AgentCard, AgentState
from dataagents.core.health import HealthReport


class Roster:
    """The agents of one kernel, by id, in the order they came."""

    def __init__(self) -> None:
        self._cards: dict[str, AgentCard] = {}
        self._states: dict[str, AgentState] = {}
        self._reports: dict[str, HealthReport] = {}
        self._armed: set[str] = set()
        self.version = 0
        """Goes up when somebody comes, leaves, or changes their state."""

    def __len__(self) -> int:
        """Return the number of agents."""
        return len(self._cards)

    def __contains__(self, agent: str) -> bool:
        """Return whether an agent is there."""
        return agent in self._cards

    @property
    def cards(self) -> Mapping[str, AgentCard]:
        """All agents; a live view."""
        return MappingProxyType(self._cards)

    @property
    def reports(self) -> Mapping[str, HealthReport]:
        """The latest health report of each agent that has one."""
        return MappingProxyType(self._reports)

    @property
    def ready(self) -> tuple[str, ...]:
        """Ids of the agents that can be given something to do."""
        return tuple(who for who, state in self._states.items() if state is AgentState.READY)

    def state(self, agent: str) -> AgentState:
        """Return an agent's state; one that is not there counts as stopped."""
        return self._states.get(agent, AgentState.STOPPED)

    def present(self, agent: str) -> bool:
        """Return whether an agent would answer: a person does only while armed."""
        card = self._cards.get(agent)
        return card is None or not card.human or agent in self._armed

    def arm(self, agent: str, armed: bool = True) -> None:
        """Note that a person is there to answer, or is there no more."""
        (self._armed.add if armed else self._armed.discard)(agent)
        self.version += 1

    def add(self, card: AgentCard) -> None:
        """Take an agent in; it is ready once its first report says so."""
        self._cards[card.id] = card
        self._states[card.id] = AgentState.CHECKING
        self.version += 1

    def remove(self, agent: str) -> None:
        """Take an agent out; nothing happens when it is not there."""
        for table in (self._cards, self._states, self._reports):
            table.pop(agent, None)
        self._armed.discard(agent)
        self.version += 1

    def set_state(self, agent: str, state: AgentState) -> None:
        """Change where an agent is in its life; nothing happens when it is not there."""
        if agent in self._cards:
            self.version += self._states[agent] is not state
            self._states[agent] = state

    def note(self, report: HealthReport, state: AgentState) -> None:
        """Keep the latest report of an agent that is still there."""
        if report.agent in self._cards:
            self.version += self._states[report.agent] is not state
            self._reports[report.agent] = report
            self._states[report.agent] = state
