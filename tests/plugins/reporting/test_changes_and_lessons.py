from dataclasses import replace

import pytest

from dataagents.core.planning import Move, PlanDiff
from dataagents.core.reflection import Adaptation, LessonKind
from dataagents.plugins.reporting.changes import MOST_TASKS, changes_of
from dataagents.plugins.reporting.lessons import (
    MOST_LESSONS,
    applied_rows,
    expected_effect,
    learned_rows,
)
from tests.support.planned_runs import AT, LESSON, a_plan, a_reflection, a_replan


def test_a_change_of_plan_has_its_trigger_its_differences_and_its_stability():
    (change,) = changes_of(a_plan(), (a_replan(),), AT)
    assert (change.number, change.trigger, change.task) == (1, "schema drift", "decide(days)")
    assert change.after == pytest.approx(3.4)
    assert (change.kept, change.due, change.stability) == (2, 3, 1 / 3)
    assert (change.size, change.confidence, change.why) == (3, 0.8, "")
    assert [(each.sign, each.word, each.tasks) for each in change.differences] == [
        ("+", "added", ("relax(days)",)),
        ("-", "removed", ("decide(days)",)),
        ("~", "moved", ("sample(days) (place 1 → 2)",)),
    ]


def test_a_change_tells_the_methods_that_were_not_used_before():
    again = a_replan()
    first, second = changes_of(a_plan(), (again, again), AT)
    assert [(each.task, each.method) for each in first.methods] == [("check(days)", "lenient")]
    assert second.methods == ()


def test_a_large_change_names_some_and_counts_the_rest():
    names = tuple(f"t{number}" for number in range(1_000))
    diff = PlanDiff(names, names, moved=tuple(Move(name, 0, 1) for name in names), why="more")
    (change,) = changes_of(a_plan(), (a_replan(diff=diff),), AT)
    assert [(len(each.tasks), each.more) for each in change.differences] == [
        (MOST_TASKS, 1_000 - MOST_TASKS)
    ] * 2
    assert change.why == "more"
    assert changes_of(None, (), AT) == ()


def test_a_lesson_says_what_it_changes_and_what_is_hoped_for():
    (row,) = applied_rows((LESSON,))
    assert (row.change, row.kind, row.subject) == ("applied", "foresight", "decide@days")
    assert (row.effect, row.trigger) == ("planned up front", "schema drift")
    assert row.expected == "replans better by 0.5 than 1, judged after 3 runs"
    assert (row.state, row.uses, row.place) == ("trial", 1, 1.0)
    assert expected_effect(None) == ""


def test_what_is_new_comes_before_what_was_brought_up_to_date():
    rows = learned_rows(a_reflection().adaptations)
    assert [row.change for row in rows] == ["learned", "rolled back", "updated"]
    back, updated = rows[1:]
    assert back.reason == "success fell from 0.8 to 0.5"
    assert (back.observed, back.expected) == (
        0.5, "success no worse than 0.8, judged after 3 runs",
    )  # fmt: skip
    assert (updated.expected, updated.place) == ("", pytest.approx(0.35))


@pytest.mark.parametrize("kind", list(LessonKind))
def test_every_kind_of_lesson_has_an_effect_in_words(kind):
    odd = replace(LESSON, kind=kind, facts={"trigger": 3}, value=float("nan"), low=1.0, high=1.0)
    (row,) = applied_rows((odd,))
    assert row.effect
    assert (row.trigger, row.place) == ("", 0.0)


def test_no_more_lessons_than_can_be_read():
    many = [Adaptation("learned", LESSON, "")] * 1_000
    assert len(learned_rows(many)) == MOST_LESSONS
