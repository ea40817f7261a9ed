"""Routing by recipient alone."""

from collections.abc import Mapping

from dataagents.core.cards import AgentCard
from dataagents.core.messaging import EVERYONE, Message


class Direct:
    """To the agent that is named; to all agents but the sender when everyone is meant."""

    def route(self, message: Message, roster: Mapping[str, AgentCard]) -> tuple[str, ...]:
        """Return who gets a message."""
        if message.recipient == EVERYONE:
            return tuple(agent for agent in roster if agent != message.sender)
        return (message.recipient,) if message.recipient in roster else ()
