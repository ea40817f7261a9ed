"""Pages of decisions: elections and auctions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from dataagents.core.events import EventKind
from dataagents.storage.browsing.page import Found, Page
from dataagents.storage.browsing.pages import Pages
from dataagents.storage.browsing.values import body_of, count_in, object_in, text_in, time_of

_ELECTIONS = """
SELECT place, elections.id, opened.run, opened.task, elections.about, elections.question,
    opened.at, closed.at, closed.body, elections.rule, elections.verdict, elections.decision,
    elections.voted, elections.abstained, elections.confidence, recalled.at
FROM places CROSS JOIN journal AS opened ON opened.seq = place
CROSS JOIN elections ON elections.id = opened.subject
LEFT JOIN journal AS closed ON closed.seq = elections.closed AND closed.seq > place
LEFT JOIN journal AS recalled ON recalled.seq = elections.recalled AND recalled.seq > place
"""
_AUCTIONS = """
SELECT place, auctions.lot, auctions.task, opened.run, opened.at, auctions.budget,
    closed.body, awards.outcome, awards.winner, awards.price, awards.runner_up,
    (SELECT count(*) FROM bids WHERE bids.lot = auctions.lot),
    (SELECT count(*) FROM awards AS each WHERE each.lot = auctions.lot)
FROM places CROSS JOIN journal AS opened ON opened.seq = place
CROSS JOIN auctions ON auctions.lot = opened.subject
LEFT JOIN awards ON awards.seq = (SELECT max(seq) FROM awards WHERE lot = auctions.lot)
LEFT JOIN journal AS closed ON closed.seq = awards.seq
"""


@dataclass(frozen=True, slots=True)
class ElectionEntry:
    """An election in a list."""

    place: int
    """Of its opening."""
    id: str
    at: datetime
    """When it was opened."""
    run: str | None = None
    task: str | None = None
    about: str = ""
    question: str = ""
    closed: datetime | None = None
    """None while it is open."""
    rule: str = ""
    verdict: str = ""
    """A `voting.Verdict`; empty while it is open."""
    decision: str | None = None
    voted: int | None = None
    abstained: int | None = None
    confidence: float | None = None
    counts: Mapping[str, int] = field(default_factory=dict)
    """Option → ballots for it; empty while it is open."""
    reason: str = ""
    recalled: datetime | None = None
    """Since when the decision does not hold any more; None while it does."""


@dataclass(frozen=True, slots=True)
class AuctionEntry:
    """An auction in a list."""

    place: int
    """Of its opening."""
    lot: str
    at: datetime
    """When it was opened."""
    task: str = ""
    run: str | None = None
    budget: float | None = None
    outcome: str = ""
    """A `bidding.AwardOutcome`; empty while it is open."""
    winner: str | None = None
    price: float | None = None
    runner_up: str | None = None
    reason: str = ""
    bids: int | None = None
    """Valid bids; None where they are not on record one by one and too many to look at."""
    awards: int = 0
    """How often it was awarded: more than once when a winner failed."""


class DecisionPages(Pages):
    """Reads elections and auctions in pages."""

    async def elections(
        self,
        page: Page,
        about: str | None = None,
        run: str | None = None,
        open_only: bool = False,
    ) -> Found[ElectionEntry]:
        """Return elections, by when they were opened.

        Args:
            page: Which stretch.
            about: Only those about this.
            run: Only those of this run.
            open_only: Only those that are not closed.
        """
        fits = ["elections.opened = event.seq"]
        if about is not None:
            fits.append("elections.about = :about")
        if open_only:
            fits.append("(elections.closed IS NULL OR elections.closed < elections.opened)")
        found = await self._of_kinds(
            page,
            (EventKind.ELECTION_OPENED,),
            {"about": about},
            run=run,
            joins="LEFT JOIN elections ON elections.id = event.subject",
            fits=" AND ".join(fits),
        )
        rows = await self._at(_ELECTIONS, found)
        return Found(tuple(map(_election, rows)), found.searched)

    async def auctions(self, page: Page, run: str | None = None) -> Found[AuctionEntry]:
        """Return auctions, by when they were opened.

        Args:
            page: Which stretch.
            run: Only those of this run.
        """
        found = await self._of_kinds(
            page,
            (EventKind.AUCTION_OPENED,),
            {},
            run=run,
            joins="LEFT JOIN auctions ON auctions.lot = event.subject",
            fits="auctions.opened = event.seq",
        )
        rows = await self._at(_AUCTIONS, found)
        return Found(tuple(map(_auction, rows)), found.searched)


def _election(row: Sequence[Any]) -> ElectionEntry:
    place, name, run, task, about, question, at, closed, text, rule, verdict, decision, *rest = row
    voted, abstained, confidence, recalled = rest
    asked = ElectionEntry(
        place=place,
        id=name,
        at=datetime.fromisoformat(at),
        run=run,
        task=task,
        about=about or "",
        question=question or "",
        recalled=time_of(recalled),
    )
    if closed is None:
        return asked
    tally = object_in(body_of(text), "tally")
    counts = object_in(tally, "counts")
    return replace(
        asked,
        closed=time_of(closed),
        rule=rule or "",
        verdict=verdict or "",
        decision=decision,
        voted=voted,
        abstained=abstained,
        confidence=confidence,
        counts={option: count for option, count in counts.items() if isinstance(count, int)},
        reason=text_in(tally, "reason"),
    )


def _auction(row: Sequence[Any]) -> AuctionEntry:
    place, lot, task, run, at, budget, text, outcome, winner, price, runner_up, bids, awards = row
    award = body_of(text)
    if not bids and awards:
        # Lots of an allocation have their bids in the award alone.
        bids = count_in(award, "bids")
    return AuctionEntry(
        place=place,
        lot=lot,
        at=datetime.fromisoformat(at),
        task=task or "",
        run=run,
        budget=budget,
        outcome=outcome or "",
        winner=winner,
        price=price,
        runner_up=runner_up,
        reason=text_in(award, "reason"),
        bids=bids,
        awards=awards,
    )
