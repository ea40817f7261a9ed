"""Screening: which bids of a round count, and why the others do not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf, isfinite

from dataagents.core.bidding import Bid, CallForBids


@dataclass(frozen=True, slots=True)
class Screened:
    """The bids of a round that count, and why the others do not."""

    valid: tuple[Bid, ...]
    rejected: Mapping[str, str]


def screen(call: CallForBids, bids: Sequence[Bid]) -> Screened:
    """Sort out the bids that make no sense, come too late, or exceed a limit of the lot.

    Of several bids of one agent the earliest valid one counts. The order of the bids is of no
    consequence.
    """
    valid: dict[str, Bid] = {}
    rejected: dict[str, str] = {}
    for bid in sorted(bids, key=lambda each: (each.at, each.bidder, repr(each))):
        problem = _problem(call, bid)
        if problem is None and bid.bidder in valid:
            problem = "bid twice: the first bid counts"
        if problem is None:
            valid[bid.bidder] = bid
        else:
            rejected[bid.bidder] = problem
    return Screened(tuple(valid.values()), rejected)


def _problem(call: CallForBids, bid: Bid) -> str | None:
    lot, cost = call.lot, bid.cost
    allowed = call.bidders if call.bidders is not None else lot.bidders
    late = (bid.at - (call.at or lot.at)).total_seconds() - lot.deadline_seconds
    checks = (
        (allowed is not None and bid.bidder not in allowed, "was not asked"),
        (not (isfinite(cost) and cost > 0), f"cost {cost:g} is no figure above 0"),
        (not 0 <= bid.quality <= 1, f"quality {bid.quality:g} is not in [0, 1]"),
        (not 0 <= (bid.seconds or 0) < inf, f"{bid.seconds} s is no time"),
        (not 0 <= bid.reputation < inf, f"reputation {bid.reputation:g} is no factor"),
        (late > 0, f"{late:g} s too late"),
        *(
            (limit is not None and cost > limit, f"{cost:g} is above {what}, {limit}")
            for limit, what in (
                (lot.budget, "the budget"),
                (lot.reserve, "the reserve"),
                (call.asking, "the price asked"),
            )
        ),
    )
    return next((problem for wrong, problem in checks if wrong), None)
