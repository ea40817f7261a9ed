"""Agents: the behaviours that an application overrides."""

from collections.abc import Callable, Sequence
from typing import TypeAlias

from dataagents.core.bidding import Assessment, Lot, Offer, assess_card, offer_from_card
from dataagents.core.cards import AgentCard, HealthAnswer, Sample
from dataagents.core.desk import Desk
from dataagents.core.hierarchy import Group
from dataagents.core.messaging import Message
from dataagents.core.planning import Goal, Plan, PlannedTask, State, TaskResult, shortfall
from dataagents.core.reasoning import task_result
from dataagents.core.values import Json, JsonObject
from dataagents.core.voting import Motion, Proposal, Vote


class Agent:
    """An agent; subclass it and override what it should do differently.

    Every behaviour is called for a message that came over the hub, with a desk that belongs to
    this agent and this message. Behaviours may be slow: each has a limit. Nothing here talks to
    another agent directly; what an agent wants from others, it asks at its desk.
    """

    def __init__(self, card: AgentCard) -> None:
        self.card = card

    async def check_health(self, sample: Sample, desk: Desk) -> HealthAnswer:
        """Say whether this agent works, having tried it on a sample."""
        rows = await self.process_sample(sample, desk)
        return HealthAnswer(healthy=True, processing=len(rows) == len(sample))

    async def process_sample(self, sample: Sample, desk: Desk) -> Sample:
        """Process a few rows the way real ones would be; the default passes them on."""
        return sample

    async def joined(self, desk: Desk) -> None:
        """Take up work in a team that this agent was just deployed to, for example subscribe.

        Only an agent that overrides this is sent the message that leads here.
        """

    async def handle(self, message: Message, desk: Desk) -> JsonObject | None:
        """Answer a message that no other behaviour is for.

        Returns:
            The payload of the reply, or None for no reply.
        """
        return None

    async def assess(self, lot: Lot, desk: Desk) -> Assessment:
        """Judge whether this agent could do the task of a lot; the default reads its card."""
        return assess_card(self.card, lot)

    async def propose(self, motion: Motion, desk: Desk) -> Proposal | None:
        """Propose an option for a motion, or nothing; the default has no opinion."""
        return None

    async def vote(self, motion: Motion, desk: Desk) -> Vote:
        """Vote on a motion; the default abstains."""
        return Vote(reason=f"{self.card.role} has no view on this")

    async def bid(self, lot: Lot, desk: Desk) -> Offer | None:
        """Offer to do the task of a lot, or not; the default offers what its card says."""
        return offer_from_card(self.card, lot)

    async def execute(self, task: PlannedTask, desk: Desk) -> TaskResult:
        """Do a task that was awarded to this agent; the default reasons its way through it."""
        answer = await desk.reason(task)
        return task_result(task, answer)

    async def lead(self, group: Group, desk: Desk) -> Sequence[TaskResult]:
        """Have the tasks of a group done by the agents below this one; return their results.

        The default hands each to whom it is assigned, as soon as what it waits for is done.
        """
        return await desk.lead(group)


class Coordinator(Agent):
    """An agent that also plans for the team and puts its results together."""

    async def plan(self, goal: Goal, state: State, desk: Desk) -> Plan:
        """Return a plan for a goal; the default asks the configured planner."""
        return await desk.plan(goal, state)

    async def aggregate(self, goal: Goal, results: Sequence[TaskResult], desk: Desk) -> JsonObject:
        """Put the results of a plan together; the default merges their effects in plan order."""
        merged: dict[str, Json] = {}
        for result in results:
            merged.update(result.effects)
        return merged

    async def validate(
        self, goal: Goal, tasks: Sequence[PlannedTask], results: Sequence[TaskResult], desk: Desk
    ) -> Sequence[str]:
        """Say what is wrong with the results of a hierarchy; nothing when they will do.

        The default wants each task of the plan done, and each fact that it was to make.
        """
        found = {result.task: result for result in results}
        return [problem for task in tasks if (problem := shortfall(task, found.get(task.id)))]


AgentFactory: TypeAlias = Callable[[AgentCard], Agent]
"""What a strategy of `register_agents` builds: it makes an agent for a card."""
