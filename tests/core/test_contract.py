"""Contracts: a task is done by the winner, or by the next best when that one fails."""

import asyncio

import pytest
from sample_agents import card

from dataagents.core import Agent, Desk, Kernel, KernelConfig, Lot, Offer, PlannedTask, TaskResult
from dataagents.core.bidding import AwardOutcome
from dataagents.core.planning import FailureKind
from dataagents.core.testing import FakeClock, MemoryStore, kernel_for

TASK = PlannedTask("dig(hole)", "dig", requires={"dig": 0.5}, facts={"depth": 2})


class Digger(Agent):
    """Bids its cost, and digs or fails."""

    def __init__(self, id: str, cost: float, failure: FailureKind | None = None) -> None:
        super().__init__(card(id, cost, dig=0.9))
        self.failure = failure
        self.seen: list[PlannedTask] = []

    async def bid(self, lot: Lot, desk: Desk) -> Offer | None:
        assert not lot.task.facts, "facts go to the winner alone"
        return Offer(self.card.cost, 0.9, seconds=10.0)

    async def execute(self, task: PlannedTask, desk: Desk) -> TaskResult:
        self.seen.append(task)
        effects = {f"tried:{self.card.id}": True}
        if self.failure is not None:
            return TaskResult(task.id, False, effects, error="hit a rock", failure=self.failure)
        return TaskResult(task.id, True, effects, summary="a hole")


def config(**options: object) -> KernelConfig:
    return KernelConfig.parse(
        {
            "agents": [],
            "strategies": {"auction": "contract-net"},
            "options": {"contract-net": options},
        }
    )


async def test_the_next_best_gets_the_task_when_the_winner_fails(store: MemoryStore):
    async with kernel_for(config=config(), store=store) as kernel:
        await kernel.deploy(Digger("a", 5, FailureKind.RECOVERABLE))
        await kernel.deploy(last := Digger("b", 6))
        contract = await kernel.contract(TASK)
    assert contract.result.success
    assert contract.result.agent == contract.award.winner == "b"
    assert last.seen[0].facts == {"depth": 2}
    assert contract.result.effects == {"tried:a": True, "tried:b": True}
    assert contract.award.failed == ("a",)
    assert contract.award.rejected["a"] == "had the task and failed"
    kinds = [
        (event.kind, event.body.get("winner") or event.agent)
        for event in store.events
        if event.kind in ("auction.closed", "task.started", "task.ended")
    ]
    assert kinds == [
        ("auction.closed", "a"),
        ("task.started", "a"),
        ("task.ended", "a"),
        ("auction.closed", "b"),
        ("task.started", "b"),
        ("task.ended", "b"),
    ]
    assert len(store.of("auction.opened")) == 1


async def test_nobody_left_is_told_with_who_tried(store: MemoryStore):
    async with kernel_for(config=config(), store=store) as kernel:
        await kernel.deploy(Digger("a", 5, FailureKind.RECOVERABLE))
        contract = await kernel.contract(TASK)
        assert contract.awards == kernel.auctions
    assert contract.award.outcome is AwardOutcome.NO_VALID_BID
    assert contract.result.error == "1 agent failed: a: hit a rock"
    assert [award.winner for award in contract.awards] == ["a", None]


@pytest.mark.parametrize(
    "failure", [FailureKind.INPUT, FailureKind.UNDECIDED, FailureKind.FATAL], ids=str
)
async def test_what_nobody_can_help_is_not_tried_again(failure: FailureKind):
    async with kernel_for(config=config()) as kernel:
        await kernel.deploy(Digger("a", 5, failure))
        await kernel.deploy(other := Digger("b", 6))
        contract = await kernel.contract(TASK)
    assert (contract.result.failure, contract.result.error) == (failure, "hit a rock")
    assert other.seen == []


async def test_who_misses_its_deadline_is_out_and_stopped(clock: FakeClock):
    class Hangs(Digger):
        async def execute(self, task: PlannedTask, desk: Desk) -> TaskResult:
            await clock.sleep(1_000)
            return await super().execute(task, desk)

    async with kernel_for(config=config(slack=1.5), clock=clock) as kernel:
        await kernel.deploy(slow := Hangs("slow", 5))
        await kernel.deploy(Digger("b", 6))
        work = asyncio.create_task(kernel.contract(TASK))
        await clock.advance(14)
        assert not work.done()
        await clock.advance(2)
        contract = await work
    assert contract.award.failed == ("slow",)
    assert contract.result.agent == "b"
    assert slow.seen == []


async def test_other_auctions_leave_a_failure_to_the_planner(kernel: Kernel):
    await kernel.deploy(Digger("a", 5, FailureKind.RECOVERABLE))
    await kernel.deploy(other := Digger("b", 6))
    contract = await kernel.contract(TASK)
    assert (contract.result.error, other.seen) == ("hit a rock", [])
    assert contract.awards == (contract.award,)


async def test_a_task_that_nobody_takes_fails(kernel: Kernel):
    contract = await kernel.contract(TASK)
    assert contract.result.error == "nobody took it: none of 0 agents has what the task needs"
    assert (contract.attempts, contract.awards) == ((), (contract.award,))
