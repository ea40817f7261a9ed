"""Mailboxes: what waits for an agent, handled one message at a time in each of two lanes.

A worker task exists only while its lane has work, so an idle agent costs no task.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import count

from dataagents.core.messaging import WORK, Message, Receipt

Work = Callable[[Message], Awaitable[Receipt]]
Spawn = Callable[[Coroutine[None, None, None], str], None]
"""Starts a task that somebody owns."""


@dataclass(order=True, slots=True)
class _Waiting:
    """A message in line: greater priority first, then as they came."""

    order: tuple[int, int]
    message: Message = field(compare=False)
    receipt: "asyncio.Future[Receipt]" = field(compare=False)


@dataclass(slots=True)
class _Lane:
    waiting: list[_Waiting] = field(default_factory=list)
    busy: bool = False


class Mailbox:
    """One agent's mailbox."""

    def __init__(self, agent: str, work: Work, spawn: Spawn, size: int) -> None:
        self._agent = agent
        self._work = work
        self._spawn = spawn
        self._size = size
        self._count = count()
        self._long = _Lane()
        self._short = _Lane()

    def __len__(self) -> int:
        """Return how many messages wait."""
        return len(self._long.waiting) + len(self._short.waiting)

    def put(self, message: Message) -> "asyncio.Future[Receipt] | None":
        """Line a message up.

        Returns:
            What will hold its receipt once it was handled; None when the mailbox is full.
        """
        if len(self) >= self._size:
            return None
        lane = self._long if message.type in WORK else self._short
        receipt: asyncio.Future[Receipt] = asyncio.get_running_loop().create_future()
        order = (-message.priority, next(self._count))
        heappush(lane.waiting, _Waiting(order, message, receipt))
        if not lane.busy:
            lane.busy = True
            self._spawn(self._drain(lane), f"mailbox {self._agent}")
        return receipt

    def take_back(self) -> tuple[tuple[Message, "asyncio.Future[Receipt]"], ...]:
        """Empty the mailbox and return what was not handled, in order."""
        left = sorted(self._long.waiting + self._short.waiting)
        self._long.waiting.clear()
        self._short.waiting.clear()
        return tuple((each.message, each.receipt) for each in left)

    async def _drain(self, lane: _Lane) -> None:
        try:
            while lane.waiting:
                each = heappop(lane.waiting)
                if each.receipt.cancelled():
                    continue
                receipt = await self._work(each.message)
                if not each.receipt.done():
                    each.receipt.set_result(receipt)
        finally:
            lane.busy = False
