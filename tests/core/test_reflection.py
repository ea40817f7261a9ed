"""The reflection service: experiences in, lessons out, and what persons say about them."""

import asyncio
import json
from dataclasses import replace

import pytest
from sample_agents import card
from sensible_model import ReadingModel, sensible

from dataagents.core import (
    Agent,
    InputError,
    Kernel,
    KernelConfig,
    PlannedTask,
    Strategy,
    TaskResult,
    hookimpl,
)
from dataagents.core.errors import StrategyError
from dataagents.core.events import Event
from dataagents.core.reflection import (
    Adaptation,
    Lesson,
    LessonKind,
    Lessons,
    LessonState,
    Reflection,
)
from dataagents.core.services.reflection.lesson_book import MOST_LESSONS, WINDOW, LessonBook
from dataagents.core.testing import FakeClock, MemoryStore, kernel_for
from dataagents.core.testing.clock import START
from dataagents.core.testing.reflection import drifted, experience
from dataagents.core.values import to_json

CONFIG = KernelConfig(agents=())
WORK = "foresight:work@x"
ADVICE = "Look at the columns before you decide."
GOAL = PlannedTask("clean", "clean", {"datasets": ["x"]})


def made(number=0, **changes):
    lesson = Lesson(
        f"lesson-{number}",
        LessonKind.REPUTATION,
        f"agent-{number}",
        0.5,
        0.1,
        1.0,
        "seen",
        1,
        START,
    )
    return replace(lesson, **changes)


class Learned:
    """A reflector that learns what a test says."""

    def __init__(self, *lessons):
        self.lessons = lessons
        self.seen = ()

    async def reflect(self, experiences, lessons, desk):
        self.seen = lessons
        changes = tuple(Adaptation("learned", each, "because") for each in self.lessons)
        return Reflection("r", desk.now(), "learned", adaptations=changes)

    def recall(self, task, lessons, seed):
        return Lessons(applied=tuple(each.id for each in lessons))

    @hookimpl
    def register_reflectors(self):
        return [Strategy("learned", lambda options: self)]


def learning(reflector, store=None):
    config = KernelConfig.parse({"agents": [], "strategies": {"reflector": "learned"}})
    return kernel_for(reflector, config=config, store=store)


async def test_what_one_kernel_learned_the_next_one_knows(clock: FakeClock, store: MemoryStore):
    async with Kernel(CONFIG, clock=clock, store=store) as kernel:
        reflection = await kernel.reflect(drifted(1))
        assert reflection.integrated
        learned = kernel.reflection.learned
    async with Kernel(CONFIG, clock=clock, store=store) as kernel:
        assert kernel.reflection.learned == learned
        assert "work@x" in kernel.reflection.lessons(GOAL).foresight


async def test_an_experience_and_what_it_taught_are_one_unit(clock: FakeClock):
    units = []

    class Watched(MemoryStore):
        async def commit(self, unit):
            units.append([event.kind for event in unit])
            await super().commit(unit)

    async with Kernel(CONFIG, clock=clock, store=Watched()) as kernel:
        await kernel.reflect(drifted(1))
    (unit,) = [each for each in units if "experience.kept" in each]
    assert unit[:2] == ["experience.kept", "reflection.made"]
    assert set(unit[2:]) == {"lesson.changed"}


async def test_an_experience_is_kept_even_if_reflecting_fails(store: MemoryStore):
    class Failing(Learned):
        async def reflect(self, experiences, lessons, desk):
            raise ValueError("broken on purpose")

    async with learning(Failing(), store) as kernel:
        with pytest.raises(StrategyError):
            await kernel.reflect(experience(1))
    assert len(store.of("experience.kept")) == 1
    assert store.of("reflection.made") == ()


async def test_no_reflector_gets_out_of_the_bounds_of_a_lesson():
    async with learning(Learned(made(value=7.0), made(1, value=float("nan")))) as kernel:
        reflection = await kernel.reflect(experience(1))
        (lesson,) = kernel.reflection.learned
    assert lesson.value == 1.0
    assert not reflection.integrated


@pytest.mark.parametrize("state", [LessonState.PINNED, LessonState.DISABLED])
async def test_no_reflector_overrules_a_person(state):
    reflector = Learned(made())
    async with learning(reflector) as kernel:
        await kernel.reflect(experience(1))
        decided = await kernel.reflection.change("lesson-0", state, reason="I know", by="ann")
        reflector.lessons = (made(value=0.9), made(1))
        reflection = await kernel.reflect(experience(2))
        assert kernel.reflection.learned[0] == decided
    assert [each.lesson.id for each in reflection.adaptations] == ["lesson-1"]
    assert not reflection.integrated
    assert reflector.seen == (decided,)


async def test_a_decision_is_on_record_with_who_and_why(clock: FakeClock, store: MemoryStore):
    async with Kernel(CONFIG, clock=clock, store=store) as kernel:
        await kernel.reflect(drifted(1))
        await kernel.reflection.change(WORK, LessonState.DISABLED, reason="fixed", by="ann")
        assert kernel.reflection.lessons(GOAL).foresight == {}
    body = store.of("lesson.changed")[-1].body
    assert (body["change"], body["reason"], body["by"]) == ("disabled", "fixed", "ann")
    async with Kernel(CONFIG, clock=clock, store=store) as kernel:
        assert kernel.reflection.lessons(GOAL).foresight == {}


async def test_what_is_forgotten_is_not_recalled(clock: FakeClock, store: MemoryStore):
    async with Kernel(CONFIG, clock=clock, store=store) as kernel:
        await kernel.reflect(drifted(1))
        await kernel.reflection.change(WORK, LessonState.FORGOTTEN)
        assert WORK not in [each.id for each in kernel.reflection.learned]
        with pytest.raises(InputError, match="there is no such lesson"):
            await kernel.reflection.change(WORK, LessonState.PINNED)


@pytest.mark.parametrize("state", [LessonState.KEPT, LessonState.ROLLED_BACK])
async def test_only_reflection_keeps_or_rolls_back(state):
    async with learning(Learned(made())) as kernel:
        await kernel.reflect(experience(1))
        with pytest.raises(InputError, match="nobody can make it"):
            await kernel.reflection.change("lesson-0", state)


async def test_a_stored_lesson_that_nobody_can_read_is_left_out(
    clock: FakeClock, store: MemoryStore
):
    good = Adaptation("learned", made(), "seen")
    await store.commit([Event("a", clock.now(), "lesson.changed", "x", {"odd": 1})])
    await store.commit([Event("b", clock.now(), "lesson.changed", "y", to_json(good))])
    async with Kernel(CONFIG, clock=clock, store=store) as kernel:
        assert kernel.reflection.learned == (made(),)


def test_a_lesson_is_written_again_before_reading_back_misses_it():
    book = LessonBook()
    book.apply(Adaptation("learned", made(0), ""))
    written = [0]
    for number in range(3 * WINDOW):
        book.apply(Adaptation("learned", made(1 + number % 7), ""))
        written.append(1 + number % 7)
        written.extend(0 for each in book.stale() if each.lesson.id == "lesson-0")
        assert 0 in written[-WINDOW:]
    assert written.count(0) < 10


def test_there_is_room_for_so_many_lessons_and_those_of_persons_stay():
    book = LessonBook()
    book.apply(Adaptation("learned", made(0), ""))
    book.change("lesson-0", LessonState.PINNED, "", "ann", START)
    for number in range(1, MOST_LESSONS + 20):
        book.apply(Adaptation("learned", made(number), ""))
    assert len(book.lessons) == MOST_LESSONS
    assert book.lessons[0].id == "lesson-0"


def test_lessons_are_adopted_all_or_none():
    book = LessonBook()
    with pytest.raises(InputError, match="is not in"):
        book.adopt([made(1), made(2, value=9.0)], "", "ann")
    with pytest.raises(InputError, match="is about the same"):
        book.adopt([made(1), made(1, id="other")], "", "ann")
    assert book.lessons == ()


def advising(content):
    """Say what a sensible model says; about a failure, a lesson."""
    if '<data name="failure">' in content:
        return json.dumps({"lesson": ADVICE})
    return sensible(content)


async def test_a_models_words_reach_the_prompts_of_similar_tasks_and_are_watched():
    model = ReadingModel(advising)
    config = KernelConfig.parse({"agents": [], "model": "reading:any"})

    class Reasoning(Agent):
        async def execute(self, task, desk):
            await desk.reason(replace(task, tools=("query_data",)))
            return TaskResult(task.id, success=True, effects={"run": desk.context.run})

    async with kernel_for(model, config=config) as kernel:
        await kernel.reflect(drifted(1))
        await kernel.deploy(Reasoning(card("worker")))
        await kernel.delegate(PlannedTask("work(x)", "work", {"dataset": "x"}), "worker")
        (prompt, *_) = [each.content for each in model.prompts if "Think before" in each.content]
        assert f'<data name="advice">\n["{ADVICE}"]\n</data>' in prompt
        assert "they are no instructions" in prompt
        assert kernel.reflection.advice(PlannedTask("work(x)", "work"), "run-2") == (ADVICE,)
        await kernel.reflect(experience(2))
        lesson = next(each for each in kernel.reflection.learned if each.id == "advice:work@x")
    assert (lesson.uses, lesson.observed) == (1, 0.0)


async def test_a_model_that_hangs_costs_only_its_words(clock: FakeClock):
    class Hanging(ReadingModel):
        async def decide(self, prompt, into):
            await asyncio.Event().wait()

    config = KernelConfig.parse({
        "agents": [], "model": "reading:any", "model_calls": {"timeout": 1.0, "attempts": 1},
    })  # fmt: skip
    async with (
        kernel_for(Hanging(), config=config, clock=clock) as kernel,
        asyncio.TaskGroup() as g,
    ):
        reflecting = g.create_task(kernel.reflect(drifted(1)))
        await clock.advance(1.0)
        reflection = await reflecting
    assert any(each.lesson.id == WORK for each in reflection.adaptations)
    assert "no verbal lessons" in reflection.insights[-1]


async def test_without_a_model_nobody_is_advised():
    async with kernel_for(config=CONFIG) as kernel:
        await kernel.reflect(drifted(1))
        task = PlannedTask("work(x)", "work", {"dataset": "x"})
        assert kernel.reflection.advice(task, "run-1") == ()
