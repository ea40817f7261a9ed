"""A person as an agent of the team who answers from elsewhere."""

from dataclasses import replace

from dataagents.core.agents import Agent
from dataagents.core.cards import AgentCard
from dataagents.core.clock import Clock, SystemClock
from dataagents.core.desk import Desk
from dataagents.core.voting import Motion, Vote

_PATIENCE = 0.9
"""Share of a vote's time after which the person counts as absent."""


class Person(Agent):
    """Waits for the person's own ballot, which comes as a command; votes only while armed.

    Deploy one, and arm it with `kernel.roster.arm`, where a person is to have a say and there is no
    terminal to ask at. `strategy_timeout` has to be as long as a person may take.
    """

    def __init__(self, card: AgentCard, clock: Clock | None = None) -> None:
        super().__init__(replace(card, human=True))
        self._clock = clock or SystemClock()

    async def vote(self, motion: Motion, desk: Desk) -> Vote:
        """Wait until the election has the ballot from elsewhere; abstain shortly before its end."""
        await self._clock.sleep(motion.deadline_seconds * _PATIENCE)
        return Vote(reason="nobody answered")
