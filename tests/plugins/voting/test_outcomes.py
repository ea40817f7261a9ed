"""What follows the count: quorum, ties, thresholds, vetoes, and the sentence."""

from dataclasses import replace

import pytest
from polls import RULES, ballot, motion, ranked, rule, tally

from dataagents.core.config import parse_settings
from dataagents.core.errors import ConfigError, InputError
from dataagents.core.voting import Ballot, Verdict
from dataagents.plugins.voting.options import LeadOptions, ShareOptions

TENNESSEE = ranked(
    [("Memphis", "Nashville", "Chattanooga", "Knoxville")] * 42
    + [("Nashville", "Chattanooga", "Knoxville", "Memphis")] * 26
    + [("Chattanooga", "Knoxville", "Nashville", "Memphis")] * 15
    + [("Knoxville", "Chattanooga", "Nashville", "Memphis")] * 17
)
CITIES = ("Memphis", "Nashville", "Chattanooga", "Knoxville")


def chosen(*choices: str | None, **fields: object) -> tuple[Ballot, ...]:
    return tuple(replace(ballot(f"v{n}", choice), **fields) for n, choice in enumerate(choices))


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("majority", "'Memphis' leads with 42 of 100 votes (42.0%), more than half needed"),
        ("supermajority", "'Memphis' leads with 42 of 100 votes (42.0%), 67.0% needed"),
        ("unanimity", "'Memphis' leads with 42 of 100 votes (42.0%), 100.0% needed"),
        ("plurality", "'Memphis' won with 42 of 100 votes (42.0%)"),
        ("approval", "'Memphis' won with 42 approvals on 100 ballots (42.0%)"),
        (
            "score",
            "'Memphis' won with a mean score of 0.42 on 100 ballots, more than nothing needed",
        ),
        ("borda", "'Nashville' won with 194 of 300 points"),
        ("instant-runoff", "'Knoxville' won with 58 of 100 votes in the last round (58.0%)"),
        (
            "condorcet",
            "'Nashville' won with 3 of 3 duels, 58.0% of the votes in the hardest duel",
        ),
        (
            "copeland",
            "'Nashville' won with 3 of 3 duels, 58.0% of the votes in the hardest duel",
        ),
        ("minimax", "'Nashville' won with no defeat, 58.0% of the votes in the hardest duel"),
        (
            "schulze",
            "'Nashville' won with no stronger chain from any of 3 rivals, "
            "58.0% of the votes in the hardest duel",
        ),
        (
            "confidence-weighted",
            "'Memphis' leads with 21 of a weight of 50 (42.0%), more than half needed",
        ),
        (
            "reputation-weighted",
            "'Memphis' leads with 42 of a weight of 100 (42.0%), more than half needed",
        ),
        ("weighted", "'Memphis' leads with 21 of a weight of 50 (42.0%), more than half needed"),
    ],
)
def test_every_rule_reads_in_one_sentence(name: str, sentence: str):
    assert tally(name, TENNESSEE, CITIES).reason == sentence


@pytest.mark.parametrize(
    ("name", "confidence"),
    [
        ("plurality", 0.42),
        ("borda", 194 / 300),
        ("instant-runoff", 0.58),
        ("schulze", 0.58),
        ("confidence-weighted", 0.42),
    ],
)
def test_confidence_is_the_leading_part_of_what_was_cast(name: str, confidence: float):
    assert tally(name, TENNESSEE, CITIES).confidence == confidence


def test_half_is_no_majority():
    assert tally("majority", chosen("a", "a", "b", "c")).verdict is Verdict.UNDECIDED
    assert tally("majority", chosen("a", "a", "b")).decision == "a"
    assert tally("majority", chosen("a", "a", "b", "c")).threshold == "> 1/2"


def test_one_other_vote_ends_unanimity_and_an_abstention_does_not():
    assert tally("unanimity", chosen("a", "a", None)).decision == "a"
    assert tally("unanimity", chosen("a", "a", "b")).verdict is Verdict.UNDECIDED
    assert tally("unanimity", chosen("a", None), share_of="ballots").decision is None


def test_a_share_can_be_taken_of_all_who_are_enrolled():
    ballots = chosen("a", "a", "a", "b")
    asked = motion("ab", ballots, voters=tuple(f"v{n}" for n in range(6)))
    voted = rule("supermajority", threshold=0.6).tally(asked, ballots)
    enrolled = rule("supermajority", threshold=0.6, share_of="enrolled").tally(asked, ballots)
    assert voted.decision == "a"
    assert enrolled.reason == "'a' leads with 3 of 6 enrolled (50.0%), 60.0% needed"
    assert enrolled.confidence == 0.75, "confidence is of the votes cast, whatever is compared"


@pytest.mark.parametrize("name", RULES)
def test_every_rule_can_ask_for_a_turnout(name: str):
    ballots = chosen("a", "a", None)
    asked = motion("ab", ballots, voters=tuple(f"v{n}" for n in range(5)))
    assert rule(name, turnout=0.6).tally(asked, ballots).verdict is Verdict.DECIDED
    missed = rule(name, turnout=0.61).tally(asked, ballots)
    assert (missed.verdict, missed.quorum) == (Verdict.NO_QUORUM, 4)
    assert missed.reason == "3 of 4 ballots that are needed were cast"
    assert (missed.decision, missed.counts["a"]) == (None, 2)


def test_abstentions_can_be_left_out_of_the_quorum():
    ballots = chosen("a", "a", None)
    asked = motion("ab", ballots, quorum=3)
    assert rule("majority").tally(asked, ballots).decision == "a"
    missed = rule("majority", quorum_of="votes").tally(asked, ballots)
    assert missed.reason == "2 of 3 votes that are needed were cast"


@pytest.mark.parametrize("name", RULES)
def test_a_tie_names_all_who_share_the_lead_and_is_left(name: str):
    result = tally(name, chosen("b", "c", confidence=0.5), "dcba")
    assert (result.verdict, result.decision, result.tie_broken) == (Verdict.UNDECIDED, None, "")
    assert result.leaders == ("c", "b")
    assert result.reason.startswith("c and b tie with")


def test_a_tie_can_be_broken_by_the_order_of_the_motion_or_by_lot():
    ballots = chosen("b", "c")
    first = tally("plurality", ballots, "dcba", tie_break="order")
    assert (first.decision, first.leaders) == ("c", ("c", "b"))
    assert first.reason == (
        "'c' won with 1 of 2 votes (50.0%), one of 2 that tie, for it is listed first"
    )
    drawn = set()
    for number in range(20):
        asked = motion("dcba", ballots, id=f"motion-{number}")
        lot = rule("plurality", tie_break="seeded")
        assert lot.tally(asked, ballots) == lot.tally(asked, ballots)
        drawn.add(lot.tally(asked, ballots).decision)
    assert drawn == {"b", "c"}
    assert tally("plurality", ballots, "dcba", tie_break="seeded").tie_broken


def test_a_broken_tie_still_has_to_reach_the_threshold():
    result = tally("majority", chosen("a", "b"), tie_break="order")
    assert (result.verdict, result.decision) == (Verdict.UNDECIDED, None)
    assert "more than half needed" in result.reason


def test_any_rule_takes_a_threshold():
    assert tally("borda", TENNESSEE, CITIES, threshold=0.7).decision is None
    assert tally("schulze", TENNESSEE, CITIES, threshold=0.58).decision == "Nashville"
    assert tally("approval", chosen("a", "b", "b"), threshold="2/3").decision == "b"
    assert tally("weighted", chosen("a", "b", "b"), threshold=0.67).decision is None


def test_nobody_can_veto_unless_the_rule_says_so():
    ballots = (*chosen("a", "a", "a"), ballot("guard", None, vetoes=("a",), reason="it is empty"))
    assert tally("majority", ballots).decision == "a"
    assert tally("majority", ballots, veto=("other",)).decision == "a"
    for allowed in (("guard",), ("*",)):
        result = tally("majority", ballots, veto=allowed)
        assert (result.verdict, result.decision) == (Verdict.VETOED, None)
        assert result.leaders == ("a",)
        assert result.reason.endswith("but guard vetoed it: it is empty")


def test_all_who_veto_are_named_in_whatever_order_they_voted():
    ballots = (
        ballot("x", "a", vetoes=("a",), reason="late"),
        ballot("y", "a", vetoes=("a",)),
        ballot("z", "a"),
    )
    asked = motion("ab", ballots)
    vetoed = rule("majority", veto=("*",))
    assert vetoed.tally(asked, ballots) == vetoed.tally(asked, ballots[::-1])
    assert vetoed.tally(asked, ballots).reason.endswith("x vetoed it: late; y vetoed it")


def test_a_veto_of_what_does_not_win_stops_nothing():
    ballots = (*chosen("a", "a"), ballot("guard", "a", vetoes=("b",)))
    assert tally("majority", ballots, veto=("*",)).decision == "a"


def test_reputation_is_the_motions():
    ballots = chosen("a", "a", "b")
    asked = motion("ab", ballots, weights={"v2": 2.5})
    result = rule("reputation-weighted").tally(asked, ballots)
    assert (result.decision, result.figures) == ("b", {"a": 2.0, "b": 2.5})
    assert rule("majority").tally(asked, ballots).decision == "a"


def test_weights_add_up_as_they_are_written():
    ballots = (
        ballot("x", "a", confidence=0.1),
        ballot("y", "a", confidence=0.2),
        ballot("z", "b", confidence=0.3),
    )
    assert tally("confidence-weighted", ballots).leaders == ("a", "b")


def test_ballots_without_weight_decide_nothing():
    result = tally("confidence-weighted", chosen("a", "b", confidence=0.0))
    assert (result.verdict, result.confidence) == (Verdict.UNDECIDED, 0.0)


def test_an_option_that_everybody_scores_nothing_does_not_win():
    ballots = tuple(ballot(f"v{n}", scores={"a": 0.0}) for n in range(3))
    assert tally("score", ballots, "a").verdict is Verdict.UNDECIDED


def test_parallel_and_simultaneous_elimination_differ_on_a_tie_for_the_fewest():
    ballots = ranked([("a", "b", "c")] * 2 + [("b", "a", "c"), ("c", "b", "a")])
    parallel = tally("instant-runoff", ballots, "abc")
    at_once = tally("instant-runoff", ballots, "abc", ties="simultaneous")
    assert (parallel.leaders, parallel.verdict) == (("a", "b"), Verdict.UNDECIDED)
    assert (at_once.leaders, at_once.decision) == (("a",), "a")
    assert at_once.reason == "'a' won with 2 of 4 votes in the last round (50.0%)"


def test_ties_that_branch_for_ever_end_as_a_tie_of_all_who_may_win():
    options = [f"o{n:02}" for n in range(40)]
    ballots = ranked([(option,) for option in options])
    result = tally("instant-runoff", ballots, options)
    assert result.verdict is Verdict.UNDECIDED
    assert result.leaders == tuple(options)
    assert result.reason == "40 options tie in more ways than can be followed"
    assert tally("instant-runoff", ballots, options, ties="simultaneous").leaders == tuple(options)


def test_options_without_a_first_place_branch_into_nothing():
    options = [f"o{n:02}" for n in range(60)]
    ballots = ranked([("o00",), ("o00",), ("o01",)])
    assert tally("instant-runoff", ballots, options).decision == "o00"


@pytest.mark.parametrize("name", RULES)
def test_every_kind_of_ballot_counts_under_every_rule(name: str):
    ballots = (
        ballot("choice", "b"),
        ballot("ranking", ranking=("b", ("a", "c"))),
        ballot("approvals", approvals=("b",)),
        ballot("scores", scores={"b": 0.9, "a": 0.2}),
        ballot("abstains"),
    )
    result = tally(name, ballots)
    assert (result.decision, result.cast, result.abstained) == ("b", 4, 1)


def test_several_favourites_are_an_abstention_where_one_is_asked_for():
    ballots = (ballot("x", approvals=("a", "b")), ballot("y", "a"))
    assert tally("plurality", ballots).abstained == 1
    assert tally("approval", ballots).counts == {"a": 2, "b": 1, "c": 0, "d": 0}


BAD = (
    ({"choice": "z"}, "ballots.1.choice: 'z' is no option"),
    ({"ranking": ("a", "z")}, "ballots.1.ranking.1: 'z' is no option"),
    ({"ranking": ("a", ("b", "a"))}, "ballots.1.ranking.1.1: 'a' occurs twice"),
    ({"ranking": ("a", ())}, "ballots.1.ranking.1: '' is no option"),
    ({"approvals": ("a", "a")}, "ballots.1.approvals.1: 'a' occurs twice"),
    ({"vetoes": ("z",)}, "ballots.1.vetoes.0: 'z' is no option"),
    ({"scores": {"z": 1.0}}, "ballots.1.scores.z: 'z' is no option"),
    ({"scores": {"a": float("nan")}}, "ballots.1.scores.a: nan is not from 0 to 1"),
    ({"scores": {"a": -0.1}}, "ballots.1.scores.a: -0.1 is not from 0 to 1"),
    ({"confidence": float("inf")}, "ballots.1.confidence: inf is not from 0 to 1"),
    ({"voter": "v0"}, "ballots.1.voter: 'v0' votes twice"),
    ({"voter": "stranger"}, "ballots.1.voter: 'stranger' is none of the voters"),
    ({"choice": "a", "ranking": ("b",)}, "choice: 'a' is not what the ranking puts first"),
    ({"choice": "a", "approvals": ("b",)}, "choice: 'a' is not among the approvals"),
    ({"choice": "a", "scores": {"b": 0.1}}, "choice: 'a' has not the highest score"),
)


@pytest.mark.parametrize(("fields", "says"), BAD, ids=[says for _, says in BAD])
@pytest.mark.parametrize("name", RULES)
def test_a_ballot_that_makes_no_sense_is_refused_by_its_field(
    name: str, fields: dict[str, object], says: str
):
    ballots = (ballot("v0", "a"), replace(ballot("v1"), **fields))
    asked = replace(motion("abcd", ballots), voters=("v0", "v1"))
    with pytest.raises(InputError) as refusal:
        rule(name).tally(asked, ballots)
    assert says in str(refusal.value)


@pytest.mark.parametrize("weight", [float("nan"), float("inf"), -1.0, 1e300])
def test_a_weight_that_makes_no_sense_is_refused_by_its_field(weight: float):
    ballots = chosen("a")
    asked = motion("ab", ballots, weights={"v0": weight})
    with pytest.raises(InputError, match=r"motion\.weights\.v0"):
        rule("reputation-weighted").tally(asked, ballots)


@pytest.mark.parametrize("name", RULES)
def test_an_empty_electorate_and_no_options_have_a_stated_outcome(name: str):
    for options in ("ab", ""):
        result = rule(name).tally(motion(options, ()), ())
        assert (result.verdict, result.decision, result.leaders) == (Verdict.NO_QUORUM, None, ())
        assert result.reason == "0 of 1 ballots that are needed were cast"


@pytest.mark.parametrize(
    ("model", "settings"),
    [
        (ShareOptions, {"threshold": 0.5}),
        (ShareOptions, {"share_of": "everyone"}),
        (LeadOptions, {"turnout": 1.5}),
        (LeadOptions, {"tie_break": "alphabet"}),
    ],
)
def test_an_option_that_makes_no_sense_is_refused(model, settings):
    with pytest.raises(ConfigError, match=next(iter(settings))):
        parse_settings(model, settings, source="test")
