"""Agent reception: gives an agent the message that came for it, and a desk to work at."""

from collections.abc import Callable
from dataclasses import replace
from types import MethodType

from dataagents.core.agents import Agent
from dataagents.core.clock import Clock
from dataagents.core.messaging import Message, MessageType, lane_of
from dataagents.core.planning import PlannedTask
from dataagents.core.reasoning import Answer
from dataagents.core.services.desk import AgentDesk
from dataagents.core.services.dispatch import dispatch
from dataagents.core.services.hierarchy.delegation import DelegationService
from dataagents.core.services.hierarchy.leadership import Leadership
from dataagents.core.services.messaging.hub import Hub
from dataagents.core.services.messaging.reception import Handler
from dataagents.core.services.planning.service import PlanningService
from dataagents.core.services.reasoning.service import ReasoningService
from dataagents.core.services.reflection.service import ReflectionService
from dataagents.core.services.voting.election import ElectionService
from dataagents.core.services.workplaces import Workplaces
from dataagents.core.tracing import CURRENT, TraceContext
from dataagents.core.values import JsonObject


class AgentReception:
    """Handles the messages of all agents; each gets them through a method bound to it.

    Args:
        refuse: Raises when an agent may not take a task any more.
    """

    def __init__(
        self,
        hub: Hub,
        elections: ElectionService,
        planning: PlanningService,
        delegation: DelegationService,
        leadership: Leadership,
        workplaces: Workplaces,
        reasoning: ReasoningService,
        reflection: ReflectionService,
        clock: Clock,
        refuse: Callable[[Message], None],
    ) -> None:
        self._hub = hub
        self._elections = elections
        self._planning = planning
        self._delegation = delegation
        self._leadership = leadership
        self._workplaces = workplaces
        self._reasoning = reasoning
        self._reflection = reflection
        self._clock = clock
        self._refuse = refuse
        self._bound = self._handle

    def handler(self, agent: Agent) -> Handler:
        """Return what handles the messages of an agent."""
        return MethodType(self._bound, agent)  # a sixth of what a function for each agent takes

    async def _handle(self, agent: Agent, message: Message) -> JsonObject | None:
        if message.type is MessageType.TASK_REQUEST:
            self._refuse(message)
        here = f"{agent.card.id}/{lane_of(message.type)}"
        path = (*message.path[-7:], agent.card.id)
        context = TraceContext(
            message.run, message.task, agent.card.id, (*message.waiting, here), path
        )
        CURRENT.set(context)
        desk = AgentDesk(
            agent.card.id, context, message.conversation, message.hops, message.deadline,
            self._hub, self._elections, self._planning, self._delegation, self._leadership,
            self._reason, self._clock,
        )  # fmt: skip
        return await dispatch(agent, message, desk)

    async def _reason(self, task: PlannedTask, context: TraceContext) -> Answer:
        question = self._workplaces.question(task, context)
        question = replace(question, advice=self._reflection.advice(task, context.run))
        return await self._reasoning.reason(question, self._workplaces.bench(context), context)
