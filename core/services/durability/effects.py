"""Effects: external actions in a plan's tasks are on record before they begin, and done once."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace

from dataagents.core.durability.steps import (
    AfterCrash,
    Decision,
    StepBook,
    StepRecord,
    StepStatus,
    Verdict,
    body_of,
    digest,
    idempotency_key,
)
from dataagents.core.errors import InputError
from dataagents.core.events import EventKind
from dataagents.core.reasoning import Observation
from dataagents.core.services.durability.shielding import to_the_end
from dataagents.core.services.runtime import Runtime
from dataagents.core.tracing import TraceContext
from dataagents.core.values import Json, JsonObject, from_json, to_json

Act = Callable[[str], Awaitable[Observation]]
"""Acts, given the key of the call."""
Check = Callable[[str], Awaitable[Observation | None]]
"""Finds out what a call gave, given its key; None when it did not happen."""


@dataclass(frozen=True, slots=True)
class Effects:
    """Knows the external actions of the runs under way, those before a crash included."""

    runtime: Runtime
    books: dict[str, StepBook] = field(default_factory=dict)
    """Run → its actions; a run that goes on brings those that it had."""

    def at(self, context: TraceContext) -> "Guard | None":
        """Return what guards the actions of one reasoning; None outside of a run's task."""
        if context.run is None or context.task is None or context.run not in self.books:
            return None
        return Guard(self.runtime, context, context.run, context.task, self.books[context.run])


@dataclass(slots=True)
class Guard:
    """Lets each external action of one reasoning happen once."""

    runtime: Runtime
    context: TraceContext
    run: str
    task: str
    book: StepBook
    _asked: Counter[tuple[str, str]] = field(default_factory=Counter)

    async def once(
        self,
        name: str,
        action_input: JsonObject,
        act: Act,
        *,
        policy: AfterCrash,
        check: Check | None = None,
    ) -> Observation:
        """Act, unless it is on record what that gave; the same call counts again in its turn.

        Raises:
            StoreError: That it begins, or what it gave, could not be recorded.
        """
        inputs = digest(action_input)
        self._asked[name, inputs] += 1
        number = self._asked[name, inputs]
        record = StepRecord(number, name, inputs, external=True, policy=policy)
        key = idempotency_key(self.run, number, f"{name}/{inputs}", self.task)
        known = self.book.at(number, self.task, name, inputs)
        if known is not None:
            if known.over:
                return _observed(known)
            settled = await self._settled(known, record, key, check)
            if settled is not None:
                await self._record(EventKind.STEP_ENDED, settled)
                return _observed(settled)
        await self._record(EventKind.STEP_STARTED, record)
        return await self._acted(record, key, act)

    async def _settled(
        self, known: StepRecord, record: StepRecord, key: str, check: Check | None
    ) -> StepRecord | None:
        """Return how an action ended that may have happened; None when it is to be done."""
        decision = known.decision if known.doubtful else Decision(Verdict.REPEAT)
        if known.doubtful and record.policy is AfterCrash.VERIFY and check is not None:
            found = await check(key)
            verdict = Verdict.REPEAT if found is None else Verdict.DONE
            decision = Decision(verdict, None if found is None else to_json(found))
        elif known.doubtful and record.policy is AfterCrash.SKIP:
            decision = Decision(Verdict.SKIP)
        if decision is None or decision.verdict is Verdict.REPEAT:
            return None
        status = StepStatus.DONE if decision.verdict is Verdict.DONE else StepStatus.SKIPPED
        return replace(record, status=status, result=decision.result)

    async def _acted(self, record: StepRecord, key: str, act: Act) -> Observation:
        try:
            observation = await act(key)
        except asyncio.CancelledError:
            cancelled = replace(record, status=StepStatus.CANCELLED)
            await to_the_end(self._record(EventKind.STEP_ENDED, cancelled))
            raise
        except Exception:
            await self._record(EventKind.STEP_ENDED, replace(record, status=StepStatus.FAILED))
            raise
        status = StepStatus.DONE if observation.error is None else StepStatus.FAILED
        ended = replace(record, status=status, result=to_json(observation))
        await self._record(EventKind.STEP_ENDED, ended)
        return observation

    async def _record(self, kind: EventKind, record: StepRecord) -> None:
        event = self.runtime.recorder.event(kind, record.name, body_of(record), self.context)
        await self.runtime.recorder.commit((event,))
        self.book.apply(event)


def _observed(record: StepRecord) -> Observation:
    """Return what an action on record gave."""
    if record.status is StepStatus.SKIPPED:
        return Observation("skipped: it may have happened before the run was cut off")
    result: Json = record.result
    if isinstance(result, dict):
        try:
            return from_json(Observation, result)
        except InputError:
            return Observation("done, as somebody decided", data=result)
    return Observation("done, as somebody decided")
