"""Many tasks at once: asked by one message an agent, shared out as a whole, on record."""

from collections.abc import Iterator, Mapping, Sequence

import pytest
from sample_agents import Broken, card

from dataagents.core import (
    Agent,
    Desk,
    Kernel,
    KernelConfig,
    Lot,
    Offer,
    PlannedTask,
    Strategy,
    StrategyError,
    hookimpl,
)
from dataagents.core.allocation import Allocation, Allocator
from dataagents.core.bidding import Assessment, Award, AwardOutcome, Bid
from dataagents.core.testing import MemoryStore, kernel_for

COSTS: Mapping[str, Sequence[float]] = {"a": (3, 1, 4), "b": (1, 5, 9)}
TASKS = tuple(PlannedTask(f"work({n})", "work", requires={"work": 0.5}) for n in range(3))


class Pricer(Agent):
    """Asks for each task what its table says."""

    def __init__(self, id: str, costs: Sequence[float], **levels: float) -> None:
        super().__init__(card(id, **(levels or {"work": 0.9})))
        self.costs = iter(costs)

    async def bid(self, lot: Lot, desk: Desk) -> Offer | None:
        cost = next(self.costs, None)
        return None if cost is None else Offer(cost=cost, quality=0.9)


@pytest.fixture
async def team(kernel: Kernel) -> Kernel:
    for name, costs in COSTS.items():
        await kernel.deploy(Pricer(name, costs))
    return kernel


async def test_the_batch_costs_less_than_one_by_one(team: Kernel):
    allocation = await team.allocate(TASKS)
    assert [award.winner for award in allocation.awards] == ["b", "a", "a"]
    assert [award.runner_up for award in allocation.awards] == ["a", "b", "b"]
    assert (allocation.value, allocation.bound, allocation.exact) == (6, 6, True)
    assert [award.task for award in allocation.awards] == [task.id for task in TASKS]


async def test_each_agent_is_asked_once_about_all_lots(team: Kernel, store: MemoryStore):
    allocation = await team.allocate(TASKS)
    calls = [each.body for each in store.of("message.sent") if each.body["type"] == "call_for_bids"]
    assert [call["recipient"] for call in calls] == ["a", "b"]
    assert {call["conversation"] for call in calls} == {allocation.id}
    lots = [each.subject for each in store.of("auction.opened")]
    assert [each.subject for each in store.of("auction.closed")] == lots
    assert [each.agent for each in store.of("bids.made")] == ["a", "b"]
    assert [each.subject for each in store.of("allocation.closed")] == [allocation.id]


async def test_a_great_batch_goes_out_in_parts(kernel: Kernel, store: MemoryStore):
    await kernel.deploy(Pricer("a", [1.0] * 500))
    tasks = [PlannedTask(f"work({n})", "work") for n in range(450)]
    allocation = await kernel.allocate(tasks)
    assert allocation.loads == {"a": 450}
    calls = [each.body for each in store.of("message.sent") if each.body["type"] == "call_for_bids"]
    assert [len(call["payload"]["lots"]) for call in calls] == [200, 200, 50]


async def test_what_an_agent_cannot_do_or_gets_wrong_costs_it_that_lot(kernel: Kernel):
    class Choosy(Pricer):
        async def assess(self, lot: Lot, desk: Desk) -> Assessment:
            able = not lot.task.id.endswith("(0)")
            return Assessment(able, 0.9, "" if able else "not this one")

    await kernel.deploy(Choosy("choosy", (float("nan"), 2.0)))
    await kernel.deploy(Pricer("unable", (), other=1.0))
    first, second, third = (await kernel.allocate(TASKS)).awards
    assert (first.outcome, first.winner) == (AwardOutcome.NO_ELIGIBLE, None)
    assert first.ineligible == {"choosy": "not this one", "unable": "lacks 'work'"}
    assert second.outcome is AwardOutcome.NO_VALID_BID
    assert second.rejected["choosy"].startswith("refused: cost")
    assert third.winner == "choosy"


async def test_an_agent_that_fails_costs_its_own_bids(team: Kernel):
    await team.deploy(Broken("broken", work=0.9))
    allocation = await team.allocate(TASKS)
    assert allocation.value == 6
    assert "broken on purpose" in allocation.awards[0].rejected["broken"]


async def test_limits_and_bidders_hold_for_each_lot(team: Kernel):
    allocation = await team.allocate(TASKS, bidders=("b",), budget=5)
    assert [award.winner for award in allocation.awards] == ["b", "b", None]
    assert allocation.awards[2].rejected == {"b": "9 is above the budget, 5"}


async def test_without_tasks_nobody_is_asked(team: Kernel):
    allocation = await team.allocate(())
    assert (allocation.awards, allocation.value) == ((), 0)


class Careless:
    """Awards each lot to somebody who made no bid, or forgets one."""

    def __init__(self, forgets: bool) -> None:
        self.forgets = forgets

    def allocate(self, lots: Sequence[Lot], bids: Mapping[str, Sequence[Bid]]) -> Allocation:
        def awards() -> Iterator[Award]:
            for lot in lots[1:] if self.forgets else lots:
                yield Award(lot.id, AwardOutcome.AWARDED, "", "nobody", 1.0)

        return Allocation("none", "nothing", False, 0.0, 0.0, tuple(awards()))


@pytest.mark.parametrize(
    ("forgets", "problem"), [(True, "one award for each lot"), (False, "who made no bid")]
)
async def test_an_allocator_that_makes_things_up_is_stopped(forgets: bool, problem: str):
    class Plugin:
        @hookimpl
        def register_allocators(self) -> tuple[Strategy[Allocator], ...]:
            return (Strategy("careless", lambda options: Careless(forgets)),)

    config = KernelConfig.parse({"agents": [], "strategies": {"allocator": "careless"}})
    async with kernel_for(Plugin(), config=config) as kernel:
        await kernel.deploy(Pricer("a", (1, 1, 1)))
        with pytest.raises(StrategyError, match=problem):
            await kernel.allocate(TASKS)
