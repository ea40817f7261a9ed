"""A vote or an auction: who was for what and why, replayed ballot by ballot and bid by bid."""

from collections.abc import Sequence
from typing import ClassVar, Generic, TypeVar

from textual.binding import BindingType

from dataagents.console.feeds.entities import about
from dataagents.console.keys import REPLAY_KEYS
from dataagents.console.screens.charted import ChartedScreen
from dataagents.console.session import Session
from dataagents.console.steering import Subject
from dataagents.console.view.addresses import Address
from dataagents.console.view.cells import Cell, Column
from dataagents.console.view.decisions import (
    BALLOTS,
    BIDS,
    AuctionReplay,
    BidLine,
    ElectionReplay,
    VoterLine,
    auction_replay,
    auction_sections,
    bid_chart,
    election_replay,
    election_sections,
    support_chart,
)
from dataagents.console.view.listing import Listing
from dataagents.console.view.marks import Mark
from dataagents.console.view.words import plural
from dataagents.storage import StoreReader

ReplayT = TypeVar("ReplayT", ElectionReplay, AuctionReplay)
RowT = TypeVar("RowT", VoterLine, BidLine)

_EVENTS = 20_000
"""Ballots or bids that are read."""


class _ReplayScreen(ChartedScreen[ReplayT, RowT], Generic[ReplayT, RowT]):
    """A chart of how it stood, over a table of who said what."""

    BINDINGS: ClassVar[list[BindingType]] = [*REPLAY_KEYS]
    BINDING_GROUP_TITLE = "Replay"
    LISTING: Listing[RowT]
    """How ballots or bids are shown."""
    PIECE: ClassVar[str]
    """What the replay goes by."""

    def __init__(self, session: Session, address: Address, crumb: str = "") -> None:
        super().__init__(session, address, crumb)
        self.step: int | None = None
        """How many ballots or bids are shown; None for all there are."""

    def columns(self) -> Sequence[Column]:
        """Return the columns."""
        return [field.column for field in self.LISTING.fields if field.title]

    def cells(self, row: RowT) -> Sequence[Cell]:
        """Return how a row is shown."""
        moment = self.session.moment()
        return [field.cell(row, moment) for field in self.LISTING.fields if field.title]

    def key(self, row: RowT) -> str:
        """Return the address of a row."""
        return self.LISTING.key(row)

    def targets(self) -> tuple[str, ...]:
        """Return the address of the decision: actions are about it, whoever is chosen."""
        return (str(self.address),)

    def link(self, row: RowT) -> str:
        """Return where a row leads to: whoever said it."""
        return row.agent

    def total(self) -> int:
        """Return how many ballots or bids there are."""
        raise NotImplementedError

    @property
    def number(self) -> int:
        """How many ballots or bids are counted in the chart."""
        return self.total() if self.step is None else self.step

    def failed(self, row: RowT) -> bool:
        """Return whether a row stands against what came of it."""
        return self.LISTING.mark(row, self.session.moment()) is Mark.FAIL

    def notes(self) -> tuple[str, ...]:
        """Return how far the replay is."""
        total = self.total()
        shown = total if self.step is None else self.step
        return (f"{shown} of {plural(total, self.PIECE)}",)

    def action_replay(self, by: int) -> None:
        """Go on to the next ballot or bid, or one back."""
        total = self.total()
        at = total if self.step is None else self.step
        if self.step is None and by > 0:
            at = -1  # a replay of what is over begins at the beginning
        at = max(0, min(total, at + by))
        self.step = None if at == total and by > 0 else at
        self.refresh_rows()
        shown = next((each for each in self.table.rows if each.number == at), None)
        if shown is not None:
            self.table.go_to(self.key(shown))
        self.paint()


class ElectionScreen(_ReplayScreen[ElectionReplay, VoterLine]):
    """A vote: those against what was decided come first."""

    LISTING = BALLOTS
    PIECE = "ballot"
    NOTHING = "No ballot is in yet.\n\nn shows the next one, p the one before."

    async def load(self, reader: StoreReader) -> ElectionReplay | None:
        """Read the vote."""
        return election_replay(await about(reader, self.address, _EVENTS))

    def subjects(self) -> tuple[Subject, ...]:
        """Return the vote, and whether it is open."""
        if self.thing is None:
            return super().subjects()
        state = "open" if self.thing.closed is None else "closed"
        return (Subject(str(self.address), "recalled" if self.thing.recalled else state),)

    def rows_of(self, thing: ElectionReplay) -> Sequence[VoterLine]:
        """Return the voters; in a replay, the ballots that had come by then, newest first."""
        return thing.voters if self.step is None else thing.ballots[: self.step][::-1]

    def total(self) -> int:
        """Return how many ballots there are."""
        return 0 if self.thing is None else len(self.thing.ballots)

    def chart(self, thing: ElectionReplay, width: int, height: int) -> Sequence[Sequence[Cell]]:
        """Return the support of each option after the ballots that are shown."""
        state = thing.state_after(self.number)
        bars = support_chart(thing, state, self.session.moment(), width, max(2, height - 3))
        return [(Cell(f" {thing.question}", "strong"),), *((Cell(" "), bar) for bar in bars)]

    def sections(self, row: VoterLine) -> Sequence[tuple[str, str]]:
        """Return what the voter said, and everything about the vote."""
        moment = self.session.moment()
        whole = election_sections(self.thing, moment) if self.thing is not None else ()
        return ((row.voter, ""), *BALLOTS.sections(row, moment), ("THE VOTE", ""), *whole)


class AuctionScreen(_ReplayScreen[AuctionReplay, BidLine]):
    """An auction: the bids in the order they came."""

    LISTING = BIDS
    PIECE = "bid"
    NOTHING = "No bid is in yet.\n\nn shows the next one, p the one before."

    async def load(self, reader: StoreReader) -> AuctionReplay | None:
        """Read the auction."""
        return auction_replay(await about(reader, self.address, _EVENTS))

    def rows_of(self, thing: AuctionReplay) -> Sequence[BidLine]:
        """Return the bidders; in a replay, those who had bid by then, newest first."""
        return thing.bidders if self.step is None else thing.bids[: self.step][::-1]

    def total(self) -> int:
        """Return how many bids there are."""
        return 0 if self.thing is None else len(self.thing.bids)

    def chart(self, thing: AuctionReplay, width: int, height: int) -> Sequence[Sequence[Cell]]:
        """Return the costs of the bids that are shown."""
        bars = bid_chart(thing, self.number, self.session.moment(), width, max(2, height - 3))
        head = Cell(f" Who does {thing.task}?", "strong")
        return [(head,), *((Cell(" "), bar) for bar in bars)]

    def sections(self, row: BidLine) -> Sequence[tuple[str, str]]:
        """Return what the bidder offered, and everything about the auction."""
        moment = self.session.moment()
        whole = auction_sections(self.thing, moment) if self.thing is not None else ()
        return ((row.bidder, ""), *BIDS.sections(row, moment), ("THE AUCTION", ""), *whole)
