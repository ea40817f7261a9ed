"""Agents that tests deploy."""

import asyncio

from dataagents.core import Agent, AgentCard, Desk, HealthAnswer, Lot, Message, Motion, Offer, Vote
from dataagents.core.planning import PlannedTask, TaskResult
from dataagents.core.values import JsonObject


def card(id: str, cost: float = 1.0, **levels: float) -> AgentCard:
    return AgentCard(id=id, role="tester", capabilities=levels, cost=cost)


class Echo(Agent):
    """Answers what it is told, and remembers it."""

    def __init__(self, id: str, **levels: float) -> None:
        super().__init__(card(id, **levels))
        self.heard: list[Message] = []

    async def handle(self, message: Message, desk: Desk) -> JsonObject | None:
        self.heard.append(message)
        return {"echo": dict(message.payload)}


class Held(Echo):
    """Doesn't finish a message before it is released."""

    def __init__(self, id: str) -> None:
        super().__init__(id)
        self.started = asyncio.Event()
        self.release = asyncio.Event()

    async def handle(self, message: Message, desk: Desk) -> JsonObject | None:
        self.started.set()
        await self.release.wait()
        return await super().handle(message, desk)


class Broken(Agent):
    """Is well, but raises whenever there is something to do."""

    def __init__(self, id: str, **levels: float) -> None:
        super().__init__(card(id, **levels))

    async def handle(self, message: Message, desk: Desk) -> JsonObject | None:
        raise ValueError("broken on purpose")

    async def vote(self, motion: Motion, desk: Desk) -> Vote:
        raise ValueError("broken on purpose")

    async def bid(self, lot: Lot, desk: Desk) -> Offer | None:
        raise ValueError("broken on purpose")

    async def execute(self, task: PlannedTask, desk: Desk) -> TaskResult:
        raise ValueError("broken on purpose")


class Voter(Agent):
    """Votes as it is made to."""

    def __init__(self, id: str, choice: str | None, confidence: float = 0.9) -> None:
        super().__init__(card(id))
        self._vote = Vote(choice, confidence, f"{id} says so")

    async def vote(self, motion: Motion, desk: Desk) -> Vote:
        return self._vote


class Sick(Agent):
    """Answers its health check in a given way."""

    def __init__(self, id: str, answer: object) -> None:
        super().__init__(card(id))
        self.answer = answer

    async def check_health(self, sample: object, desk: Desk) -> HealthAnswer:
        if isinstance(self.answer, BaseException):
            raise self.answer
        return self.answer  # type: ignore[return-value]
