"""The desk that an agent gets for one message: every effect goes to a service, under one trace."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from dataagents.core.clock import Clock
from dataagents.core.hierarchy import Group
from dataagents.core.messaging import Message, MessageType, Receipt
from dataagents.core.planning import Goal, Plan, PlannedTask, State, TaskResult
from dataagents.core.reasoning import Answer
from dataagents.core.records import quick
from dataagents.core.services.hierarchy.delegation import DelegationService
from dataagents.core.services.hierarchy.leadership import Leadership, Place
from dataagents.core.services.messaging.hub import Hub
from dataagents.core.services.planning.service import PlanningService
from dataagents.core.services.voting.election import ElectionService
from dataagents.core.tracing import TraceContext
from dataagents.core.values import JsonObject
from dataagents.core.voting import Election

Reason = Callable[[PlannedTask, TraceContext], Awaitable[Answer]]


@quick
@dataclass(frozen=True, slots=True)
class AgentDesk:
    """A capability to act, made for one agent and one message."""

    _agent: str
    context: TraceContext
    _conversation: str | None
    _hops: int
    _deadline: datetime | None
    _hub: Hub
    _elections: ElectionService
    _planning: PlanningService
    _delegation: DelegationService
    _leadership: Leadership
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

    async def history(self, most: int = 100) -> Sequence[Message]:
        """Return the latest messages of the conversation that this one is part of, oldest first."""
        if self._conversation is None:
            return ()
        return await self._hub.history(self._conversation, most)

    async def publish(
        self, topic: str, payload: JsonObject, *, type: MessageType = MessageType.PIPELINE_STATUS
    ) -> Sequence[Receipt]:
        """Tell all who subscribe to a topic; a receipt for each, one that says so if nobody."""
        return await self._hub.publish(topic, self._compose(topic, payload, type))

    def subscribe(self, pattern: str) -> None:
        """Hear what is published on the topics that fit a pattern, from now on."""
        self._hub.subscribe(self._agent, pattern)

    async def delegate(
        self, task: PlannedTask, to: str, *, within: float | None = None
    ) -> TaskResult:
        """Hand a task to another agent and wait for the result; a failure is a result too."""
        if self._deadline is not None:
            left = (self._deadline - self._hub.steady()).total_seconds()
            within = left if within is None else min(within, left)
        context = self.context.within(task.id)
        return await self._delegation.delegate(
            task, to, context, within=within, hops=self._hops + 1
        )

    async def lead(self, group: Group) -> Sequence[TaskResult]:
        """Have the tasks of a group done by those to whom they are assigned."""
        place = Place(self.context, self._hops + 1, self._deadline)
        return await self._leadership.lead(group, place)

    def _compose(self, recipient: str, payload: JsonObject, type: MessageType) -> Message:
        return self._hub.compose(
            self._agent, recipient, type, payload, context=self.context, hops=self._hops + 1
        )
