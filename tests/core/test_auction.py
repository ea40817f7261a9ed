import pytest
from sample_agents import Broken, card

from dataagents.core import Agent, Desk, Kernel, Lot, Offer, PlannedTask
from dataagents.core.bidding import Assessment, AwardOutcome
from dataagents.core.testing import MemoryStore

TASK = PlannedTask("profile(orders)", "profile", requires={"profile": 0.5})


class Bidder(Agent):
    def __init__(self, id: str, offer: Offer | None, **levels: float) -> None:
        super().__init__(card(id, **(levels or {"profile": 0.9})))
        self.offer = offer

    async def bid(self, lot: Lot, desk: Desk) -> Offer | None:
        return self.offer


async def test_best_quality_per_cost_wins_and_the_runner_up_is_kept(kernel: Kernel):
    await kernel.deploy(Bidder("dear", Offer(cost=4, quality=0.9)))
    await kernel.deploy(Bidder("fair", Offer(cost=2, quality=0.8, seconds=3)))
    await kernel.deploy(Bidder("unable", Offer(cost=1, quality=1), validate=1.0))
    award = await kernel.auction(TASK)
    assert award.outcome is AwardOutcome.AWARDED
    assert (award.winner, award.runner_up) == ("fair", "dear")
    assert (award.price, award.expected_seconds, award.expected_quality) == (2, 3, 0.8)
    assert award.ineligible == {"unable": "lacks 'profile'"}
    assert kernel.auctions == (award,)


async def test_a_level_below_the_minimum_is_told(kernel: Kernel):
    await kernel.deploy(Bidder("weak", Offer(cost=1, quality=1), profile=0.3))
    award = await kernel.auction(TASK)
    assert award.outcome is AwardOutcome.NO_ELIGIBLE
    assert award.ineligible == {"weak": "'profile' at 0.3, needs 0.5"}


async def test_nobody_there_is_no_eligible(kernel: Kernel):
    assert (await kernel.auction(TASK)).outcome is AwardOutcome.NO_ELIGIBLE


async def test_no_valid_bid_is_another_outcome_than_no_eligible(kernel: Kernel):
    await kernel.deploy(Bidder("shy", None))
    award = await kernel.auction(TASK)
    assert award.outcome is AwardOutcome.NO_VALID_BID
    assert award.winner is None


@pytest.mark.parametrize(
    "offer",
    [
        Offer(cost=float("nan"), quality=0.5),
        Offer(cost=0, quality=0.5),
        Offer(cost=-1, quality=0.5),
        Offer(cost=1, quality=1.5),
        Offer(cost=1, quality=float("inf")),
    ],
    ids=repr,
)
async def test_a_bid_with_impossible_figures_never_wins(kernel: Kernel, offer: Offer):
    await kernel.deploy(Bidder("odd", offer))
    assert (await kernel.auction(TASK)).outcome is AwardOutcome.NO_VALID_BID


async def test_a_bid_above_the_budget_is_not_valid(kernel: Kernel):
    await kernel.deploy(Bidder("dear", Offer(cost=5, quality=1)))
    assert (await kernel.auction(TASK, budget=4)).outcome is AwardOutcome.NO_VALID_BID
    assert (await kernel.auction(TASK, budget=5)).winner == "dear"


async def test_only_those_who_were_asked_may_bid(kernel: Kernel):
    await kernel.deploy(Bidder("a", Offer(cost=1, quality=1)))
    await kernel.deploy(Bidder("b", Offer(cost=2, quality=1)))
    assert (await kernel.auction(TASK, bidders=("b",))).winner == "b"


async def test_a_bidder_that_fails_costs_its_own_bid(kernel: Kernel, store: MemoryStore):
    await kernel.deploy(Broken("broken", profile=0.9))
    await kernel.deploy(Bidder("fine", Offer(cost=1, quality=1)))
    award = await kernel.auction(TASK)
    assert award.winner == "fine"
    kinds = [event.kind for event in store.events if event.subject == award.lot]
    assert kinds == ["auction.opened", "bid.made", "auction.closed"]


async def test_an_agent_can_judge_itself_unable(kernel: Kernel):
    class Modest(Bidder):
        async def assess(self, lot: Lot, desk: Desk) -> Assessment:
            return Assessment(capable=False, level=0.9, reason="too busy today")

    await kernel.deploy(Modest("modest", Offer(cost=1, quality=1)))
    award = await kernel.auction(TASK)
    assert award.ineligible == {"modest": "too busy today"}
