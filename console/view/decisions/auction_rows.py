"""The bidders of an auction as a list, and everything there is to read about it."""

from dataagents.console.view.cells import Cell
from dataagents.console.view.decisions.auction import AuctionReplay, BidLine, award_word
from dataagents.console.view.listing.field import Field
from dataagents.console.view.listing.listing import Listing, Preset, Sections
from dataagents.console.view.moment import Moment
from dataagents.console.view.row import count, figure, lines, sections
from dataagents.console.view.widths import exactly, when
from dataagents.console.view.words import duration

_RANKED = {
    "score": "by the scores on record",
    "cost": "by cost, as they rank in the award",
    "award": "as they rank in the award",
}
_MOST_NAMED = 20


def auction_sections(replay: AuctionReplay, moment: Moment) -> Sections:
    """Return the heading and text of everything there is to read about an auction."""
    award = replay.award
    word, mark = award_word(award)
    return sections(
        ("task", replay.task),
        ("outcome", f"{moment.glyph(mark)} {word}"),
        ("why", award.reason if award is not None else _so_far(replay)),
        ("price", figure(award.price) if award is not None else ""),
        ("promised", _promised(replay)),
        ("runner-up", award.runner_up if award is not None else ""),
        ("failed before", ", ".join(award.failed) if award is not None else ""),
        ("earlier awards", _earlier(replay)),
        ("bids", _bids(replay)),
        ("no bid that counts", _others(replay)),
        ("needs", lines(replay.requires)),
        ("budget", figure(replay.budget)),
        ("reserve", figure(replay.reserve)),
        ("what counts", lines(replay.weights)),
        ("auction", ", ".join((replay.auction, *_terms(replay))) if replay.auction else ""),
        ("part of", f"allocation {replay.batch}" if replay.batch else ""),
        ("opened", exactly(replay.opened)),
        ("closed", _closed(replay)),
        ("run", f"run:{replay.run}" if replay.run else "outside of a run"),
    )


def bid_sections(line: BidLine, moment: Moment) -> Sections:
    """Return everything there is to read about one bid."""
    return sections(
        ("became of it", f"{moment.glyph(line.mark)} {line.word}"),
        ("reason", line.reason),
        ("cost", figure(line.cost)),
        ("quality", figure(line.quality)),
        ("reputation", figure(line.reputation)),
        ("expected", figure(line.expected)),
        ("time", duration(line.seconds)),
        ("score", figure(line.score)),
        ("round", str(line.round) if line.round else ""),
        ("best after it", line.best),
        ("at", exactly(line.at)),
        ("bidder", line.agent),
    )


def _so_far(replay: AuctionReplay) -> str:
    bids = count(len(replay.bids), "bid")
    best = replay.ranking_after(len(replay.bids))[:1]
    told = f"{bids} of {replay.asked} asked so far" if replay.asked else f"{bids} so far"
    return told + "".join(f"; the cheapest is {bid.bidder}'s, {figure(bid.cost)}" for bid in best)


def _promised(replay: AuctionReplay) -> str:
    award = replay.award
    if award is None or not award.winner:
        return ""
    quality = "" if award.quality is None else f"quality {figure(award.quality)}"
    seconds = "" if award.seconds is None else f"in {duration(award.seconds)}"
    return " ".join(part for part in (quality, seconds) if part)


def _earlier(replay: AuctionReplay) -> str:
    told = (
        f"{award.winner or award.outcome} for {figure(award.price)} ({exactly(award.at)})"
        for award in replay.awards[:-1]
    )
    return "\n".join(told)


def _bids(replay: AuctionReplay) -> str:
    if not replay.bids:
        return "none"
    ranked = _RANKED.get(replay.ranked_by, "")
    told = count(len(replay.bids), "bid")
    if replay.award is None:
        return f"{told}, the cheapest is called best until the award says what counts"
    return f"{told}, ranked {ranked}"


def _others(replay: AuctionReplay) -> str:
    told = [
        f"{line.bidder}: {line.word}" + (f", {line.reason}" if line.reason else "")
        for line in (*(bid for bid in replay.bids if bid.word == "does not count"), *replay.others)
    ]
    left = len(told) - _MOST_NAMED
    return "\n".join(told[:_MOST_NAMED]) + (f"\nand {left} more" if left > 0 else "")


def _terms(replay: AuctionReplay) -> tuple[str, ...]:
    return tuple(f"{name} {value}" for name, value in replay.terms.items() if value)


def _closed(replay: AuctionReplay) -> str:
    if replay.award is None:
        limit = "" if replay.deadline is None else f", {duration(replay.deadline)} for each round"
        return f"open{limit}"
    took = "" if replay.opened is None else (
        f", after {duration((replay.award.at - replay.opened).total_seconds())}"
    )  # fmt: skip
    return exactly(replay.award.at) + took


def _word_cell(line: BidLine, moment: Moment) -> Cell:
    return Cell(f"{moment.glyph(line.mark)} {line.word}", line.mark.value)


BIDS: Listing[BidLine] = Listing(
    name="bids",
    noun="bidder",
    fields=(
        Field(
            "order", "NO", lambda line, _: line.number or None,
            "Place among the bids, in the order they came.", width=4, right=True, needs=72,
        ),
        Field("bidder", "BIDDER", lambda line, _: line.bidder, "Who may bid.", width=20),
        Field(
            "became", "BECAME", lambda line, _: line.word,
            "What became of it: wins, runner-up, failed, bid, earlier bid, best so far, does not "
            "count, can't do it, no bid, awaited.",
            _word_cell, width=15,
        ),
        Field(
            "cost", "COST", lambda line, _: line.cost, "What it asks for.",
            lambda line, _: Cell(figure(line.cost)), width=5, right=True,
        ),
        Field(
            "quality", "QUAL", lambda line, _: line.quality, "What it promises, from 0 to 1.",
            lambda line, _: Cell(figure(line.quality)), width=4, right=True,
        ),
        Field(
            "reputation", "REPUT", lambda line, _: line.reputation,
            "What it delivered before / what it promised.",
            lambda line, _: Cell(figure(line.reputation), "dim" if line.reputation == 1 else ""),
            width=5, right=True, needs=84,
        ),
        Field(
            "seconds", "TIME", lambda line, _: line.seconds, "How long it says it takes, in s.",
            lambda line, _: Cell(duration(line.seconds)), width=6, right=True, needs=96,
        ),
        Field(
            "score", "SCORE", lambda line, _: line.score,
            "What the auction made of it, where it goes by a score.",
            lambda line, _: Cell(figure(line.score)), width=6, right=True, needs=104,
        ),
        Field(
            "round", "RND", lambda line, _: line.round or None, "Round of the auction.",
            width=3, right=True, needs=120,
        ),
        Field(
            "best", "BEST AFTER", lambda line, _: line.best, "Who was best after this bid.",
            width=18, needs=134,
        ),
        Field(
            "reason", "REASON", lambda line, _: line.reason,
            "What the bidder says for it, or why it does not count.",
            lambda line, _: Cell(line.reason.replace("\n", " ")),
        ),
        Field(
            "at", "AT", lambda line, _: line.at, "When the bid came.",
            lambda line, moment: Cell(when(line.at, moment), "dim"), width=11, needs=150,
        ),
    ),
    key=lambda line: line.address,
    mark=lambda line, _: line.mark,
    sections=bid_sections,
    empty="Bids, as soon as somebody is asked for one.",
    at=lambda line: line.at,
    presets=(
        Preset("all", ""),
        Preset("bids", "order>0"),
        Preset("left out", "became:count|can't|no"),
    ),
)  # fmt: skip
"""Everybody who may bid; `AuctionReplay.bidders` are its rows."""
