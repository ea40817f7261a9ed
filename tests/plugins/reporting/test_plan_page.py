"""The page: plan, timeline, changes of plan and lessons, in hostile hands too."""

import re

import pytest

from dataagents.core.planning import Execution, Plan, PlannedTask
from dataagents.core.reflection import Lesson, Reflection
from dataagents.core.values import from_json, to_json
from dataagents.plugins.reporting.html import page, took
from tests.support.pages import HOSTILE, Shape
from tests.support.planned_runs import GOAL, LESSON, a_plan, a_reflection, a_run, an_execution


def renamed(value, known, new):
    """A value of JSON with another name in each of its texts."""
    match value:
        case str():
            return value.replace(known, new)
        case dict():
            return {
                renamed(key, known, new): renamed(each, known, new) for key, each in value.items()
            }
        case list() | tuple():
            return [renamed(each, known, new) for each in value]
        case _:
            return value


def a_run_of(name):
    def of(kind, value):
        return from_json(kind, renamed(to_json(value), "days", name))

    return a_run(
        plan=of(Plan, a_plan()),
        execution=of(Execution, an_execution()),
        reflection=of(Reflection, a_reflection()),
        applied=(of(Lesson, LESSON),),
    )


def test_the_plan_is_shown_with_phases_hierarchy_and_risks():
    text = page(a_run())
    assert "<b>5</b> tasks · confidence <b>69.0%</b>" in text
    assert "estimated <b>6 s</b> on the critical path, 6.5 s one after another" in text
    assert "<b>decomposition</b>" in text
    assert 'by <span class="method">whole</span>' in text
    assert "streaming did not fit: days is a folder of files" in text
    assert "nothing is released" in text
    assert "30.0%" in text


def test_the_timeline_is_a_lane_for_each_task_with_a_name_and_a_description():
    text = page(a_run())
    lanes = re.findall(r'<svg class="track" viewBox="0 0 100 20"[^>]*><title>([^<]*)</title>', text)
    assert lanes == [
        "read(days): done", "profile(days): done", "decide(days): failed", "sample(days): done",
        "relax(days): done", "route(days): done",
    ]  # fmt: skip
    assert "planned: 1.00 to 1.50 s; slack: 1.50 to 6.00 s" in text
    assert 'class="retried"' in text
    assert text.count('class="limit" x1="49.28"') == 6


def test_changes_of_plan_and_lessons_are_told():
    text = page(a_run())
    assert "1. schema drift" in text
    assert "kept 2 of 3 tasks" in text
    assert "stability 33.3%" in text
    assert 'now by <span class="method">lenient</span>' in text
    assert "relax(days)" in text[text.index("How the plan changed") :]
    applied = text[text.index("Lessons of earlier runs") : text.index("What may go wrong")]
    assert "<b>schema drift</b> was expected → planned up front" in applied
    learned = text[text.index("What was learned") :]
    assert "success fell from 0.8 to 0.5" in learned
    assert "days gets new columns every month" in learned
    assert "p 0.013, another level from the 8. on" in learned


def test_a_run_without_plan_and_lessons_has_no_such_sections():
    text = page(a_run(plan=None, execution=None, reflection=None, applied=()))
    for heading in ("The plan", "What was planned", "How the plan changed", "What was learned"):
        assert heading not in text


def test_hostile_names_are_text_in_plans_and_lessons_too():
    text = page(a_run_of(HOSTILE))
    plain, hostile = Shape(page(a_run_of("days"))), Shape(text)
    assert [tag for tag, _ in hostile.elements] == [tag for tag, _ in plain.elements]
    assert hostile.open == []
    for tag, attributes in hostile.elements:
        assert not [name for name in attributes if name.startswith("on") or name in ("src", "href")]
        assert re.fullmatch(r"[a-z:;\-0-9.% ]*", attributes.get("style", "")), tag
        assert "alert" not in attributes.get("class", "")
    assert "\u202e" not in text
    assert "\x1b" not in text
    assert "{{ 7 * 7 }}" in text


def test_every_picture_of_a_plan_is_named():
    text = page(a_run())
    for picture in re.findall(r'<svg[^>]*role="img"[^>]*>', text):
        assert text[text.index(picture) + len(picture) :].startswith("<title>")


def test_a_very_large_plan_makes_a_page_of_bounded_size():
    tasks = tuple(PlannedTask(f"t{n}", "t", seconds=1.0) for n in range(50_000))
    text = page(a_run(plan=Plan("p", GOAL, tasks), execution=None))
    assert len(text) < 300_000
    assert "and 49,880 more tasks" in text
    assert "and 49,750 more" in text


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(0.0, "0 ms"), (0.01234, "12.3 ms"), (1.5, "1.5 s"), (99.0, "99 s"), (120.0, "2 min"),
     (125.4, "2 min 5 s"), (7_260.0, "2 h 1 min"), (float("nan"), "unknown")],
)  # fmt: skip
def test_durations_have_the_figures_that_matter(seconds, shown):
    assert took(seconds) == shown
