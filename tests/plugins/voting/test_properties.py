"""What voting theory promises of the rules, on random profiles."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import permutations

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from polls import PAIRWISE, RANKED, RULES, ballot, motion, ranked, rule, tally
from volume import amount

from dataagents.core.voting import Ballot, Ranking, Verdict

OPTIONS = "abcd"
MONOTONE = [name for name in RULES if name != "instant-runoff"]

SURE_ENOUGH = [name for name in RULES if name not in ("noisy-or", "weighted-noisy-or")]
"""Rules by which an option that all want wins, however unsure they are of it."""

MAJORITARIAN = [name for name in RANKED if name != "borda"]

quick = settings(max_examples=amount(20))


@st.composite
def orders(draw: st.DrawFn) -> Ranking:
    """A ranking of some of the options, with equals."""
    options = draw(st.permutations(OPTIONS))
    order: list[list[str]] = [[options[0]]]
    for option in options[1 : draw(st.integers(1, len(options)))]:
        if draw(st.booleans()):
            order.append([option])
        else:
            order[-1].append(option)
    return tuple(group[0] if len(group) == 1 else tuple(group) for group in order)


@st.composite
def votes(draw: st.DrawFn, voter: str = "v") -> Ballot:
    """A ballot of any kind."""
    confidence = draw(st.floats(0.01, 1))
    kind = draw(st.sampled_from(("choice", "ranking", "approvals", "scores", "none")))
    value: object = None
    if kind == "choice":
        value = draw(st.sampled_from(OPTIONS))
    elif kind == "ranking":
        value = draw(orders())
    elif kind == "approvals":
        value = tuple(draw(st.sets(st.sampled_from(OPTIONS), min_size=1)))
    elif kind == "scores":
        value = draw(st.dictionaries(st.sampled_from(OPTIONS), st.floats(0, 1), min_size=1))
    given_ = ballot(voter, confidence=confidence)
    return given_ if kind == "none" else replace(given_, **{kind: value})


polls = st.lists(votes(), max_size=7).map(
    lambda drawn: tuple(replace(each, voter=f"v{n}") for n, each in enumerate(drawn))
)
rankings = st.lists(orders(), min_size=1, max_size=7)
linear = st.lists(st.permutations(OPTIONS).map(tuple), min_size=1, max_size=7)


@pytest.mark.parametrize("name", RULES)
@given(ballots=polls, shuffled=st.randoms(use_true_random=False))
@quick
def test_neither_the_order_of_ballots_nor_who_gave_them_matters(name, ballots, shuffled):
    expected = tally(name, ballots)
    mixed = list(ballots)
    shuffled.shuffle(mixed)
    assert tally(name, mixed) == expected
    renamed = [replace(each, voter=f"w{n}") for n, each in enumerate(mixed)]
    assert tally(name, renamed) == expected


@pytest.mark.parametrize("name", RULES)
@given(ballots=polls, order=st.permutations(OPTIONS))
@quick
def test_the_order_and_the_names_of_options_do_not_matter(name, ballots, order):
    expected = tally(name, ballots)
    listed = tally(name, ballots, order)
    assert set(listed.leaders) == set(expected.leaders)
    assert (listed.decision, listed.counts) == (expected.decision, expected.counts)
    names = dict(zip(OPTIONS, order, strict=True))
    renamed = tally(name, [rename(each, names) for each in ballots], order)
    assert renamed.leaders == tuple(names[each] for each in expected.leaders)


def rename(given_: Ballot, names: dict[str, str]) -> Ballot:
    def of(rank: str | tuple[str, ...]) -> str | tuple[str, ...]:
        return names[rank] if isinstance(rank, str) else tuple(names[each] for each in rank)

    return replace(
        given_,
        choice=None if given_.choice is None else names[given_.choice],
        ranking=tuple(of(rank) for rank in given_.ranking),
        approvals=tuple(names[each] for each in given_.approvals),
        scores=given_.scores and {names[each]: score for each, score in given_.scores.items()},
    )


@pytest.mark.parametrize("name", SURE_ENOUGH)
@given(ballots=polls, winner=st.sampled_from(OPTIONS))
@quick
def test_an_option_that_all_put_first_wins(name, ballots, winner):
    assume(ballots)
    agreed = [replace(ballot(each.voter, winner), confidence=each.confidence) for each in ballots]
    result = tally(name, agreed)
    assert (result.verdict, result.leaders) == (Verdict.DECIDED, (winner,))
    assert (result.decision, result.confidence) == (winner, 1.0)


@pytest.mark.parametrize("name", MONOTONE)
@given(profile=linear, data=st.data())
@quick
def test_whoever_leads_still_leads_when_it_is_raised(name, profile, data):
    before = tally(name, ranked(profile))
    winner = data.draw(st.sampled_from(before.leaders))
    raised = list(profile)
    place = data.draw(st.integers(0, len(raised) - 1))
    others = [option for option in raised[place] if option != winner]
    at = data.draw(st.integers(0, raised[place].index(winner)))
    raised[place] = (*others[:at], winner, *others[at:])
    assert winner in tally(name, ranked(raised)).leaders


def test_instant_runoff_promises_no_such_thing():
    """The textbook example: two voters who raise the winner to the top make it lose."""
    before = [("a", "b", "c")] * 6 + [("c", "a", "b")] * 5 + [("b", "c", "a")] * 4
    after = [*before, ("b", "a", "c"), ("b", "a", "c")]
    won = tally("instant-runoff", ranked(after), "abc").leaders
    raised = [("a", "b", "c") if each == ("b", "a", "c") else each for each in after]
    assert won == ("a",)
    assert tally("instant-runoff", ranked(raised), "abc").leaders == ("c",)


@pytest.mark.parametrize("name", [*MAJORITARIAN, "plurality", "majority", "reputation-weighted"])
@given(profile=linear, more=linear, winner=st.sampled_from(OPTIONS))
@quick
def test_an_option_that_most_put_first_wins(name, profile, more, winner):
    firsts = [(winner, *(each for each in order if each != winner)) for order in more]
    assert tally(name, ranked([*profile[: len(more) - 1], *firsts])).decision == winner


def test_borda_can_pass_over_what_most_put_first():
    profile = [("a", "b", "c")] * 3 + [("b", "c", "a")] * 2
    assert tally("borda", ranked(profile), "abc").decision == "b"
    assert tally("majority", ranked(profile), "abc").decision == "a"


def beats(profile: Sequence[Ranking], one: str, other: str) -> bool:
    def place(order: Ranking, option: str) -> int:
        found = [n for n, rank in enumerate(order) if option == rank or option in rank]
        return found[0] if found else len(order)

    more = [place(each, one) < place(each, other) for each in profile]
    fewer = [place(each, one) > place(each, other) for each in profile]
    return sum(more) > sum(fewer)


@pytest.mark.parametrize("name", PAIRWISE)
@given(profile=rankings)
@quick
def test_an_option_that_beats_all_others_wins(name, profile):
    winners = [
        one
        for one in OPTIONS
        if all(beats(profile, one, other) for other in OPTIONS if one != other)
    ]
    result = tally(name, ranked(profile))
    if winners:
        assert (result.verdict, [result.decision]) == (Verdict.DECIDED, winners)
    elif name == "condorcet":
        assert result.verdict is Verdict.UNDECIDED
        assert len(result.leaders) > 1


@given(profile=rankings)
@quick
def test_those_who_lead_by_copeland_and_schulze_are_in_the_smallest_set_that_beats_the_rest(
    profile,
):
    inside = set(tally("condorcet", ranked(profile)).leaders)
    assert set(tally("copeland", ranked(profile)).leaders) <= inside
    assert set(tally("schulze", ranked(profile)).leaders) <= inside


@pytest.mark.parametrize("name", RULES)
@given(ballots=polls)
@quick
def test_an_abstention_changes_nothing_but_the_number_of_abstentions(name, ballots):
    before = tally(name, ballots)
    after = tally(name, (*ballots, ballot("abstainer")))
    assert (after.leaders, after.counts, after.cast) == (
        before.leaders,
        before.counts,
        before.cast,
    )
    assert (after.abstained, after.confidence) == (before.abstained + 1, before.confidence)


@given(scores=st.lists(st.floats(0, 1), min_size=1, max_size=6))
@quick
def test_the_order_of_the_figures_does_not_matter_to_a_sum(scores):
    for name in ("score", "confidence-weighted"):
        seen = set()
        for order in list(permutations(scores))[:24]:
            given_ = [
                ballot(f"v{n}", "a", confidence=each, scores={"a": each})
                for n, each in enumerate(order)
            ]
            result = rule(name).tally(motion("ab", given_), given_)
            seen.add(tuple(result.figures.values()))
        assert len(seen) == 1
