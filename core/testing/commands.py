"""A queue of commands in memory, and a store that has one."""

from collections.abc import Sequence
from dataclasses import replace

from dataagents.core.commands import Command, CommandAnswer
from dataagents.core.testing.store import MemoryStore


class MemoryCommands:
    """Keeps commands and answers in lists, each id once."""

    def __init__(self, epoch: int = 1) -> None:
        self.epoch = epoch
        self.issued: list[Command] = []
        """Everything that was issued, oldest first."""
        self.answers: dict[str, CommandAnswer] = {}
        """Command → what became of it."""
        self._news = False

    def issue(self, *commands: Command) -> None:
        """Put commands in, as an operator in another process would."""
        known = {command.id for command in self.issued}
        self.issued += [command for command in commands if command.id not in known]
        self._news = True

    def withdraw(self, id: str, by: str) -> None:
        """Take a command back, as an operator in another process would."""
        self.issued = [
            replace(each, withdrawn=by) if each.id == id else each for each in self.issued
        ]
        self._news = True

    async def changed(self) -> bool:
        """Return whether something was issued since the last call."""
        changed, self._news = self._news, False
        return changed

    async def waiting(self, limit: int) -> tuple[Command, ...]:
        """Return the first `limit` commands without an answer."""
        open_ = [command for command in self.issued if command.id not in self.answers]
        return tuple(open_[:limit])

    async def answer(self, answers: Sequence[CommandAnswer]) -> None:
        """Keep answers; a first one stands."""
        for answer in answers:
            self.answers.setdefault(answer.command, answer)


class CommandedStore(MemoryStore):
    """A store in memory with commands beside it."""

    def __init__(self, epoch: int = 1) -> None:
        super().__init__()
        self.commands = MemoryCommands(epoch)
