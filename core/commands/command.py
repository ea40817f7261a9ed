"""A command: what an operator wants, as a row that outlives both the operator and the kernel.

A command is issued into a queue beside the store and answered there; only the kernel that drains
the queue acts on it, and only the kernel writes the store.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol, runtime_checkable

LONGEST_TEXT = 2_000
"""Characters of a reason, an argument or an answer."""
LONGEST_NAME = 200
"""Characters of an id, a target, an actor or the name of an argument."""
MOST_ARGUMENTS = 20


class CommandKind(StrEnum):
    """What can be wanted; `ACTIONS` says of what, and to what effect."""

    PAUSE = "pause"
    RESUME = "resume"
    CANCEL = "cancel"
    RETRY = "retry"
    DRAIN = "drain"
    REDEPLOY = "redeploy"
    REPLAN = "replan"
    RECALL = "recall"
    CAST = "cast"
    ANSWER = "answer"
    ACKNOWLEDGE = "acknowledge"
    START = "start"


class CommandState(StrEnum):
    """What became of a command."""

    EXECUTED = "executed"
    REFUSED = "refused"
    """It was not begun: something about it was wrong, or it was meant for another kernel."""
    EXPIRED = "expired"
    """It was not begun: no kernel got to it in time."""
    FAILED = "failed"
    """It was begun and did not succeed."""
    WITHDRAWN = "withdrawn"
    """It was not begun: an operator took it back before a kernel got to it."""
    INTERRUPTED = "interrupted"
    """It was begun, and the kernel ended before it had: look whether it took effect."""


@dataclass(frozen=True, slots=True)
class Command:
    """One thing that an operator wants done to one target."""

    id: str
    """Chosen by the issuer; a second command with it is passed over."""
    kind: str
    """A `CommandKind`; any other text is refused by name."""
    target: str
    """An address such as `run:ID`; see `addresses`."""
    actor: str
    """Who wants it, as they said: nobody checks a password."""
    made: datetime
    expires: datetime
    """It is not begun after this."""
    reason: str = ""
    arguments: Mapping[str, str] = field(default_factory=dict)
    epoch: int | None = None
    """Count of the opening of the store by the kernel that it is meant for; None for any kernel."""
    origin: str = ""
    """User, host and process that issued it, as they said."""
    withdrawn: str = ""
    """Who took it back before it was begun; empty when nobody did."""
    problem: str = ""
    """Why the row that it came from can't be understood; empty when it can."""


@dataclass(frozen=True, slots=True)
class CommandAnswer:
    """What became of a command; it repeats the command, so that it can be read by itself."""

    command: str
    """Its id."""
    kind: str
    target: str
    actor: str
    reason: str
    state: CommandState
    message: str
    at: datetime
    epoch: int
    """Of the kernel that answered."""

    @property
    def executed(self) -> bool:
        """Whether what was wanted was done."""
        return self.state is CommandState.EXECUTED


class CommandQueue(Protocol):
    """Where commands wait for the kernel, and their answers for whoever issued them.

    Everything here raises `StoreError` when the queue can't be read or written now; it may go
    better the next time.
    """

    @property
    def epoch(self) -> int:
        """Which opening of the store this is, for commands that are meant for one kernel."""
        ...

    async def changed(self) -> bool:
        """Return whether somebody may have issued something since the last call; cheap."""
        ...

    async def waiting(self, limit: int) -> Sequence[Command]:
        """Return the first `limit` commands without an answer, the oldest first.

        Whatever a row holds, it comes as a command: what can't be understood has a `problem`.
        """
        ...

    async def answer(self, answers: Sequence[CommandAnswer]) -> None:
        """Keep answers, all or none; one to a command that has an answer is passed over."""
        ...


@runtime_checkable
class Commanded(Protocol):
    """A store that has a queue of commands beside it."""

    @property
    def commands(self) -> CommandQueue | None:
        """The queue; None while the store is not open."""
        ...


def commands_of(store: object) -> CommandQueue | None:
    """Return the queue beside a store; None when it has none."""
    return store.commands if isinstance(store, Commanded) else None
