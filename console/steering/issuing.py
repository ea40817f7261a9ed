"""Issuing: the way of a proposal to the kernel, and of its answers back."""

from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from typing import Self

from dataagents.console.steering.identity import origin
from dataagents.console.steering.outcomes import Outcome
from dataagents.console.steering.proposal import (
    Proposal,
    check_proposal,
    commands_of,
    located,
)
from dataagents.core.clock import Clock
from dataagents.core.commands import Command, CommandAnswer
from dataagents.core.errors import InputError
from dataagents.storage import Holder, StoreReader
from dataagents.storage.commands import CommandFile, unanswered

WAIT = 10.0
"""Seconds that an answer is waited for."""
_LOOK = 0.1
"""Seconds between looks for the answers."""


class Steering:
    """Has a kernel do what is proposed, through the commands beside its store.

    Use it inside `async with`. The store itself is never opened for writing.

    Args:
        store: The store whose kernel is meant.
        clock: Where times, waits and limits come from.
        what: What issues commands here, such as `console`; it goes on record.
    """

    def __init__(self, store: Path, clock: Clock, *, what: str = "") -> None:
        self._store = store
        self._clock = clock
        self._what = what
        self._stack = AsyncExitStack()
        self._file = CommandFile(store, clock)

    async def __aenter__(self) -> Self:
        """Return it; the file of the commands is opened when it is first used."""
        await self._stack.enter_async_context(self._file)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    def kernel(self) -> Holder | None:
        """Return the kernel that has the store open now; None when there is none.

        Raises:
            StoreError: That can't be found out.
        """
        return StoreReader(self._store, clock=self._clock).holder()

    async def submit(self, proposal: Proposal, *, wait: float = WAIT) -> tuple[Outcome, ...]:
        """Have a proposal carried out, and return what became of it for each target.

        Args:
            proposal: It.
            wait: Seconds to wait for the answers; 0 returns at once.

        Raises:
            InputError: It makes no sense, or no kernel is there that could do it.
            StoreError: The commands can't be written or read.
        """
        return await self.await_answers(await self.issue(proposal), wait=wait)

    async def issue(self, proposal: Proposal) -> tuple[Command, ...]:
        """Put a proposal into the queue of the kernel, and return its commands.

        Doing so again does nothing again: the commands have the same answers.

        Raises:
            InputError: It makes no sense, or no kernel is there that could do it.
            StoreError: The commands can't be written or read.
        """
        now = self._clock.now()
        check_proposal(proposal, now)
        proposal = located(proposal, Path.cwd())
        commands = commands_of(proposal, now, origin(self._what))
        if proposal.epoch is not None and self.kernel() is None:
            earlier = await self._file.answers([each.id for each in commands])
            if len(earlier) < len(commands):
                raise no_kernel(self._store)
        await self._file.issue(commands)
        return commands

    async def await_answers(
        self, commands: Sequence[Command], *, wait: float = WAIT
    ) -> tuple[Outcome, ...]:
        """Return what becomes of commands that were issued, as far as that is known in time.

        A kernel that ends is not waited for: commands that were meant for it will be refused.

        Raises:
            StoreError: The answers can't be read.
        """
        ids = [command.id for command in commands]
        until = self._clock.monotonic() + wait
        for_one = all(command.epoch is not None for command in commands)
        answers = await self._file.answers(ids)
        why = "it was not waited for" if not wait else f"no answer within {wait:g} s"
        while len(answers) < len(ids) and self._clock.monotonic() < until:
            gone = for_one and self.kernel() is None
            if not gone:
                await self._clock.sleep(min(_LOOK, wait))
            answers = await self._file.answers(ids)  # it answers what it can before it goes
            if gone and len(answers) < len(ids):
                why = "the kernel ended before it answered; see whether it took effect"
                break
        return tuple(_outcome(command, answers.get(command.id), why) for command in commands)

    async def withdraw(
        self, commands: Sequence[Command], by: str, *, wait: float = WAIT
    ) -> tuple[Outcome, ...]:
        """Take commands back, and return what became of each: a kernel may have begun it already.

        Args:
            commands: Those that no kernel has answered.
            by: Who takes them back; it goes on record.
            wait: Seconds to wait for a kernel's answer, where there is a kernel.

        Raises:
            StoreError: The commands can't be written or read.
        """
        await self._file.withdraw([each.id for each in commands], by)
        taken = [replace(each, withdrawn=by) for each in commands]
        return await self.await_answers(taken, wait=0 if self.kernel() is None else wait)

    async def answer(self, id: str) -> CommandAnswer | None:
        """Return what became of a command; None while it has no answer.

        Raises:
            StoreError: The answers can't be read.
        """
        return (await self._file.answers([id])).get(id)

    async def waiting(self, limit: int = 100) -> tuple[Command, ...]:
        """Return commands that have no answer yet, the oldest first; the journal lacks them.

        Raises:
            StoreError: They can't be read.
        """
        return await unanswered(self._store, limit, self._clock)


def no_kernel(store: Path) -> InputError:
    """Return the error that nobody is there who could do anything."""
    hint = "Start one, and look again: what you see is what the last one left."
    return InputError(f"store {store.name}", "no kernel has it open", hint=hint)


def _outcome(command: Command, answer: CommandAnswer | None, why: str) -> Outcome:
    if answer is not None:
        return Outcome(command, answer)
    if command.withdrawn:
        return Outcome(command, None, "taken back; no kernel begins it from now on")
    return Outcome(command, None, f"{why}; it is not begun after {command.expires:%H:%M:%S} UTC")
