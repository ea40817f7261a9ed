"""The record of commands: what the journal says of them, before and after a kernel was killed."""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import replace

from dataagents.core.commands import NEW_RUN, Address, Command, CommandAnswer, CommandState
from dataagents.core.errors import InputError
from dataagents.core.events import EventKind
from dataagents.core.health import Alert, Severity
from dataagents.core.journal import Store
from dataagents.core.services.runtime import Runtime
from dataagents.core.tracing import TraceContext
from dataagents.core.values import from_json

_REMEMBERED = 1_000
"""Commands of earlier kernels that are looked through for those that have no answer."""
_MOST_ANSWERS = 10_000
"""Answers that are remembered, should the queue come back as it was before it got them."""
_KINDS: Mapping[CommandState, EventKind] = {
    CommandState.EXECUTED: EventKind.COMMAND_EXECUTED,
    CommandState.REFUSED: EventKind.COMMAND_REFUSED,
    CommandState.EXPIRED: EventKind.COMMAND_EXPIRED,
    CommandState.FAILED: EventKind.COMMAND_FAILED,
    CommandState.WITHDRAWN: EventKind.COMMAND_WITHDRAWN,
    CommandState.INTERRUPTED: EventKind.COMMAND_FAILED,
}


class CommandRecord:
    """Journals commands, and knows which of them earlier kernels began or ended.

    A kernel may have been killed after it carried a command out and before it answered. The
    journal knows, so the next kernel neither does it again nor says that it was not done.
    """

    def __init__(self, runtime: Runtime, store: Store | None) -> None:
        self._runtime = runtime
        self._store = store
        self._begun: set[str] | None = None
        self._alert: Alert | None = None
        self._answers: OrderedDict[str, CommandAnswer] = OrderedDict()

    async def received(self, command: Command, about: Address | None) -> None:
        """Put it on record that a command is about to be carried out.

        Raises:
            StoreError: It could not be recorded.
        """
        kind, context = EventKind.COMMAND_RECEIVED, _context(about)
        await self._runtime.record(kind, command.id, command, context)

    async def answered(self, answer: CommandAnswer, about: Address | None) -> None:
        """Put on record what became of a command.

        Raises:
            StoreError: It could not be recorded.
        """
        self._answers[answer.command] = answer
        if len(self._answers) > _MOST_ANSWERS:
            self._answers.popitem(last=False)
        kind, context = _KINDS[answer.state], _context(about)
        await self._runtime.record(kind, answer.command, answer, context)

    async def earlier(self, command: str) -> CommandAnswer | bool:
        """Return how a command was answered; else whether an earlier kernel had begun it.

        Raises:
            StoreError: The journal can't be read.
        """
        if self._begun is None:
            self._begun = await self._look_back()
        return self._answers.get(command) or command in self._begun

    async def alarm(self, problem: str) -> None:
        """Raise an alert that commands don't get through; end it when the problem is empty.

        Raises:
            StoreError: It could not be recorded.
        """
        now = self._runtime.clock.now()
        if problem:
            id_ = self._runtime.new_id(now)
            alert = Alert(id_, "commands_unreadable", "commands", Severity.WARNING, problem, now)
            self._alert = alert
            await self._runtime.record(EventKind.ALERT_RAISED, alert.id, alert)
        elif self._alert is not None:
            ended, self._alert = replace(self._alert, ended=now), None
            await self._runtime.record(EventKind.ALERT_ENDED, ended.id, ended)

    async def _look_back(self) -> set[str]:
        if self._store is None:
            return set()
        for kind in dict.fromkeys(_KINDS.values()):
            for event in await self._store.recent(kind, _REMEMBERED):
                try:
                    self._answers[event.subject] = from_json(CommandAnswer, dict(event.body))
                except InputError:
                    continue  # another version wrote it
        received = await self._store.recent(EventKind.COMMAND_RECEIVED, _REMEMBERED)
        return {event.subject for event in received}


def answer_to(
    command: Command, state: CommandState, message: str, runtime: Runtime, epoch: int
) -> CommandAnswer:
    """Return an answer to a command, made now."""
    return CommandAnswer(
        command=command.id,
        kind=command.kind,
        target=command.target,
        actor=command.actor,
        reason=command.reason,
        state=state,
        message=message,
        at=runtime.clock.now(),
        epoch=epoch,
    )


def _context(about: Address | None) -> TraceContext:
    if about is None or about.scheme != "run" or about.id == NEW_RUN:
        return TraceContext()
    return TraceContext(run=about.id, task=about.task or None)
