"""Delegation: hands a task to an agent and waits for what comes back."""

from dataclasses import dataclass, replace

from dataagents.core.errors import InputError
from dataagents.core.events import EventKind
from dataagents.core.messaging import Message, MessageType
from dataagents.core.planning import PlannedTask, TaskResult, failed
from dataagents.core.services.hub import Hub
from dataagents.core.services.recorder import NOWHERE
from dataagents.core.services.runtime import Runtime
from dataagents.core.tracing import TraceContext
from dataagents.core.values import from_json, to_json

SENDER = "kernel"


@dataclass(frozen=True, slots=True)
class DelegationService:
    """Delegates tasks by message."""

    _runtime: Runtime
    _hub: Hub

    async def delegate(
        self, task: PlannedTask, to: str, context: TraceContext = NOWHERE
    ) -> TaskResult:
        """Hand a task to an agent and return the result; a failure is a result too.

        Args:
            task: What is to be done.
            to: Id of the agent.
            context: The run and task that it belongs to.
        """
        began, place = self._runtime.clock.monotonic(), context.of(to)
        await self._runtime.record(EventKind.TASK_STARTED, task.id, task, place)
        message = self._hub.compose(
            context.agent or SENDER,
            to,
            MessageType.TASK_REQUEST,
            to_json(task),
            context=context,
            conversation=f"{context.run or 'task'}:{task.id}",
            within=self._runtime.config.task_timeout,
        )
        result = replace(
            _result(task, await self._hub.request(message)),
            agent=to,
            seconds=self._runtime.clock.monotonic() - began,
        )
        await self._runtime.record(EventKind.TASK_ENDED, task.id, result, place)
        return result


def _result(task: PlannedTask, reply: object) -> TaskResult:
    if isinstance(reply, Message):
        try:
            return from_json(TaskResult, reply.payload)
        except InputError as error:
            reason = str(error)
    else:
        reason = getattr(reply, "reason", "") or "no answer"
    return failed(task, reason)
