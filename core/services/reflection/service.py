"""The reflection service: keeps experiences, has them reflected upon, recalls the lessons."""

from collections import OrderedDict, deque
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from itertools import count

from dataagents.core.errors import DataAgentsError, InputError
from dataagents.core.events import Event, EventKind
from dataagents.core.journal import Store
from dataagents.core.models import LanguageModel
from dataagents.core.planning import PlannedTask
from dataagents.core.reflection import (
    Adaptation,
    Experience,
    Lesson,
    Lessons,
    LessonState,
    Reflection,
    Reflector,
)
from dataagents.core.registry import Built
from dataagents.core.services.reasoning.models import ModelService
from dataagents.core.services.recorder import NOWHERE
from dataagents.core.services.reflection.lesson_book import WINDOW, LessonBook
from dataagents.core.services.reflection.reflecting_model import QUESTIONS, ReflectingModel
from dataagents.core.services.runtime import Runtime
from dataagents.core.tracing import TraceContext
from dataagents.core.values import from_json

MOST = 500
KEEP = 400
_MOST_RUNS = 64
"""Runs under way of which it is known what advice they were given."""
_NO_LESSONS = Lessons()


class ReflectionService:
    """Runs the configured reflector; also the desk that it gets.

    Args:
        runtime: What every service works with.
        reflector: Learns from experiences.
        models: The kernel's model, if it has one.
    """

    def __init__(
        self, runtime: Runtime, reflector: Built[Reflector], models: ModelService | None = None
    ) -> None:
        self._runtime = runtime
        self._reflector = reflector
        self._model: LanguageModel | None = None
        if models is not None and models.name:
            timeout = runtime.config.model_calls.timeout
            self._model = ReflectingModel(models, runtime.clock, timeout)
        self._book = LessonBook()
        self._seeds = count(runtime.config.seed or 0)
        self._seed = next(self._seeds)
        self._advised: OrderedDict[str, dict[str, None]] = OrderedDict()
        """Run → ids of the lessons that its prompts had."""
        self.experiences: list[Experience] = []
        """At most 500; the oldest 100 go when there are more."""
        self.history: deque[Reflection] = deque(maxlen=runtime.config.history)

    async def load(self, store: Store) -> None:
        """Remember what earlier kernels stored."""
        for event in await store.recent(EventKind.EXPERIENCE_KEPT, KEEP):
            try:
                self.experiences.append(from_json(Experience, event.body))
            except InputError:
                continue  # written by somebody else; it teaches nothing
            self._seed = next(self._seeds)
        for event in await store.recent(EventKind.REFLECTION_MADE, self._runtime.config.history):
            try:
                self.history.append(from_json(Reflection, event.body))
            except InputError:
                continue
        self._book.restore(await store.recent(EventKind.LESSON_CHANGED, WINDOW))

    @property
    def model(self) -> LanguageModel | None:
        """The kernel's model, with its limits; None when there is none."""
        return self._model

    def now(self) -> datetime:
        """Return the kernel's time, in UTC."""
        return self._runtime.clock.now()

    def new_id(self) -> str:
        """Return a new id."""
        return self._runtime.new_id()

    @property
    def learned(self) -> tuple[Lesson, ...]:
        """All lessons that are not forgotten, the one changed last at the end."""
        return tuple(each for each in self._book.lessons if each.state is not LessonState.FORGOTTEN)

    async def reflect(
        self, experience: Experience | None = None, context: TraceContext = NOWHERE
    ) -> Reflection:
        """Reflect on all experiences, the given one being the newest, and keep what was learned.

        The experience, the reflection and each changed lesson are recorded together, or none.

        Raises:
            StrategyError: The reflector failed; the experience is kept all the same.
            StoreError: What was learned could not be recorded.
        """
        events: list[Event] = []
        if experience is not None:
            advised = self._advised.pop(experience.run or "", {})
            applied = tuple(dict.fromkeys((*experience.applied, *advised)))
            experience = replace(experience, applied=applied)
            self._remember(experience)
            events.append(
                self._event(EventKind.EXPERIENCE_KEPT, experience.id, experience, context)
            )
        try:
            reflection = await self._reflected()
        except BaseException:
            await self._runtime.recorder.commit(events)
            raise
        done = [self._book.apply(adaptation) for adaptation in reflection.adaptations]
        adaptations = [each for each in done if each is not None]
        reflection = replace(
            reflection,
            adaptations=tuple(adaptations),
            integrated=len(adaptations) == len(done),
        )
        self.history.append(reflection)
        made = self._event(EventKind.REFLECTION_MADE, reflection.id, reflection, context)
        events += [made, *self._changes((*adaptations, *self._book.stale()), context)]
        await self._runtime.recorder.commit(events)
        return reflection

    async def change(
        self, lesson: str, state: LessonState, *, reason: str = "", by: str = ""
    ) -> Lesson:
        """Pin, disable, enable (TRIAL) or forget a lesson.

        Raises:
            InputError: There is no such lesson, or nobody can bring it into that state.
            StoreError: The change could not be recorded.
        """
        change = self._book.change(lesson, state, reason, by, self.now())
        await self._runtime.recorder.commit(self._changes((change,), NOWHERE))
        return change.lesson

    async def adopt(self, lessons: Sequence[Lesson], *, reason: str = "", by: str = "") -> None:
        """Take over lessons that somebody exported.

        Raises:
            StoreError: They could not be recorded.
        """
        changes = self._book.adopt(lessons, reason, by)
        await self._runtime.recorder.commit(self._changes(changes, NOWHERE))

    def lessons(self, task: PlannedTask) -> Lessons:
        """Return what bears on a task; nothing when recalling fails."""
        try:
            return self._runtime.boundary.call_now(
                self._reflector.plugin,
                f"reflector {self._reflector.name} recall",
                lambda: self._reflector.value.recall(task, self.learned, self._seed),
                returns=Lessons,
            )
        except DataAgentsError:
            return _NO_LESSONS

    def advice(self, task: PlannedTask, run: str | None) -> tuple[str, ...]:
        """Return what a model gets to read beside a task; the run's experience will say so."""
        if self._model is None:
            return ()
        lessons = self.lessons(task)
        if lessons.advice and run is not None:
            words = {each.id for each in self._book.lessons if each.text in lessons.advice}
            used = self._advised.setdefault(run, {})
            used.update(dict.fromkeys(each for each in lessons.applied if each in words))
            while len(self._advised) > _MOST_RUNS:
                self._advised.popitem(last=False)
        return lessons.advice

    def _remember(self, experience: Experience) -> None:
        self.experiences.append(experience)
        self._seed = next(self._seeds)
        if len(self.experiences) > MOST:
            del self.experiences[:-KEEP]

    async def _reflected(self) -> Reflection:
        config = self._runtime.config
        extra = QUESTIONS * config.model_calls.timeout if self._model is not None else 0.0
        lived, lessons = tuple(self.experiences), self._book.lessons
        return await self._runtime.boundary.call(
            self._reflector.plugin,
            f"reflector {self._reflector.name}",
            lambda: self._reflector.value.reflect(lived, lessons, self),
            limit=config.strategy_timeout + extra,
            returns=Reflection,
        )

    def _changes(self, changes: Sequence[Adaptation], context: TraceContext) -> list[Event]:
        kind = EventKind.LESSON_CHANGED
        return [self._event(kind, each.lesson.id, each, context) for each in changes]

    def _event(self, kind: str, subject: str, value: object, context: TraceContext) -> Event:
        return self._runtime.recorder.event(kind, subject, value, context)
