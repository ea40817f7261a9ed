"""The status: what kind of kernel, which agents, figures and alerts, in words."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from rich.console import ConsoleDimensions

from dataagents.console.commands.output import Screen
from dataagents.console.commands.status_report import status_within
from dataagents.console.view.alerts import AlertsFold
from dataagents.console.view.marks import Mark
from dataagents.console.view.status import KernelState, kernel_line, plain_lines, status_view
from dataagents.core.events import EventKind
from dataagents.core.health import Acknowledgement, Alert, Health, Metric, Severity


@dataclass
class Held:
    pid: int
    epoch: int
    host: str
    started: datetime


@pytest.fixture
def held(story):
    return Held(4121, 3, "here", story.now)


def stopped(story, kernel="kernel-1"):
    return story.event(EventKind.KERNEL_STOPPED, kernel, {}, run=None)


@pytest.mark.parametrize(
    ("lives", "said", "state", "mark"),
    [
        (True, False, KernelState.LIVE, Mark.OK),
        (False, True, KernelState.STOPPED, Mark.IDLE),
        (False, False, KernelState.DEAD, Mark.FAIL),
    ],
)
def test_a_kernel_lives_or_ended_in_one_of_two_ways(story, held, lives, said, state, mark):
    started = story.kernel()[0]
    end = stopped(story) if said else stopped(story, "an earlier one")
    line = kernel_line(held if lives else None, held, started, end)
    assert (line.state, line.mark) == (state, mark)
    for fact in (str(state), "process 4121 on here", "epoch 3", "2026-03-02 14:00:00"):
        assert fact in line.sentence


def test_a_store_without_a_lock_file_is_told_by_its_events(story):
    line = kernel_line(None, None, story.kernel(77)[0], None)
    assert (line.state, line.pid, line.epoch) == (KernelState.DEAD, 77, None)
    assert kernel_line(None, None, None, None).state is KernelState.NEVER


def alert(story, id="a1", **more):
    values = {"rule": "agent_failed", "subject": "profiler", **more}
    return Alert(
        id, severity=Severity.CRITICAL, detail="no\nanswer", at=story.now, impact="availability",
        **values,
    )  # fmt: skip


def raised(story, what):
    return story.event(EventKind.ALERT_RAISED, what.id, what, run=None)


def test_alerts_stand_until_they_end_and_tell_who_looks_after_them(story):
    fold = AlertsFold()
    fold.apply(raised(story, alert(story)))
    seen = alert(story, acknowledged=Acknowledgement("anna", "on it", story.now))
    fold.apply(story.event(EventKind.ALERT_ACKNOWLEDGED, "a1", seen, run=None))
    (view,) = fold.standing.values()
    assert (view.acknowledged_by, view.note, view.address) == ("anna", "on it", "alert:a1")
    fold.apply(story.event(EventKind.ALERT_ENDED, "a1", seen, run=None))
    assert fold.standing == {}


def test_a_new_kernel_keeps_only_alerts_that_outlive_the_one_before(story):
    fold = AlertsFold()
    fold.apply(raised(story, alert(story)))
    fold.apply(raised(story, alert(story, "a2", rule="run_failed", subject="clean", lasting=True)))
    fold.apply(story.kernel()[0])
    assert set(fold.standing) == {"a2"}


def test_everything_is_told_in_labelled_lines_each_state_a_word(story, held):
    events = story.kernel()
    events += [
        story.health("profiler", Health.FAILED, "no answer\x1b[2J"),
        story.health("transformer", Health.DEGRADED),
        raised(story, alert(story)),
        *(
            story.event(
                EventKind.METRIC_SAMPLED, name, Metric(name, value, unit, story.now), run=None
            )
            for name, value, unit in (
                ("system_health", 0.75, "ratio"), ("latency_p99", 0.25, "s"),
                ("disk_free", 2e9, "B"), ("errors", 3.0, "errors"), ("queued", 2.0, "messages"),
                ("messages_per_second", 12.34, "1/s"), ("loop_blocked", 0.0, "0/1"),
            )
        ),
    ]  # fmt: skip
    kernel = kernel_line(held, held, events[0], None)
    view = status_view("s.db", kernel, events, (), story.now + timedelta(seconds=1))
    text = "\n".join(plain_lines(view))
    for line in (
        "store: s.db",
        "agents: 5, 3 healthy, 1 failed, 1 degraded",
        "figure system_health: 75.0%",
        "figure latency_p99: 250ms",
        "figure disk_free: 2.0 GB",
        "figure errors: 3",
        "figure queued: 2 messages",
        "figure messages_per_second: 12.3/s",
        "figure loop_blocked: no",
        "alerts: 1, 1 not acknowledged",
    ):
        assert line in text.splitlines()
    assert "agent profiler: failed" in text
    assert "critical, agent_failed of profiler, impact availability" in text
    assert not set("●◐▲✖○│─\x1b") & set(text)


def test_agents_of_a_kernel_that_ended_ended_with_it(story, held):
    events = story.kernel()
    view = status_view("s", kernel_line(None, held, events[0], None), events, (), story.now)
    assert {agent.health for agent in view.agents} == {"ended"}


def lines_within(view, width, height):
    class Small(Screen):
        """A terminal of one size."""

        size = ConsoleDimensions(width, height)

    screen = Small()
    with screen.capture() as captured:
        screen.print(status_within(view, screen))
    return captured.get().splitlines()


@pytest.mark.parametrize(("width", "height"), [(60, 15), (80, 24), (100, 8), (40, 4)])
def test_watching_takes_no_more_lines_than_there_are(story, held, width, height):
    events = [*story.kernel(), story.health("profiler", Health.FAILED, "no answer")]
    view = status_view("s.db", kernel_line(held, held, events[0], None), events, (), story.now)
    lines = lines_within(view, width, height)
    assert len(lines) < height
    assert "live" in lines[0]


def test_watching_leaves_out_who_has_nothing_to_do_first(story, held):
    events = [*story.kernel(), story.health("profiler", Health.FAILED, "no answer")]
    view = status_view("s.db", kernel_line(held, held, events[0], None), events, (), story.now)
    text = "\n".join(lines_within(view, 100, 14))
    assert "profiler" in text
    assert "have nothing to do" in text
    assert "lines more" not in text
