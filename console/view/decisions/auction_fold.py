"""From the events of an auction to its replay."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from dataagents.console.view.decisions.auction import (
    AuctionReplay,
    AwardLine,
    BidLine,
    Ranking,
    rank_of,
    ranking_of,
)
from dataagents.console.view.fields import Fields, name
from dataagents.console.view.marks import Mark
from dataagents.core.events import Event, EventKind


@dataclass(slots=True)
class _Record:
    """What the events of one lot say."""

    lot: Event | None = None
    bids: list[tuple[Event, Fields]] = field(default_factory=list)
    awards: list[Event] = field(default_factory=list)
    unable: dict[str, str] = field(default_factory=dict)
    """Agent → why it can't do the task."""
    rejected: dict[str, str] = field(default_factory=dict)
    """Agent → why its bid does not count, or that it made none."""

    def take(self, event: Event) -> None:
        body = Fields(event.body)
        match event.kind:
            case EventKind.AUCTION_OPENED:
                self.lot = event
            case EventKind.BID_MADE:
                self.bids.append((event, body))
            case EventKind.BIDS_REFUSED | EventKind.AUCTION_CLOSED:
                self.unable |= body.pairs("ineligible")
                self.rejected |= body.pairs("rejected")
                if event.kind == EventKind.AUCTION_CLOSED:
                    self.awards.append(event)
            case _:
                pass

    def bids_made(self) -> list[tuple[Event, Fields]]:
        """Return the bids as they came; those of the first award where they were on a sheet."""
        if self.bids or not self.awards:
            return self.bids
        first = self.awards[0]
        parts = [(first, each) for each in Fields(first.body).parts("bids")]
        return sorted(parts, key=lambda pair: pair[1].time("at") or first.at)


@dataclass(frozen=True, slots=True)
class _Told:
    """What is common to the lines of all bidders."""

    address: str
    scores: Mapping[str, float]
    counted: frozenset[str]
    """Who is in the award."""
    awards: tuple[AwardLine, ...]
    rejected: Mapping[str, str]

    def word(self, bidder: str) -> tuple[str, Mark]:
        """Return what became of somebody's last bid."""
        if not self.awards:
            return "bid", Mark.NOTE
        last = self.awards[-1]
        if bidder == last.winner:
            return "wins", Mark.OK
        if bidder in last.failed:
            return "failed", Mark.FAIL
        if bidder == last.runner_up:
            return "runner-up", Mark.NOTE
        if bidder in self.rejected and bidder not in self.counted:
            return "does not count", Mark.WARN
        return "bid", Mark.NOTE


def auction_replay(events: Sequence[tuple[int, Event]]) -> AuctionReplay | None:
    """Return an auction from the events about its lot, oldest first, each with its place.

    Returns:
        None when neither its beginning nor its end is among the events.
    """
    record = _Record()
    for _, event in events:
        record.take(event)
    known = record.lot or (record.awards[0] if record.awards else None)
    if known is None:
        return None
    lot = Fields({} if record.lot is None else record.lot.body)
    awards = tuple(_award(event) for event in record.awards)
    final = Fields(record.awards[-1].body if record.awards else {})
    first = Fields(record.awards[0].body if record.awards else {})
    scores = {**_scores(first), **_scores(final)}
    valued = [(each.name("bidder"), each.number("cost")) for each in first.parts("bids")]
    ranked_by = ranking_of(valued, scores, ended=bool(awards))
    order = {bidder: place for place, (bidder, _) in enumerate(valued)}
    task = lot.part("task")
    task_id = task.name("id") or name(known.task) or final.name("task")
    path = f"/task:{known.task}" if known.task else ""
    at = f"run:{known.run or '-'}{path}/auction:{known.subject}"
    told = _Told(at, scores, frozenset(order), awards, record.rejected)
    lines = tuple(_bid_lines(record.bids_made(), told, ranked_by, order))
    asked = lot.texts("bidders")
    return AuctionReplay(
        id=name(known.subject),
        task=task_id,
        requires=task.pairs("requires"),
        auction=lot.name("auction"),
        terms=lot.pairs("terms"),
        budget=lot.number("budget"),
        reserve=lot.number("reserve"),
        weights=lot.pairs("weights"),
        asked=len(asked),
        bids=lines,
        others=tuple(_others(record, lines, asked)),
        awards=awards,
        ranked_by=ranked_by,
        opened=lot.time("at") or (None if record.lot is None else record.lot.at),
        deadline=lot.number("deadline_seconds"),
        batch=lot.name("batch"),
        run=name(known.run),
        _order=order,
    )


def _award(event: Event) -> AwardLine:
    body = Fields(event.body)
    return AwardLine(
        outcome=body.name("outcome"),
        winner=body.name("winner"),
        price=body.number("price"),
        runner_up=body.name("runner_up"),
        reason=body.text("reason"),
        quality=body.number("expected_quality"),
        seconds=body.number("expected_seconds"),
        at=body.time("at") or event.at,
        failed=body.texts("failed"),
    )


def _scores(award: Fields) -> dict[str, float]:
    scores = award.part("scores")
    found = {bidder: scores.number(bidder) for bidder in award.pairs("scores")}
    return {bidder: score for bidder, score in found.items() if score is not None}


def _bid_lines(
    bids: Sequence[tuple[Event, Fields]], told: _Told, ranked_by: Ranking, order: Mapping[str, int]
) -> Iterator[BidLine]:
    latest = {body.name("bidder"): number for number, (_, body) in enumerate(bids)}
    standing: dict[str, BidLine] = {}
    best: BidLine | None = None
    lines: list[BidLine] = []
    for number, (event, body) in enumerate(bids):
        line = _bid(event, body, told, last=latest[body.name("bidder")] == number)
        if line.word != "does not count":
            before, standing[line.bidder] = standing.get(line.bidder), line
            if before is not None and before is best:  # whoever led may have bid worse meanwhile
                best = min(standing.values(), key=lambda each: rank_of(each, ranked_by, order))
            elif best is None or rank_of(line, ranked_by, order) < rank_of(best, ranked_by, order):
                best = line
        lines.append(replace(line, number=number + 1, best="" if best is None else best.bidder))
    leader = None if told.awards or best is None else best.bidder
    for line in lines:
        if line.bidder == leader and line.word == "bid":
            line = replace(line, word="best so far", mark=Mark.BUSY)
        yield line


def _bid(event: Event, body: Fields, told: _Told, *, last: bool) -> BidLine:
    bidder = body.name("bidder")
    word, mark = told.word(bidder) if last else ("earlier bid", Mark.IDLE)
    said = told.rejected.get(bidder, "") if word == "does not count" else ""
    return BidLine(
        address=name(f"{told.address}/bid:{bidder}" if last else f"event:{event.id}"),
        bidder=bidder,
        word=word,
        mark=mark,
        reason=said or body.text("reason"),
        cost=body.number("cost"),
        quality=body.number("quality"),
        seconds=body.number("seconds"),
        reputation=body.number("reputation"),
        score=told.scores.get(bidder) if last else None,
        round=body.count("round") or 1,
        at=body.time("at") or event.at,
        agent=f"agent:{bidder}",
    )


def _others(record: _Record, bids: Sequence[BidLine], asked: Sequence[str]) -> Iterator[BidLine]:
    heard = {bid.bidder for bid in bids}
    for agent in dict.fromkeys((*asked, *record.rejected, *record.unable)):
        if agent in heard:
            continue
        if agent in record.unable:
            word, mark, why = "can't do it", Mark.IDLE, record.unable[agent]
        elif agent in record.rejected:
            word, mark, why = "no bid", Mark.WARN, record.rejected[agent]
        else:
            open_ = not record.awards
            word, mark, why = ("awaited", Mark.BUSY, "") if open_ else ("no bid", Mark.IDLE, "")
        yield BidLine(f"agent:{agent}", agent, word, mark, why, agent=f"agent:{agent}")
