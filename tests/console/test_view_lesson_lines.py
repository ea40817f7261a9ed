"""Lessons and trends as lists: what is in force, whether it helps, where figures are heading."""

from datetime import UTC, datetime

import pytest

from dataagents.console.view.lesson_lines import LESSONS, lesson_line
from dataagents.console.view.listing.grammar import parse
from dataagents.console.view.marks import Mark
from dataagents.console.view.moment import Moment
from dataagents.console.view.trend_rows import TRENDS, trend_lines
from dataagents.core.events import EventKind
from dataagents.core.reflection import (
    Adaptation,
    Expectation,
    Lesson,
    LessonKind,
    LessonState,
    Reflection,
    Trend,
)

NOW = Moment(datetime(2026, 3, 2, 15, 0, 0, tzinfo=UTC))


def changed(story, state, change="updated", by="", **more):
    lesson = Lesson(
        "reputation:a", LessonKind.REPUTATION, "a", 0.5, 0.05, 1.0, "kept half of its promises", 4,
        story.now, Expectation("quality", 0.8, 0.05, 3), state, 6, **more,
    )  # fmt: skip
    return story.event(EventKind.LESSON_CHANGED, lesson.id, Adaptation(change, lesson, "so", by))


def shown(listing, row):
    return {field.name: field.cell(row, NOW).text for field in listing.fields if field.title}


@pytest.mark.parametrize(
    ("state", "mark", "applies"),
    [
        (LessonState.TRIAL, Mark.BUSY, True),
        (LessonState.KEPT, Mark.OK, True),
        (LessonState.PINNED, Mark.OK, True),
        (LessonState.ROLLED_BACK, Mark.WARN, False),
        (LessonState.DISABLED, Mark.IDLE, False),
        (LessonState.FORGOTTEN, Mark.IDLE, False),
    ],
)
def test_each_state_is_a_word_and_says_whether_it_is_in_force(story, state, mark, applies):
    row = lesson_line(3, changed(story, state))

    assert (row.mark, row.applies) == (mark, applies)
    assert shown(LESSONS, row)["state"] == f"{NOW.glyph(mark)} {state}"
    assert LESSONS.finished(row, NOW) is not applies
    assert (shown(LESSONS, row)["effect"] == "none") is not applies


def test_a_lesson_tells_its_effect_evidence_use_and_who_changed_it(story):
    row = lesson_line(3, changed(story, LessonState.PINNED, "pinned", "mia", observed=0.9))
    said = dict(LESSONS.sections(row, NOW))

    assert (row.address, row.place, row.uses) == ("lesson:reputation:a", 3, 6)
    assert shown(LESSONS, row)["effect"] == "the quality that it promises counts 0.5 times"
    assert shown(LESSONS, row)["used"] == "6"
    assert said["state"].startswith("pinned: in force whatever happens")
    assert said["evidence"] == "kept half of its promises (4 samples)"
    assert said["value"] == "0.5, within 0.05 to 1"
    assert said["expected"].startswith("quality better by 0.05 than 0.8")
    assert said["changed last"] == "pinned 1h00m ago by mia"
    assert said["run"] == "run:run-1"


def test_their_filters_are_valid():
    for listing in (LESSONS, TRENDS):
        for preset in listing.presets:
            parse(preset.filter, listing.fields)


def reflected(story, number, *trends):
    reflection = Reflection(f"reflection-{number}", story.now, "x", (), trends, (), ())
    return number, story.event(EventKind.REFLECTION_MADE, reflection.id, reflection)


def test_a_trend_is_followed_from_reflection_to_reflection(story):
    events = [
        reflected(story, 1, Trend("quality", "steady", 0.8, 0.8, 3, source="a")),
        reflected(story, 2, Trend("latency", "up", 1.0, 2.0, 3)),
        reflected(story, 3, Trend("quality", "up", 0.8, 0.97, 4, 0.03, 2, "a")),
    ]
    quality, latency = trend_lines(events)

    assert (quality.metric, quality.source, quality.values) == ("quality", "a", (0.8, 0.97))
    assert (quality.direction, quality.mark) == ("rising", Mark.OK)
    assert (latency.direction, latency.mark) == ("rising", Mark.WARN)
    cells = shown(TRENDS, quality)
    assert cells["direction"] == "↑ rising"
    assert (cells["before"], cells["now"], cells["p"]) == ("80.0%", "97.0%", "0.03")
    assert cells["curve"].strip() == "▁█"
    said = dict(TRENDS.sections(quality, NOW))
    assert said["heading"] == "rising: 80.0% before, 97.0% now, over 4 runs"
    assert said["another level"] == "from sample 2 on"
    assert said["told by"] == "reflection:reflection-3"
    assert shown(TRENDS, latency)["now"] == "2.0s"


def test_whether_it_gets_worse_can_be_asked_for(story):
    lines = trend_lines(
        [
            reflected(
                story,
                1,
                Trend("error rate", "up", 0.0, 0.5, 3),
                Trend("throughput", "up", 1.0, 2.0, 3),
                Trend("moon phase", "down", 1.0, 0.5, 3),
                Trend("quality", "steady", 1.0, 1.0, 3),
            )
        ]
    )
    means = next(field for field in TRENDS.fields if field.name == "means")

    assert {line.metric: means.value(line, NOW) for line in lines} == {
        "error rate": "worse",
        "throughput": "better",
        "moon phase": None,
        "quality": None,
    }
    assert len({TRENDS.key(line) for line in lines}) == 4


def test_a_trend_of_a_broken_body_has_what_there_is(story):
    body = {"trends": [{"metric": "quality", "now": "much", "direction": "sideways"}, 7]}
    lines = trend_lines([(1, story.event(EventKind.REFLECTION_MADE, "r", body))])

    assert [line.direction for line in lines] == ["", "sideways"]
    assert shown(TRENDS, lines[1])["now"] == ""
    assert trend_lines([]) == ()
