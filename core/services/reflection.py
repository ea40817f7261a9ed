"""The reflection service: keeps experiences, has them reflected upon, recalls the lessons."""

from collections import deque
from datetime import datetime

from dataagents.core.errors import DataAgentsError, InputError
from dataagents.core.events import EventKind
from dataagents.core.journal import Store
from dataagents.core.planning import PlannedTask
from dataagents.core.reflection import Experience, Lessons, Reflection, Reflector
from dataagents.core.registry import Built
from dataagents.core.services.recorder import NOWHERE
from dataagents.core.services.runtime import Runtime
from dataagents.core.tracing import TraceContext
from dataagents.core.values import from_json

_MOST = 500
_KEEP = 400
_NO_LESSONS = Lessons()


class ReflectionService:
    """Runs the configured reflector; also the desk that it gets."""

    def __init__(self, runtime: Runtime, reflector: Built[Reflector]) -> None:
        self._runtime = runtime
        self._reflector = reflector
        self.experiences: list[Experience] = []
        """At most 500; the oldest 100 go when there are more."""
        self.history: deque[Reflection] = deque(maxlen=runtime.config.history)

    async def load(self, store: Store) -> None:
        """Remember what earlier kernels stored."""
        for event in await store.recent(EventKind.EXPERIENCE_KEPT, _KEEP):
            try:
                self.experiences.append(from_json(Experience, event.body))
            except InputError:
                continue  # written by somebody else; it teaches nothing
        for event in await store.recent(EventKind.REFLECTION_MADE, self._runtime.config.history):
            try:
                self.history.append(from_json(Reflection, event.body))
            except InputError:
                continue

    def now(self) -> datetime:
        """Return the kernel's time, in UTC."""
        return self._runtime.clock.now()

    def new_id(self) -> str:
        """Return a new id."""
        return self._runtime.new_id()

    async def reflect(
        self, experience: Experience | None = None, context: TraceContext = NOWHERE
    ) -> Reflection:
        """Reflect on all experiences, the given one being the newest, and keep what was learned.

        Raises:
            StrategyError: The reflector failed; the experience is kept all the same.
        """
        if experience is not None:
            self.experiences.append(experience)
            if len(self.experiences) > _MOST:
                del self.experiences[:-_KEEP]
            await self._runtime.record(
                EventKind.EXPERIENCE_KEPT, experience.id, experience, context
            )
        reflection = await self._runtime.boundary.call(
            self._reflector.plugin,
            f"reflector {self._reflector.name}",
            lambda: self._reflector.value.reflect(tuple(self.experiences), self),
            limit=self._runtime.config.strategy_timeout,
            returns=Reflection,
        )
        self.history.append(reflection)
        await self._runtime.record(EventKind.REFLECTION_MADE, reflection.id, reflection, context)
        return reflection

    def lessons(self, task: PlannedTask) -> Lessons:
        """Return what earlier reflections say about a task; nothing when recalling fails."""
        try:
            return self._runtime.boundary.call_now(
                self._reflector.plugin,
                f"reflector {self._reflector.name} recall",
                lambda: self._reflector.value.recall(task, tuple(self.history)),
                returns=Lessons,
            )
        except DataAgentsError:
            return _NO_LESSONS
