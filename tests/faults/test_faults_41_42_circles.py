"""Faults 41 and 42: agents that delegate in circles, and storms of replies to all."""

import asyncio
from collections.abc import Iterator

import pytest
from sample_agents import card
from sample_messages import message

from dataagents.core import Agent, Desk, Kernel, KernelConfig, Message, MessageType
from dataagents.core.planning import PlannedTask, TaskResult
from dataagents.core.testing import FakeClock


class PassingOn(Agent):
    """Has another agent do what it is asked to do."""

    def __init__(self, id: str, to: str) -> None:
        super().__init__(card(id, work=1.0))
        self.to = to

    async def execute(self, task: PlannedTask, desk: Desk) -> TaskResult:
        return await desk.delegate(task, self.to)


@pytest.mark.parametrize("way", [("a", "b"), ("a",), ("a", "b", "c", "d")], ids="→".join)
async def test_a_delegation_that_comes_round_is_an_error_that_names_the_way(
    clock: FakeClock, way: tuple[str, ...]
):
    async with Kernel(KernelConfig(agents=(), monitoring=False), clock=clock) as kernel:
        for number, name in enumerate(way):
            await kernel.deploy(PassingOn(name, way[(number + 1) % len(way)]))
        delegated = asyncio.create_task(kernel.delegate(PlannedTask("work", "work"), to="a"))
        await clock.settle()
        assert delegated.done(), "nobody waits for a deadline"
        result = await delegated
        assert not result.success
        assert result.error is not None
        for name in way:
            assert name in result.error


class ReplyingToAll(Agent):
    """Tells everybody whatever anybody tells it."""

    names: tuple[str, ...] = ()

    def __init__(self, id: str) -> None:
        super().__init__(card(id))
        self.heard = 0

    async def handle(self, message: Message, desk: Desk) -> None:
        self.heard += 1
        for name in self.names:
            await desk.send(name, {"again": True}, type=MessageType.DATA_REQUEST)


@pytest.fixture
def crowd() -> Iterator[list[ReplyingToAll]]:
    ReplyingToAll.names = tuple(f"agent{number}" for number in range(50))
    yield [ReplyingToAll(name) for name in ReplyingToAll.names]
    ReplyingToAll.names = ()


async def test_a_storm_of_fifty_agents_ends_and_leaves_nothing_behind(
    clock: FakeClock, crowd: list[ReplyingToAll]
):
    config = KernelConfig(
        agents=(), monitoring=False, max_message_rate=60, history=100, remembered_messages=500
    )
    async with Kernel(config, clock=clock) as kernel:
        for agent in crowd:
            await kernel.deploy(agent)
        await kernel.hub.send(message(kernel, "agent0"))
        await clock.settle()
        heard = sum(agent.heard for agent in crowd)
        assert 1 < heard <= 1 + 50 * 60, "each may say 60 things in a second, which has not passed"
        assert all(kernel.hub.waiting(agent.card.id) == 0 for agent in crowd)
        assert len(kernel.hub.dead_letters) <= 100
        assert len(kernel.hub.exchanges) <= 2 * 500
