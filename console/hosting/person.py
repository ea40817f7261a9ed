"""The person at the console: an agent that votes on drift by commands, as a terminal's would."""

from dataagents.console.commands.operator import DECISION, OPERATOR
from dataagents.core import AgentCard, Desk, Motion, Strategy, Vote, hookimpl
from dataagents.core.agents import AgentFactory
from dataagents.core.clock import Clock
from dataagents.core.commands.person import Person


class ConsolePerson(Person):
    """Waits for the person's ballot on drift, and abstains at once on anything else."""

    async def vote(self, motion: Motion, desk: Desk) -> Vote:
        """Wait for a ballot from the console, shortly less long than the vote lasts."""
        if motion.context.get("decision") != DECISION:
            return Vote(reason="the operator decides on drift only")
        return await super().vote(motion, desk)


class PersonPlugin:
    """Brings the person at the console into a kernel.

    Args:
        clock: What the person's time is measured by.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    @hookimpl
    def register_agents(self) -> tuple[Strategy[AgentFactory], ...]:
        """Provide the person."""

        def make(card: AgentCard) -> ConsolePerson:
            return ConsolePerson(card, self._clock)

        return (Strategy(OPERATOR, lambda options: make, summary="answers at the console"),)
