"""The list of decisions."""

from dataagents.console.view.cells import Cell
from dataagents.console.view.decisions.decision_line import AUCTION, VOTE, DecisionLine
from dataagents.console.view.listing.field import Field
from dataagents.console.view.listing.listing import Listing, Preset, Sections
from dataagents.console.view.marks import Mark
from dataagents.console.view.moment import Moment
from dataagents.console.view.row import figure, sections
from dataagents.console.view.widths import exactly
from dataagents.console.view.words import ago, duration, percent


def decision_mark(line: DecisionLine, moment: Moment) -> Mark:
    """Return how a decision is; without a kernel none is under way."""
    return Mark.IDLE if line.open and not moment.live else line.mark


def decision_sections(line: DecisionLine, moment: Moment) -> Sections:
    """Return what the list knows of a decision; its replay says who said what."""
    mark = decision_mark(line, moment)
    never = "" if moment.live or not line.open else " (no kernel is there to close it)"
    outcome = f"{moment.glyph(mark)} {line.outcome}"
    price = figure(line.price) + (f" of a budget of {figure(line.budget)}" if line.budget else "")
    return (
        (f"{line.kind}: {line.question}".removesuffix(": "), ""),
        *sections(
            ("outcome", f"{outcome}{never}"),
            ("votes", _votes(line)),
            ("confidence", percent(line.confidence) if line.confidence is not None else ""),
            ("bids", "" if line.bids is None else str(line.bids)),
            ("price", price if line.price is not None else ""),
            ("about", line.about if line.kind == VOTE else ""),
            ("rule" if line.kind == VOTE else "auction", line.rule),
            ("opened", exactly(line.at)),
            ("closed", exactly(line.closed)),
            ("took", duration(line.seconds)),
            ("run", f"run:{line.run}" if line.run else "outside of a run"),
            ("asked by task", line.task if line.kind == VOTE else ""),
            ("topic", line.topic if line.kind == VOTE else ""),
        ),
    )


def _votes(line: DecisionLine) -> str:
    if line.kind != VOTE or line.voted is None:
        return ""
    silent = f", {line.abstained} abstained" if line.abstained else ""
    if line.in_favour is None:
        return f"{line.voted} voted{silent}"
    return f"{line.in_favour} for, {line.against or 0} against{silent}"


def _kind_cell(line: DecisionLine, moment: Moment) -> Cell:
    mark = decision_mark(line, moment)
    return Cell(f"{moment.glyph(mark)} {line.kind}", mark.value)


def _outcome_cell(line: DecisionLine, moment: Moment) -> Cell:
    mark = decision_mark(line, moment)
    return Cell(line.outcome, "" if mark is Mark.OK else mark.value)


def _against_cell(line: DecisionLine, _: Moment) -> Cell:
    if line.kind == AUCTION or line.against is None:
        return Cell("")
    return Cell(str(line.against), "warn" if line.against else "dim")


def _measure(line: DecisionLine) -> str:
    if line.kind == AUCTION:
        return figure(line.price)
    return "" if line.confidence is None else f"{line.confidence:.0%}"


DECISIONS: Listing[DecisionLine] = Listing(
    name="decisions",
    noun="decision",
    fields=(
        Field(
            "at", "AGO", lambda line, _: line.at, "When it was opened.",
            lambda line, moment: Cell(ago(line.at, moment), "dim"), width=6, right=True,
        ),
        Field("kind", "KIND", lambda line, _: line.kind, "vote or auction.", _kind_cell, width=9),
        Field(
            "about", "ABOUT", lambda line, _: line.about,
            "What is decided on: a data set, or the task that is auctioned.", width=24, needs=110,
        ),
        Field("question", "QUESTION", lambda line, _: line.question, "What was asked."),
        Field(
            "outcome", "OUTCOME", lambda line, _: line.outcome,
            "What was decided or who won; open, undecided, vetoed, no quorum, recalled, no valid "
            "bid, no eligible, no capacity.",
            _outcome_cell, width=17,
        ),
        Field(
            "for", "FOR", lambda line, _: line.in_favour, "Votes for what was decided.",
            lambda line, _: Cell("" if line.in_favour is None else str(line.in_favour)),
            width=3, right=True, needs=70,
        ),
        Field(
            "against", "AGAINST", lambda line, _: line.against,
            "Votes for something else than what was decided.",
            _against_cell, width=7, right=True, needs=70,
        ),
        Field(
            "abstained", "ABSTAIN", lambda line, _: line.abstained, "Ballots for nothing.",
            lambda line, _: Cell("" if not line.abstained else str(line.abstained)),
            width=7, right=True, needs=124,
        ),
        Field(
            "bids", "BIDS", lambda line, _: line.bids, "How many bids were made in an auction.",
            lambda line, _: Cell("" if line.bids is None else str(line.bids)),
            width=4, right=True, needs=90,
        ),
        Field(
            "confidence", "", lambda line, _: line.confidence,
            "Share of what leads, from 0 to 1, in the rule's own measure.",
        ),
        Field("price", "", lambda line, _: line.price, "What the winner of an auction is paid."),
        Field(
            "sure", "SURE/PAID", lambda line, _: _measure(line),
            "The confidence of a vote, or the price of an auction.",
            lambda line, _: Cell(_measure(line)), width=9, right=True, needs=100,
        ),
        Field(
            "rule", "RULE", lambda line, _: line.rule, "The voting rule, or the auction.",
            width=14, needs=140,
        ),
        Field("run", "RUN", lambda line, _: line.run, "The run.", width=15, needs=160),
        Field(
            "topic", "", lambda line, _: line.topic,
            "schema, quality, other, or task for an auction: by the task that asked for a vote, "
            "else by the words of its question.",
        ),
        Field("voted", "", lambda line, _: line.voted, "Ballots that count."),
        Field("budget", "", lambda line, _: line.budget, "What bids may cost at most."),
        Field("task", "", lambda line, _: line.task, "The task that asked, or is auctioned."),
        Field("took", "", lambda line, _: line.seconds, "From its beginning to its end, in s."),
        Field(
            "contested", "", lambda line, _: "yes" if line.contested else "no",
            "yes where voters were not of one mind.",
        ),
        Field(
            "state", "", lambda line, _: "open" if line.open else "closed", "open or closed.",
        ),
        Field("id", "", lambda line, _: line.id, "Its id."),
    ),
    key=lambda line: line.address,
    mark=decision_mark,
    sections=decision_sections,
    empty="No vote and no auction is on record yet; agents hold them when they have to decide.",
    at=lambda line: line.at,
    place=lambda line: line.place,
    finished=lambda line, _: not line.open,
    presets=(
        Preset("all", ""),
        Preset("votes", "kind=vote"),
        Preset("schema", "topic=schema"),
        Preset("quality", "topic=quality"),
        Preset("auctions", "kind=auction"),
        Preset("open", "state=open"),
        Preset("contested", "contested=yes"),
    ),
)  # fmt: skip
"""Votes and auctions, newest first."""
