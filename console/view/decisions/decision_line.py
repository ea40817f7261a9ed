"""Decisions: votes and auctions in one list."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from dataagents.console.view.decisions.auction import AuctionReplay
from dataagents.console.view.decisions.election import ElectionReplay, Stand, outcome_word
from dataagents.console.view.fields import name
from dataagents.console.view.marks import Mark
from dataagents.console.view.row import line
from dataagents.core.bidding import AwardOutcome
from dataagents.core.voting import Verdict

VOTE, AUCTION = "vote", "auction"
OPEN = "open"

_TOPICS: Mapping[str, str] = {
    "decide_schema": "schema",
    "decide_sample": "schema",
    "decide_drift": "schema",
    "decide_release": "quality",
}
"""Bundled task that asks for a decision → what it is a decision of."""
_WORDS = (
    ("schema", ("schema", "drift", "column")),
    ("quality", ("release", "quality", "quarantine", "withhold")),
)
"""Topic → words of a question that tell it, where the task does not; the first that fits."""


@dataclass(frozen=True, slots=True)
class DecisionLine:
    """A vote or an auction, on one line; its texts are safe to show."""

    place: int
    """Place in the journal of the event that opened it."""
    id: str
    kind: str
    """`vote` or `auction`."""
    topic: str
    """What it is a decision of: `schema`, `quality`, `other`, or `task` for an auction."""
    about: str
    """What is decided on: a data set, or the task that is auctioned."""
    question: str
    outcome: str
    """What was decided or who won, or why nothing was; `open` while it goes on."""
    mark: Mark
    at: datetime
    """When it was opened."""
    closed: datetime | None = None
    """None while it is open, and where that is not known."""
    in_favour: int | None = None
    """Votes for what was decided; None where it is not known, and for an auction."""
    against: int | None = None
    abstained: int | None = None
    voted: int | None = None
    """Ballots that count; None while a vote is open, and for an auction."""
    bids: int | None = None
    """None for a vote."""
    confidence: float | None = None
    """Share of what leads, in the rule's own measure."""
    price: float | None = None
    budget: float | None = None
    rule: str = ""
    """Name of the voting rule or the auction; empty where it is not known."""
    run: str = ""
    task: str = ""
    """The task that asked for the vote."""

    @property
    def address(self) -> str:
        """Its address."""
        return f"{'election' if self.kind == VOTE else 'lot'}:{self.id}"

    @property
    def open(self) -> bool:
        """Whether it goes on."""
        return self.mark is Mark.BUSY

    @property
    def contested(self) -> bool:
        """Whether voters were not of one mind; without their number, whether a share was short."""
        if self.kind != VOTE or self.open:
            return False
        if self.against is not None:
            return self.against > 0 or self.mark is not Mark.OK
        return self.mark is not Mark.OK or (self.confidence is not None and self.confidence < 1)

    @property
    def seconds(self) -> float | None:
        """How long it took; None where that is not known."""
        return None if self.closed is None else (self.closed - self.at).total_seconds()


def topic_of(task: str, question: str) -> str:
    """Return what a vote is a decision of, by the task that asked, else by its question.

    Args:
        task: Id of the task, such as `decide_drift(prices)`; empty where it is not known.
        question: In one sentence.
    """
    known = _TOPICS.get(task.partition("(")[0])
    if known is not None:
        return known
    said = question.lower()
    return next((topic for topic, words in _WORDS if any(each in said for each in words)), "other")


def election_line(
    *,
    place: int,
    id: str,
    question: str | None,
    at: datetime,
    about: str | None = None,
    run: str | None = None,
    task: str | None = None,
    closed: datetime | None = None,
    verdict: str | None = None,
    decision: str | None = None,
    rule: str | None = None,
    voted: int | None = None,
    abstained: int | None = None,
    confidence: float | None = None,
    recalled: bool = False,
    counts: Mapping[str, int] | None = None,
) -> DecisionLine:
    """Return a vote from plain values, as a store has them.

    Args:
        place: Place in the journal of its beginning.
        id: Id of the motion.
        question: What is decided.
        at: When.
        about: What the decision is about.
        run: The run it belongs to.
        task: The task that asked.
        closed: When; None while it is open.
        verdict: A `voting.Verdict`; None or empty while it is open.
        decision: The option that won.
        rule: Name of the rule.
        voted: Ballots that count.
        abstained: Those that don't.
        confidence: Share of what leads.
        recalled: Whether the decision does not hold any more.
        counts: Option → ballots for it; None where that is not at hand.
    """
    word, mark = _outcome(verdict, name(decision), recalled=recalled)
    in_favour = counts.get(decision, 0) if counts is not None and decision else None
    against = None if in_favour is None or voted is None else max(0, voted - in_favour)
    return DecisionLine(
        place=place,
        id=name(id),
        kind=VOTE,
        topic=topic_of(task or "", question or ""),
        about=name(about),
        question=line(question or ""),
        outcome=word,
        mark=mark,
        at=at,
        closed=closed,
        in_favour=in_favour,
        against=against,
        abstained=abstained,
        voted=voted,
        confidence=confidence,
        rule=name(rule),
        run=name(run),
        task=name(task),
    )


def auction_line(
    *,
    place: int,
    id: str,
    at: datetime,
    task: str | None = None,
    run: str | None = None,
    closed: datetime | None = None,
    outcome: str | None = None,
    winner: str | None = None,
    price: float | None = None,
    bids: int | None = None,
    budget: float | None = None,
    auction: str | None = None,
) -> DecisionLine:
    """Return an auction from plain values, as a store has them.

    Args:
        place: Place in the journal of its beginning.
        id: Id of the lot.
        at: When.
        task: Id of the task that is auctioned.
        run: The run it belongs to.
        closed: When it was awarded last, or ended without an award; None while bids are taken.
        outcome: A `bidding.AwardOutcome`; None or empty while bids are taken.
        winner: Who got the task.
        price: What the winner is paid.
        bids: How many were made.
        budget: What bids may cost at most.
        auction: Its name.
    """
    word, mark = OPEN, Mark.BUSY
    if outcome:
        won = outcome == AwardOutcome.AWARDED
        word, mark = (name(winner), Mark.OK) if won else (_words(outcome), Mark.FAIL)
    return DecisionLine(
        place=place,
        id=name(id),
        kind=AUCTION,
        topic="task",
        about=name(task),
        question=line(f"Who does {task}?") if task else "",
        outcome=word,
        mark=mark,
        at=at,
        closed=closed,
        bids=bids,
        price=price,
        budget=budget,
        rule=name(auction),
        run=name(run),
        task=name(task),
    )


def decision_of(replay: ElectionReplay | AuctionReplay, place: int, at: datetime) -> DecisionLine:
    """Return the line of a decision whose events were read.

    Args:
        replay: The decision.
        place: Place in the journal of its beginning.
        at: When that was, where the replay does not know.
    """
    if isinstance(replay, AuctionReplay):
        award = replay.award
        return auction_line(
            place=place,
            id=replay.id,
            at=replay.opened or at,
            task=replay.task,
            run=replay.run,
            closed=None if award is None else award.at,
            outcome=None if award is None else award.outcome,
            winner=None if award is None else award.winner,
            price=None if award is None else award.price,
            bids=len(replay.bids),
            budget=replay.budget,
            auction=replay.auction,
        )
    result = replay.result
    word, mark = outcome_word(result, replay.recalled)
    decided = result is not None and bool(result.decision)
    return DecisionLine(
        place=place,
        id=replay.id,
        kind=VOTE,
        topic=topic_of(replay.task, replay.question),
        about=replay.about,
        question=line(replay.question),
        outcome=word,
        mark=mark,
        at=replay.opened or at,
        closed=replay.closed,
        in_favour=replay.count(Stand.FOR) if decided else None,
        against=replay.count(Stand.AGAINST, Stand.VETOES) if decided else None,
        abstained=None if result is None else result.abstained,
        voted=None if result is None else result.cast,
        confidence=None if result is None else result.confidence,
        rule=replay.rule,
        run=replay.run,
        task=replay.task,
    )


def _outcome(verdict: str | None, decision: str, *, recalled: bool) -> tuple[str, Mark]:
    if not verdict:
        return OPEN, Mark.BUSY
    if recalled:
        return "recalled", Mark.WARN
    if verdict == Verdict.DECIDED and decision:
        return decision, Mark.OK
    return _words(verdict), Mark.WARN


def _words(text: str) -> str:
    return name(text).replace("_", " ")
