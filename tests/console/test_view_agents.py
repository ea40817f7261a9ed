"""The view of agents and their health."""

from datetime import timedelta

import pytest

from dataagents.console.view import Mark, Standing
from dataagents.console.view.words import duration, health_word
from dataagents.core.events import EventKind
from dataagents.core.health import Health
from dataagents.core.planning import PlannedTask


def standing(events):
    """How things stand after events."""
    view = Standing()
    view.take(events)
    return view


def test_a_kernel_brings_its_agents(story):
    view = standing(story.kernel(pid=77))

    assert (view.pid, view.version, view.stopped) == (77, "0.1.0", False)
    transformer = view.agents["transformer"]
    assert (transformer.role, transformer.health) == ("transformer", "healthy")
    assert (transformer.seconds, transformer.capabilities) == (0.012, "work 0.9")


def test_a_new_kernel_begins_with_no_agents_and_no_alerts(story):
    view = standing([*story.kernel(), story.alert()])
    assert view.alerts
    first = story.kernel()[0]

    view.take([first])

    assert not view.agents
    assert not view.alerts


def test_a_health_check_is_a_beat_and_two_make_an_interval(story):
    view = standing([*story.kernel(), story.health("profiler"), story.health("profiler")])

    profiler = view.agents["profiler"]
    assert profiler.beat == story.now
    assert profiler.interval == pytest.approx(10.0)
    assert (profiler.seconds, profiler.queue) == (0.031, 2)


def test_an_agent_is_shown_at_its_task_while_it_works(story):
    work = list(story.work(PlannedTask("load(a)", "load")))
    view = standing([*story.kernel(), work[0]])
    agent = view.agents["transformer"]
    assert agent.doing == "load(a)"

    view.take([work[1]])
    assert agent.doing == "load(a), after profile"

    view.take(work[2:])
    assert (agent.doing, agent.done, agent.failed, agent.run) == ("", 1, 0, "run-1")


def test_failures_are_counted_apart(story):
    transformer = standing([*story.kernel(), *story.whole()]).agents["transformer"]
    assert (transformer.done, transformer.failed) == (2, 1)


@pytest.mark.parametrize(
    ("health", "after", "live", "word", "mark"),
    [
        (Health.HEALTHY, 1, True, "healthy", Mark.OK),
        (Health.HEALTHY, 31, True, "late", Mark.WARN),
        (Health.FAILED, 1, True, "failed", Mark.FAIL),
        (Health.FAILED, 31, True, "failed", Mark.FAIL),
        (Health.DEGRADED, 1, True, "degraded", Mark.WARN),
        (Health.LATE, 1, True, "late", Mark.WARN),
        (Health.DRAINING, 1, True, "draining", Mark.BUSY),
        (Health.HEALTHY, 1, False, "ended", Mark.IDLE),
    ],
)
def test_the_word_for_an_agent(story, health, after, live, word, mark):
    checks = [story.health("profiler"), story.health("profiler", health)]
    view = standing([*story.kernel(), *checks])
    now = story.now + timedelta(seconds=after)

    assert health_word(view.agents["profiler"], now, live=live) == (word, mark)


def test_refused_and_removed_agents_stay_with_the_reason(story):
    view = standing(story.kernel())
    body = {"agent": "x", "reason": "unhealthy", "detail": "raised KeyError"}
    view.take([story.event(EventKind.AGENT_REFUSED, "x", body, run=None)])
    view.take([story.event(EventKind.AGENT_REMOVED, "profiler", {"reason": "asked to"}, run=None)])

    assert (view.agents["x"].health, view.agents["x"].detail) == (
        "refused",
        "unhealthy: raised KeyError",
    )
    assert view.agents["profiler"].detail == "asked to"
    assert health_word(view.agents["x"], story.now, live=True) == ("refused", Mark.FAIL)


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(None, ""), (0.0, "0ms"), (0.0314, "31ms"), (0.9996, "1.0s"), (9.94, "9.9s"), (9.96, "10s"),
     (59.6, "1m00s"), (130, "2m10s"), (3600, "1h00m"), (360_000, "4d"), (-3, "0ms")],
)  # fmt: skip
def test_durations_fit_a_narrow_column(seconds, shown):
    assert duration(seconds) == shown
