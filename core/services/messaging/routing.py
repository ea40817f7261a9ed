"""Routing: whom a message goes to."""

from collections.abc import Mapping
from typing import cast

from dataagents.core.errors import DataAgentsError, InputError
from dataagents.core.messaging import EVERYONE, TOPIC, Message, ReceiptStatus, Router, Traffic
from dataagents.core.registry import Built
from dataagents.core.services.messaging.admission import Problem
from dataagents.core.services.messaging.reception import Resident
from dataagents.core.services.messaging.topics import Topics
from dataagents.core.services.roster import Roster
from dataagents.core.services.runtime import Runtime
from dataagents.core.suggestions import did_you_mean


class Routing:
    """Finds the recipients of a message: those it names, those who subscribe, or the router's."""

    def __init__(
        self,
        runtime: Runtime,
        roster: Roster,
        router: Built[Router],
        residents: Mapping[str, Resident],
    ) -> None:
        self._runtime = runtime
        self._roster = roster
        self._router = router
        self._residents = residents
        self._routed: dict[str, int] = {}
        self.topics = Topics()

    def recipients(self, message: Message) -> tuple[str, ...]:
        """Return the ids of the agents that a message goes to; none when nobody fits."""
        recipient = message.recipient
        if recipient in self._residents or recipient in self._roster:
            return (recipient,)  # whoever names an agent means it: no router is asked
        if recipient.startswith(TOPIC):
            return self._subscribers(message)
        if "," in recipient:
            return tuple(dict.fromkeys(name for name in recipient.split(",") if name))
        return self._chosen(message)

    def problem(self, message: Message, recipients: tuple[str, ...]) -> Problem:
        """Return why a message can't go to one agent."""
        if recipients:
            return ReceiptStatus.REFUSED, f"goes to {len(recipients)} agents: broadcast it"
        if message.recipient.startswith(TOPIC):
            topic = message.recipient.removeprefix(TOPIC)
            return ReceiptStatus.UNKNOWN_RECIPIENT, f"nobody subscribes to the topic {topic!r}"
        hint = did_you_mean(message.recipient, self._roster.cards)
        who = "anyone" if message.recipient == EVERYONE else repr(message.recipient)
        return ReceiptStatus.UNKNOWN_RECIPIENT, f"no route to {who}.{hint}"

    def _subscribers(self, message: Message) -> tuple[str, ...]:
        try:
            heard = self.topics.subscribers(message.recipient.removeprefix(TOPIC))
        except InputError:
            return ()
        return tuple(agent for agent in heard if agent != message.sender)

    def _chosen(self, message: Message) -> tuple[str, ...]:
        waiting = {agent: len(each.mailbox) for agent, each in self._residents.items()}
        traffic = Traffic(waiting, self._routed)
        try:
            chosen = self._runtime.boundary.call_now(
                self._router.plugin,
                f"router {self._router.name}",
                lambda: _named(self._router.value.route(message, self._roster.cards, traffic)),
                returns=tuple,
            )
        except DataAgentsError:
            return ()  # what the router did is in its plugin's health
        for agent in chosen:
            self._routed[agent] = self._routed.get(agent, 0) + 1
        return chosen


def _named(chosen: tuple[str, ...]) -> tuple[str, ...]:
    """Return what a router returned; raises where something in it can't be an agent's name."""
    returned = cast(object, chosen)
    for each in cast("tuple[object, ...]", returned) if isinstance(returned, tuple) else ():
        if not isinstance(each, str):
            raise TypeError(f"named an agent by a {type(each).__name__}")
    return chosen
