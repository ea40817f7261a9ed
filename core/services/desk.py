"""The desk that an agent gets for one message: every effect goes to a service, under one trace."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from dataagents.core.clock import Clock
from dataagents.core.messaging import Message, MessageType, Receipt
from dataagents.core.planning import Goal, Plan, PlannedTask, State
from dataagents.core.reasoning import Answer
from dataagents.core.services.election import ElectionService
from dataagents.core.services.hub import Hub
from dataagents.core.services.planning import PlanningService
from dataagents.core.tracing import TraceContext
from dataagents.core.values import JsonObject
from dataagents.core.voting import Election

Reason = Callable[[PlannedTask, TraceContext], Awaitable[Answer]]


@dataclass(frozen=True, slots=True)
class AgentDesk:
    """A capability to act, made for one agent and one message."""

    _agent: str
    context: TraceContext
    _hops: int
    _hub: Hub
    _elections: ElectionService
    _planning: PlanningService
    _reasoning: Reason
    _clock: Clock

    def now(self) -> datetime:
        """Return the kernel's time, in UTC."""
        return self._clock.now()

    async def reason(self, task: PlannedTask) -> Answer:
        """Reason through a task with the tools that it allows."""
        return await self._reasoning(task, self.context)

    async def vote(
        self,
        question: str,
        options: Sequence[str],
        *,
        context: JsonObject,
        about: str = "",
        voters: Sequence[str] | None = None,
    ) -> Election:
        """Put a question to the vote and wait for the result."""
        return await self._elections.vote(
            question, options, voters=voters, evidence=context, about=about, context=self.context
        )

    async def plan(self, goal: Goal, state: State) -> Plan:
        """Ask the configured planner for a plan."""
        return await self._planning.plan(goal, state, self.context)

    async def send(
        self, recipient: str, payload: JsonObject, *, type: MessageType = MessageType.DATA_REQUEST
    ) -> Receipt:
        """Send a message and return what became of it."""
        return await self._hub.send(self._compose(recipient, payload, type))

    async def ask(
        self, recipient: str, payload: JsonObject, *, type: MessageType = MessageType.DATA_REQUEST
    ) -> Message | Receipt:
        """Send a message and wait for the reply; a receipt says why there is none."""
        return await self._hub.request(self._compose(recipient, payload, type))

    def _compose(self, recipient: str, payload: JsonObject, type: MessageType) -> Message:
        return self._hub.compose(
            self._agent, recipient, type, payload, context=self.context, hops=self._hops + 1
        )
