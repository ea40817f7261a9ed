"""Auctions, contracts and allocations after a crash: with what is on record of them."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import pytest
from crashes import CONFIG, Member, crashed, kernel_on, survivors
from hypothesis import given, settings
from hypothesis import strategies as st
from volume import amount

from dataagents.core import Kernel
from dataagents.core.allocation import Allocation, BidSheet
from dataagents.core.bidding import Award, Bid, Contract, Lot
from dataagents.core.events import Event, EventKind
from dataagents.core.planning import PlannedTask, TaskResult
from dataagents.core.plugin_manager import PluginManager
from dataagents.core.services.bidding.replay import (
    recorded_award,
    replay_allocation,
    replay_auction,
)
from dataagents.core.testing import MemoryStore
from dataagents.core.tracing import TraceContext
from dataagents.core.values import from_json

PLACE = TraceContext(run="run-1", task="clean")
TASK = PlannedTask("clean", "clean", {"table": "orders"}, requires={"work": 0.5})
AUCTIONS = ("sealed-bid", "vickrey", "english", "contract-net")
_REGISTRY = PluginManager().load()


def team(*costs: float, works: Sequence[bool] = ()) -> list[Member]:
    able = (*works, *[True] * len(costs))
    return [Member(f"agent-{n}", cost=cost, works=able[n]) for n, cost in enumerate(costs)]


def auctioning(auction: str, task: PlannedTask = TASK, **terms: object):
    async def work(kernel: Kernel) -> Award:
        hold = kernel._open.auctioneer.auction
        return await hold(task, auction=auction, context=PLACE, reserve=20.0, **terms)  # type: ignore[arg-type]

    return work


def contracting(auction: str = "contract-net"):
    async def work(kernel: Kernel) -> Contract:
        return await kernel._open.contracting.perform(TASK, auction=auction, context=PLACE)

    return work


async def allocating(kernel: Kernel) -> Allocation:
    tasks = [replace(TASK, id=f"clean-{n}") for n in range(3)]
    return await kernel._open.allocation.allocate(tasks, context=PLACE)


def bids_of(store: MemoryStore) -> dict[tuple[str, int], Bid]:
    bids = [from_json(Bid, event.body) for event in store.of(EventKind.BID_MADE)]
    assert len({(bid.bidder, bid.round) for bid in bids}) == len(bids), "nobody bids twice"
    return {(bid.bidder, bid.round): bid for bid in bids}


def about(store: MemoryStore, subject: str) -> list[Event]:
    return [each for each in store.events if each.subject == subject]


async def resumed(auction: str, crashes: Sequence[int], bidders: int) -> None:
    """Crash an auction at each of some commits, then finish it."""
    events: Sequence[Event] = ()
    made: dict[tuple[str, int], Bid] = {}
    for crash in crashes:
        members = team(*[10.0 + n for n in range(bidders)])
        store, _ = await crashed(crash, members, auctioning(auction), before=events)
        kept = bids_of(store)
        assert made.items() <= kept.items(), "no bid is lost or changed"
        events, made = tuple(store.events), kept
    closed = [each for each in events if each.kind == EventKind.AUCTION_CLOSED]
    members = team(*[5.0 + n for n in range(bidders)])
    store, award = await crashed(10_000, members, auctioning(auction), before=events)
    assert award is not None
    assert made.items() <= bids_of(store).items(), "no bid is lost or changed"
    opened = [from_json(Lot, each.body) for each in store.of(EventKind.AUCTION_OPENED)]
    assert [lot.id for lot in opened] == [award.lot], "it goes on under its id"
    assert len(store.of(EventKind.AUCTION_CLOSED)) == 1
    history = about(store, award.lot)
    assert replay_auction(history, _REGISTRY) == recorded_award(history) == award
    if closed:
        assert award == from_json(Award, closed[0].body), "what was awarded stays awarded"
        assert not any(member.asked["bid"] for member in members)


@settings(max_examples=amount(8))
@given(st.sampled_from(AUCTIONS), st.lists(st.integers(0, 60), max_size=3), st.integers(0, 4))
def test_wherever_it_is_cut_off_no_bid_is_lost(auction: str, crashes: list[int], bidders: int):
    asyncio.run(resumed(auction, crashes, bidders))


@pytest.mark.parametrize("crash", range(18))
@pytest.mark.parametrize("auction", ["sealed-bid", "english"])
async def test_it_goes_on_from_every_commit(auction: str, crash: int):
    await resumed(auction, [crash], 3)


async def test_bids_on_record_count_beside_those_that_follow():
    store, _ = await crashed(8, team(10.0, 11.0, 12.0), auctioning("sealed-bid"))
    before = bids_of(store)
    assert 0 < len(before) < 3
    members = team(5.0, 5.0, 5.0)
    store, award = await crashed(999, members, auctioning("sealed-bid"), before=store.events)
    assert award is not None
    assert {bid.bidder: bid.cost for bid in award.bids} == {
        member.card.id: before[key].cost if (key := (member.card.id, 1)) in before else 5.0
        for member in members
    }
    for member in members:
        assert member.asked["bid"] == ((member.card.id, 1) not in before)


@pytest.mark.parametrize(
    ("auction", "task"),
    [("vickrey", TASK), ("sealed-bid", replace(TASK, args={"table": "customers"}))],
)
async def test_another_offer_is_another_auction(auction: str, task: PlannedTask):
    store, _ = await crashed(8, team(10.0, 11.0), auctioning("sealed-bid"))
    work = auctioning(auction, task)
    store, award = await crashed(999, team(5.0, 6.0), work, before=store.events)
    assert award is not None
    assert {bid.cost for bid in award.bids} == {5.0, 6.0}
    assert len(store.of(EventKind.AUCTION_OPENED)) == 2


async def test_bidders_that_were_not_named_then_do_not_count_now():
    store, _ = await crashed(8, team(10.0, 11.0), auctioning("sealed-bid"))
    work = auctioning("sealed-bid", bidders=["agent-1"])
    store, award = await crashed(999, team(5.0, 6.0), work, before=store.events)
    assert award is not None
    assert [bid.bidder for bid in award.bids] == ["agent-1"]


def ends(store: MemoryStore) -> list[TaskResult]:
    return [from_json(TaskResult, each.body) for each in store.of(EventKind.TASK_ENDED)]


async def contracted(crashes: Sequence[int]) -> None:
    """Crash a contract, of which the two cheapest bidders fail, at each of some commits."""
    events: Sequence[Event] = ()
    worked = Counter[str]()
    ended: list[TaskResult] = []
    for crash in (*crashes, 10_000):
        members = team(10.0, 11.0, 12.0, works=(False, False, True))
        store, contract = await crashed(crash, members, contracting(), before=events)
        results = ends(store)
        assert results[: len(ended)] == ended
        for member in members:
            worked[member.card.id] += member.asked["execute"]
            if any(each.agent == member.card.id for each in ended):
                assert not member.asked["execute"], "an attempt on record is not made again"
        done = any(each.success for each in ended)
        events, ended = tuple(store.events), results
        if contract is not None or done:
            break
    assert [each.agent for each in ended] == ["agent-0", "agent-1", "agent-2"]
    assert [each.success for each in ended] == [False, False, True]
    if contract is not None and not done:
        assert contract.result.success
        assert [each.award.winner for each in contract.attempts] == [
            "agent-0", "agent-1", "agent-2",
        ]  # fmt: skip
        assert contract.award.failed == ("agent-0", "agent-1")


@settings(max_examples=amount(8))
@given(st.lists(st.integers(0, 40), max_size=3))
def test_wherever_a_contract_is_cut_off_the_attempts_made_count(crashes: list[int]):
    asyncio.run(contracted(crashes))


@pytest.mark.parametrize("crash", range(36))
async def test_a_contract_goes_on_from_every_commit(crash: int):
    await contracted([crash])


async def cut_off_at_work() -> MemoryStore:
    """Return what is on record of a contract whose first task had been begun."""
    for crash in range(40):
        store, _ = await crashed(crash, team(10.0, 11.0), contracting())
        if await store.said("run-1:clean", 1):
            break
    assert not store.of(EventKind.TASK_ENDED)
    return store


async def test_whoever_was_in_the_middle_of_it_does_it_again():
    store = await cut_off_at_work()
    members = team(1.0, 1.0)
    store, contract = await crashed(999, members, contracting(), before=store.events)
    assert contract is not None
    assert contract.result.agent == "agent-0"
    assert [member.asked["bid"] for member in members] == [0, 0]
    assert len(store.of(EventKind.AUCTION_CLOSED)) == 1


async def test_a_task_that_was_done_and_is_wanted_once_more_is_auctioned_anew():
    store, _ = await crashed(999, team(10.0), contracting())
    members = team(5.0)
    store, contract = await crashed(999, members, contracting(), before=store.events)
    assert contract is not None
    assert contract.award.price == 5.0
    assert members[0].asked["execute"] == 1


async def test_the_conversation_about_a_task_goes_on():
    store = await cut_off_at_work()
    async with kernel_on(survivors(store), *team(1.0, 1.0)) as kernel:
        await kernel._open.contracting.perform(TASK, auction="contract-net", context=PLACE)
        talk = kernel.hub.conversation("run-1:clean")
        assert talk is not None
        asked = [each for each in await kernel.hub.history("run-1:clean") if not each.reply_to]
        assert len(asked) == 2, "the request before the crash and the one after it"
        assert asked[0].id in talk.messages


async def allocated(crashes: Sequence[int]) -> None:
    """Crash an allocation at each of some commits, then finish it."""
    events: Sequence[Event] = ()
    said: dict[str, BidSheet] = {}
    for crash in crashes:
        store, _ = await crashed(crash, team(10.0, 11.0, 12.0), allocating, before=events)
        sheets = [from_json(BidSheet, each.body) for each in store.of(EventKind.BIDS_MADE)]
        kept = {sheet.bidder: sheet for sheet in sheets}
        assert len(kept) == len(sheets), "nobody is heard twice"
        assert said.items() <= kept.items()
        events, said = tuple(store.events), kept
    closed = [each for each in events if each.kind == EventKind.ALLOCATION_CLOSED]
    members = team(5.0, 6.0, 7.0)
    store, allocation = await crashed(10_000, members, allocating, before=events)
    assert allocation is not None
    for member in members:
        assert member.asked["bid"] == (0 if member.card.id in said or closed else 3)
    assert len(store.of(EventKind.AUCTION_OPENED)) == 3
    assert len(store.of(EventKind.ALLOCATION_CLOSED)) == 1
    lots = {each.subject for each in store.of(EventKind.AUCTION_OPENED)}
    history = [each for each in store.events if each.subject in {allocation.id, *lots}]
    assert replay_allocation(history, _REGISTRY) == allocation


@settings(max_examples=amount(8))
@given(st.lists(st.integers(0, 20), max_size=3))
def test_wherever_an_allocation_is_cut_off_no_bid_is_lost(crashes: list[int]):
    asyncio.run(allocated(crashes))


@pytest.mark.parametrize("crash", range(14))
async def test_an_allocation_goes_on_from_every_commit(crash: int):
    await allocated([crash])


async def test_what_was_auctioned_before_is_among_the_latest_auctions():
    store, award = await crashed(999, team(10.0, 11.0), auctioning("sealed-bid"))
    async with kernel_on(survivors(store), *team(1.0, 1.0), config=CONFIG) as kernel:
        assert await auctioning("sealed-bid")(kernel) == award
        assert kernel.auctions == (award,)
