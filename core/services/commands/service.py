"""The command service: drains the queue beside the store, checks, carries out, answers.

Only this service acts on what operators want, in any process. A command that was begun is on record
before anything happens, and what became of it before the operator is told. Nothing that a command
does, and nothing that the queue holds, can hurt the kernel: what goes wrong is an answer.
"""

import asyncio
import logging
from dataclasses import replace
from typing import Protocol, Self

from dataagents.core.commands import (
    Address,
    Command,
    CommandAnswer,
    CommandQueue,
    CommandState,
    check_command,
    commands_of,
)
from dataagents.core.commands.command import LONGEST_TEXT
from dataagents.core.errors import DataAgentsError, InputError, StoreError
from dataagents.core.journal import Store
from dataagents.core.services.commands.record import CommandRecord, answer_to
from dataagents.core.services.runtime import Runtime
from dataagents.core.suggestions import did_you_mean

_log = logging.getLogger(__name__)

_AT_ONCE = 32
"""Commands that are carried out at the same time."""
_LOOKED_AT = 256
"""Commands that one look takes from the queue."""
_LONGEST_PAUSE = 30.0
"""Seconds between looks while the queue can't be read."""


class Acts(Protocol):
    """What carries commands out."""

    async def carry_out(self, command: Command, about: Address) -> str:
        """Do what a command says and return what came of it, in a sentence.

        Raises:
            InputError: It could not be begun.
            DataAgentsError: It was begun and failed.
        """
        ...

    async def close(self) -> None:
        """End what commands have begun."""
        ...


class CommandService:
    """Acts on commands while it is entered.

    Commands about the same target are carried out one after the other, in the order in which they
    were issued; those about different targets side by side.

    Args:
        runtime: The ground that all services share.
        store: The store; without a queue of commands beside it there is nothing to do.
        acting: Carries them out.
    """

    def __init__(self, runtime: Runtime, store: Store | None, acting: Acts) -> None:
        self._runtime = runtime
        self._queue: CommandQueue | None = commands_of(store)
        self._record = CommandRecord(runtime, store)
        self._acting = acting
        self._task: asyncio.Task[None] | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._running: dict[str, tuple[Command, asyncio.Task[None]]] = {}
        """Target → the command about it that is carried out."""
        self._taken: set[str] = set()
        """Commands that were begun or judged here, until the queue has their answers."""
        self._unsent: dict[str, CommandAnswer] = {}
        """Answers that the queue has not got yet, by command."""
        self._again = False
        self._failures = 0
        self.problem = ""
        """Why commands can't be read or answered now; empty when they can."""

    async def __aenter__(self) -> Self:
        """Begin to look for commands; the first look is at once."""
        interval = self._runtime.config.command_interval
        if self._queue is not None and interval is not None:
            self._task = asyncio.create_task(self._watch(self._queue, interval), name="commands")
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop; what has not come to its end is answered as interrupted."""
        await self._acting.close()
        if self._task is None:
            return
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        cut_off = tuple(self._running.values())
        await asyncio.gather(*(self._runtime.boundary.stop(task) for _, task in cut_off))
        await asyncio.gather(*self._tasks, return_exceptions=True)  # these only write answers
        for command in [each for each, _task in cut_off]:
            message = "the kernel ended first; see whether it took effect"
            await self._settle(command, None, CommandState.INTERRUPTED, message)

    async def _watch(self, queue: CommandQueue, interval: float) -> None:
        while True:
            try:
                await self._runtime.boundary.here("kernel", "commands", self.poll, quarantine=False)
            except DataAgentsError as error:
                await self._report(str(error))
            pause = interval * 2.0 ** min(self._failures, 30)
            await self._runtime.clock.sleep(min(pause, max(interval, _LONGEST_PAUSE)))

    async def poll(self) -> None:
        """Look once: begin what can be begun, and send the answers that are due.

        Raises:
            StoreError: The queue, or the journal, can't be read or written now.
        """
        queue = self._queue
        if queue is None:
            return
        await self._send()
        news = await queue.changed()
        if news or self._again:
            self._again = True  # unless this look comes to its end
            commands = await queue.waiting(_LOOKED_AT)
            left = [each for each in commands if not await self._take(each, queue.epoch)]
            self._again = bool(left) or len(commands) == _LOOKED_AT
        await self._report("")

    async def _take(self, command: Command, epoch: int) -> bool:
        """Answer a command at once, begin it, or leave it for another look (False)."""
        if command.id in self._taken:
            return True
        earlier = await self._record.earlier(command.id)
        if isinstance(earlier, CommandAnswer):
            self._unsent[command.id] = earlier
            await self._send()
            return True
        if earlier:  # begun, and no more
            message = "an earlier kernel began it and was killed; see whether it took effect"
            await self._settle(command, None, CommandState.INTERRUPTED, message)
            return True
        about: Address | None = None
        if command.withdrawn:
            message = f"{command.withdrawn} took it back before it was begun"
            await self._settle(command, about, CommandState.WITHDRAWN, message)
            return True
        try:
            about = check_command(command)
            self._check_actor(command)
        except InputError as error:
            await self._settle(command, about, CommandState.REFUSED, str(error))
            return True
        if self._runtime.clock.now() >= command.expires:
            message = f"it was meant to be done before {command.expires:%Y-%m-%d %H:%M:%S} UTC"
            await self._settle(command, about, CommandState.EXPIRED, message)
        elif command.epoch not in (None, epoch):
            message = (
                f"it was meant for the kernel of epoch {command.epoch}, and this is the one of "
                f"epoch {epoch}: look again, and give it anew if you still want it"
            )
            await self._settle(command, about, CommandState.REFUSED, message)
        elif str(about) in self._running or len(self._running) >= _AT_ONCE:
            return False
        else:
            await self._record.received(command, about)
            self._begin(command, about)
        return True

    def _begin(self, command: Command, about: Address) -> None:
        self._taken.add(command.id)
        task = asyncio.create_task(self._work(command, about), name=f"command {command.kind}")
        self._running[str(about)] = command, task
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _check_actor(self, command: Command) -> None:
        allowed = self._runtime.config.operators
        if allowed is not None and command.actor not in allowed:
            hint = did_you_mean(command.actor, allowed).strip()
            raise InputError(
                f"actor {command.actor!r}", "is none of the configured operators", hint=hint
            )

    async def _work(self, command: Command, about: Address) -> None:
        try:
            state, message = await self._outcome(command, about)
        finally:
            del self._running[str(about)]
        await self._settle(command, about, state, message)

    async def _outcome(self, command: Command, about: Address) -> tuple[CommandState, str]:
        try:
            said = await self._runtime.boundary.call(
                "kernel",
                f"command {command.kind}",
                lambda: self._acting.carry_out(command, about),
                limit=self._runtime.config.task_timeout,
                returns=str,
                quarantine=False,
            )
        except InputError as error:
            return CommandState.REFUSED, str(error)
        except DataAgentsError as error:
            return CommandState.FAILED, str(error)
        return CommandState.EXECUTED, said

    async def _settle(
        self, command: Command, about: Address | None, state: CommandState, message: str
    ) -> None:
        """Put it on record what became of a command, then tell whoever issued it."""
        self._taken.add(command.id)
        epoch = self._queue.epoch if self._queue is not None else 0
        answer = answer_to(command, state, message[:LONGEST_TEXT], self._runtime, epoch)
        try:
            await self._record.answered(answer, about)
        except StoreError as error:
            _log.error("command %s: its outcome is not on record: %s", command.id, error)
            answer = replace(answer, message=f"{answer.message} (not on record: {error})")
        self._unsent[command.id] = answer
        try:
            await self._send()
        except StoreError as error:
            await self._report(str(error))  # the next look sends it

    async def _send(self) -> None:
        if self._queue is not None and self._unsent:
            answers = tuple(self._unsent.values())
            await self._queue.answer(answers)
            for answer in answers:
                self._unsent.pop(answer.command, None)
                self._taken.discard(answer.command)

    async def _report(self, problem: str) -> None:
        """Tell people once that commands don't get through, and once that they do again."""
        self._failures = self._failures + 1 if problem else 0
        if bool(problem) is not bool(self.problem):
            if problem:
                _log.warning("commands can't be taken: %s", problem)
            self.problem = problem
            try:
                await self._record.alarm(problem)
            except DataAgentsError as error:
                _log.error("commands: %s", error)
        self.problem = problem
