"""The rows of auctions and votes."""

from dataagents.console.view import Mark, RunsFold, fold, trace_rows
from dataagents.core.events import EventKind
from dataagents.core.planning import PlannedTask
from dataagents.core.voting import Recall


def test_an_auction_shows_the_winner_the_runner_up_and_every_bid(rows, find):
    at = "run:run-1/task:load(prices)/auction:lot-run-1-load(prices)"
    auction = find(rows, at)

    assert auction.detail == "transformer of 2 bids, runner-up validator-valid"
    assert dict(auction.sections)["could not take part"] == "profiler: lacks 'transform'"
    assert find(rows, f"{at}/bid:transformer").mark is Mark.OK
    assert find(rows, f"{at}/bid:validator-valid").detail == "cost 1.5, quality 0.6: I could"


def test_a_vote_shows_every_ballot_and_the_tally_in_words(rows, find):
    at = "run:run-1/task:release(prices)/vote:motion-run-1"
    vote = find(rows, at)

    assert vote.detail == "Release prices? → release"
    assert dict(vote.sections)["result"] == "'release' has 1 of 1 votes, above 67/100."
    assert dict(vote.sections)["no ballot"] == "profiler: expired"
    ballot = find(rows, f"{at}/ballot:validator-valid")
    assert (ballot.detail, ballot.score) == ("release: 97% of the prices are valid", 0.9)
    assert find(rows, f"{at}/ballot:validator-unique").detail.startswith("abstains")


def test_a_decision_that_was_recalled_says_so(story):
    recall = Recall("motion-run-1", "the file was replaced", story.now)
    recalled = story.event(EventKind.ELECTION_RECALLED, recall.motion, recall)
    view = fold(RunsFold(), [*story.election(task=None), recalled])
    (vote,) = (row for row in trace_rows(view.runs["run-1"]) if row.kind == "vote")

    assert vote.detail == "Release prices? → recalled"
    assert dict(vote.sections)["result"].endswith("; recalled: the file was replaced")


def test_what_is_under_way_is_shown_as_such(story):
    lot = list(story.auction(PlannedTask("load(a)", "load")))
    vote = list(story.election(task=None))
    view = fold(RunsFold(), [story.started(), *lot[:2], *vote[:2]])
    rows = {row.kind: row for row in trace_rows(view.runs["run-1"])}

    assert (rows["auction"].mark, rows["auction"].detail) == (Mark.BUSY, "1 bid so far")
    assert rows["vote"].detail == "Release prices? → 1 of 3 ballots"
    assert "outcome" not in rows


def test_a_vote_outside_of_a_run_is_shown_too(story):
    story.run = None
    view = fold(RunsFold(), story.election(task=None))

    assert view.runs["-"].goal == "outside of a run"
    assert [row.kind for row in trace_rows(view.runs["-"])] == ["vote", "ballot", "ballot"]
