"""How auctions look: a table of all of them, and the bids of each.

All lengths are shares of the whole bar, from 0 to 1; the template turns them into a picture.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dataagents.core.bidding import Award, Bid
from dataagents.plugins.reporting.measures import part_of


@dataclass(frozen=True, slots=True)
class BidBar:
    """A bid as bars."""

    bidder: str
    rank: int
    """From 1, the best."""
    kind: str
    """`winner`, `runner-up` or `other`."""
    cost: float
    cost_share: float
    """Of the highest cost in the auction."""
    quality: float
    reputation: float
    expected: float
    """What is promised, corrected by reputation."""
    quality_share: float
    expected_share: float
    seconds: float | None
    score: float | None
    """None where the auction does not go by a score."""
    worth: float
    """How good it is against the best one: by score, or else by cost."""
    reason: str


@dataclass(frozen=True, slots=True)
class Excluded:
    """Agents that made no bid that counts, all for the same reason."""

    why: str
    agents: tuple[str, ...]

    @property
    def size(self) -> int:
        """How many agents."""
        return len(self.agents)


@dataclass(frozen=True, slots=True)
class AuctionPicture:
    """An auction, laid out."""

    task: str
    outcome: str
    winner: str | None
    runner_up: str | None
    price: float | None
    reason: str
    rounds: int
    failed: tuple[str, ...]
    """Who had the task before."""
    bids: tuple[BidBar, ...]
    rejected: tuple[Excluded, ...]
    ineligible: tuple[Excluded, ...]

    @property
    def has_scores(self) -> bool:
        """Whether any bid has a score."""
        return any(bid.score is not None for bid in self.bids)

    @property
    def has_times(self) -> bool:
        """Whether any bid says how long it takes."""
        return any(bid.seconds is not None for bid in self.bids)


@dataclass(frozen=True, slots=True)
class Cell:
    """What an agent did in an auction."""

    kind: str
    """`winner`, `runner-up`, `other`, `rejected`, `ineligible` or `absent`."""
    rank: int | None
    """Of its bid, from 1; None where no bid counts."""
    worth: float
    says: str


@dataclass(frozen=True, slots=True)
class Row:
    """An auction in the table."""

    auction: AuctionPicture
    cells: tuple[Cell, ...]
    """One for each bidder of the table."""


@dataclass(frozen=True, slots=True)
class AuctionTable:
    """All auctions of a run: one a row, with those who bid in any of them as columns."""

    bidders: tuple[str, ...]
    rows: tuple[Row, ...]
    outside: tuple[str, ...]
    """Agents that could take part in none."""


def table_of(awards: Sequence[Award]) -> AuctionTable:
    """Lay the auctions of a run out, in their order, with the bidders by name."""
    tried = {bid.bidder for award in awards for bid in award.bids}
    tried.update(name for award in awards for name in award.rejected)
    unable = {name for award in awards for name in award.ineligible} - tried
    bidders = tuple(sorted(tried))
    rows = tuple(_row(award, bidders) for award in awards)
    return AuctionTable(bidders, rows, tuple(sorted(unable)))


def auction_of(award: Award) -> AuctionPicture:
    """Lay an auction out."""
    most = max((bid.cost for bid in award.bids), default=0.0)
    return AuctionPicture(
        task=award.task or award.lot,
        outcome=award.outcome.value.replace("_", " "),
        winner=award.winner,
        runner_up=award.runner_up,
        price=award.price,
        reason=award.reason,
        rounds=award.rounds,
        failed=award.failed,
        bids=tuple(_bid(award, rank, bid, most) for rank, bid in enumerate(award.bids, start=1)),
        rejected=_grouped(award.rejected),
        ineligible=_grouped(award.ineligible),
    )


def _bid(award: Award, rank: int, bid: Bid, most: float) -> BidBar:
    best = award.bids[0]
    score = award.scores.get(bid.bidder)
    if award.scores:
        worth = part_of(score or 0.0, max(award.scores.values()))
    else:
        worth = part_of(best.cost, bid.cost)
    return BidBar(
        bidder=bid.bidder,
        rank=rank,
        kind=_kind(award, bid.bidder),
        cost=bid.cost,
        cost_share=part_of(bid.cost, most),
        quality=bid.quality,
        reputation=bid.reputation,
        expected=bid.expected_quality,
        quality_share=part_of(bid.quality, 1.0),
        expected_share=part_of(bid.expected_quality, 1.0),
        seconds=bid.seconds,
        score=score,
        worth=worth,
        reason=bid.reason,
    )


def _kind(award: Award, bidder: str) -> str:
    if bidder == award.winner:
        return "winner"
    return "runner-up" if bidder == award.runner_up else "other"


def _row(award: Award, bidders: Sequence[str]) -> Row:
    auction = auction_of(award)
    bids = _by_bidder(auction.bids)
    return Row(auction, tuple(_cell(award, name, bids.get(name)) for name in bidders))


def _cell(award: Award, agent: str, bid: BidBar | None) -> Cell:
    if bid is not None:
        kind = "" if bid.kind == "other" else f"{bid.kind}, "
        score = "" if bid.score is None else f", score {bid.score:.3g}"
        says = f"{kind}rank {bid.rank}: cost {bid.cost:.3g}, quality {bid.quality:.2f}{score}"
        return Cell(bid.kind, bid.rank, bid.worth, says)
    if agent in award.rejected:
        return Cell("rejected", None, 0.0, f"does not count: {award.rejected[agent]}")
    if agent in award.ineligible:
        return Cell("ineligible", None, 0.0, f"could not take part: {award.ineligible[agent]}")
    return Cell("absent", None, 0.0, "made no bid")


def _by_bidder(bids: Sequence[BidBar]) -> dict[str, BidBar]:
    """Return the best bid of each bidder."""
    return {bid.bidder: bid for bid in reversed(bids)}


def _grouped(reasons: Mapping[str, str]) -> tuple[Excluded, ...]:
    agents: dict[str, list[str]] = {}
    for agent, why in reasons.items():
        agents.setdefault(why, []).append(agent)
    return tuple(Excluded(why, tuple(names)) for why, names in agents.items())
