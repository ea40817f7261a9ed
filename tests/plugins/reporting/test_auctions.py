from datetime import UTC, datetime

from dataagents.core.bidding import Award, AwardOutcome, Bid
from dataagents.plugins.reporting.auctions import auction_of, table_of

AT = datetime(2026, 1, 1, tzinfo=UTC)


def an_award(**changed):
    values = {
        "lot": "l1",
        "outcome": AwardOutcome.AWARDED,
        "reason": "the best of 3",
        "winner": "bob",
        "price": 2.0,
        "runner_up": "ann",
        "bids": (
            Bid("bob", 1.0, 0.9, AT, seconds=2.0),
            Bid("ann", 2.0, 0.9, AT, reputation=0.5, reason="by hand"),
            Bid("cyd", 4.0, 0.6, AT),
        ),
        "scores": {"bob": 0.9, "ann": 0.225, "cyd": 0.15},
        "ineligible": {"dan": "lacks 'clean'", "eve": "lacks 'clean'", "zoe": "is paused"},
        "rejected": {"fay": "costs 9, at most 5 is paid"},
        "task": "clean(orders)",
    }
    return Award(**{**values, **changed})


def test_bids_are_bars_with_winner_and_runner_up_marked():
    auction = auction_of(an_award())
    assert [(bid.rank, bid.bidder, bid.kind) for bid in auction.bids] == [
        (1, "bob", "winner"),
        (2, "ann", "runner-up"),
        (3, "cyd", "other"),
    ]
    assert [bid.cost_share for bid in auction.bids] == [0.25, 0.5, 1.0]
    assert [bid.worth for bid in auction.bids] == [1.0, 0.25, 0.15 / 0.9]
    second = auction.bids[1]
    assert (second.quality_share, second.expected_share, second.reputation) == (0.9, 0.45, 0.5)
    assert (auction.price, auction.runner_up) == (2.0, "ann")
    assert auction.has_scores
    assert auction.has_times


def test_without_scores_the_cheapest_is_worth_most():
    auction = auction_of(an_award(scores={}))
    assert [bid.worth for bid in auction.bids] == [1.0, 0.5, 0.25]
    assert not auction.has_scores


def test_those_kept_out_for_the_same_reason_stand_together():
    auction = auction_of(an_award())
    assert [(each.why, each.agents) for each in auction.ineligible] == [
        ("lacks 'clean'", ("dan", "eve")),
        ("is paused", ("zoe",)),
    ]
    assert [each.agents for each in auction.rejected] == [("fay",)]


def test_the_table_has_a_row_for_each_auction_and_a_column_for_each_bidder():
    alone = an_award(
        bids=(Bid("dan", 1.0, 0.5, AT),),
        winner="dan",
        runner_up=None,
        scores={},
        ineligible={"bob": "lacks 'route'"},
        rejected={},
        task="route(orders)",
    )
    table = table_of((an_award(), alone))
    assert table.bidders == ("ann", "bob", "cyd", "dan", "fay")
    assert table.outside == ("eve", "zoe")
    first, second = ([(cell.kind, cell.rank) for cell in row.cells] for row in table.rows)
    assert first == [
        ("runner-up", 2),
        ("winner", 1),
        ("other", 3),
        ("ineligible", None),
        ("rejected", None),
    ]
    assert [kind for kind, _ in second] == ["absent", "ineligible", "absent", "winner", "absent"]
    says = [cell.says for cell in table.rows[0].cells]
    assert says[1] == "winner, rank 1: cost 1, quality 0.90, score 0.9"
    assert says[4] == "does not count: costs 9, at most 5 is paid"


def test_an_auction_without_bids_has_an_outcome_and_no_bars():
    award = Award("l1", AwardOutcome.NO_ELIGIBLE, "nobody can", ineligible={"ann": "is paused"})
    (row,) = table_of((award,)).rows
    assert (row.auction.task, row.auction.outcome) == ("l1", "no eligible")
    assert (row.auction.bids, row.cells) == ((), ())


def test_a_run_without_auctions_has_an_empty_table():
    assert table_of(()).rows == ()
