"""A vote, replayed ballot by ballot."""

import random
from dataclasses import replace

import pytest

from dataagents.console.view import Mark
from dataagents.console.view.decisions import (
    BALLOTS,
    Measure,
    Stand,
    election_replay,
    election_sections,
    support_chart,
)
from dataagents.console.view.glyphs import ASCII
from dataagents.console.view.listing import Query
from dataagents.console.view.listing.grammar import parse
from dataagents.console.view.listing.matching import select
from dataagents.console.view.moment import Moment
from dataagents.core.events import EventKind
from dataagents.core.testing.clock import START
from tests.support.decided import stored, vote
from tests.support.polls import RULES, ballot

MOMENT = Moment(START)
PLAIN = Moment(START, glyphs=ASCII)
ANA = ballot("ana", "accept", confidence=0.9, reason="99% of the prices fit")
BOB = ballot("bob", "reject", confidence=0.8, reason="price became text\nin 3 rows")
CID = ballot("cid", reason="no keys to judge by")
EVE = ballot("eve", "accept", confidence=0.7)
WEIGHTS = {"ana": 2.0, "bob": 0.5}


def weighted(**more):
    return election_replay(vote([ANA, BOB, CID, EVE], by="weighted", weights=WEIGHTS, **more))


def test_who_voted_against_what_was_decided_comes_first_with_the_reason():
    replay = weighted(missing={"dee": "expired: no answer"})

    assert [(line.voter, line.stand) for line in replay.voters] == [
        ("bob", Stand.AGAINST), ("cid", Stand.ABSTAINS), ("dee", Stand.NO_BALLOT),
        ("ana", Stand.FOR), ("eve", Stand.FOR),
    ]  # fmt: skip
    (against,) = replay.dissent
    assert (against.says, against.reason) == ("reject", "price became text\nin 3 rows")
    assert replay.missing[0].reason == "expired: no answer"
    told = dict(election_sections(replay, MOMENT))
    assert told["against"] == "bob: reject: price became text\nin 3 rows"
    assert told["no ballot"] == "dee: expired: no answer"
    assert told["voted"].endswith("2 for, 1 against")


def test_what_drifted_is_told_in_words_beside_the_question():
    drift = [
        {"kind": "rename", "explanation": "city is town now"},
        {"kind": "new", "explanation": "new is new"},
    ]
    facts = {"schema:orders": {"drift": drift}, "other": [1], "schema:b": {"drift": "none"}}
    (place, opened), *rest = vote([ANA, BOB], by="weighted", weights=WEIGHTS)
    opened = replace(opened, body={**opened.body, "context": {"facts": facts}})
    replay = election_replay([(place, opened), *rest])
    assert replay.drift == ("city is town now", "new is new")
    assert dict(election_sections(replay, MOMENT))["what drifted"] == "city is town now\nnew is new"
    assert "what drifted" not in dict(election_sections(weighted(), MOMENT))


def test_the_tally_so_far_follows_each_ballot_with_its_weight():
    replay = weighted()

    told = [
        [(each.option, pytest.approx(each.figure)) for each in replay.state_after(n).support]
        for n in range(4)
    ]
    assert told == [
        [("accept", 0.0), ("reject", 0.0)],
        [("accept", 1.8), ("reject", 0.0)],
        [("accept", 1.8), ("reject", 0.4)],
        [("accept", 1.8), ("reject", 0.4)],
    ]
    assert replay.state_after(0).leaders == ()
    assert replay.state_after(2).leaders == ("accept",)
    assert (replay.measure, replay.proven) == (Measure.BOTH, True)
    assert [line.counts for line in replay.ballots] == [1.8, 0.4, 0.0, 0.7]
    assert [line.weight for line in replay.ballots] == [2.0, 0.5, 1.0, 1.0]
    assert [line.after for line in replay.ballots] == [
        "accept 1.8 (100.0%)", "accept 1.8 (81.8%)", "accept 1.8 (81.8%)", "accept 2.5 (86.2%)",
    ]  # fmt: skip


def test_the_quorum_is_reached_by_the_ballot_that_reaches_it():
    replay = weighted()

    assert [replay.state_after(n).quorum_reached for n in range(4)] == [False, False, True, True]
    assert replay.state_after(1).sentence == "1 of 4 gave a ballot; 1 of 2 needed for the quorum"
    by_votes = election_replay(vote([CID, ANA, BOB], settings={"quorum_of": "votes"}))
    assert [by_votes.state_after(n).counted for n in range(4)] == [0, 0, 1, 2]


def test_a_turnout_that_is_asked_for_counts_for_the_quorum_of_an_open_vote():
    events = vote([ANA, BOB, CID, EVE], settings={"turnout": 0.7}, closed=False)

    assert election_replay(events).quorum == 3


@pytest.mark.parametrize("name", RULES)
def test_what_is_added_up_comes_to_what_every_rule_has_on_record_or_claims_nothing(name):
    rng = random.Random(name)
    options = ("a", "b", "c")
    for _ in range(20):
        ballots = [_random_ballot(rng, f"v{n}", options) for n in range(rng.randint(1, 7))]
        weights = {each.voter: rng.choice([0.5, 1.0, 2.5]) for each in ballots}
        replay = election_replay(vote(ballots, options, by=name, weights=weights))
        put = vote(ballots, options, by=name, weights=weights)[-1][1].body["tally"]
        recorded = put["figures"] or put["counts"]
        if replay.proven:
            figures = {each.option: each.figure for each in replay.final.support}
            assert figures == pytest.approx(recorded)
        else:
            assert replay.measure is Measure.FIRSTS
            assert all(line.counts is None for line in replay.ballots)
            assert all(each.share is None for each in replay.final.support)


def _random_ballot(rng, voter, options):
    kind = rng.randrange(5)
    sure = round(rng.random(), 3)
    if kind == 0:
        return ballot(voter, confidence=sure)
    if kind == 1:
        return ballot(voter, ranking=tuple(rng.sample(options, 3)), confidence=sure)
    if kind == 2:
        return ballot(voter, approvals=tuple(rng.sample(options, 2)), confidence=sure)
    if kind == 3:
        return ballot(voter, scores={each: round(rng.random(), 2) for each in options})
    return ballot(voter, rng.choice(options), confidence=sure)


@pytest.mark.parametrize(
    "name",
    ["majority", "supermajority", "unanimity", "plurality", "approval", "score",
     "confidence-weighted", "reputation-weighted", "weighted"],
)  # fmt: skip
def test_a_rule_that_adds_ballots_up_is_recognized_and_shares_agree_with_its_confidence(name):
    ballots = [replace(ANA, ranking=()), BOB, EVE]
    replay = election_replay(vote(ballots, by=name, weights=WEIGHTS))
    leader = next(each for each in replay.final.support if each.leads)

    assert replay.proven
    assert leader.share == pytest.approx(rule_confidence(name, ballots))


def rule_confidence(name, ballots):
    put = vote(ballots, by=name, weights=WEIGHTS)[-1][1].body["tally"]
    return put["confidence"]


def test_where_the_rule_compares_something_else_only_first_places_are_told():
    rankings = (("a", "b", "c"), ("b", "c", "a"), ("b", "a", "c"), ("c", "a", "b"), ("a", "c", "b"))
    ballots = [ballot(f"v{n}", ranking=each) for n, each in enumerate(rankings)]
    replay = election_replay(vote(ballots, "abc", by="schulze"))
    chart = [cell.text for cell in support_chart(replay, replay.final, MOMENT, 80)]

    assert (replay.measure, replay.proven) == (Measure.FIRSTS, False)
    assert [each.ballots for each in replay.final.support] == [2, 2, 1]
    assert chart[-1] == "in first places; schulze compares something else"


def test_an_open_vote_waits_for_those_who_said_nothing_yet():
    replay = election_replay(vote([ANA], missing={"dee": ""}, closed=False))

    assert replay.open
    assert [(line.voter, line.stand) for line in replay.voters] == [
        ("dee", Stand.AWAITED), ("ana", Stand.VOTED),
    ]  # fmt: skip
    told = dict(election_sections(replay, MOMENT))
    assert told["not heard yet"] == "dee: awaited"
    assert told["result"] == "1 of 2 gave a ballot; 1 of 2 needed for the quorum; " + (
        "so far accept 1 (100.0%)"
    )
    chart = [cell.text for cell in support_chart(replay, replay.final, MOMENT, 60)]
    assert chart[0].endswith("1 (100.0%) leads")
    assert chart[-1] == "in votes so far; majority decides when it is closed"


def test_a_veto_that_counts_is_told_from_one_that_does_not():
    veto = replace(BOB, vetoes=("accept",))
    allowed = election_replay(vote([ANA, veto, EVE], settings={"veto": ["bob"]}))
    idle = election_replay(vote([ANA, veto, EVE], settings={"veto": ["eve"]}))

    assert allowed.result.verdict == "vetoed"
    assert [line.stand for line in allowed.dissent] == [Stand.VETOES]
    assert Stand.VETOES.mark is Mark.FAIL
    assert allowed.dissent[0].says == "reject; vetoes accept"
    assert [line.stand for line in idle.dissent] == [Stand.AGAINST]


def test_a_recalled_decision_says_why_and_its_winner_did_not_stay_one():
    replay = election_replay(vote([ANA, EVE, BOB], recalled="the file was replaced"))
    told = dict(election_sections(replay, MOMENT))

    assert told["recalled"].startswith("the file was replaced (")
    assert told["outcome"] == "▲ recalled"
    chart = support_chart(replay, replay.final, MOMENT, 70)
    assert (chart[0].text.split()[-1], chart[0].tone) == ("recalled", "warn")
    assert [line.voter for line in replay.dissent] == ["bob"]


def test_a_vote_without_its_beginning_is_told_from_its_end():
    events = vote([ANA, BOB, EVE], missing={"dee": "late"})
    replay = election_replay(events[1:])

    assert (replay.question, replay.enrolled) == ("Adopt this schema?", 4)
    assert election_replay(events[1:3]) is None


def test_a_voter_that_votes_again_after_a_restart_counts_once():
    events = vote([ANA, BOB], closed=False)
    again = stored(9, EventKind.BALLOT_CAST, events[0][1].subject, replace(BOB, choice="accept"))
    replay = election_replay([*events, again])

    assert [(line.voter, line.says) for line in replay.ballots] == [
        ("ana", "accept"), ("bob", "accept"),
    ]  # fmt: skip


def test_ballots_have_the_addresses_of_the_rows_of_the_trace():
    replay = election_replay(vote([ANA], missing={"dee": "late"}))

    assert [line.address for line in replay.voters] == [
        "agent:dee", "run:run-1/task:decide_schema(prices)/vote:motion/ballot:ana",
    ]  # fmt: skip
    assert replay.address == "election:motion"


@pytest.mark.parametrize("width", [12, 20, 30, 60, 100])
def test_a_chart_keeps_within_its_width_and_in_ascii(width):
    replay = weighted()
    lines = [cell.text for cell in support_chart(replay, replay.final, PLAIN, width)]

    assert all(len(line) <= width for line in lines)
    assert all(line.isascii() for line in lines)


def test_a_chart_shows_the_threshold_where_it_is_a_share_of_the_same():
    replay = weighted()
    first, second, note, measure = support_chart(replay, replay.final, PLAIN, 60)

    assert (first.text, first.tone) == (
        "accept ==================|=============..... 2.5 (86.2%) won", "ok",
    )  # fmt: skip
    assert second.text.rstrip() == "reject =====.............|.................. 0.4 (13.8%)"
    assert note.text == "| more than 50.0% needed"
    assert measure.text == "in confidence times reputation, as weighted counts"


def test_the_strongest_of_many_options_are_charted_and_the_rest_counted():
    options = [f"o{n}" for n in range(50)]
    ballots = [ballot(f"v{n}", f"o{n % 45}") for n in range(90)]
    replay = election_replay(vote(ballots, options, by="plurality"))
    lines = [cell.text for cell in support_chart(replay, replay.final, MOMENT, 80, most=10)]

    assert len(lines) == 12
    assert lines[10] == "and 40 options with no more"


def test_the_presets_find_dissent_and_silence():
    replay = weighted(missing={"dee": "late"})
    found = {
        preset.name: [
            line.voter
            for line in select(
                replay.voters, Query(parse(preset.filter, BALLOTS.fields)), BALLOTS, MOMENT
            )
        ]
        for preset in BALLOTS.presets
    }

    assert found["against"] == ["bob"]
    assert found["silent"] == ["cid", "dee"]
    assert len(found["all"]) == 5


def test_what_is_malformed_is_absent_and_hostile_text_becomes_harmless():
    evil = "\x1b]52;c;aGk=\x07[@click=app.quit]\u202e"
    events = vote(
        [ballot(f"v{evil}", f"yes{evil}", reason=evil)], (f"yes{evil}", "no"), closed=False
    )
    broken = [
        stored(5, EventKind.BALLOT_CAST, "motion", {"voter": 3, "choice": ["x"], "scores": "no"}),
        stored(6, EventKind.BALLOT_CAST, "motion", {"ranking": [[], 4], "confidence": "high"}),
        stored(7, EventKind.ELECTION_CLOSED, "motion", {"tally": [], "missing": 7}),
    ]
    replay = election_replay([*events, *broken])
    shown = [
        *(field.cell(line, MOMENT).text for line in replay.voters for field in BALLOTS.fields),
        *(cell.text for cell in support_chart(replay, replay.final, MOMENT, 60)),
        *(text for pair in election_sections(replay, MOMENT) for text in pair),
        *(text for line in replay.voters for _, text in BALLOTS.sections(line, MOMENT)),
    ]

    assert replay.state_after(1).support[0].figure == 1
    assert not any(character in text for text in shown for character in "\x1b\x07\u202e")


def test_a_thousand_voters_who_tie_on_a_thousand_options_are_told():
    options = [f"option {n}" for n in range(1_000)]
    ballots = [ballot(f"v{n}", options[n]) for n in range(1_000)]
    replay = election_replay(vote(ballots, options, closed=False))

    assert replay.final.leaders == tuple(options)
    assert replay.ballots[-1].after == "1000 tie at 1 (0.1%)"
