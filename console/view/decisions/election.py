"""An election, ballot by ballot: who said what, in which order, and how it stood after each."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from dataagents.console.view.decisions.ballots import CastBallot, Names
from dataagents.console.view.decisions.measures import Measure
from dataagents.console.view.decisions.support import TallySoFar, tally_of
from dataagents.console.view.marks import Mark


class Stand(StrEnum):
    """Where a voter stands towards what was decided."""

    FOR = "for"
    AGAINST = "against"
    """For something else."""
    VETOES = "vetoes"
    """Its veto counts."""
    ABSTAINS = "abstains"
    VOTED = "voted"
    """For an option, while nothing is decided or leads alone."""
    NO_BALLOT = "no ballot"
    AWAITED = "awaited"
    """The vote is open, and it has said nothing yet."""

    @property
    def mark(self) -> Mark:
        """How it is shown."""
        return _MARKS[self]


_MARKS: Mapping[Stand, Mark] = {
    Stand.FOR: Mark.OK,
    Stand.AGAINST: Mark.WARN,
    Stand.VETOES: Mark.FAIL,
    Stand.ABSTAINS: Mark.IDLE,
    Stand.VOTED: Mark.NOTE,
    Stand.NO_BALLOT: Mark.WARN,
    Stand.AWAITED: Mark.BUSY,
}
_DISSENT_FIRST = (
    Stand.VETOES, Stand.AGAINST, Stand.ABSTAINS, Stand.NO_BALLOT, Stand.AWAITED, Stand.VOTED,
    Stand.FOR,
)  # fmt: skip


_NOBODY = Names((), ())


@dataclass(frozen=True, slots=True)
class VoterLine:
    """A voter and its ballot, or why there is none; its texts are safe to show."""

    address: str
    voter: str
    stand: Stand
    says: str
    """Its choice, ranking, approvals or scores on one line; empty without a ballot."""
    reason: str
    """Why it votes so, or why it gave no ballot; may have lines."""
    weight: float
    """Its reputation when the vote was opened; 1 where none is on record."""
    counts: float | None = None
    """What the ballot adds to what it is for; None where the rule adds nothing up."""
    confidence: float | None = None
    at: datetime | None = None
    number: int = 0
    """Place among the ballots from 1, in the order they came; 0 without a ballot."""
    after: str = ""
    """How it stood after this ballot, in words."""
    agent: str = ""
    """Address of the voter."""


@dataclass(frozen=True, slots=True)
class Result:
    """What was counted when the vote was closed, as recorded; safe to show."""

    verdict: str
    """A `voting.Verdict`."""
    decision: str
    """Empty when nothing was decided."""
    leaders: tuple[str, ...]
    cast: int
    abstained: int
    confidence: float | None
    threshold: str
    reason: str
    tie_broken: str


@dataclass(frozen=True, slots=True)
class ElectionReplay:
    """A vote from its question to its end, or as far as it has come; its texts are safe to show."""

    id: str
    question: str
    about: str
    options: tuple[str, ...]
    rule: str
    rule_options: Mapping[str, str]
    quorum: int
    """How many ballots are needed: as counted, or by the motion and its turnout while open."""
    enrolled: int
    ballots: tuple[VoterLine, ...]
    """In the order they came."""
    missing: tuple[VoterLine, ...]
    """Those who gave none, or none yet, in the order of the motion."""
    measure: Measure
    """What `state_after` adds up."""
    proven: bool
    """Whether the ballots come to the recorded figures by this measure, so that it is the rule's
    own."""
    opened: datetime | None
    deadline: float | None
    """Seconds."""
    closed: datetime | None = None
    result: Result | None = None
    """None while it is open."""
    recalled: str = ""
    """Why the decision does not hold any more."""
    recalled_at: datetime | None = None
    recalls: str = ""
    """Id of the vote whose decision was recalled and that is voted on again here."""
    proposals: Mapping[str, str] | None = None
    """Option → who put it forward, how good it is thought to be, and why; None without any."""
    without_proposal: Mapping[str, str] | None = None
    drift: tuple[str, ...] = ()
    """What changed in the data that the vote is about, a sentence each."""
    evidence: Mapping[str, str] | None = None
    """What voters judged by."""
    run: str = ""
    task: str = ""
    _cast: tuple[CastBallot, ...] = ()
    _names: Names = _NOBODY

    @property
    def address(self) -> str:
        """Its address."""
        return f"election:{self.id}"

    @property
    def open(self) -> bool:
        """Whether it goes on."""
        return self.result is None

    @property
    def voters(self) -> tuple[VoterLine, ...]:
        """Everybody who could vote: those against what was decided first, those for it last."""
        everybody = (*self.ballots, *self.missing)
        return tuple(sorted(everybody, key=lambda line: _DISSENT_FIRST.index(line.stand)))

    @property
    def dissent(self) -> tuple[VoterLine, ...]:
        """Those who were for something else, or vetoed what led."""
        against = (Stand.VETOES, Stand.AGAINST)
        return tuple(line for line in self.voters if line.stand in against)

    def count(self, *stands: Stand) -> int:
        """Return how many voters stand so."""
        return sum(line.stand in stands for line in (*self.ballots, *self.missing))

    def state_after(self, number: int) -> TallySoFar:
        """Return what the first ballots add up to.

        Args:
            number: How many; all there are when it is more, none when it is less than 1.
        """
        first = self._cast[: max(0, number)]
        return tally_of(
            first,
            self._names,
            self.measure,
            quorum=self.quorum,
            by_votes=self.rule_options.get("quorum_of") == "votes",
            of=self.rule_options.get("share_of", ""),
        )

    @property
    def final(self) -> TallySoFar:
        """What all ballots add up to."""
        return self.state_after(len(self._cast))


def outcome_word(result: Result | None, recalled: str) -> tuple[str, Mark]:
    """Return how a vote ended in a word or two, and its mark."""
    if result is None:
        return "open", Mark.BUSY
    if recalled:
        return "recalled", Mark.WARN
    if result.decision:
        return result.decision, Mark.OK
    return result.verdict.replace("_", " ") or "undecided", Mark.WARN
