"""Pages of a store: what each row says, and which rows a filter leaves."""

from dataclasses import asdict
from datetime import UTC, datetime, timedelta

import pytest

from dataagents.core.errors import InputError
from dataagents.storage import StoreReader
from dataagents.storage.browsing import (
    AlertEntry,
    AuctionEntry,
    Bounds,
    CommandEntry,
    DatasetEntry,
    ElectionEntry,
    FailureEntry,
    MessageEntry,
    MetricEntry,
    Page,
    PlanEntry,
    Sample,
    TaskCount,
)

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
ALL = Page()


@pytest.fixture
async def browse(store, path):
    async with StoreReader(path) as reader:
        yield reader.browse


def at(number):
    """When the event fixture has its so manieth event happen."""
    return NOON + timedelta(seconds=number)


def places(found):
    return [row.place for row in found]


async def test_a_page_of_runs_says_how_their_tasks_went(store, browse, event):
    ended = {"status": "failed", "seconds": 2.5, "reason": "no plan"}
    await store.commit([
        event("run.started", "r1", {"task": "clean", "inputs": {"a": "a.csv"}}, run="r1"),
        event("task.started", "t1", {"name": "load"}, run="r1"),
        event("task.ended", "t1", {"success": True, "agent": "x"}, run="r1"),
        event("task.started", "t2", {"name": "load"}, run="r1"),
        event("task.ended", "t2", {"success": False, "agent": "x"}, run="r1"),
        event("task.started", "t3", {"name": "load"}, run="r1"),
        event("experience.kept", "e", {"quality": 0.25}, run="r1"),
        event("run.ended", "r1", ended, run="r1"),
        event("run.started", "r2", {"task": "profile"}, run="r2"),
    ])  # fmt: skip
    running, failed = (await browse.runs(ALL)).rows
    assert asdict(running) == {
        "id": "r2", "goal": "profile", "status": "running", "started": at(9), "ended": None,
        "seconds": None, "score": None, "reason": "", "inputs": {}, "place": 9, "tasks": 0,
        "done": 0, "failed": 0, "last_failure": None,
    }  # fmt: skip
    assert asdict(failed) == {
        "id": "r1", "goal": "clean", "status": "failed", "started": at(1), "ended": at(8),
        "seconds": 2.5, "score": 0.25, "reason": "no plan", "inputs": {"a": "a.csv"}, "place": 1,
        "tasks": 3, "done": 1, "failed": 1, "last_failure": 5,
    }  # fmt: skip


async def test_a_run_that_was_resumed_is_listed_once_by_its_latest_start(store, browse, event):
    await store.commit([
        event("run.started", "r1", run="r1"),
        event("run.started", "r2", run="r2"),
        event("run.ended", "r1", {"status": "suspended"}, run="r1"),
        event("run.resumed", "r1", run="r1"),
    ])  # fmt: skip
    found = await browse.runs(ALL)
    assert [(run.id, run.place, run.status) for run in found] == [
        ("r1", 4, "running"), ("r2", 2, "running"),
    ]  # fmt: skip


async def test_what_agents_did(store, browse, event):
    def ended(run, task, agent, success):
        return event("task.ended", task, {"success": success, "agent": agent}, run=run, agent=agent)

    started = [event("task.started", task, run=run) for run, task in (("r1", "t"), ("r2", "t"))]
    await store.commit([*started, event("task.started", "u", run="r2")])
    await store.commit([ended("r1", "t", "a", True), ended("r2", "t", "b", False)])
    await store.commit([ended("r2", "u", "a", False), event("ballot.cast", "m", {}, run="r3")])
    await store.commit([event("ballot.cast", "m", {}, run="r3", agent="b")])
    assert await browse.task_counts() == {"a": TaskCount(1, 1), "b": TaskCount(0, 1)}
    assert await browse.runs_of("a") == ("r2", "r1")
    assert await browse.runs_of("a", limit=1) == ("r2",)
    assert await browse.runs_of("b") == ("r3", "r2")
    assert await browse.runs_of("nobody") == ()


async def test_plans_say_what_they_are_for_and_why_they_replaced_others(store, browse, event):
    plan = {"goal": {"task": "clean"}, "tasks": [{}, {}], "confidence": 0.5, "seconds": 4.0}
    failure = {
        "task": "t1",
        "kind": "recoverable",
        "reason": "no column",
        "trigger": "schema drift",
    }
    replan = {
        "plan": {**plan, "tasks": [{}]}, "replaces": "p1", "failure": failure,
        "diff": {"kept": ["a"], "added": [], "removed": ["b"]},
    }  # fmt: skip
    await store.commit([
        event("task.started", "t1", run="r"),
        event("task.ended", "t1", {"success": True}, run="r"),
        event("plan.made", "p1", plan, run="r"),
        event("plan.replaced", "p2", replan, run="r"),
        event("plan.made", "other", plan),
    ])  # fmt: skip
    first = PlanEntry(3, "p1", at(3), "r", "clean", 2, 0.5, 4.0, run_tasks_done=1)
    second = PlanEntry(
        4, "p2", at(4), "r", "clean", 1, 0.5, 4.0, "p1", "t1", "recoverable", "schema drift",
        "no column", 1, 0, 1, 1,
    )  # fmt: skip
    other = PlanEntry(5, "other", at(5), None, "clean", 2, 0.5, 4.0)
    assert (await browse.plans(ALL)).rows == (other, second, first)
    assert (await browse.plans(ALL, run="r")).rows == (second, first)


@pytest.fixture
async def messages(store, event):
    def sent(id, sender, recipient, type="data_request", conversation="c", **body):
        said = {"sender": sender, "recipient": recipient, "type": type}
        return event("message.sent", id, {**said, "conversation": conversation, **body}, run="r")

    lost = {"status": "expired", "reason": "too late", "seconds": 3.0}
    await store.commit([
        sent("m1", "a", "b", payload={"x": 1, "long": "y" * 3_000}),
        event("message.settled", "m1", {"status": "delivered", "seconds": 0.5}),
        sent("m2", "b", "a", type="bid", conversation="d", reply_to="m1"),
        sent("m3", "c", "a,b"),
        event("message.settled", "m3", lost),
    ])  # fmt: skip


async def test_messages_say_what_became_of_them(messages, browse):
    third, second, first = (await browse.messages(ALL)).rows
    assert first == MessageEntry(
        "m1", "data_request", "a", "b", at(1), {"x": 1, "long": None}, None, "r", "delivered", "",
        0.5, 1, "c", None, at(2),
    )  # fmt: skip
    assert second == MessageEntry(
        "m2", "bid", "b", "a", at(3), {}, "m1", "r", place=3, conversation="d"
    )
    assert (third.status, third.reason, third.settled) == ("expired", "too late", at(5))


@pytest.mark.parametrize(
    ("asked", "ids"),
    [
        ({"conversation": "c"}, "m3 m1"),
        ({"conversation": "c", "undelivered": True}, "m3"),
        ({"conversation": "c", "run": "other"}, ""),
        ({"run": "r"}, "m3 m2 m1"),
        ({"run": "r", "undelivered": True}, "m3"),
        ({"run": "other"}, ""),
        ({"who": "a"}, "m3 m2 m1"),
        ({"who": "b"}, "m3 m2 m1"),
        ({"who": "c"}, "m3"),
        ({"who": "a,b"}, "m3"),
        ({"who": "%"}, ""),
        ({"type": "bid"}, "m2"),
        ({"type": "bid", "who": "c"}, ""),
        ({"undelivered": True}, "m3"),
    ],
)
async def test_messages_are_chosen_by_what_is_asked_of_them(messages, browse, asked, ids):
    assert [each.id for each in await browse.messages(ALL, **asked)] == ids.split()


async def test_a_message_that_is_sent_again_is_listed_once(store, browse, event):
    await store.commit([event("message.sent", "m", {"sender": "a", "recipient": "b"})])
    await store.commit([event("message.settled", "m", {"status": "expired"})])
    await store.commit([event("message.sent", "m", {"sender": "a", "recipient": "b"})])
    (again,) = (await browse.messages(ALL)).rows
    assert (again.place, again.status, again.settled) == (3, None, None)


async def test_elections_open_closed_and_recalled(store, browse, event):
    tally = {
        "verdict": "decided", "decision": "yes", "counts": {"yes": 2, "no": 1}, "cast": 3,
        "abstained": 1, "confidence": 0.75, "reason": "two of three",
    }  # fmt: skip
    opened = {"about": "orders", "question": "Release?"}
    await store.commit([
        event("election.opened", "m1", opened, run="r", task="t"),
        event("election.closed", "m1", {"rule": "majority", "tally": tally}, run="r"),
        event("election.opened", "m2", {"about": "schema", "question": "Which?"}),
        event("election.recalled", "m1", {"reason": "new data"}, run="r"),
    ])  # fmt: skip
    still_open = ElectionEntry(3, "m2", at(3), None, None, "schema", "Which?")
    recalled = ElectionEntry(
        1, "m1", at(1), "r", "t", "orders", "Release?", at(2), "majority", "decided", "yes", 3, 1,
        0.75, {"yes": 2, "no": 1}, "two of three", at(4),
    )  # fmt: skip
    assert (await browse.elections(ALL)).rows == (still_open, recalled)
    assert (await browse.elections(ALL, about="orders")).rows == (recalled,)
    assert (await browse.elections(ALL, run="r")).rows == (recalled,)
    assert (await browse.elections(ALL, open_only=True)).rows == (still_open,)
    assert (await browse.elections(ALL, about="orders", open_only=True)).rows == ()


async def test_auctions_with_their_last_award(store, browse, event):
    award = {"outcome": "awarded", "winner": "a", "price": 2.0, "runner_up": "b", "reason": "best"}
    again = {"outcome": "no_valid_bid", "reason": "a failed"}
    shared = {"outcome": "awarded", "winner": "c", "bids": [{"bidder": "c"}, {"bidder": "d"}]}
    await store.commit([
        event("auction.opened", "l1", {"task": {"id": "t"}, "budget": 9.0}, run="r"),
        event("bid.made", "l1", {"bidder": "a", "cost": 2.0}, run="r"),
        event("bid.made", "l1", {"bidder": "b", "cost": 3.0}, run="r"),
        event("auction.closed", "l1", award, run="r"),
        event("auction.opened", "l2", {"task": {"id": "u"}}),
        event("auction.opened", "l3", {"task": {"id": "v"}}),
        event("auction.closed", "l3", shared),
    ])  # fmt: skip
    by_allocation = AuctionEntry(6, "l3", at(6), "v", None, None, "awarded", "c", bids=2, awards=1)
    still_open = AuctionEntry(5, "l2", at(5), "u", bids=0)
    first = AuctionEntry(1, "l1", at(1), "t", "r", 9.0, "awarded", "a", 2.0, "b", "best", 2, 1)
    assert (await browse.auctions(ALL)).rows == (by_allocation, still_open, first)
    assert (await browse.auctions(ALL, run="r")).rows == (first,)
    await store.commit([event("auction.closed", "l1", again, run="r")])
    (anew,) = (await browse.auctions(ALL, run="r")).rows
    assert (anew.outcome, anew.winner, anew.reason, anew.awards) == (
        "no_valid_bid", None, "a failed", 2,
    )  # fmt: skip


async def test_alerts_with_who_looks_after_them(store, browse, event):
    said = {"rule": "slow", "subject": "a", "severity": "critical", "detail": "31 s"}
    by = {"by": "anna", "note": "on it", "at": "2026-11-24T12:00:00+00:00"}
    over = {"by": "ben", "note": "ok", "at": "2026-11-24T12:00:00+00:00"}
    await store.commit([
        event("alert.raised", "w1", {**said, "impact": "orders", "lasting": True}),
        event("alert.acknowledged", "w1", {**said, "acknowledged": by}),
        event("alert.ended", "w1", {**said, "acknowledged": by, "resolved": over}),
        event("alert.raised", "w2", {**said, "severity": "warning"}),
    ])  # fmt: skip
    standing, ended = (await browse.alerts(ALL)).rows
    assert ended == AlertEntry(
        1, "w1", at(1), "slow", "a", "critical", "31 s", "orders", True, at(3), at(2), "anna",
        "on it", "ben", "ok",
    )  # fmt: skip
    assert standing == AlertEntry(4, "w2", at(4), "slow", "a", "warning", "31 s")


async def test_commands_with_their_answers(store, browse, event):
    told = {"kind": "pause", "target": "run:r", "actor": "anna", "reason": "lunch"}
    made = {"origin": "anna@host", "made": at(0).isoformat(), "arguments": {"a": "b"}, "epoch": 3}
    answer = {**told, "state": "executed", "message": "paused", "epoch": 3}
    await store.commit([
        event("command.received", "c1", {**told, **made}, run="r"),
        event("command.received", "c2", {**told, **made}),
        event("command.executed", "c1", answer, run="r"),
        event("command.refused", "c3", {**told, "state": "refused", "message": "no", "epoch": 3}),
    ])  # fmt: skip
    refused, waiting, done = (await browse.commands(ALL)).rows
    given = {**told, "origin": "anna@host", "made": at(0), "arguments": {"a": "b"}, "meant_for": 3}
    assert done == CommandEntry(
        1,
        "c1",
        at(1),
        **given,
        state="executed",
        message="paused",
        answered=at(3),
        epoch=3,
        run="r",
    )
    assert waiting == CommandEntry(2, "c2", at(2), **given)
    assert refused == CommandEntry(
        4, "c3", at(4), **told, state="refused", message="no", answered=at(4), epoch=3
    )


async def test_the_newest_change_of_each_lesson_and_all_reflections(store, browse, event):
    await store.commit([
        event("lesson.changed", "a", {"change": "learned"}),
        event("lesson.changed", "b", {"change": "learned"}),
        event("reflection.made", "x", {"summary": "well"}),
        event("lesson.changed", "a", {"change": "kept"}),
    ])  # fmt: skip
    found = (await browse.lessons(ALL)).rows
    said = [(each.place, each.event.subject, each.event.body["change"]) for each in found]
    assert said == [(4, "a", "kept"), (2, "b", "learned")]
    (reflection,) = await browse.reflections(ALL)
    assert reflection.event.body == {"summary": "well"}


@pytest.mark.parametrize("few", [1_000, 1])
async def test_data_sets_by_their_newest_lineage(store, browse, event, monkeypatch, few):
    monkeypatch.setattr("dataagents.storage.browsing.datasets._FEW", few)
    made = {"sources": ["raw", "more"], "operation": "join"}
    await store.commit([
        event("lineage.recorded", "out", {"sources": ["raw"], "operation": "load"}),
        event("lineage.recorded", "other", {"sources": ["out"], "operation": "sum"}),
        event("lineage.recorded", "out", made, run="r", task="t", agent="a"),
        event("lineage.recorded", "bare", {"sources": []}),
    ])  # fmt: skip
    assert (await browse.datasets(ALL)).rows == (
        DatasetEntry(3, "out", at(3), ("more", "raw"), "join", "r", "t", "a"),
        DatasetEntry(2, "other", at(2), ("out",), "sum"),
    )
    assert places(await browse.datasets(Page(limit=1))) == [3]
    assert places(await browse.datasets(Page(after=1, limit=1))) == [2]


async def test_figures_and_their_samples(store, browse, event):
    values = [("queue", 3.0), ("lag", 0.5), ("queue", 4.0), ("queue", "broken"), ("queue", None)]
    await store.commit([
        event("metric.sampled", name, {"value": value, "unit": "s"}) for name, value in values
    ])  # fmt: skip
    assert await browse.metrics() == (
        MetricEntry("lag", "s", 0.5, at(2), 2), MetricEntry("queue", "s", None, at(5), 5),
    )  # fmt: skip
    assert await browse.samples("queue") == (Sample(1, at(1), 3.0), Sample(3, at(3), 4.0))
    assert await browse.samples("queue", since=2) == (Sample(3, at(3), 4.0),)
    assert await browse.samples("nothing") == ()


@pytest.fixture
async def failures(store, event):
    """A store where what stands at an even place has failed."""
    bad = {"success": False, "agent": "a"}
    lost = {"status": "expired"}
    await store.commit([
        event("task.started", "t", run="r"), event("task.ended", "t", bad, run="r", agent="a"),
        event("message.sent", "m", run="r"), event("message.settled", "m", lost, run="r"),
        event("step.taken", "q", {"number": 1}, run="r"),
        event("step.taken", "q", {"number": 2, "error": "no column"}, run="r", agent="a"),
        event("alert.raised", "w", {"severity": "warning"}),
        event("alert.raised", "x", {"severity": "critical"}),
        event("run.started", "r", run="r"),
        event("run.ended", "r", {"status": "failed"}, run="r"),
        event("task.ended", "unknown", bad, run="s"), event("plugin.failed", "p", {"error": "x"}),
    ])  # fmt: skip


async def test_everything_that_failed(failures, browse):
    found = await browse.failures(ALL)
    assert places(found) == [12, 10, 8, 6, 4, 2]
    assert found.rows[-1] == FailureEntry(2, at(2), "task.ended", "t", "r", None, "a")
    assert places(await browse.failures(ALL, run="r")) == [10, 6, 4, 2]
    assert places(await browse.failures(Page(after=2, limit=2))) == [6, 4]


async def test_the_way_from_failure_to_failure(failures, browse):
    async def next_to(**where):
        found = await browse.next_failure(**where)
        return found and found.place

    assert await next_to() == 12
    assert [await next_to(before=place) for place in (12, 7, 6, 2)] == [10, 6, 4, None]
    assert [await next_to(after=place) for place in (0, 5, 6, 12)] == [2, 6, 8, None]
    assert [await next_to(after=place, run="r") for place in (6, 10)] == [10, None]


async def test_what_came_through_after_all_has_not_failed(failures, store, browse, event):
    await store.commit([
        event("task.ended", "t", {"success": True}, run="r"),
        event("message.resent", "m", {"message": "n"}),
        event("run.resumed", "r", run="r"),
        event("run.ended", "r", {"status": "done"}, run="r"),
    ])  # fmt: skip
    assert places(await browse.failures(ALL)) == [12, 8, 6]
    assert places(await browse.failures(ALL, run="r")) == [6]


async def test_kinds_bounds_and_the_way_from_times_to_places(store, browse, event):
    assert (await browse.kinds(), await browse.bounds()) == ((), None)
    assert await browse.place_at(NOON) is None
    await store.commit([event(kind) for kind in ("b.x", "a.y", "b.x", "a.y", "c.z")])
    assert await browse.kinds() == ("a.y", "b.x", "c.z")
    assert await browse.bounds() == Bounds(1, 5, at(1), at(5))
    for seconds, place in ((-9, 1), (1, 1), (1.5, 2), (2, 2), (4.000001, 5), (5, 5), (5.1, None)):
        assert await browse.place_at(NOON + timedelta(seconds=seconds)) == place


async def test_a_page_of_no_rows_or_of_too_many_is_refused():
    for limit in (0, -1, 5_001):
        with pytest.raises(InputError, match="is not from 1 to 5,000"):
            Page(limit=limit)
