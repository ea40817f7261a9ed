import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from sample_agents import Broken, card

from dataagents.core import (
    Agent,
    Desk,
    InputError,
    Kernel,
    KernelConfig,
    Lot,
    Offer,
    PlannedTask,
    Strategy,
    StrategyError,
    hookimpl,
)
from dataagents.core.bidding import Assessment, Auction, AwardOutcome, Bid, CallForBids, Weights
from dataagents.core.errors import UnknownStrategyError
from dataagents.core.testing import FakeClock, MemoryStore, kernel_for

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
    assert (award.winner, award.rejected) == (None, {"shy": "made no offer"})


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
    award = await kernel.auction(TASK)
    assert award.outcome is AwardOutcome.NO_VALID_BID
    assert award.rejected["odd"].startswith("refused: ")


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
    assert kinds == ["auction.opened", "bid.made", "bids.refused", "auction.closed"]
    assert "broken on purpose" in award.rejected["broken"]


async def test_an_agent_can_judge_itself_unable(kernel: Kernel):
    class Modest(Bidder):
        async def assess(self, lot: Lot, desk: Desk) -> Assessment:
            return Assessment(capable=False, level=0.9, reason="too busy today")

    await kernel.deploy(Modest("modest", Offer(cost=1, quality=1)))
    award = await kernel.auction(TASK)
    assert award.ineligible == {"modest": "too busy today"}


async def test_a_bid_after_the_deadline_is_too_late(kernel: Kernel, clock: FakeClock):
    class Slow(Bidder):
        async def bid(self, lot: Lot, desk: Desk) -> Offer | None:
            await clock.sleep(60)
            return self.offer

    await kernel.deploy(Slow("slow", Offer(cost=1, quality=1)))
    await kernel.deploy(Bidder("quick", Offer(cost=2, quality=1)))
    auction = asyncio.create_task(kernel.auction(TASK, deadline=5))
    await clock.advance(10)
    award = await auction
    assert award.winner == "quick"
    assert award.rejected["slow"]


async def test_bidders_are_told_the_rules_and_the_budget_but_not_the_reserve(kernel: Kernel):
    told: list[Lot] = []

    class Curious(Bidder):
        async def bid(self, lot: Lot, desk: Desk) -> Offer | None:
            told.append(lot)
            return self.offer

    await kernel.deploy(Curious("a", Offer(cost=3, quality=1)))
    award = await kernel.auction(TASK, auction="vickrey", budget=9, reserve=5)
    assert award.price == 5
    (lot,) = told
    assert (lot.auction, lot.budget, lot.reserve, lot.round) == ("vickrey", 9, None, 1)
    assert lot.terms == {"minimum_quality": 0.0, "scored": False}


async def test_an_english_auction_asks_in_rounds_by_message(kernel: Kernel, store: MemoryStore):
    for name, cost in (("a", 10.0), ("b", 12.0), ("c", 15.0)):
        await kernel.deploy(Agent(card(name, cost, profile=0.9)))
    award = await kernel.auction(TASK, auction="english", reserve=20)
    assert (award.winner, award.price, award.runner_up) == ("a", 12, "b")
    calls = [each.body for each in store.of("message.sent") if each.body["type"] == "call_for_bids"]
    asked = [(each["payload"]["round"], each["payload"]["asking"]) for each in calls]
    assert asked[:5] == [(1, 20), (1, 20), (1, 20), (2, 19), (2, 19)]
    assert max(number for number, _ in asked) == award.rounds == 10
    assert award.rejected == {}
    bids = [(each.body["round"], each.agent) for each in store.of("bid.made")]
    assert bids[:5] == [(1, "a"), (1, "b"), (1, "c"), (2, "b"), (2, "c")]


async def test_an_auction_that_is_not_installed_is_named(kernel: Kernel):
    with pytest.raises(UnknownStrategyError, match="Did you mean 'english'"):
        await kernel.auction(TASK, auction="englisch")


@pytest.mark.parametrize(
    "terms",
    [
        {"budget": float("nan")},
        {"reserve": 0.0},
        {"deadline": -1.0},
        {"weights": Weights(quality=-1.0)},
        {"weights": Weights(cost=float("inf"))},
    ],
    ids=str,
)
async def test_terms_that_make_no_sense_are_refused(kernel: Kernel, terms: Any):
    with pytest.raises(InputError, match="lot 'profile"):
        await kernel.auction(TASK, **terms)


async def test_an_auction_that_never_ends_is_ended(store: MemoryStore):
    class Endless:
        def open(self, lot: Lot) -> CallForBids:
            return CallForBids(lot)

        def advance(self, call: CallForBids, bids: Sequence[Bid]) -> CallForBids:
            return replace(call, round=call.round + 1)

    class Plugin:
        @hookimpl
        def register_auctions(self) -> tuple[Strategy[Auction], ...]:
            return (Strategy("endless", lambda options: Endless()),)

    async with kernel_for(Plugin(), config=KernelConfig(agents=())) as kernel:
        with pytest.raises(StrategyError, match="still open after 1000 rounds"):
            await kernel.auction(TASK, auction="endless")
