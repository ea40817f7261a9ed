"""The contract of voting rules."""

from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import replace
from itertools import combinations_with_replacement, permutations, product

from dataagents.core.testing.clock import START
from dataagents.core.values import from_json, to_json
from dataagents.core.voting import Ballot, Motion, Tally, Verdict, VotingRule

_OPTIONS: tuple[str, ...] = ("accept", "amend", "reject")
_CHOICES = (*_OPTIONS, None)
_MOST_VOTERS = 4


def motion(voters: int, *, quorum: int = 1, options: tuple[str, ...] = _OPTIONS) -> Motion:
    """Return a motion with that many voters."""
    names = tuple(f"voter-{number}" for number in range(voters))
    return Motion("motion", "Accept?", options, names, START, quorum=quorum)


def ballots(*choices: str | None, confidence: float = 0.8) -> tuple[Ballot, ...]:
    """Return one ballot for each choice; None abstains."""
    return tuple(
        Ballot(f"voter-{number}", choice, confidence, "", START)
        for number, choice in enumerate(choices)
    )


class VotingRuleContract:
    """What every voting rule holds to, tried on all ways to vote of up to four voters."""

    def rule(self) -> VotingRule:
        """Return the rule under test."""
        raise NotImplementedError

    def test_the_same_ballots_give_the_same_tally(self) -> None:
        """A rule is pure, and leaves the motion and the ballots as they were."""
        for asked, given in _profiles():
            before = deepcopy((asked, given))
            assert self.rule().tally(asked, given) == self.rule().tally(asked, given)
            assert (asked, given) == before

    def test_a_decision_is_an_option_and_there_is_one_only_when_decided(self) -> None:
        """The verdict and the decision never contradict each other."""
        for asked, given in _profiles():
            tally = self.rule().tally(asked, given)
            assert (tally.decision is not None) == (tally.verdict is Verdict.DECIDED)
            assert tally.decision is None or tally.decision in asked.options

    def test_nothing_is_decided_without_a_choice(self) -> None:
        """An empty electorate and one that abstains decide nothing, and divide nothing by zero."""
        for given in ((), ballots(None), ballots(None, None, None)):
            tally = self.rule().tally(motion(len(given)), given)
            assert tally.verdict is not Verdict.DECIDED
            assert (tally.decision, tally.leaders, tally.cast) == (None, (), 0)
            assert (tally.abstained, tally.confidence) == (len(given), 0.0)

    def test_too_few_ballots_are_no_quorum(self) -> None:
        """Below the quorum nothing is decided, however clear the ballots are."""
        given = ballots("accept", "accept")
        tally = self.rule().tally(motion(3, quorum=3), given)
        assert (tally.verdict, tally.decision) == (Verdict.NO_QUORUM, None)

    def test_abstentions_count_for_the_quorum(self) -> None:
        """Who abstains has taken part."""
        tally = self.rule().tally(motion(2, quorum=2), ballots("accept", None))
        assert tally.verdict is not Verdict.NO_QUORUM

    def test_an_option_that_everyone_wants_wins(self) -> None:
        """Unanimous ballots, given with full confidence, decide."""
        given = ballots("amend", "amend", "amend", confidence=1.0)
        assert self.rule().tally(motion(3), given).decision == "amend"

    def test_the_order_of_the_ballots_does_not_matter(self) -> None:
        """Whoever votes first has no advantage."""
        for voters in range(_MOST_VOTERS + 1):
            for choices in combinations_with_replacement(_CHOICES, voters):
                asked, given = motion(voters), ballots(*choices)
                expected = _figures(self.rule().tally(asked, given))
                for order in permutations(given):
                    assert _figures(self.rule().tally(asked, order)) == expected

    def test_the_names_of_the_voters_do_not_matter(self) -> None:
        """Each voter counts the same: exchanging their names changes nothing."""
        for asked, given in _profiles():
            names = [ballot.voter for ballot in reversed(given)]
            renamed = [replace(each, voter=name) for each, name in zip(given, names, strict=True)]
            expected = _figures(self.rule().tally(asked, given))
            assert _figures(self.rule().tally(asked, renamed)) == expected

    def test_the_names_of_the_options_do_not_matter(self) -> None:
        """An option wins by its votes, never by the alphabet: renaming all renames the result."""
        names = dict(zip(_OPTIONS, ("zebra", "aardvark", "middle"), strict=True))
        for asked, given in _profiles():
            renamed = [
                replace(each, choice=names[each.choice] if each.choice else None) for each in given
            ]
            expected = self.rule().tally(asked, given)
            tally = self.rule().tally(replace(asked, options=tuple(names.values())), renamed)
            assert tally.verdict is expected.verdict
            assert tally.leaders == tuple(names[each] for each in expected.leaders)
            assert tally.decision == (names[expected.decision] if expected.decision else None)

    def test_the_figures_add_up(self) -> None:
        """Every ballot is counted once, and the leaders are those with the most."""
        for asked, given in _profiles():
            tally = self.rule().tally(asked, given)
            assert tally.cast + tally.abstained == len(given)
            assert all(0 <= count <= tally.cast for count in tally.counts.values())
            assert {*tally.counts, *tally.figures} <= set(asked.options)
            assert 0.0 <= tally.confidence <= 1.0
            compared = tally.figures or tally.counts
            most = max(compared.values(), default=0)
            leaders = tuple(each for each in asked.options if compared.get(each, 0) == most)
            assert tally.leaders == (leaders if tally.cast else ())
            assert tally.reason, "a tally says why it came out as it did"

    def test_a_tally_can_be_stored(self) -> None:
        """It is the same after it went through the journal."""
        tally = self.rule().tally(motion(2), ballots("accept", "reject"))
        assert from_json(Tally, to_json(tally)) == tally


def _profiles() -> Iterator[tuple[Motion, Sequence[Ballot]]]:
    """Yield every way in which up to four voters can vote."""
    for voters in range(_MOST_VOTERS + 1):
        for choices in product(_CHOICES, repeat=voters):
            yield motion(voters), ballots(*choices)


def _figures(tally: Tally) -> object:
    return (
        tally.verdict,
        tally.decision,
        tally.leaders,
        dict(tally.counts),
        tally.cast,
        tally.abstained,
        tally.confidence,
    )
