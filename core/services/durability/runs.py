"""Runs: begins them, goes on with those that did not end, and puts on record how they end."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from dataagents.core.config import KernelConfig
from dataagents.core.durability.steps import StepBook
from dataagents.core.durability.unfinished import JOURNALED, Repeats, Unfinished, unfinished_run
from dataagents.core.errors import ClosedError, DataAgentsError, InputError, StoreError
from dataagents.core.events import EventKind
from dataagents.core.goals import Output, RunOutcome, RunResult, RunStatus
from dataagents.core.journal import Store
from dataagents.core.planning import Goal
from dataagents.core.redaction import REDACTED
from dataagents.core.registry import Built
from dataagents.core.services.durability.effects import Effects
from dataagents.core.services.durability.shielding import to_the_end
from dataagents.core.services.goal_runner import GoalRunner
from dataagents.core.services.outputs import entries_of, write_outputs
from dataagents.core.services.publication import Publication, publishing
from dataagents.core.services.runtime import Runtime
from dataagents.core.services.workplaces import Workplaces
from dataagents.core.tracing import TraceContext
from dataagents.core.values import Json, to_json

_log = logging.getLogger(__name__)
_MOST_NAMED = 5
"""Unfinished runs that one line of the log names."""

Started = Callable[[str], None]

_TELLING = {
    "seed", "model", "memory_limit_mb", "max_parallel_streams", "max_replans", "strategies",
    "max_reasoning_steps",
}  # fmt: skip
"""Settings that change what comes out, and that are no secrets: a run goes on under the same."""


@dataclass(frozen=True, slots=True)
class RunService:
    """Conducts the runs of a kernel."""

    runtime: Runtime
    store: Store | None
    workplaces: Workplaces
    goals: GoalRunner
    outputs: tuple[Built[Output], ...]
    effects: Effects
    active: set[str] = field(default_factory=set)
    """Runs that are under way in this kernel."""
    leaving: set[str] = field(default_factory=set)
    """Runs that are cut off because the kernel closes: they wait for the next one."""

    async def run(
        self, goal: Goal, out: Path | None = None, started: Started | None = None
    ) -> RunResult:
        """Achieve a goal; see `Kernel.run`."""
        run = self.runtime.new_id()
        conduct = _Conduct(self, run, goal, out, started)
        return await conduct.go(EventKind.RUN_STARTED, _beginning(goal, out, self.runtime.config))

    async def unfinished(self) -> tuple[Unfinished, ...]:
        """Return the runs that were cut off or are suspended, oldest first; none under way here.

        Those that can't be continued, such as the work of a hierarchy, are left out.
        """
        if self.store is None:
            return ()
        found: list[Unfinished] = []
        for run in await self.store.unfinished():
            if run not in self.active:
                try:
                    found.append(await self.find(run))
                except InputError:
                    continue
        return tuple(found)

    async def find(self, run: str) -> Unfinished:
        """Return where a run stood.

        Raises:
            InputError: There is no such run, it came to its end, or it can't be continued.
        """
        events = () if self.store is None else await self.store.run_events(run, JOURNALED)
        return unfinished_run(run, events)

    async def repeats(self, stood: Unfinished) -> Repeats:
        """Return what would have to be done again, as the run's files are now."""
        return stood.repeats(await self.workplaces.stamps(stood.run))

    async def resume(
        self, run: str, out: Path | None = None, started: Started | None = None
    ) -> RunResult:
        """Go on with a run; see `Kernel.resume`."""
        if run in self.active:
            raise ClosedError(f"run {run!r}", "is under way")
        stood = await self.find(run)
        _check(stood)
        repeats = await self.repeats(stood)
        _check_inputs(stood, repeats)
        out = out or (Path(stood.out) if stood.out else None)
        body: dict[str, Json] = {
            **_beginning(stood.goal, out, self.runtime.config),
            "kept": [each for each in stood.completed if each not in repeats.tasks],
            "repeats": dict(repeats.tasks),
            "anew": repeats.anew,
        }
        for task, why in repeats.tasks.items():
            _log.warning("run %s: %s is done again: %s", run, task, why)
        await self.workplaces.discard(run, None if repeats.anew else repeats.files)
        conduct = _Conduct(self, run, stood.goal, out, started, stood.without(repeats))
        return await conduct.go(EventKind.RUN_RESUMED, body)

    async def resume_all(self) -> tuple[RunResult, ...]:
        """Go on with every run that was cut off, one after the other, as far as each can.

        Programs of applications and runs that wait for a decision are left to those who know.
        """
        results: list[RunResult] = []
        for stood in await self.unfinished():
            if not stood.is_program and not stood.book.waiting:
                try:
                    results.append(await self.resume(stood.run))
                except StoreError:
                    raise
                except DataAgentsError as error:
                    _log.warning("%s", error)
        return tuple(results)

    @asynccontextmanager
    async def going_on(self) -> AsyncIterator[None]:
        """Deal with what was cut off as the configuration says, while the context lasts."""
        mode = self.runtime.config.resume
        found = () if mode == "never" or self.store is None else await self.store.unfinished()
        if mode != "always" or not found:
            if found:
                more = f" and {len(found) - _MOST_NAMED} more" if len(found) > _MOST_NAMED else ""
                runs = f"{', '.join(found[:_MOST_NAMED])}{more}"
                _log.warning("unfinished: %s; kernel.resume(RUN) goes on with one", runs)
            yield
            return
        task = asyncio.create_task(self._resume_all(), name="unfinished runs")
        try:
            yield
        finally:
            self.leaving.update(self.active)
            await self.runtime.boundary.stop(task)

    async def _resume_all(self) -> None:
        try:
            await self.resume_all()
        except StoreError:
            _log.exception("unfinished runs can't go on")

    async def give_up(self, run: str) -> None:
        """End an unfinished run for good; its files may go.

        Raises:
            InputError: There is no such run, or it came to its end.
        """
        if self.store is None or run not in await self.store.unfinished():
            await self.find(run)  # a cancelled one may be given up, too
        outcome = RunOutcome(run, RunStatus.FAILED, 0.0, reason="it was given up")
        context = TraceContext(run=run)
        await self.runtime.record(EventKind.RUN_ENDED, run, outcome, context)


@dataclass(slots=True)
class _Conduct:
    """One run on its way, from where it begins or stood to its end."""

    service: RunService
    run: str
    goal: Goal
    out: Path | None
    started: Started | None = None
    stood: Unfinished | None = None
    waits: bool = False
    """Whether all is done, and only the folder for the results could not take them."""

    async def go(self, kind: EventKind, body: dict[str, Json]) -> RunResult:
        """Begin or go on, and see to it that the end is on record, whatever happens."""
        service, runtime, context = self.service, self.service.runtime, TraceContext(run=self.run)
        began, stood = runtime.clock.monotonic(), self.stood
        with publishing(self.out, self.run, entries_of(service.outputs)) as publication:
            service.active.add(self.run)
            service.effects.books[self.run] = StepBook() if stood is None else stood.book
            try:
                if self.started is not None:
                    self.started(self.run)
                await runtime.record(kind, self.run, body, context)
                outcome = RunOutcome(self.run, RunStatus.CANCELLED, 0.0, reason="cancelled")
                try:
                    with service.workplaces.open(self.run, self.goal, keep=True) as workspace:
                        result = await service.goals.run(self.goal, workspace, context, stood)
                        ended_early = result.outcome.status is RunStatus.CANCELLED
                        if publication is not None and not ended_early:
                            result = await self._publish(result, publication)
                    outcome = result.outcome
                except BaseException as error:
                    outcome = self._broken_off(error, runtime.clock.monotonic() - began)
                    raise
                finally:
                    # Whoever cancels a second time does not keep the end off the record.
                    ended = runtime.record(EventKind.RUN_ENDED, self.run, outcome, context)
                    await to_the_end(ended)
            finally:
                service.active.discard(self.run)
                del service.effects.books[self.run]
            return result

    async def _publish(self, result: RunResult, publication: Publication) -> RunResult:
        """Publish the results; where the folder can't take them now, the run waits until it can."""
        service = self.service
        limit = service.runtime.config.task_timeout
        try:
            return await write_outputs(
                service.runtime.boundary, service.outputs, result, publication, limit
            )
        except InputError as error:
            if service.store is None:
                raise
            self.waits = True
            hint = f"{error.hint} 'dataagents resume {self.run}' publishes it then.".lstrip()
            raise InputError(error.what, error.problem, hint=hint) from error

    def _broken_off(self, error: BaseException, seconds: float) -> RunOutcome:
        """Return how a run ended that something was raised out of."""
        if isinstance(error, asyncio.CancelledError):
            if self.run in self.service.leaving:
                reason = "the kernel closed"
                return RunOutcome(self.run, RunStatus.SUSPENDED, seconds, reason=reason)
            return RunOutcome(self.run, RunStatus.CANCELLED, seconds, reason="cancelled")
        status = RunStatus.REJECTED if isinstance(error, InputError) else RunStatus.FAILED
        if isinstance(error, StoreError) or self.waits:  # a disk that was full has room some day
            status = RunStatus.SUSPENDED
        return RunOutcome(self.run, status, seconds, reason=str(error))


def _beginning(goal: Goal, out: Path | None, config: KernelConfig) -> dict[str, Json]:
    """Return what is on record about how a run began, or went on."""
    chosen = config.model_dump(mode="json", include=_TELLING, exclude_defaults=True)
    folder = None if out is None else str(out.absolute())
    found: dict[str, Json] = {
        name: str(Path(path).absolute())
        for name, path in goal.inputs.items()
        if Path(path).exists()
    }
    return {**to_json(goal), "out": folder, "found": found, "config": chosen}


def _check(stood: Unfinished) -> None:
    """Raise about a run that a kernel can't go on with by itself."""
    what = f"run {stood.run!r}"
    if stood.is_program:
        hint = "The program that began it goes on with it when it is started again."
        raise InputError(what, "it is the program of an application", hint=hint)
    waiting = stood.book.waiting
    if waiting:
        task, record = waiting[0]
        name = f"{task}/{record.name}" if task else record.name
        hint = f"Decide: dataagents resume {stood.run} --step {name!r} --as done|repeat|skip."
        raise InputError(what, f"{name} may have happened", hint=hint)
    if REDACTED in json.dumps(to_json(stood.goal)):
        problem = "a secret was taken out of its record, so it can't be continued"
        raise InputError(what, problem, hint="Run it again.")


def _check_inputs(stood: Unfinished, repeats: Repeats) -> None:
    """Raise about an input that has still to be read and is gone: the run would be over for good.

    Only what was a file or a folder when the run began is looked for.
    """
    for name, before in stood.unread(repeats).items():
        path = stood.goal.inputs.get(name, before)
        if not Path(path).exists():
            problem = f"its input {path} has still to be read, and is not there"
            hint = f"Put it back, or resume where that is {before}."
            raise InputError(f"run {stood.run!r}", problem, hint=hint)


def recorded_config(config: KernelConfig, stood: Unfinished) -> KernelConfig:
    """Return a configuration with what a run was begun under, so that the same comes out.

    Args:
        config: As it is now; what is no part of the record is taken from here.
        stood: The run.

    Raises:
        ConfigError: What is on record is no setting any more.
    """
    before = KernelConfig.parse(stood.settings, source=f"run {stood.run}")
    return config.model_copy(update={name: getattr(before, name) for name in _TELLING})
