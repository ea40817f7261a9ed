"""The session: what the header says, whatever becomes of the store."""

from datetime import timedelta

import pytest

from dataagents.console.feeds.library import Library
from dataagents.console.options import ConsoleOptions
from dataagents.console.session import Session
from dataagents.console.source import Beginning, Pulse, SourceState
from dataagents.console.view.glyphs import ASCII, UNICODE
from dataagents.console.view.marks import Mark
from dataagents.core.health import Health


@pytest.fixture
def session(tmp_path, clock):
    return Session(Library(tmp_path / "store.db"), clock)


@pytest.fixture
def pulse(clock):
    """Make pulses: `pulse(events, begin=…)`."""

    def make(events=(), state=SourceState.LIVE, sentence="", **more):
        more = {"pid": 7, "epoch": 3, "version": 1} | more
        return Pulse(state, sentence, clock.now(), events=tuple(events), **more)

    return make


def begun(events, **tasks):
    return Beginning(len(events), tuple(events), tasks)


def test_before_anything_was_read_it_is_loading(session):
    assert (session.status().state, session.version, session.epoch) == ("loading", 0, None)
    assert session.nothing("No agents.") == "opening the store"
    assert not session.live


def test_agents_are_counted_by_how_they_are_those_that_need_a_look_first(session, pulse, story):
    checks = [story.health("profiler", Health.FAILED), story.health("transformer", Health.DEGRADED)]
    session.clock.time = story.now
    session.take(pulse(begin=begun([*story.kernel(), story.alert(), *checks])))

    status = session.status()
    assert [(each.word, each.number, each.mark) for each in status.counts] == [
        ("failed", 1, Mark.FAIL), ("degraded", 1, Mark.WARN), ("healthy", 3, Mark.OK),
    ]  # fmt: skip
    assert (status.agents, status.alerts, status.unacknowledged) == (5, 1, 1)
    assert (status.pid, status.epoch, status.store) == (7, 3, "store.db")


def test_a_beginning_replaces_what_was_known_and_counts_tasks(session, pulse, story):
    session.take(pulse(begin=begun([story.alert(), *story.kernel()])))
    session.take(pulse(begin=begun(story.kernel(), transformer=(5, 1))))

    assert not session.standing.alerts
    assert session.standing.agents["transformer"].done == 5


def test_trouble_keeps_what_was_read_and_says_so(session, pulse, story):
    session.take(pulse(begin=begun(story.kernel())))
    session.take(pulse(state=SourceState.LOCKED, sentence="it is busy", pid=None, epoch=None))

    status = session.status()
    assert (status.state, status.sentence, status.agents) == ("locked", "it is busy", 5)
    assert session.nothing("No agents.") == "it is busy"
    assert session.epoch is None


def test_another_file_begins_with_nothing(session, pulse, story):
    session.take(pulse(begin=begun(story.kernel())))
    session.take(pulse(fresh=True))
    assert not session.standing.agents


def test_after_the_kernel_its_own_word_tells_the_process(session, pulse, story):
    session.take(pulse(begin=begun(story.kernel(pid=4121))))
    session.take(pulse(state=SourceState.ENDED, pid=None, epoch=None))

    status = session.status()
    assert (status.state, status.pid, status.epoch, status.lag) == ("post-mortem", 4121, None, None)
    assert [each.word for each in status.counts] == ["ended"]


def test_a_kernel_that_says_nothing_is_stale_and_so_is_not_one_that_is_gone(session, pulse, story):
    session.take(pulse(begin=begun([*story.kernel(), story.health("profiler")])))
    session.clock.time = story.now + timedelta(minutes=2)
    assert session.status().state == "stale"

    session.take(pulse(state=SourceState.ENDED))
    assert session.status().state == "post-mortem"


def test_the_lag_is_that_of_the_newest_event_and_only_of_news(session, pulse, story):
    session.clock.time = story.now + timedelta(seconds=9)
    session.take(pulse(begin=begun(story.kernel())))
    assert session.status().lag is None
    news = story.health("profiler")
    session.clock.time = news.at + timedelta(seconds=0.3)
    session.take(pulse([news]))

    assert session.status().lag == pytest.approx(0.3)


def test_a_clock_that_runs_behind_makes_no_negative_lag(session, pulse, story):
    session.take(pulse(begin=begun(story.kernel())))
    news = story.health("profiler")
    session.clock.time = news.at - timedelta(seconds=5)
    session.take(pulse([news]))
    assert session.status().lag == 0.0


def test_the_rate_is_of_all_events_between_two_pulses(session, pulse):
    session.take(pulse(last=1_000))
    assert session.rate is None
    session.clock.time += timedelta(seconds=2)
    session.take(pulse(last=1_500))
    assert session.rate == pytest.approx(250.0)


def test_trouble_between_two_pulses_does_not_spoil_the_rate(session, pulse):
    session.take(pulse(last=1_000))
    session.clock.time += timedelta(seconds=1)
    session.take(pulse(state=SourceState.LOCKED, last=0))
    session.clock.time += timedelta(seconds=1)
    session.take(pulse(last=1_500))
    assert session.rate == pytest.approx(250.0)


def test_another_file_has_no_rate_yet(session, pulse):
    session.take(pulse(last=1_000))
    session.clock.time += timedelta(seconds=1)
    session.take(pulse(last=5_000, fresh=True))
    assert session.rate is None


def test_an_empty_list_says_how_to_fill_it_once_the_store_can_be_read(session, pulse):
    session.take(pulse())
    said = session.nothing("No runs.")
    assert said.startswith("No runs.\n")
    assert "dataagents-console demo" in said


@pytest.mark.parametrize(("typed", "kept"), [(" anna ", "anna"), ("a\x1b[2Jb", "a\ufffd[2Jb")])
def test_a_name_is_made_safe(session, typed, kept):
    session.arm(typed)
    assert session.status().operator == kept


def test_a_name_is_cut(session):
    session.arm("x" * 500)
    assert len(session.operator) == 60


def test_ascii_can_be_drawn_at_any_time(tmp_path, clock):
    session = Session(Library(tmp_path / "x.db"), clock, ConsoleOptions(ascii=True))
    assert session.moment().glyphs is ASCII
    session.drawn(ascii=False)
    assert session.moment().glyphs is UNICODE


def test_the_name_of_the_file_is_made_safe(tmp_path, clock):
    session = Session(Library(tmp_path / "a\x1b[2Jb\udc80.db"), clock)
    assert session.status().store.isprintable()


def test_the_path_of_a_store_does_not_hide_what_is_wrong_with_it(session, pulse):
    sentence = f"store {session.path}: there is no such file."
    session.take(pulse(state=SourceState.MISSING, sentence=sentence))
    assert session.status().sentence == "store store.db: there is no such file."
    assert session.nothing("No agents.") == sentence
