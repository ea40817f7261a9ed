"""Delegation: hands a task to an agent and waits for what comes back."""

from dataclasses import dataclass, replace
from math import inf
from typing import TypeVar

from dataagents.core.durability.files import Stamps, changes
from dataagents.core.errors import InputError
from dataagents.core.events import EventKind
from dataagents.core.hierarchy import LEAD_GROUP, Group, Report
from dataagents.core.messaging import Lane, Message, MessageType, Receipt
from dataagents.core.planning import PlannedTask, TaskResult, failed
from dataagents.core.services.messaging.hub import Hub
from dataagents.core.services.recorder import NOWHERE
from dataagents.core.services.runtime import Runtime
from dataagents.core.services.workplaces import Workplaces
from dataagents.core.tracing import TraceContext
from dataagents.core.values import from_json, to_json

SENDER = "kernel"
T = TypeVar("T", TaskResult, Report)


@dataclass(frozen=True, slots=True)
class DelegationService:
    """Delegates tasks by message."""

    _runtime: Runtime
    _hub: Hub
    _workplaces: Workplaces | None = None

    async def delegate(
        self,
        task: PlannedTask,
        to: str,
        context: TraceContext = NOWHERE,
        *,
        within: float | None = None,
        hops: int = 0,
    ) -> TaskResult:
        """Hand a task to an agent and return the result; a failure is a result too.

        Args:
            task: What is to be done.
            to: Id of the agent. Who waits for this delegation already can't be given it: the
                failure names the circle.
            context: The run and task that it belongs to.
            within: Seconds that it may take; `task_timeout` when None, and never longer.
            hops: How many messages lie before it.
        """
        began, place = self._runtime.clock.monotonic(), context.of(to)
        await self._runtime.record(EventKind.TASK_STARTED, task.id, task, place)
        before = await self._stamps(context)
        reply = await self._request(task, to, context, within, hops)
        answer = _answer(TaskResult, reply, to, context)
        if isinstance(answer, str):
            answer = failed(task, answer)
        seconds = self._runtime.clock.monotonic() - began
        result = replace(answer, agent=to, seconds=seconds)
        files = changes(before, await self._stamps(context))
        body = {**to_json(result), "files": files} if files else result
        await self._runtime.record(EventKind.TASK_ENDED, task.id, body, place)
        return result

    async def reopen(self, task: PlannedTask, context: TraceContext) -> None:
        """Go on with what was said about a task before a restart."""
        await self._hub.reopen(_conversation(task, context))

    async def hand_over(
        self,
        group: Group,
        to: str,
        context: TraceContext = NOWHERE,
        *,
        within: float | None = None,
        hops: int = 0,
    ) -> Report | TaskResult:
        """Have an agent lead a group, and return its report; or why there is none, as a result."""
        began, place = self._runtime.clock.monotonic(), context.of(to)
        ids = [each.task.id for each in group.everything()]
        task = PlannedTask(group.id, LEAD_GROUP, to_json(group))
        shown = replace(task, args={"tasks": len(ids)})
        await self._runtime.record(EventKind.TASK_STARTED, group.id, shown, place)
        reply = await self._request(task, to, context, within, hops)
        report = _answer(Report, reply, to, context)
        if isinstance(report, Report):
            done = len({each.task for each in report.results if each.success}.intersection(ids))
            summary, whole = f"{done} of {len(ids)} tasks done", done == len(ids)
            result = TaskResult(group.id, whole, summary=summary, error=None if whole else summary)
        else:
            result = failed(task, report)
        result = replace(result, agent=to, seconds=self._runtime.clock.monotonic() - began)
        await self._runtime.record(EventKind.TASK_ENDED, group.id, result, place)
        return report if isinstance(report, Report) else result

    async def _stamps(self, context: TraceContext) -> Stamps:
        """Return the files of the run: what changes while a task is done is its doing, perhaps."""
        if self._workplaces is None or context.run is None:
            return {}
        return await self._workplaces.stamps(context.run)

    async def _request(
        self, task: PlannedTask, to: str, context: TraceContext, within: float | None, hops: int
    ) -> Message | Receipt:
        message = self._hub.compose(
            context.agent or SENDER,
            to,
            MessageType.TASK_REQUEST,
            to_json(task),
            context=context,
            conversation=_conversation(task, context),
            hops=hops,
            within=min(inf if within is None else within, self._runtime.config.task_timeout),
        )
        return await self._hub.request(message)


def _conversation(task: PlannedTask, context: TraceContext) -> str:
    return f"{context.run or 'task'}:{task.id}"


def _answer(type_: type[T], reply: Message | Receipt, to: str, context: TraceContext) -> T | str:
    """Return what a reply says; or why there is none."""
    if isinstance(reply, Receipt):
        return circle(context, to) or reply.reason or "no answer"
    try:
        return from_json(type_, reply.payload)
    except InputError as error:
        return str(error)


def circle(context: TraceContext, to: str) -> str:
    """Return the circle that a delegation would close, by name; empty when it would not."""
    at_work = [who.rpartition("/")[0] for who in context.waiting if who.endswith(f"/{Lane.WORK}")]
    if to not in at_work:
        return ""
    return f"circular delegation: {' → '.join((*at_work[at_work.index(to) :], to))}"
