"""Lessons over many runs: learned, tried, kept, rolled back, faded."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dataagents.core.planning import PlannedTask, Trigger
from dataagents.core.reflection import (
    Delivery,
    Judgement,
    LessonKind,
    LessonState,
    MethodUse,
    Mishap,
)
from dataagents.core.testing.reflection import drifted, experience, taught
from dataagents.core.values import from_json, to_json
from dataagents.plugins.reflection.experience import ExperienceOptions, ExperienceReflector
from dataagents.plugins.reflection.naming import lesson_id

WORK_AT_X = "foresight:work@x"
GOAL = PlannedTask("clean", "clean", {"datasets": ["x"]})


def reflector(**options):
    return ExperienceReflector(ExperienceOptions(**options))


def foreseen(number, *, replans=0):
    """A run in which the failure came, and the plan was ready for it."""
    mishap = Mishap("work", "x", Trigger.PREDICTED, "as foreseen", remedy=("adapt",))
    return replace(experience(number), mishaps=(mishap,), replans=replans, applied=(WORK_AT_X,))


def sound(number, *, applied=()):
    """A run in which nothing went wrong."""
    return replace(experience(number), applied=applied)


def recalled(lessons, task=GOAL, seed=0):
    return reflector().recall(task, tuple(lessons.values()), seed)


async def test_one_failure_in_one_run_is_foreseen_in_the_next():
    lessons = await taught(reflector(), [drifted(1)])
    lesson = lessons[WORK_AT_X]
    assert (lesson.kind, lesson.state) == (LessonKind.FORESIGHT, LessonState.TRIAL)
    assert (lesson.expected.metric, lesson.expected.baseline) == ("replans", 1.0)
    memory = recalled(lessons)
    assert memory.foresight == {
        "work@x": {
            "trigger": "schema drift",
            "reason": "2 new columns",
            "remedy": ["adapt"],
            "failed": 1,
            "of": 1,
        }
    }
    assert WORK_AT_X in memory.applied
    assert memory.warnings == (lesson.text,)


async def test_foresight_is_about_its_own_source_and_task():
    lessons = await taught(reflector(), [drifted(1)])
    elsewhere = replace(GOAL, args={"datasets": ["y"]})
    assert recalled(lessons, elsewhere).foresight == {}
    at_work = PlannedTask("work(x)", "work", {"dataset": "x"})
    assert set(recalled(lessons, at_work).foresight) == {"work@x"}
    assert recalled(lessons, replace(at_work, name="rest")).foresight == {}


@pytest.mark.parametrize(("failures", "expected"), [(5, False), (6, True)])
async def test_six_of_the_last_ten_are_foreseen_and_five_are_not(failures, expected):
    runs = [sound(number) for number in range(10)]
    runs[10 - failures :] = [drifted(number) for number in range(10 - failures, 10)]
    lessons = await taught(reflector(), [*[sound(n) for n in range(50, 60)], *runs])
    assert bool(recalled(lessons).foresight) is expected


async def test_rows_that_were_held_back_and_lost_agents_are_no_foresight():
    mishaps = (
        Mishap("routed", "x", Trigger.QUALITY, "price is empty", column="price", rule="not null"),
        Mishap("work", "x", Trigger.AGENT, "agent a was lost", agent="a"),
    )
    lessons = await taught(reflector(), [replace(experience(1), mishaps=mishaps)])
    assert not any(each.kind is LessonKind.FORESIGHT for each in lessons.values())


async def test_a_lesson_whose_effect_shows_is_kept():
    lessons = await taught(reflector(), [drifted(1), *[foreseen(n) for n in (2, 3, 4)]])
    lesson = lessons[WORK_AT_X]
    assert (lesson.state, lesson.uses, lesson.observed) == (LessonState.KEPT, 3, 0.0)
    assert recalled(lessons).foresight["work@x"]["failed"] == 4


async def test_a_lesson_without_effect_is_rolled_back_and_says_why():
    runs = [drifted(1), *[foreseen(n, replans=1) for n in (2, 3, 4)]]
    lessons = await taught(reflector(), runs)
    assert lessons[WORK_AT_X].state is LessonState.ROLLED_BACK
    assert recalled(lessons).foresight == {}
    reflection = await reflector().reflect(
        runs, tuple((await taught(reflector(), runs[:3])).values()), Desk(runs[3].at)
    )
    (change,) = [each for each in reflection.adaptations if each.lesson.id == WORK_AT_X]
    assert change.change == "rolled back"
    assert change.reason == "replans 1 before, 1 in 3 runs with it"


async def test_what_was_rolled_back_needs_new_evidence():
    runs = [drifted(1), *[foreseen(n, replans=1) for n in (2, 3, 4)]]
    for again, state in ((1, "rolled back"), (2, "rolled back"), (3, "trial")):
        more = [drifted(number) for number in range(5, 5 + again)]
        lessons = await taught(reflector(), [*runs, *more])
        assert lessons[WORK_AT_X].state == state
    assert (lessons[WORK_AT_X].uses, lessons[WORK_AT_X].observed) == (0, None)


async def test_foresight_fades_when_the_source_is_sound_again():
    runs = [drifted(1), sound(2, applied=(WORK_AT_X,)), sound(3)]
    lessons = await taught(reflector(), runs)
    assert recalled(lessons).foresight == {}
    assert lessons[WORK_AT_X].state is LessonState.TRIAL
    lessons = await taught(reflector(), [*runs, *[drifted(n) for n in range(4, 9)]])
    assert recalled(lessons).foresight["work@x"]["of"] == 8


async def test_a_pinned_lesson_holds_against_the_evidence():
    lessons = await taught(reflector(), [drifted(1)])
    pinned = {name: replace(each, state=LessonState.PINNED) for name, each in lessons.items()}
    after = await taught(reflector(), [drifted(1), *map(sound, range(2, 20))], pinned.values())
    assert after[WORK_AT_X] == pinned[WORK_AT_X]
    assert recalled(after).foresight


async def test_what_was_forgotten_is_learned_from_new_evidence_alone():
    learned = await taught(reflector(), [drifted(1)])
    gone = replace(learned[WORK_AT_X], state=LessonState.FORGOTTEN, at=drifted(1).at, counts={})
    runs = [drifted(1), sound(2), drifted(3)]
    for seen, state in ((2, "forgotten"), (3, "forgotten")):
        lessons = await taught(reflector(), runs[:seen], [gone])
        assert lessons[WORK_AT_X].state == state
    lessons = await taught(reflector(), [*runs, drifted(4)], [gone])
    assert (lessons[WORK_AT_X].state, lessons[WORK_AT_X].samples) == ("trial", 3)


async def test_reputation_outlives_the_experiences():
    bad = [experience(number, success=False) for number in range(6)]
    learned = await taught(reflector(), bad)
    good = [experience(number) for number in range(100, 102)]
    lessons = await taught(reflector(), good, learned.values())
    reputation = lessons["reputation:a"]
    assert (reputation.samples, reputation.value) == (8, (2 + 4) / (8 + 4))


async def test_reflecting_twice_counts_once():
    runs = [drifted(1), foreseen(2)]
    once = await taught(reflector(), runs)
    again = await reflector().reflect(runs, tuple(once.values()), Desk(runs[-1].at))
    assert {each.lesson.id for each in again.adaptations} == set()


def used(number, *uses):
    return replace(
        experience(number),
        methods=tuple(MethodUse("do", method, "x", success) for method, success in uses),
    )


async def test_the_method_that_does_better_is_preferred():
    runs = [used(number, ("fast", number % 5 == 0), ("slow", True)) for number in range(20)]
    lessons = await taught(reflector(), runs)
    drawn = [recalled(lessons, seed=seed).preferences for seed in range(50)]
    assert sum(each["do/slow"] > each["do/fast"] for each in drawn) > 45
    assert recalled(lessons, seed=3) == recalled(lessons, seed=3)


async def test_where_nothing_fails_the_order_of_the_domain_stays():
    runs = [used(number, ("fast", True), ("slow", True)) for number in range(9)]
    lessons = await taught(reflector(), runs)
    assert recalled(lessons).preferences == {}


async def test_one_method_alone_is_no_choice():
    lessons = await taught(reflector(), [used(number, ("fast", False)) for number in range(9)])
    assert recalled(lessons).preferences == {}


async def test_a_preference_follows_a_change():
    runs = [
        used(number, ("fast", (number < 30) is True), ("slow", number >= 30 or number % 3 == 0))
        for number in range(45)
    ]
    before = await taught(reflector(), runs[:30])
    after = await taught(reflector(), runs)
    assert before["method:do/fast"].value > before["method:do/slow"].value
    assert after["method:do/slow"].value > after["method:do/fast"].value


async def test_a_judge_that_is_not_borne_out_weighs_less():
    judged = (Judgement("v1", "x", right=False), Judgement("v2", "x", right=True))
    runs = [replace(experience(number), judgements=judged) for number in range(4)]
    lessons = await taught(reflector(), runs)
    weights = recalled(lessons).weights
    assert weights == {"v1": 4 / 8, "v2": 1.0}
    assert lessons["detector:v1"].evidence == "0 of 4 judgements were borne out"


@pytest.mark.parametrize(
    ("subject", "id"),
    [
        ("decide_schema@in", "foresight:decide_schema@in"),
        ("a b@c", "foresight:a-b@c-"),
        ("x" * 500, "foresight:" + "x" * 48 + "-"),
        ("do@$(rm -rf)", "foresight:do@-rm--rf-"),
    ],
)
def test_an_id_can_be_typed_in_a_shell(subject, id):
    made = lesson_id(LessonKind.FORESIGHT, subject)
    assert made == id or made[:-6] == id
    assert len(made) < 70


class Desk:
    model = None

    def __init__(self, at):
        self._at = at

    def now(self):
        return self._at

    def new_id(self):
        return "reflection"


outcomes = st.lists(
    st.tuples(
        st.sampled_from(["sound", "drifted", "foreseen", "used"]),
        st.booleans(),
        st.sampled_from(["x", "y", "weird name/😀"]),
    ),
    max_size=12,
)


@given(outcomes, st.integers(0, 5))
@settings(max_examples=60)
async def test_whatever_happens_lessons_stay_in_bounds_and_can_be_stored(lived, seed):
    runs = []
    for number, (kind, flag, source) in enumerate(lived):
        run = {
            "sound": sound(number, applied=(WORK_AT_X,) if flag else ()),
            "drifted": drifted(number, source=source, replans=int(flag)),
            "foreseen": foreseen(number, replans=int(flag)),
            "used": used(number, ("fast", flag), ("slow", not flag)),
        }[kind]
        delivery = Delivery("work", "a", flag, 0.9, 0.9, 1.0, source=source)
        runs.append(replace(run, deliveries=(delivery,), at=run.at + timedelta(minutes=number)))
    lessons = await taught(reflector(), runs)
    for lesson in lessons.values():
        assert lesson.low <= lesson.value <= lesson.high
        assert from_json(type(lesson), to_json(lesson)) == lesson
    memory = recalled(lessons, seed=seed)
    assert set(memory.applied) <= set(lessons)


async def test_a_preference_is_judged_by_the_runs_that_had_the_choice():
    runs = [used(number, ("fast", number % 2 == 0), ("slow", True)) for number in range(4)]
    name = "method:do/slow"
    elsewhere = [replace(experience(n), applied=(name,), replans=9) for n in range(4, 9)]
    lessons = await taught(reflector(), [*runs, *elsewhere])
    assert (lessons[name].state, lessons[name].uses) == (LessonState.TRIAL, 0)
    worse = [replace(used(n, ("slow", True)), applied=(name,), replans=9) for n in (9, 10, 11)]
    lessons = await taught(reflector(), [*runs, *elsewhere, *worse])
    assert lessons[name].state is LessonState.ROLLED_BACK
