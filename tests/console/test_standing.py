"""Standing: how things stand, folded from a bounded number of events."""

from datetime import timedelta

import pytest

from dataagents.console.feeds.following import following
from dataagents.console.view.standing import KINDS, Standing
from dataagents.core.events import EventKind
from dataagents.core.planning import PlannedTask
from dataagents.storage import SqliteStore

LOAD = PlannedTask("load(prices)", "load")
PARSE = PlannedTask("parse(prices)", "parse")


@pytest.fixture
def standing(story):
    made = Standing()
    made.take(story.kernel(pid=77))
    return made


def test_a_kernel_is_known_by_its_last_start_and_whether_it_stopped(standing, story):
    assert (standing.pid, standing.version, standing.stopped) == (77, "0.1.0", False)
    standing.take([story.event(EventKind.KERNEL_STOPPED, "kernel-1", {}, run=None)])
    assert standing.stopped

    standing.take(story.kernel(pid=78))

    assert (standing.pid, standing.stopped) == (78, False)


def test_figures_keep_their_latest_values_only(standing, story):
    standing.take(story.figure("kernel.lag", float(each)) for each in range(500))

    (figure,) = standing.figures.values()
    assert (figure.name, figure.unit) == ("kernel.lag", "s")
    assert [value for _, value in figure.samples] == [float(each) for each in range(380, 500)]


def test_a_sample_without_a_number_is_passed_over(standing, story):
    standing.take([story.event(EventKind.METRIC_SAMPLED, "x", {"value": "many"}, run=None)])
    assert not standing.figures


def test_counts_of_the_whole_record_hold_and_go_on(standing, story):
    standing.count({"transformer": (40, 2), "gone": (7, 0)})
    standing.take(story.work(LOAD))

    assert (standing.agents["transformer"].done, standing.agents["transformer"].failed) == (41, 2)
    assert "gone" not in standing.agents


def test_counts_outlive_the_kernel_that_was_there(standing, story):
    standing.count({"transformer": (40, 2)})
    standing.take(story.kernel())
    assert standing.agents["transformer"].done == 40


def test_alerts_are_counted_until_somebody_looks_after_them(standing, story):
    standing.take([story.alert()])
    assert (len(standing.alerts), standing.unacknowledged) == (1, 1)
    seen = {"rule": "r", "acknowledged": {"by": "anna", "note": "on it"}}
    standing.take([story.event(EventKind.ALERT_ACKNOWLEDGED, "a1", seen, run=None)])
    assert (len(standing.alerts), standing.unacknowledged) == (1, 0)
    standing.take([story.event(EventKind.ALERT_ENDED, "a1", {}, run=None)])
    assert not standing.alerts


def test_votes_that_wait_for_a_person_are_known_until_they_are_closed(standing, story):
    def asked(id, *voters):
        motion = {"question": "How are orders to be read?", "voters": [*voters]}
        return story.event(EventKind.ELECTION_OPENED, id, motion)

    def person():
        return story.event(EventKind.AGENT_DEPLOYED, "anna", {"role": "lead", "human": True})

    standing.take([*story.kernel(), person(), asked("m1", "profiler", "anna"), asked("m2", "bob")])
    assert dict(standing.questions) == {"m1": "How are orders to be read?"}
    standing.take([story.event(EventKind.ELECTION_CLOSED, "m1", {})])
    assert not standing.questions
    standing.take([asked("m3", "anna"), *story.kernel()])
    assert not standing.questions, "the kernel that asked is gone"


@pytest.mark.parametrize(("silent", "stale"), [(29, False), (31, True)])
def test_a_kernel_is_stale_after_three_silent_checks(standing, story, silent, stale):
    standing.take([story.health("profiler"), story.health("profiler")])  # ten seconds apart
    assert standing.is_stale(story.now + timedelta(seconds=silent)) is stale


def test_a_kernel_without_agents_is_never_stale():
    assert not Standing().is_stale(Standing().latest)


async def test_a_store_is_begun_with_what_stands_and_not_with_what_is_over(tmp_path, story):
    path = tmp_path / "store.db"
    old = [*story.kernel(1), story.alert(), *story.work(LOAD), story.figure("old", 1.0)]
    new = [*story.kernel(2), *story.work(PARSE), *story.message(), story.figure("new", 2.0)]
    async with SqliteStore(path) as store:
        await store.commit([*old, *new])
    async with following(path) as followed:
        begin = await followed.beginning()
        last = await followed.last_seq()

    made = Standing()
    made.take(begin.events)
    made.count(begin.tasks)
    assert begin.place == last == len(old) + len(new)
    assert {event.kind for event in begin.events} <= set(KINDS)
    assert sum(event.kind == EventKind.KERNEL_STARTED for event in begin.events) == 1
    assert (made.pid, set(made.figures)) == (2, {"new"})
    assert made.agents["transformer"].done == 2
    assert [event.at for event in begin.events] == sorted(event.at for event in begin.events)


async def test_news_are_the_events_that_say_how_things_stand_oldest_first(tmp_path, story):
    path = tmp_path / "store.db"
    events = [*story.kernel(), *story.whole()]
    async with SqliteStore(path) as store:
        await store.commit(events)
    wanted = [event for event in events if event.kind in KINDS]
    async with following(path) as followed:
        first = await followed.news(0, 10)
        rest = await followed.news(first[-1].seq, 1_000)

    assert [each.event for each in (*first, *rest)] == wanted
    assert len(first) == 10
