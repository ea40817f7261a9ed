"""An auction, replayed bid by bid."""

from dataclasses import replace

import pytest

from dataagents.console.view import Mark
from dataagents.console.view.decisions import BIDS, auction_replay, auction_sections, bid_chart
from dataagents.console.view.glyphs import ASCII
from dataagents.console.view.moment import Moment
from dataagents.core.bidding import Award, AwardOutcome, Bid, CallForBids, Lot, Refusals
from dataagents.core.planning import PlannedTask
from dataagents.core.testing.clock import START
from dataagents.plugins.bidding.english import English, EnglishOptions
from dataagents.plugins.bidding.scoring import AuctionOptions
from dataagents.plugins.bidding.sealed_bid import SealedBid
from tests.support.decided import sale, stored

MOMENT = Moment(START)
TASK = PlannedTask("load(a)", "load", {"dataset": "a"}, requires={"load": 0.5})
LOT = Lot(
    "lot-1", TASK, START, budget=5.0, bidders=("ana", "bob", "cid", "dee"), auction="sealed-bid",
    run="run-1",
)  # fmt: skip
ANA = Bid("ana", 1.0, 0.4, START, 2.0, "cheap")
BOB = Bid("bob", 2.0, 0.9, START, 3.0, "have the tools")
EVE = Bid("eve", 1.5, 0.9, START, 9.0, "never done it", reputation=0.5)
REFUSED = Refusals(1, {"cid": "lacks 'load'"}, {"dee": "made no offer"})


def sealed(*bids):
    call = CallForBids(replace(LOT, bidders=None))
    return SealedBid(AuctionOptions()).advance(call, bids)


def test_each_bid_says_who_was_best_after_it_by_the_scores_on_record():
    award = sealed(ANA, BOB, EVE)
    replay = auction_replay(sale(LOT, [EVE, ANA, BOB], [award], REFUSED))

    assert award.winner == "bob"
    assert replay.ranked_by == "score"
    assert [(bid.bidder, bid.word, bid.best) for bid in replay.bids] == [
        ("eve", "bid", "eve"), ("ana", "runner-up", "ana"), ("bob", "wins", "bob"),
    ]  # fmt: skip
    assert [bid.score for bid in replay.bids] == [award.scores[n] for n in ("eve", "ana", "bob")]
    assert [bid.bidder for bid in replay.ranking_after(2)] == ["ana", "eve"]
    assert [bid.bidder for bid in replay.ranking_after(9)] == ["bob", "ana", "eve"]
    assert replay.ranking_after(0) == ()
    assert replay.bids[0].expected == pytest.approx(0.45)


def test_who_made_no_bid_that_counts_is_told_with_the_reason():
    replay = auction_replay(sale(LOT, [ANA], [sealed(ANA)], REFUSED))

    assert [(line.bidder, line.word, line.reason) for line in replay.others] == [
        ("bob", "no bid", ""), ("cid", "can't do it", "lacks 'load'"),
        ("dee", "no bid", "made no offer"),
    ]  # fmt: skip
    told = dict(auction_sections(replay, MOMENT))
    assert told["no bid that counts"].splitlines()[1] == "cid: can't do it, lacks 'load'"
    assert told["needs"] == "load: 0.5"


def test_an_award_says_why_for_how_much_and_who_came_second():
    award = sealed(ANA, BOB)
    replay = auction_replay(sale(LOT, [ANA, BOB], [award]))
    told = dict(auction_sections(replay, MOMENT))

    assert told["outcome"] == "● bob"
    assert told["why"] == award.reason
    assert (told["price"], told["runner-up"]) == ("2", "ana")
    assert told["promised"] == "quality 0.9 in 3.0s"
    assert told["bids"] == "2 bids, ranked by the scores on record"


def test_an_open_auction_calls_the_cheapest_best_and_says_that_this_is_all_it_knows():
    replay = auction_replay(sale(LOT, [BOB, ANA]))
    told = dict(auction_sections(replay, MOMENT))

    assert [(line.bidder, line.word) for line in replay.bidders] == [
        ("bob", "bid"), ("ana", "best so far"), ("cid", "awaited"), ("dee", "awaited"),
    ]  # fmt: skip
    assert told["why"] == "2 bids of 4 asked so far; the cheapest is ana's, 1"
    assert told["bids"].endswith("until the award says what counts")
    assert "price" not in told


def test_a_bid_that_the_auction_turned_down_is_never_best():
    call = CallForBids(replace(LOT, bidders=None))
    award = SealedBid(AuctionOptions(minimum_quality=0.5)).advance(call, [ANA, BOB])
    replay = auction_replay(sale(LOT, [ANA, BOB], [award]))

    assert [(bid.word, bid.best) for bid in replay.bids] == [
        ("does not count", ""),
        ("wins", "bob"),
    ]
    assert replay.bids[0].reason == "quality 0.40 is expected, below 0.5"
    assert replay.bids[0].mark is Mark.WARN


def test_rounds_of_an_english_auction_keep_the_last_bid_of_each():
    english, bids = English(EnglishOptions(step=1.0)), []
    call = english.open(replace(LOT, bidders=None))
    costs = {"ana": 2.5, "bob": 4.0}
    while isinstance(call, CallForBids):
        asked = call.bidders or tuple(costs)
        made = [
            Bid(each, call.asking, 0.9, START, round=call.round)
            for each in asked
            if call.asking >= costs[each]
        ]
        bids += made
        call = english.advance(call, made)
    replay = auction_replay(sale(LOT, bids, [call]))

    assert replay.ranked_by == "cost"
    assert [(bid.bidder, bid.cost, bid.round, bid.word) for bid in replay.bids] == [
        ("ana", 5.0, 1, "earlier bid"), ("bob", 5.0, 1, "earlier bid"),
        ("bob", 4.0, 2, "runner-up"), ("ana", 3.0, 3, "wins"),
    ]  # fmt: skip
    assert [bid.best for bid in replay.bids] == ["ana", "ana", "bob", "ana"]
    assert len({bid.address for bid in replay.bids}) == 4
    assert [(bid.bidder, bid.cost) for bid in replay.ranking_after(3)] == [
        ("bob", 4.0),
        ("ana", 5.0),
    ]


def test_a_task_that_is_awarded_anew_says_who_failed():
    first = sealed(ANA, BOB)
    again = replace(first, winner="ana", runner_up=None, failed=("bob",), price=1.0)
    replay = auction_replay(sale(LOT, [ANA, BOB], [first, again]))
    told = dict(auction_sections(replay, MOMENT))

    assert [(bid.bidder, bid.word) for bid in replay.bids] == [("ana", "wins"), ("bob", "failed")]
    assert told["failed before"] == "bob"
    assert told["earlier awards"].startswith("bob for 2 (")


def test_bids_on_the_sheets_of_an_allocation_are_those_of_the_award():
    lot = replace(LOT, batch="batch-1")
    award = Award(
        "lot-1", AwardOutcome.AWARDED, "the least cost", "bob", 2.0, bids=(BOB, ANA),
        at=START, task="load(a)",
    )  # fmt: skip
    replay = auction_replay(sale(lot, [], [award]))

    assert replay.ranked_by == "award"
    assert sorted((bid.bidder, bid.best) for bid in replay.bids) == [("ana", "bob"), ("bob", "bob")]
    assert dict(auction_sections(replay, MOMENT))["part of"] == "allocation batch-1"


def test_a_lot_that_nobody_got_says_so():
    award = Award("lot-1", AwardOutcome.NO_ELIGIBLE, "nobody can do it", at=START)
    told = dict(auction_sections(auction_replay(sale(LOT, [], [award])), MOMENT))

    assert (told["outcome"], told["why"]) == ("✖ no eligible", "nobody can do it")
    assert auction_replay([stored(1, "bid.made", "lot-1", BOB)]) is None


@pytest.mark.parametrize("width", [14, 24, 60, 120])
def test_a_chart_of_costs_keeps_within_its_width_and_shows_the_budget(width):
    replay = auction_replay(sale(LOT, [ANA, BOB], [sealed(ANA, BOB)]))
    lines = [cell.text for cell in bid_chart(replay, 2, Moment(START, glyphs=ASCII), width)]

    assert all(len(line) <= width and line.isascii() for line in lines)
    assert lines[0].startswith("bob")
    assert lines[-1] == "| budget 5"


def test_bids_outside_of_a_run_and_hostile_names_stay_harmless():
    evil = "bob\x1b[2J\u202e[/]"
    events = sale(LOT, [replace(BOB, bidder=evil, reason=evil)], run=None)
    replay = auction_replay(events)
    shown = [
        *(field.cell(bid, MOMENT).text for bid in replay.bidders for field in BIDS.fields),
        *(text for bid in replay.bidders for _, text in BIDS.sections(bid, MOMENT)),
        *(text for _, text in auction_sections(replay, MOMENT)),
    ]

    assert replay.bids[0].address.startswith("run:-/task:load(a)/auction:lot-1/bid:bob")
    assert not any(character in text for text in shown for character in "\x1b\u202e")
