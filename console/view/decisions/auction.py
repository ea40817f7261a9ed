"""An auction, bid by bid: who offered what, who was best after each, and who got the task."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from dataagents.console.view.marks import Mark

Ranking = Literal["score", "cost", "award", ""]
"""What says which bid is better: the recorded scores, the cost, the order of the award, nothing."""


@dataclass(frozen=True, slots=True)
class BidLine:
    """A bidder and its bid, or why there is none that counts; its texts are safe to show."""

    address: str
    bidder: str
    word: str
    """`wins`, `runner-up`, `failed` (it had the task before), `bid`, `earlier bid`, `best so far`,
    `does not count`, `can't do it`, `no bid`, or `awaited`."""
    mark: Mark
    reason: str
    """What the bidder says for it, or why it does not count; may have lines."""
    cost: float | None = None
    quality: float | None = None
    """What it promises, in [0, 1]."""
    seconds: float | None = None
    reputation: float | None = None
    """Factor learned from earlier awards."""
    score: float | None = None
    """As the auction valued it at the award; None where it goes by no score."""
    round: int = 0
    at: datetime | None = None
    number: int = 0
    """Place among the bids from 1, in the order they came; 0 without a bid."""
    best: str = ""
    """Who was best after this bid."""
    agent: str = ""
    """Address of the bidder."""

    @property
    def expected(self) -> float | None:
        """What it promises, corrected by its reputation."""
        if self.quality is None:
            return None
        return self.quality * (1.0 if self.reputation is None else self.reputation)


@dataclass(frozen=True, slots=True)
class AwardLine:
    """How an auction ended; safe to show."""

    outcome: str
    """A `bidding.AwardOutcome`."""
    winner: str
    price: float | None
    runner_up: str
    reason: str
    quality: float | None
    """What was promised; the next likewise."""
    seconds: float | None
    at: datetime
    failed: tuple[str, ...] = ()
    """Who had the task before, and failed."""


@dataclass(frozen=True, slots=True)
class AuctionReplay:
    """An auction from its lot to the award, or as far as it has come; safe to show."""

    id: str
    task: str
    requires: Mapping[str, str]
    """Capability → the level that is needed."""
    auction: str
    """Its name."""
    terms: Mapping[str, str]
    budget: float | None
    reserve: float | None
    weights: Mapping[str, str]
    asked: int
    """How many may bid."""
    bids: tuple[BidLine, ...]
    """In the order they came."""
    others: tuple[BidLine, ...]
    """Those without a bid that counts, and why."""
    awards: tuple[AwardLine, ...]
    """One, and another for each time that the task was awarded anew."""
    ranked_by: Ranking
    opened: datetime | None
    deadline: float | None
    """Seconds for each round of bids."""
    batch: str = ""
    """Id of the allocation that it is part of."""
    run: str = ""
    _order: Mapping[str, int] | None = None

    @property
    def address(self) -> str:
        """Its address."""
        return f"lot:{self.id}"

    @property
    def award(self) -> AwardLine | None:
        """The last award; None while bids are taken."""
        return self.awards[-1] if self.awards else None

    @property
    def scored(self) -> bool:
        """Whether the record has scores."""
        return self.ranked_by == "score"

    @property
    def bidders(self) -> tuple[BidLine, ...]:
        """Everybody: those who bid in the order they came, then those who did not."""
        return (*self.bids, *self.others)

    def ranking_after(self, number: int) -> tuple[BidLine, ...]:
        """Return the bids that stand after the first so many, the best first, one a bidder.

        They are ranked by what the record says: the scores, or the order of the award. Without
        either, and where the order of the award is that of the costs, the cheapest is first.
        """
        standing: dict[str, BidLine] = {}
        for bid in self.bids[: max(0, number)]:
            if bid.word != "does not count":
                standing[bid.bidder] = bid
        return tuple(sorted(standing.values(), key=self._key))

    def _key(self, bid: BidLine) -> tuple[float, str]:
        return rank_of(bid, self.ranked_by, self._order or {})


def rank_of(bid: BidLine, ranked_by: Ranking, order: Mapping[str, int]) -> tuple[float, str]:
    """Return what bids are sorted by, the best first.

    Args:
        bid: One of them.
        ranked_by: What says which is better.
        order: Bidder → its place in the award.
    """
    last = float(len(order))
    match ranked_by:
        case "score":
            return (float("inf") if bid.score is None else -bid.score, bid.bidder)
        case "award":
            return (float(order.get(bid.bidder, last)), bid.bidder)
        case _:
            return (float("inf") if bid.cost is None else bid.cost, bid.bidder)


def ranking_of(
    bids: Sequence[tuple[str, float | None]], scores: Mapping[str, float], *, ended: bool
) -> Ranking:
    """Return what says which bid is better.

    Args:
        bids: Bidder and cost of those in the award, in its order.
        scores: Bidder → score, as recorded.
        ended: Whether there is an award.
    """
    if scores:
        return "score"
    if not ended or not bids:
        return "cost"
    costs = [cost for _, cost in bids]
    if None not in costs and costs == sorted(cost for cost in costs if cost is not None):
        return "cost"
    return "award"


def award_word(award: AwardLine | None) -> tuple[str, Mark]:
    """Return how an auction ended in a word or two, and its mark."""
    if award is None:
        return "open", Mark.BUSY
    if award.winner:
        return award.winner, Mark.OK
    return award.outcome.replace("_", " ") or "not awarded", Mark.FAIL
