"""Durable steps: a program of an application whose steps are done once, however often it begins."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TypeAlias

from dataagents.core.durability.steps import (
    AfterCrash,
    Decision,
    Intent,
    StepBook,
    StepRecord,
    StepStatus,
    Verdict,
    body_of,
    digest,
    idempotency_key,
)
from dataagents.core.durability.unfinished import STEPS
from dataagents.core.errors import ClosedError, InputError, StepChangedError, StepUndecidedError
from dataagents.core.events import Event, EventKind
from dataagents.core.goals import RunOutcome, RunStatus
from dataagents.core.journal import Store
from dataagents.core.messaging import Assurance, Message
from dataagents.core.planning import Goal
from dataagents.core.services.durability.shielding import to_the_end
from dataagents.core.services.runtime import Runtime
from dataagents.core.tracing import TraceContext
from dataagents.core.values import Json

Work: TypeAlias = Callable[[str], Awaitable[Json]]
"""Does a step, given its idempotency key; what it returns is the result."""
Verify: TypeAlias = Callable[[str], Awaitable[Json]]
"""Returns the result that a step had, given its key; None when it did not happen."""
Messages: TypeAlias = Sequence[Message] | Callable[[Json], Sequence[Message]]
"""What a step sends, or how that follows from its result."""
Following: TypeAlias = Intent | Callable[[Json], Intent]
"""The step that comes next, or how it follows from the result."""
Release: TypeAlias = Callable[[Message], None]

_KINDS = (
    EventKind.RUN_STARTED, EventKind.RUN_ENDED, EventKind.STEP_STARTED, EventKind.STEP_ENDED,
    EventKind.STEP_DECIDED,
)  # fmt: skip


class StepService:
    """Opens programs and takes decisions about their steps.

    Args:
        runtime: Time and journal.
        store: Where earlier steps are read from; without one, nothing outlives the process.
        release: Lets a message leave that is on record; if the process dies first, the next kernel
            sends it.
    """

    def __init__(self, runtime: Runtime, store: Store | None, release: Release) -> None:
        self._runtime = runtime
        self._store = store
        self._release = release
        self._open: set[str] = set()

    @asynccontextmanager
    async def open(self, run: str, *, about: str = "") -> "AsyncIterator[DurableRun]":
        """Begin a program, or go on with it: steps on record give their results without work.

        Leaving the context puts on record how it ended: done, cancelled, suspended when a step
        needs a decision, or failed with what was raised. It can be opened again after each of
        them, and goes on behind its last step.

        Args:
            run: Its id; chosen by the application, and the same when it begins again.
            about: What it is for, for those who read the list of runs.

        Raises:
            InputError: The id is that of a goal's run, or empty.
            ClosedError: It is open already.
            StoreError: It can't be read, or its beginning can't be recorded.
        """
        if not run:
            raise InputError("run ''", "it has no id")
        if run in self._open:
            raise ClosedError(f"run {run!r}", "is open already")
        self._open.add(run)
        try:
            history = await self._history(run)
            _check_program(run, history)
            durable = DurableRun(self._runtime, run, StepBook(history), self._release)
            await self._begin(run, about, goes_on=bool(history))
            async with _ending(self._runtime, run):
                yield durable
        finally:
            self._open.discard(run)

    async def decide(
        self, run: str, step: str, verdict: Verdict, *, result: Json = None, by: str = ""
    ) -> None:
        """Say what is to become of a step that may have happened; it counts when the run goes on.

        Args:
            run: The run's id.
            step: The step's name; `task/action` for an action of a plan's task.
            verdict: Whether it happened, is to be done again, or to be left out.
            result: What it gave, where it happened.
            by: Who says so.

        Raises:
            InputError: No such step waits for a decision.
            StoreError: It can't be recorded.
        """
        book = StepBook(await self._history(run))
        task, record = book.named(step)
        body: dict[str, Json] = {
            "n": record.number, "input": record.input, "verdict": verdict.value, "result": result,
            "by": by,
        }  # fmt: skip
        context = TraceContext(run=run, task=task or None)
        await self._runtime.record(EventKind.STEP_DECIDED, record.name, body, context)

    async def _history(self, run: str) -> Sequence[Event]:
        return () if self._store is None else await self._store.run_events(run, _KINDS)

    async def _begin(self, run: str, about: str, *, goes_on: bool) -> None:
        goal = Goal(STEPS, settings={"about": about} if about else {})
        kind = EventKind.RUN_RESUMED if goes_on else EventKind.RUN_STARTED
        await self._runtime.record(kind, run, goal, TraceContext(run=run))


class DurableRun:
    """A program under way: its steps come one after the other, and each is done once.

    What a step returned is on the disk before the caller gets it, as JSON and without what looks
    like a secret, the same the first time as after a crash.
    """

    def __init__(self, runtime: Runtime, run: str, book: StepBook, release: Release) -> None:
        self._runtime = runtime
        self._book = book
        self._release = release
        self._context = TraceContext(run=run)
        self._number = 0
        self._busy = False
        self._begun: StepRecord | None = None
        """The next step, where this process has its start on record already."""
        self.id = run

    @property
    def position(self) -> int:
        """How many steps are behind."""
        return self._number

    async def step(
        self,
        name: str,
        inputs: object,
        work: Work,
        *,
        external: bool = False,
        policy: AfterCrash = AfterCrash.ASK,
        verify: Verify | None = None,
        messages: Messages = (),
        following: Following | None = None,
    ) -> Json:
        """Do a step and return its result; one on record gives its result without any work.

        Result, messages and the start of the following step are made durable together, then the
        messages leave. An external step whose start was not announced that way waits for a commit
        of its own first.

        Args:
            name: Its name.
            inputs: All that it depends on; with other inputs it is another step.
            work: Does it. It gets a key that is the same each time this step is tried.
            external: Whether it acts on the world outside. Work that does not is simply done again
                when the process died meanwhile.
            policy: What becomes of an external step that may have happened.
            verify: For `AfterCrash.VERIFY`: finds out whether it did.
            messages: What it sends when it is done. They are on record with its result, so they
                leave even when the process dies; the hub tells one that comes twice by its id.
            following: The step that comes next, where that is known.

        Returns:
            What work returned, as JSON; None for a step that was skipped.

        Raises:
            StepChangedError: Another step, or this one with other inputs, is on record here.
            StepUndecidedError: It may have happened, and somebody has to decide.
            InputError: The inputs or the result are no JSON.
            StoreError: It could not be recorded; the result is not acknowledged.
        """
        if self._busy:
            raise ClosedError(f"run {self.id!r}", "is busy with another step: await it first")
        self._busy = True
        try:
            known = self._begun or self._book.at(self._number + 1)
            record = StepRecord(
                self._number + 1, name, digest(inputs), external=external, policy=policy
            )
            _check(self.id, known, record)
            if known is not None and known.over:
                self._number += 1
                return known.result
            settled = await self._settled(known, record, verify)
            if settled is None:
                settled = await self._worked(record, work)
            return await self._end(settled, messages, following)
        finally:
            self._busy = False

    async def _settled(
        self, known: StepRecord | None, record: StepRecord, verify: Verify | None
    ) -> StepRecord | None:
        """Return how a step ended that may have happened; None when it is to be done."""
        if known is None or not known.doubtful or known is self._begun:
            return None
        policy, decision = record.policy, known.decision
        key = self.key_of(record)
        if policy is AfterCrash.ASK and decision is None:
            raise StepUndecidedError(self.id, record.name, key)
        if policy is AfterCrash.VERIFY and verify is not None:
            result = await verify(key)
            decision = Decision(Verdict.REPEAT if result is None else Verdict.DONE, result)
        elif policy is AfterCrash.VERIFY:
            raise StepUndecidedError(self.id, record.name, key)
        elif policy is AfterCrash.SKIP:
            decision = Decision(Verdict.SKIP)
        if decision is None or decision.verdict is Verdict.REPEAT:
            return None
        if decision.verdict is Verdict.SKIP:
            return replace(record, status=StepStatus.SKIPPED)
        return replace(record, status=StepStatus.DONE, result=decision.result)

    async def _worked(self, record: StepRecord, work: Work) -> StepRecord:
        if record.external and self._begun is None:
            event = self._event(EventKind.STEP_STARTED, record)
            await self._runtime.recorder.commit((event,))
        self._begun = None
        try:
            result = await work(self.key_of(record))
        except asyncio.CancelledError:
            await to_the_end(self._unfinished(record, StepStatus.CANCELLED))
            raise
        except Exception:
            await self._unfinished(record, StepStatus.FAILED)
            raise
        return StepRecord(
            record.number, record.name, record.input, StepStatus.DONE, record.external,
            record.policy, result,
        )  # fmt: skip

    def key_of(self, record: StepRecord) -> str:
        """Return the idempotency key of a step."""
        return idempotency_key(self.id, record.number, record.name)

    async def _end(
        self, record: StepRecord, messages: Messages, following: Following | None
    ) -> Json:
        result, more = record.result, dict[str, Json]()
        announced: StepRecord | None = None
        if following is not None:
            intent = following if isinstance(following, Intent) else following(result)
            announced = StepRecord(
                record.number + 1, intent.name, digest(intent.inputs), external=intent.external,
                policy=intent.policy,
            )  # fmt: skip
            more = {"next": {"name": announced.name, **body_of(announced)}}
        outgoing = tuple(
            replace(each, assurance=Assurance.GUARANTEED)
            for each in (messages(result) if callable(messages) else messages)
        )
        event = self._event(EventKind.STEP_ENDED, record, **more)
        unit = (event, *(self._sending(each) for each in outgoing))
        cancelled = await self._commit(unit)
        self._number, self._begun = self._number + 1, announced
        for message in outgoing:
            self._release(message)
        if cancelled is not None:
            raise cancelled
        return event.body.get("result")

    async def _commit(self, unit: Sequence[Event]) -> asyncio.CancelledError | None:
        """Make a unit durable, also when the caller is cancelled meanwhile: that is returned."""
        commit = self._runtime.recorder.commit
        try:
            await commit(unit)
        except asyncio.CancelledError as error:
            try:
                # It may have been written: a store passes over what it has.
                await to_the_end(commit(unit))
            except asyncio.CancelledError as again:
                return again
            return error
        return None

    async def _unfinished(self, record: StepRecord, status: StepStatus) -> None:
        event = self._event(EventKind.STEP_ENDED, replace(record, status=status))
        await self._runtime.recorder.commit((event,))
        # Whoever catches this and tries again in the same process knows what happened.
        self._begun = record

    def _sending(self, message: Message) -> Event:
        """Return what is on record of a message before it leaves: the next kernel goes by it."""
        context = TraceContext(message.run or self.id, message.task, message.sender)
        kind = EventKind.MESSAGE_SENT
        return self._runtime.recorder.event(kind, message.id, message, context)

    def _event(self, kind: EventKind, record: StepRecord, **more: Json) -> Event:
        body = body_of(record, **more)
        return self._runtime.recorder.event(kind, record.name, body, self._context)


@asynccontextmanager
async def _ending(runtime: Runtime, run: str) -> AsyncIterator[None]:
    """Put on record how a program ended, whatever it raises."""
    began = runtime.clock.monotonic()
    status, reason = RunStatus.DONE, ""
    try:
        yield
    except BaseException as error:
        status, reason = _status(error), str(error) or type(error).__name__
        raise
    finally:
        outcome = RunOutcome(run, status, runtime.clock.monotonic() - began, reason=reason)
        context = TraceContext(run=run)
        await to_the_end(runtime.record(EventKind.RUN_ENDED, run, outcome, context))


def _status(error: BaseException) -> RunStatus:
    if isinstance(error, asyncio.CancelledError):
        return RunStatus.CANCELLED
    if isinstance(error, StepUndecidedError):
        return RunStatus.SUSPENDED
    return RunStatus.FAILED


def _check(run: str, known: StepRecord | None, asked: StepRecord) -> None:
    if known is None:
        return
    if known.name != asked.name:
        raise StepChangedError(run, asked.name, f"step {asked.number} is {known.name!r} on record")
    if known.input != asked.input:
        raise StepChangedError(run, asked.name, "its inputs are others than those on record")


def _check_program(run: str, history: Sequence[Event]) -> None:
    for event in history:
        if event.kind == EventKind.RUN_STARTED and event.body.get("task") != STEPS:
            hint = f"'dataagents resume {run}' goes on with it; programs need an id of their own."
            raise InputError(f"run {run!r}", "it is the run of a goal", hint=hint)
