"""The outbox: guaranteed messages that an earlier kernel had sent, and not brought home.

They leave again under their ids as soon as their recipients are there. A message is at home once
its receipt is on record; one whose receipt is lost with the process is handled once more.
"""

from collections.abc import Awaitable, Callable, Coroutine, Iterable

from dataagents.core.messaging import Message
from dataagents.core.services.correspondence.archive import Archive
from dataagents.core.services.runtime import Runtime

Spawn = Callable[[Coroutine[None, None, None], str], None]
"""Starts something that the hub ends when it closes."""


class Outbox:
    """Holds messages until their recipients have come.

    Args:
        runtime: Says how many are held at a time, `remembered_messages`: the others stay in the
            store until these are at home.
        archive: Where the messages are read from.
        here: Who is there; a live view.
        deliver: Delivers a message that is on record.
        spawn: Starts a delivery.
    """

    def __init__(
        self,
        runtime: Runtime,
        archive: Archive,
        here: Iterable[str],
        deliver: Callable[[Message], Awaitable[object]],
        spawn: Spawn,
    ) -> None:
        self._archive = archive
        self._most = runtime.config.remembered_messages
        self._now = runtime.steady
        self._here = here
        self._deliver = deliver
        self._spawn = spawn
        self._held: dict[str, list[Message]] = {}
        self._under_way: set[str] = set()
        self._more = False

    def __len__(self) -> int:
        """Return how many messages wait for their recipients."""
        return sum(map(len, self._held.values()))

    async def load(self) -> None:
        """Read what is to be delivered again; what has expired leaves at once, to be settled."""
        now = self._now()
        messages = await self._archive.unsettled(self._most)
        self._more = len(messages) == self._most
        waiting = {each.id for held in self._held.values() for each in held}
        for message in messages:
            if message.id in waiting or message.id in self._under_way:
                continue
            if message.deadline is not None and message.deadline <= now:
                self._send_off(message)
            else:
                self._held.setdefault(message.recipient, []).append(message)

    def leave(self, *recipients: str) -> None:
        """Let what is held for recipients leave, now that they are there."""
        for recipient in recipients:
            for message in self._held.pop(recipient, ()):
                self._send_off(message)

    def _send_off(self, message: Message) -> None:
        self._under_way.add(message.id)
        self._spawn(self._bring_home(message), f"message {message.id}")

    async def _bring_home(self, message: Message) -> None:
        try:
            await self._deliver(message)
        finally:
            self._under_way.discard(message.id)
        if self._more and not self._under_way:
            await self.load()
            self.leave(*self._here)
