"""Routers: who of a group gets a message that names no agent.

All of them are pure. What they need to know of the past is in the traffic that they are shown.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, cast

from pydantic import Field

from dataagents.core import StrategyOptions
from dataagents.core.cards import AgentCard
from dataagents.core.messaging import ANYONE, CAPABILITY, EVERYONE, ROLE, Message, Traffic
from dataagents.core.settings import Settings

Roster = Mapping[str, AgentCard]
Choice = Callable[[Sequence[AgentCard], Message, Traffic], AgentCard]


def group(message: Message, roster: Roster, recipient: str | None = None) -> tuple[AgentCard, ...]:
    """Return the agents that a recipient stands for, without the sender, in the roster's order.

    `*` and `?` stand for all, `role:NAME` for those in a role, `capability:NAME` for those who have
    it at all; a name stands for the agent itself.
    """
    wanted = message.recipient if recipient is None else recipient
    if wanted in roster:
        return (roster[wanted],)
    others = (card for name, card in roster.items() if name != message.sender)
    if wanted in (EVERYONE, ANYONE):
        return tuple(others)
    if wanted.startswith(ROLE):
        return tuple(card for card in others if card.role == wanted.removeprefix(ROLE))
    if wanted.startswith(CAPABILITY):
        capability = wanted.removeprefix(CAPABILITY)
        return tuple(card for card in others if card.capabilities.get(capability, 0.0) > 0)
    return ()


class Direct:
    """To all whom the recipient stands for; nobody is chosen among those that `?` leaves open."""

    def route(self, message: Message, roster: Roster, traffic: Traffic) -> tuple[str, ...]:
        """Return who gets a message."""
        if message.recipient == ANYONE:
            return ()
        return tuple(card.id for card in group(message, roster))


class OneOf:
    """To one of those whom the recipient stands for; to all of them when it is everyone.

    Args:
        choose: Takes one of several agents.
    """

    def __init__(self, choose: Choice) -> None:
        self._choose = choose

    def route(self, message: Message, roster: Roster, traffic: Traffic) -> tuple[str, ...]:
        """Return who gets a message."""
        candidates = group(message, roster)
        if message.recipient == EVERYONE or len(candidates) < 2:
            return tuple(card.id for card in candidates)
        return (self._choose(candidates, message, traffic).id,)


def next_in_turn(candidates: Sequence[AgentCard], message: Message, traffic: Traffic) -> AgentCard:
    """Return the agent that was given the fewest messages, the first of several."""
    return min(candidates, key=lambda card: traffic.routed.get(card.id, 0))


def least_loaded(candidates: Sequence[AgentCard], message: Message, traffic: Traffic) -> AgentCard:
    """Return the agent with the fewest waiting messages; of several, the one whose turn it is."""
    return min(
        candidates,
        key=lambda card: (traffic.waiting.get(card.id, 0), traffic.routed.get(card.id, 0)),
    )


def most_capable(candidates: Sequence[AgentCard], message: Message, traffic: Traffic) -> AgentCard:
    """Return the agent with the highest level of the capability that the recipient names.

    Of several, and where none is named, the least loaded.
    """
    capability = message.recipient.removeprefix(CAPABILITY)
    best = max(card.capabilities.get(capability, 0.0) for card in candidates)
    fit = [card for card in candidates if card.capabilities.get(capability, 0.0) == best]
    return least_loaded(fit, message, traffic)


class ContentRule(Settings):
    """Who gets the messages that say something."""

    when: Annotated[dict[str, Any], Field(min_length=1)]
    """Field of the message → its value. `payload.dataset` looks into the payload."""
    to: str
    """An agent, `role:NAME`, `capability:NAME`, or `*`."""


class ContentOptions(StrategyOptions):
    """Options of the router by content."""

    rules: tuple[ContentRule, ...] = ()
    """The first one that fits a message counts."""


class ByContent:
    """To whom the first fitting rule names: one of them by turns, or all when it names everyone.

    Rules are asked about messages to `?`; whatever else a recipient stands for gets the message.
    """

    def __init__(self, options: ContentOptions) -> None:
        self._rules = options.rules

    def route(self, message: Message, roster: Roster, traffic: Traffic) -> tuple[str, ...]:
        """Return who gets a message."""
        if message.recipient != ANYONE:
            return Direct().route(message, roster, traffic)
        for rule in self._rules:
            if all(_value(message, path) == value for path, value in rule.when.items()):
                candidates = group(message, roster, rule.to)
                if rule.to == EVERYONE or len(candidates) < 2:
                    return tuple(card.id for card in candidates)
                return (next_in_turn(candidates, message, traffic).id,)
        return ()


def _value(message: Message, path: str) -> object:
    first, *rest = path.split(".")
    value: object = getattr(message, first, None)
    for name in rest:
        empty: Mapping[str, object] = {}
        fields = cast("Mapping[str, object]", value) if isinstance(value, Mapping) else empty
        value = fields.get(name)
    return value
