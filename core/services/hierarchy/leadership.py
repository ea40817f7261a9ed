"""Leadership: hands the tasks of a group out in the leader's name, and sees each one through."""

import asyncio
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime

from dataagents.core.hierarchy import Assignment, Group, OnFailure, Policy, Report
from dataagents.core.planning import Failure, FailureKind, PlannedTask, Task, TaskResult, failed
from dataagents.core.services.hierarchy.delegation import DelegationService
from dataagents.core.services.planning.service import PlanningService
from dataagents.core.services.runtime import Runtime
from dataagents.core.tracing import TraceContext
from dataagents.core.values import Json

HOPELESS = (FailureKind.FATAL, FailureKind.INPUT, FailureKind.UNDECIDED)
"""Failures that neither another agent nor another plan gets around."""


class Work:
    """What is to be done by a hierarchy, and how far it is; shared by all who lead in it."""

    def __init__(self, streams: int, policy: Policy, state: Mapping[str, Json]) -> None:
        self.width = streams
        self.policy = policy
        self.streams = asyncio.Semaphore(streams)
        """Bounds how many tasks are under way at the same time, whoever handed them out."""
        self.busy: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        """An agent does one task at a time; the next one takes up no stream until then."""
        self.state = dict(state)
        self.results: dict[str, TaskResult] = {}
        self.attempts: list[TaskResult] = []
        """Those that failed and were followed by another."""
        self.failure: Failure | None = None
        """Why nothing more is begun."""
        self._ended: dict[str, asyncio.Event] = {}

    @property
    def done(self) -> frozenset[str]:
        """The tasks that were done."""
        return frozenset(task for task, result in self.results.items() if result.success)

    def begin(self, group: Group, unassigned: Mapping[str, str] | None = None) -> None:
        """Begin with a group; what it asks for again has to be done again."""
        self.failure = None
        nobody = unassigned or {}
        tasks = (*(each.task.id for each in group.everything()), *nobody)
        self._ended = {task: asyncio.Event() for task in tasks}
        for task in tasks:
            self.results.pop(task, None)
        for task, reason in nobody.items():
            self.note(TaskResult(task, success=False, error=f"nobody can do it: {reason}"))
        self.end(nobody)

    def met(self, needed: Iterable[str]) -> bool:
        """Return whether tasks were done, as far as they are part of this."""
        awaited = [task for task in needed if task in self._ended]
        return all(task in self.results and self.results[task].success for task in awaited)

    def ready(self, needed: Iterable[str]) -> bool:
        """Return whether what needs these tasks can be begun."""
        return self.failure is None and self.met(needed)

    async def ending(self, tasks: Iterable[str]) -> None:
        """Wait until tasks have ended, well or badly."""
        for task in tasks:
            if task in self._ended:
                await self._ended[task].wait()

    def left_of(self, group: Group) -> Group:
        """Return a group without what has a result, or waits for what will not be done."""
        members = {each.task.id: set(each.task.depends_on) for each in group.everything()}
        still_open = members.keys() - self.results.keys()
        lost = {task for task in still_open if not self.met(members[task] - still_open)}
        while more := {task for task in still_open - lost if members[task] & lost}:
            lost |= more
        return _without(group, (members.keys() - still_open) | lost)

    def end(self, tasks: Iterable[str]) -> None:
        """Let those go on, or give up, who wait for these tasks."""
        for task in tasks:
            self._ended[task].set()

    def note(self, result: TaskResult) -> None:
        """Take the result of a task, if it was asked for and there is none yet."""
        if result.task in self.results or result.task not in self._ended:
            return
        # What was observed counts even when the task failed: the next plan starts from it.
        self.state.update(result.effects)
        self.results[result.task] = result
        forgiven = self.policy.on_failure is OnFailure.PARTIAL
        if not result.success and not forgiven and self.failure is None:
            kind, reason = result.failure or FailureKind.RECOVERABLE, result.error or "failed"
            self.failure = Failure(result.task, kind, f"{result.task}: {reason}")


@dataclass(frozen=True, slots=True)
class Place:
    """From where something is delegated."""

    context: TraceContext
    hops: int = 0
    deadline: datetime | None = None
    """When the one who delegates has to be ready."""


@dataclass(slots=True)
class Leadership:
    """Leads groups."""

    _runtime: Runtime
    _planning: PlanningService
    _delegation: DelegationService
    _works: dict[str, Work] = field(default_factory=dict)
    """Run → its work."""

    @contextmanager
    def work(self, run: str, policy: Policy, state: Mapping[str, Json]) -> Iterator[Work]:
        """Let all who lead in a run share its work, until the context ends."""
        work = self._works[run] = self._new(policy, state)
        try:
            yield work
        finally:
            del self._works[run]

    async def lead(self, group: Group, place: Place) -> tuple[TaskResult, ...]:
        """Hand out what is in a group, each part as soon as what it needs is done.

        Returns:
            The results of the tasks that were begun.
        """
        work = self._works.get(place.context.run or "")
        if work is None:  # somebody sent a group by hand
            work = self._new(Policy(), {})
            work.begin(group)
        # A group whose turn has not come has not been sent, so its time does not run yet.
        turns = asyncio.Semaphore(work.width)
        try:
            async with asyncio.TaskGroup() as crew:
                for each in group.assignments:
                    crew.create_task(self._see_through(work, each, place))
                for below in group.groups:
                    crew.create_task(self._have_led(work, below, place, turns))
        except BaseExceptionGroup as error:
            raise error.exceptions[0] from error
        ids = (each.task.id for each in group.everything())
        return tuple(work.results[task] for task in ids if task in work.results)

    def _new(self, policy: Policy, state: Mapping[str, Json]) -> Work:
        return Work(self._runtime.config.max_parallel_streams, policy, state)

    async def _see_through(self, work: Work, each: Assignment, place: Place) -> None:
        """Have a task done, by one agent after the other as far as the policy says."""
        await work.ending(each.task.depends_on)
        if work.ready(each.task.depends_on):
            tries = work.policy.tries(each.agent, each.runner_ups)
            for left, agent in zip(range(len(tries), 0, -1), tries, strict=True):
                async with work.busy[agent], work.streams:
                    if work.failure is not None:
                        break
                    result = await self._attempt(work, each.task, agent, place, left)
                if result.success or result.failure in HOPELESS or left == 1:
                    work.note(result)
                    break
                work.attempts.append(result)
        work.end((each.task.id,))

    async def _attempt(
        self, work: Work, task: PlannedTask, agent: str, place: Place, left: int
    ) -> TaskResult:
        blocked = self._blocked(work, task)
        if blocked is not None:
            return failed(task, blocked)
        facts = {fact: work.state[fact] for fact in task.reads if fact in work.state}
        limits = (work.policy.seconds, self._share(place, left))
        result = await self._delegation.delegate(
            replace(task, facts=facts),
            agent,
            place.context.within(task.id),
            within=min((each for each in limits if each is not None), default=None),
            hops=place.hops,
        )
        if result.task == task.id:
            return result
        return replace(failed(task, f"answered about {result.task!r}"), agent=agent)

    async def _have_led(
        self, work: Work, group: Group, place: Place, turns: asyncio.Semaphore
    ) -> None:
        """Have a group led, by one agent after the other as far as the policy says."""
        members = {each.task.id: each.task for each in group.everything()}
        needed = {task for each in members.values() for task in each.depends_on} - members.keys()
        await work.ending(needed)
        if work.failure is None:
            reason = await self._hand_over(work, group, place, turns)
            for task in members.values():
                if work.ready(task.depends_on):
                    work.note(failed(task, reason))
        work.end(members)

    async def _hand_over(
        self, work: Work, group: Group, place: Place, turns: asyncio.Semaphore
    ) -> str:
        """Hand a group over; return why a task of it may have no result all the same."""
        tries, reason = work.policy.tries(group.leader, group.runner_ups), ""
        for left, leader in zip(range(len(tries), 0, -1), tries, strict=True):
            async with work.busy[leader], turns:
                rest = work.left_of(group)
                if work.failure is not None or not any(rest.everything()):
                    break
                context, within = place.context.within(group.id), self._share(place, left)
                report = await self._delegation.hand_over(
                    rest, leader, context, within=within, hops=place.hops
                )
            if isinstance(report, Report):
                for result in report.results:
                    work.note(result)
                return f"{leader}, who leads {group.id}, says nothing of it"
            reason = f"{leader} could not lead {group.id}: {report.error}"
            work.attempts.append(report)
        return reason

    def _share(self, place: Place, attempts: int) -> float | None:
        """Return the seconds for an attempt: its share of what is left until the deadline."""
        if place.deadline is None:
            return None
        return (place.deadline - self._runtime.steady()).total_seconds() / attempts

    def _blocked(self, work: Work, task: PlannedTask) -> str | None:
        for operator in self._planning.domain.operators:
            if operator.name == task.name:
                return self._planning.blocked(operator, work.state, Task(task.name, task.args))
        return f"the domain has no operator {task.name!r}"


def _without(group: Group, tasks: Collection[str]) -> Group:
    return replace(
        group,
        assignments=tuple(each for each in group.assignments if each.task.id not in tasks),
        groups=tuple(_without(below, tasks) for below in group.groups),
    )
