"""Rules that add evidence up: ballots say how sure they are, and who abstains says nothing.

They are meant for questions such as whether a cell is wrong, of which there are millions: voters
see different faults, so silence is no vote against, and agreement can't be demanded. All of them
offer `bulk()`, with which an engine decides about all cells at once. What support is enough follows
from what a mistake costs: an option that has a chance `p` to be right is worth choosing when `p`
times the cost of missing it is at least `1 - p`, the cost of a false alarm being 1.
"""

from fractions import Fraction
from typing import Annotated

from pydantic import Field

from dataagents.core.detection.expression import (
    DIGITS,
    Aggregate,
    Confidence,
    Each,
    Greatest,
    Inverse,
    Least,
    Minus,
    Number,
    Product,
    TallyExpression,
    Times,
    VoterWeight,
)
from dataagents.plugins.voting.options import RuleOptions, Threshold
from dataagents.plugins.voting.poll import Poll, choice_of
from dataagents.plugins.voting.standing import Lead, Rule, Standing

Cost = Annotated[float, Field(gt=0, le=1e6, allow_inf_nan=False)]

_WEIGHED = Least(Times(Confidence(), VoterWeight()), Number(1.0))
_ANY = Greatest(Number(1.0))


class UnionOptions(RuleOptions):
    """Options of the union."""

    miss_cost: Cost | None = None
    """How many false alarms are as bad as one miss; the surest ballot has to be sure enough for
    that. Any ballot is enough when None."""


class EvidenceOptions(RuleOptions):
    """Options of the rules that multiply doubts."""

    miss_cost: Cost = 1.0
    """How many false alarms are as bad as one miss; an option needs a support of
    `1 / (1 + miss_cost)`."""


EvidenceRuleOptions = UnionOptions | EvidenceOptions


class EvidenceRule(Rule[EvidenceRuleOptions]):
    """A rule whose tally is an expression of confidences and weights.

    Args:
        support: How the ballots for an option come to a figure.
        options: The options.
    """

    def __init__(self, support: Aggregate, options: EvidenceRuleOptions) -> None:
        super().__init__(self._standing, options)
        self._expression = TallyExpression(support, threshold(options))

    def bulk(self) -> TallyExpression:
        """Return the same as an expression, for ballots that are for one option or abstain."""
        return self._expression

    def _standing(self, poll: Poll, options: EvidenceRuleOptions) -> Standing:
        """Return how the options stand; who is for several, or for none, abstains."""
        weights = poll.motion.weights
        given: dict[str, list[tuple[float, float]]] = {option: [] for option in poll.options}
        for ballot in poll.ballots:
            option = choice_of(ballot)
            if option is not None:
                given[option].append((ballot.confidence, weights.get(ballot.voter, 1.0)))
        figures = {
            option: self._expression.decides(ballots)[0] for option, ballots in given.items()
        }
        counts = {option: len(ballots) for option, ballots in given.items()}
        cast, most = sum(counts.values()), max(figures.values(), default=0.0)
        support = Fraction(str(most))
        needed = Threshold(Fraction(str(self._expression.threshold)))
        leads = {
            option: Lead(support, _says(counts[option], most))
            for option, figure in figures.items()
            if cast and figure == most
        }
        return Standing(leads, counts, cast, "most support", needed, figures)


def threshold(options: EvidenceRuleOptions) -> float:
    """Return the support from which an option is worth choosing."""
    cost = options.miss_cost
    return 0.0 if cost is None else round(1.0 / (1.0 + cost), DIGITS)


def union(options: UnionOptions) -> EvidenceRule:
    """One ballot is enough, however unsure; or, with a cost, one that is sure enough for it."""
    support = _ANY if options.miss_cost is None else Greatest(Confidence())
    return EvidenceRule(support, options)


def noisy_or(options: EvidenceOptions) -> EvidenceRule:
    """The chance that not all who are for an option are mistaken, were they mistaken independently.

    Pearl, *Probabilistic Reasoning in Intelligent Systems* (1988), section 4.3.2: each ballot is a
    cause that is enough by itself, with the chance that its confidence states.
    """
    return EvidenceRule(_not_all_mistaken(Confidence()), options)


def weighted_noisy_or(options: EvidenceOptions) -> EvidenceRule:
    """The same with each confidence times what was learned about its voter, 1 at the most.

    The weights are the motion's; a voter that is right half as often as it says weighs 0.5.
    """
    return EvidenceRule(_not_all_mistaken(_WEIGHED), options)


def _not_all_mistaken(chance: Each) -> Aggregate:
    return Inverse(Product(Minus(Number(1.0), chance)))


def _says(ballots: int, support: float) -> str:
    votes = "1 ballot" if ballots == 1 else f"{ballots} ballots"
    return f"a support of {support:.4g} from {votes}"
