"""The outbox: guaranteed messages that an earlier kernel had sent, and not brought home.

They leave again under their ids as soon as their recipients are there. A message is at home once
its receipt is on record; one whose receipt is lost with the process is handled once more. One that
ends the process each time is not tried for ever: each time is on record before the message leaves,
and one that was under way when a process ended leaves alone, so that others aren't suspected.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterable

from dataagents.core.messaging import Message, ReceiptStatus
from dataagents.core.services.correspondence.archive import Archive
from dataagents.core.services.durability.shielding import to_the_end
from dataagents.core.services.messaging.admission import Door
from dataagents.core.services.messaging.exchanges import receipt_of
from dataagents.core.services.messaging.ledger import Ledger
from dataagents.core.services.runtime import Runtime

Spawn = Callable[[Coroutine[None, None, None], str], None]
"""Starts something that the hub ends when it closes."""


class Outbox:
    """Holds messages until their recipients have come.

    Args:
        runtime: Says how many are held at a time, `remembered_messages`: the others stay in the
            store until these are at home. Says how often each is tried, `delivery_attempts`.
        archive: Where the messages are read from.
        ledger: Puts on record how often they were tried.
        door: Whether the hub closes.
        here: Who is there; a live view.
        deliver: Delivers a message that is on record.
        spawn: Starts a delivery.
    """

    def __init__(
        self,
        runtime: Runtime,
        archive: Archive,
        ledger: Ledger,
        door: Door,
        here: Iterable[str],
        deliver: Callable[[Message], Awaitable[object]],
        spawn: Spawn,
    ) -> None:
        self._archive = archive
        self._ledger = ledger
        self._door = door
        self._most = runtime.config.remembered_messages
        self._attempts = runtime.config.delivery_attempts
        self._now = runtime.steady
        self._clock = runtime.clock
        self._here = here
        self._deliver = deliver
        self._spawn = spawn
        self._held: dict[str, list[Message]] = {}
        self._under_way: set[str] = set()
        self._tries: dict[str, int] = {}
        """Message → how often kernels after the first, and before this one, have tried it."""
        self._alone = asyncio.Lock()
        """Of the one message under way that was so before, when a process ended."""
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
        new = [each for each in messages if each.id not in waiting | self._under_way]
        tries = await self._archive.tries([each.id for each in new])
        self._tries |= tries
        # What is least suspected first: it is at home before the worst one ends the process.
        for message in sorted(new, key=lambda each: tries.get(each.id, 0)):
            expired = message.deadline is not None and message.deadline <= now
            if expired or tries.get(message.id, 0) >= self._attempts:
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
        tries = self._tries.pop(message.id, 0)
        try:
            if tries >= self._attempts:
                await self._give_up(message, tries)
            elif tries:
                async with self._alone:
                    await self._try(message, tries)
            else:
                await self._try(message, tries)
        finally:
            self._under_way.discard(message.id)
        if self._more and not self._under_way:
            await self.load()
            self.leave(*self._here)

    async def _try(self, message: Message, tries: int) -> None:
        if self._closes():
            return
        await self._ledger.tried(message, tries + 1)
        try:
            await self._deliver(message)
        finally:
            if self._closes():  # the kernel closes in order: that is nobody's fault
                await to_the_end(self._ledger.tried(message, tries))

    def _closes(self) -> bool:
        return self._door.closed

    async def _give_up(self, message: Message, tries: int) -> None:
        times = f"{tries} times" if tries > 1 else "once"
        reason = f"it was delivered again {times}, and each time the process ended"
        receipt = receipt_of(message, ReceiptStatus.AGENT_FAILED, self._clock.now(), reason)
        await self._ledger.commit(self._ledger.booked(message, receipt))
