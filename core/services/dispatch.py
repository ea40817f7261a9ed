"""Dispatch: from a message to the behaviour of an agent that answers it."""

from collections.abc import Mapping
from typing import Any, TypeAlias

from dataagents.core.agents import Agent, Coordinator
from dataagents.core.bidding import Assessment, Lot, Offer
from dataagents.core.cards import HealthAnswer
from dataagents.core.desk import Desk
from dataagents.core.errors import StrategyError
from dataagents.core.hierarchy import LEAD_GROUP, Group, Report, Review
from dataagents.core.messaging import Message, MessageType
from dataagents.core.planning import Goal, Plan, PlannedTask, TaskResult
from dataagents.core.values import Json, JsonObject, from_json, to_json
from dataagents.core.voting import Motion, Proposal, Vote

Rows: TypeAlias = list[dict[str, Json]]
Results: TypeAlias = list[TaskResult]
Tasks: TypeAlias = list[PlannedTask]
Lots: TypeAlias = list[Lot]


async def dispatch(agent: Agent, message: Message, desk: Desk) -> JsonObject | None:
    """Call the behaviour that a message is for and return the payload of the reply.

    Raises:
        StrategyError: The behaviour returned something else than it promises.
        InputError: The payload is not what the type of the message calls for.
    """
    payload = message.payload
    match message.type:
        case MessageType.HEALTH_CHECK:
            sample = from_json(Rows, payload.get("sample", []), what="sample")
            return _reply(agent, HealthAnswer, await agent.check_health(sample, desk))
        case MessageType.WELCOME:
            await agent.joined(desk)
            return None
        case MessageType.CALL_FOR_PROPOSALS:
            motion = from_json(Motion, payload)
            return _reply(agent, Proposal, await agent.propose(motion, desk), or_none=True)
        case MessageType.CALL_FOR_VOTES:
            return _reply(agent, Vote, await agent.vote(from_json(Motion, payload), desk))
        case MessageType.CALL_FOR_BIDS:
            return await _bid(agent, payload, desk)
        case MessageType.TASK_REQUEST:
            task = from_json(PlannedTask, payload)
            if task.name == LEAD_GROUP:
                return await _lead(agent, from_json(Group, task.args), desk)
            return _reply(agent, TaskResult, await agent.execute(task, desk))
        case MessageType.PLAN_REQUEST | MessageType.AGGREGATE_REQUEST:
            return await _coordinate(agent, message, desk)
        case _:
            return await agent.handle(message, desk)


async def _bid(agent: Agent, payload: JsonObject, desk: Desk) -> JsonObject:
    if "lots" not in payload:
        return await _bid_for(agent, from_json(Lot, payload), desk)
    lots = from_json(Lots, payload["lots"], what="lots")
    return {"answers": {lot.id: await _bid_for(agent, lot, desk) for lot in lots}}


async def _bid_for(agent: Agent, lot: Lot, desk: Desk) -> dict[str, Json]:
    assessment = await agent.assess(lot, desk)
    answer: dict[str, Json] = {
        "assessment": _reply(agent, Assessment, assessment),
        "offer": None,
    }
    if assessment.capable:
        answer["offer"] = _reply(agent, Offer, await agent.bid(lot, desk), or_none=True) or None
    return answer


async def _lead(agent: Agent, group: Group, desk: Desk) -> JsonObject:
    results = tuple(await agent.lead(group, desk))
    for result in results:
        _reply(agent, TaskResult, result)
    return to_json(Report(group.id, results))


async def _coordinate(agent: Agent, message: Message, desk: Desk) -> JsonObject:
    if not isinstance(agent, Coordinator):
        raise StrategyError(f"agent {agent.card.id}", message.type, "is not a coordinator")
    goal = from_json(Goal, message.payload.get("goal"))
    if message.type is MessageType.PLAN_REQUEST:
        state = message.payload.get("state")
        known: Mapping[str, Json] = state if isinstance(state, dict) else {}
        return _reply(agent, Plan, await agent.plan(goal, known, desk))
    results = from_json(Results, message.payload.get("results", []), what="results")
    if "tasks" not in message.payload:
        return dict(await agent.aggregate(goal, results, desk))
    tasks = from_json(Tasks, message.payload["tasks"], what="tasks")
    problems = tuple(await agent.validate(goal, tasks, results, desk))
    done = [result for result in results if result.success]
    return to_json(Review(dict(await agent.aggregate(goal, done, desk)), problems))


def _reply(
    agent: Agent, expected: type[Any], value: object, *, or_none: bool = False
) -> dict[str, Json]:
    """Return a behaviour's result as a payload, having made sure that it is what it should be."""
    if value is None and or_none:
        return {}
    if not isinstance(value, expected):
        # A plain TypeError: the boundary counts it as the agent's failure, and names the agent.
        raise TypeError(f"returned {type(value).__name__}, not {expected.__name__}")
    return to_json(value)
