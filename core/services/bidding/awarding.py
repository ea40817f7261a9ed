"""Awarding: the decisions of an auction, for the auctioneer and for a replay.

Nothing here waits or sends: the same lot and bids give the same award.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from dataagents.core.bidding import Auction, Award, AwardOutcome, Bid, CallForBids, Lot
from dataagents.core.boundary import Boundary
from dataagents.core.errors import StrategyError
from dataagents.core.registry import Built
from dataagents.core.services.bidding.resuming import EarlierAuction

MOST_ROUNDS = 1_000
"""Rounds after which an auction has to have ended."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Hearing:
    """An auction that ended: what it was awarded on, so that it can be awarded anew."""

    lot: Lot
    call: CallForBids
    """The last round."""
    bids: tuple[Bid, ...]
    """The bids of that round."""
    award: Award
    earlier: EarlierAuction | None = None
    """What was on record of it, where it was gone on with."""


@dataclass(frozen=True, slots=True)
class Gavel:
    """One auction's decisions, each through the boundary."""

    auction: Built[Auction]
    boundary: Boundary

    def open(self, lot: Lot) -> CallForBids:
        """Return the first call for a lot."""
        return self._decide("open", lambda: self.auction.value.open(lot), CallForBids)

    def advance(self, call: CallForBids, bids: Sequence[Bid]) -> CallForBids | Award:
        """Return the next call, or the award, which goes to somebody who made a bid."""

        def advanced() -> CallForBids | Award:
            outcome = self.auction.value.advance(call, bids)
            if isinstance(outcome, Award):
                known = {None, *(bid.bidder for bid in (*call.standing, *bids))}
                if outcome.winner not in known or outcome.lot != call.lot.id:
                    problem = f"awarded {outcome.lot!r} to {outcome.winner!r}, who made no bid"
                    raise ValueError(problem)
            elif outcome.round <= call.round:
                raise ValueError(f"called round {outcome.round} after round {call.round}")
            return outcome

        return self._decide("advance", advanced, (CallForBids, Award))

    def again(self, hearing: Hearing, failed: Sequence[str]) -> Award:
        """Award a lot anew on the bids that were made, but for those of agents that failed."""
        left = [bid for bid in hearing.bids if bid.bidder not in failed]
        standing = tuple(bid for bid in hearing.call.standing if bid.bidder not in failed)
        outcome = self.advance(replace(hearing.call, standing=standing), left)
        while not isinstance(outcome, Award):
            outcome = self.advance(self.within_limits(outcome), ())
        reasons = dict.fromkeys(failed, "had the task and failed")
        before = hearing.award
        rejected = {**before.rejected, **outcome.rejected, **reasons}
        return replace(
            outcome,
            rejected=rejected,
            ineligible=before.ineligible,
            task=before.task,
            failed=tuple(failed),
        )

    def within_limits(self, call: CallForBids) -> CallForBids:
        """Return a call unless there were too many.

        Raises:
            StrategyError: The auction does not come to an end.
        """
        if call.round > MOST_ROUNDS:
            problem = f"still open after {MOST_ROUNDS} rounds"
            raise StrategyError(self.auction.plugin, f"auction {self.auction.name}", problem)
        return call

    def rehear(self, lot: Lot, bids: Sequence[Bid]) -> Hearing:
        """Hold an auction once more on the bids of all its rounds, those that count alone."""
        call = self.open(lot)
        while True:
            made = tuple(bid for bid in bids if bid.round == call.round)
            # All were in time, though a round may have been cut off and gone on with later.
            latest = max((bid.at for bid in made), default=lot.at)
            call = replace(self.within_limits(call), at=latest)
            outcome = self.advance(call, made)
            if isinstance(outcome, Award):
                return Hearing(lot, call, made, outcome)
            call = outcome

    def _decide(self, what: str, function: Callable[[], T], returns: type | tuple[type, ...]) -> T:
        name = f"auction {self.auction.name} {what}"
        return self.boundary.call_now(self.auction.plugin, name, function, returns=returns)


def completed(
    award: Award, lot: Lot, ineligible: Mapping[str, str], rejected: Mapping[str, str]
) -> Award:
    """Return an award with what the kernel knows of those who made no valid bid."""
    if award.winner is None and len(ineligible) == len(lot.bidders or ()):
        reason = f"none of {len(ineligible)} agents has what the task needs"
        award = replace(award, outcome=AwardOutcome.NO_ELIGIBLE, reason=reason)
    return replace(
        award,
        task=lot.task.id,
        ineligible=dict(ineligible),
        rejected={**rejected, **award.rejected},
    )
