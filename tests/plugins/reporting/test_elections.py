from datetime import UTC, datetime

import pytest

from dataagents.core.voting import Ballot, Election, Motion, Tally, Verdict, Vote, accept
from dataagents.plugins.reporting.elections import picture_of
from dataagents.plugins.reporting.measures import MOST_BLOCKS, part_of
from dataagents.plugins.voting import register_voting_rules

AT = datetime(2026, 1, 1, tzinfo=UTC)
RULES = {rule.name: rule for rule in register_voting_rules()}


def elect(rule, options, votes, missing=None, *, quorum=1, weights=None, recalled=None, **settings):
    strategy = RULES[rule]
    missing = missing or {}
    motion = Motion(
        "m1",
        "Which one?",
        tuple(options),
        (*votes, *missing),
        AT,
        quorum=quorum,
        about="orders",
        weights=weights or {},
        rule=rule,
        rule_options=settings,
    )
    ballots = tuple(accept(motion, voter, vote, AT) for voter, vote in votes.items())
    tally = strategy.build(strategy.options(**settings)).tally(motion, ballots)
    return Election(motion, rule, ballots, missing, tally, AT, recalled)


def widths(bar):
    return [round(block.width, 4) for block in bar.blocks]


def test_options_are_bars_of_ballots_against_the_threshold():
    election = elect(
        "supermajority",
        ("accept", "reject"),
        {
            "ann": Vote("accept", 0.9, "fits"),
            "bob": Vote("accept", 0.35, "mostly"),
            "cyd": Vote("reject", 0.8, "broken keys"),
            "dan": Vote(None, 0.5, "no view"),
        },
        {"eve": "did not answer"},
        quorum=3,
    )
    picture = picture_of(election)
    accepts, rejects = picture.bars
    assert (accepts.option, accepts.mark, accepts.value) == ("accept", "leads", "2 of 3 (66.7%)")
    assert widths(accepts) == [0.3333, 0.3333]
    assert [block.full for block in accepts.blocks] == [0.9, 0.35]
    assert accepts.blocks[1].left == pytest.approx(1 / 3)
    assert accepts.voters == ("ann 0.90", "bob 0.35")
    assert (rejects.mark, widths(rejects)) == ("", [0.3333])
    assert picture.threshold is not None
    assert (picture.threshold.at, picture.threshold.label) == (0.67, "67% needed")
    assert picture.threshold.before
    assert picture.verdict == "undecided"


def test_who_took_part_is_a_bar_against_the_quorum():
    election = elect(
        "majority",
        ("accept", "reject"),
        {"ann": Vote(None, 0.5, "no view"), "bob": Vote("accept", 0.9, "fits")},
        {"cyd": "timed out", "dan": "crashed"},
        quorum=3,
    )
    picture = picture_of(election)
    assert picture.verdict == "no quorum"
    assert [(block.kind, block.label) for block in picture.turnout] == [
        ("voted", "bob"),
        ("abstained", "ann"),
        ("missing", "cyd"),
        ("missing", "dan"),
    ]
    assert (picture.quorum.at, picture.quorum.label) == (0.75, "quorum: 3 ballots")
    assert picture.turnout_says == "1 voted, 1 abstained, 2 gave no ballot, of 4 enrolled"
    assert [(each.name, each.reason) for each in picture.of_kind("missing")] == [
        ("cyd", "timed out"),
        ("dan", "crashed"),
    ]
    (silent,) = picture.of_kind("abstained")
    assert (silent.vote, silent.confidence, silent.reason) == ("abstains", None, "no view")


def test_a_quorum_above_those_enrolled_fits_the_bar():
    picture = picture_of(elect("majority", ("a",), {"ann": Vote("a")}, quorum=4))
    assert picture.quorum.at == 1.0
    assert picture.turnout[0].width == 0.25


@pytest.mark.parametrize(
    ("rule", "parts"),
    [
        ("confidence-weighted", [[0.5, 0.3], [0.2]]),
        ("reputation-weighted", [[0.25, 0.25], [0.5]]),
        ("weighted", [[5 / 12, 0.25], [1 / 3]]),
    ],
)
def test_a_block_is_as_wide_as_its_ballot_weighs(rule, parts):
    votes = {"ann": Vote("a", 1.0), "bob": Vote("a", 0.6), "cyd": Vote("b", 0.4)}
    picture = picture_of(elect(rule, ("a", "b"), votes, weights={"cyd": 2.0}))
    for bar, expected in zip(picture.bars, parts, strict=True):
        assert [block.width for block in bar.blocks] == pytest.approx(expected)
    assert picture.threshold is not None
    assert (picture.threshold.at, picture.threshold.label) == (0.5, "more than 50% needed")
    assert [voter.reputation for voter in picture.voters] == [None, None, 2.0]


def test_a_mean_score_is_compared_with_its_threshold():
    votes = {"ann": Vote(scores={"a": 0.2, "b": 0.9}), "bob": Vote(scores={"a": 0.4, "b": 0.7})}
    picture = picture_of(elect("score", ("a", "b"), votes, threshold=0.6))
    assert [bar.share for bar in picture.bars] == pytest.approx([0.3, 0.8])
    assert picture.threshold is not None
    assert picture.threshold.at == 0.6
    assert picture.bars[1].mark == "won"
    assert picture.voters[0].vote == "a 0.20, b 0.90"


@pytest.mark.parametrize(
    ("share_of", "share"), [("votes", 1.0), ("ballots", 0.5), ("enrolled", 1 / 3)]
)
def test_a_share_is_taken_of_what_the_rule_takes_it_of(share_of, share):
    votes = {"ann": Vote("a"), "bob": Vote(None)}
    election = elect("unanimity", ("a", "b"), votes, {"cyd": "late"}, share_of=share_of)
    assert picture_of(election).bars[0].share == pytest.approx(share)


def test_what_is_no_share_has_no_line_and_says_what_it_needs():
    votes = {
        "ann": Vote(ranking=("a", "b", "c")),
        "bob": Vote(ranking=("b", "a", "c")),
        "cyd": Vote(ranking=("b", ("a", "c"))),
    }
    picture = picture_of(elect("minimax", ("a", "b", "c"), votes))
    assert picture.threshold is None
    assert picture.needed == "no rival beats it"
    assert all(0.0 <= bar.share <= 1.0 for bar in picture.bars)
    assert picture.voters[2].vote == "b > a = c"


@pytest.mark.parametrize("rule", sorted(RULES))
@pytest.mark.parametrize("votes", [{}, {"ann": Vote(None)}, {"ann": Vote("a"), "bob": Vote("b")}])
def test_every_rule_can_be_drawn_whatever_was_voted(rule, votes):
    picture = picture_of(elect(rule, ("a", "b", "c"), votes, {"zoe": "late"}))
    for bar in picture.bars:
        assert 0.0 <= bar.share <= 1.0
        assert all(0.0 <= block.left <= 1.0 and block.width <= 1.0 for block in bar.blocks)
        assert sum(block.width for block in bar.blocks) <= 1.0 + 1e-9


def test_a_tally_that_no_ballots_add_up_to_is_drawn_as_one_block():
    """A rule may be anybody's, and its figures may be none."""
    motion = Motion("m1", "Which?", ("a", "b"), ("ann",), AT)
    tally = Tally(
        Verdict.DECIDED,
        "a",
        ("a",),
        {"a": 7},
        1,
        0,
        0.4,
        "1/0",
        "so it is",
        figures={"a": 3.0, "b": float("nan")},
    )
    election = Election(motion, "odd", (Ballot("ann", "a", 0.9, "", AT),), {}, tally, AT)
    first, second = picture_of(election).bars
    assert (first.share, [block.label for block in first.blocks]) == (1.0, ["7 ballots"])
    assert (second.share, second.blocks) == (0.0, ())
    assert picture_of(election).threshold is None


def test_very_many_ballots_are_drawn_together():
    votes = {f"voter-{number}": Vote("a") for number in range(MOST_BLOCKS + 1)}
    picture = picture_of(elect("majority", ("a", "b"), votes))
    assert [block.label for block in picture.bars[0].blocks] == [f"{MOST_BLOCKS + 1} ballots"]
    assert [block.label for block in picture.turnout if block.width] == [f"{MOST_BLOCKS + 1} voted"]


def test_a_veto_and_a_recall_are_marked():
    votes = {"ann": Vote("a"), "bob": Vote(None, vetoes=("a",), reason="unsafe")}
    vetoed = picture_of(elect("plurality", ("a", "b"), votes, veto=("bob",)))
    assert vetoed.bars[0].mark == "vetoed"
    assert vetoed.voters[1].vote == "abstains; vetoes a"
    recalled = picture_of(elect("plurality", ("a", "b"), {"ann": Vote("a")}, recalled="new data"))
    assert (recalled.bars[0].mark, recalled.decision) == ("recalled", None)
    assert recalled.recalled == "new data"


def test_a_part_of_anything_can_be_drawn():
    nan, infinite = float("nan"), float("inf")
    parts = [(1.0, 4.0), (5.0, 4.0), (-1.0, 4.0), (1.0, 0.0), (nan, 1.0), (1.0, nan)]
    assert [part_of(*each) for each in parts] == [0.25, 1.0, 0.0, 0.0, 0.0, 0.0]
    assert part_of(infinite, infinite) == 0.0
