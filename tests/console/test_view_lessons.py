"""The rows of what was learned, and of what was applied of it."""

from dataclasses import replace

from dataagents.console.view import Mark, RunsFold, fold, trace_json, trace_rows
from dataagents.core.events import EventKind
from dataagents.core.reflection import Adaptation, Lesson, LessonKind, LessonState, Reflection

FORESIGHT = "run:run-1/plan:plan-1/lesson:foresight:parse_csv@prices"


def lesson(story, **changed):
    known = Lesson("x", LessonKind.METHOD, "clean/fast", 0.7, 0.1, 0.9, "2 of 3", 3, story.now)
    return replace(known, **changed)


def test_a_reflection_shows_patterns_and_the_lessons_it_changed(rows, find):
    sections = dict(find(rows, "run:run-1/reflection:reflection-1").sections)

    assert sections["patterns"] == "recurring_failure: parse_csv, 3 times: it is a sheet"
    assert sections["trends"] == "quality up: 0.8 → 0.97 over 4"
    learned = find(rows, "run:run-1/reflection:reflection-1/lesson:1")
    assert (learned.title, learned.depth) == ("lesson foresight parse_csv@prices", 1)
    assert learned.detail == "learned: it failed"
    told = dict(learned.sections)
    assert told["expected effect"] == "replans better by 0.5 than 1, judged after 3 runs"
    assert told["evidence"] == "failed in 1 of 1 runs"
    assert told["value"] == "1, within 0 to 1"
    assert told["stands"] == "trial, applied in 0 runs"


def test_a_lesson_that_was_applied_is_shown_with_the_plan_that_it_changed(story, find):
    known = story.experience("foresight:parse_csv@prices", "one that nobody knows")
    events = [story.lesson(), *story.whole(), known]
    view = fold(RunsFold(), events)
    rows = trace_rows(view.runs["run-1"])

    assert list(view.runs) == ["run-1"]
    assert [row.kind for row in rows[:3]] == ["plan", "applied", "applied"]
    row = find(rows, FORESIGHT)
    assert row.title == "applied lesson foresight parse_csv@prices"
    assert row.detail == ("failed in 1 of 1 runs, trigger failed task → planned up front")
    assert rows[2].title == "applied lesson one that nobody knows"
    applied = trace_json(view.runs["run-1"])["applied"]
    assert applied[0]["evidence"] == "failed in 1 of 1 runs"


def test_a_lesson_that_is_rolled_back_is_marked(story):
    back = lesson(story, state=LessonState.ROLLED_BACK, uses=1, observed=0.25)
    reflection = Reflection(
        "r", story.now, "worse", adaptations=(Adaptation("rolled back", back, "no better"),),
        integrated=False,
    )  # fmt: skip
    view = fold(RunsFold(), [story.event(EventKind.REFLECTION_MADE, "r", reflection)])
    head, row = trace_rows(view.runs["run-1"])

    assert (head.mark, head.detail) == (Mark.WARN, "worse (what was learned is not in force)")
    assert (row.mark, row.detail) == (Mark.WARN, "rolled back: no better")
    assert dict(row.sections)["observed"] == "0.25"


def test_a_reflection_of_an_older_version_is_shown_too(story):
    body = {
        "summary": "parse_csv fails",
        "patterns": [{"kind": "k", "subject": "s", "occurrences": 2, "detail": "d"}],
        "adaptations": [
            {"kind": "reputation", "subject": "transformer", "value": 0.92,
             "evidence": "2 of 3 delivered", "samples": 3},
        ],
    }  # fmt: skip
    view = fold(RunsFold(), [story.event(EventKind.REFLECTION_MADE, "r", body)])
    head, row = trace_rows(view.runs["run-1"])

    assert head.mark is Mark.NOTE
    assert row.title == "lesson reputation transformer"
    assert row.detail == "learned: 2 of 3 delivered"
    assert "0.92 times" in dict(row.sections)["what it changes"]
