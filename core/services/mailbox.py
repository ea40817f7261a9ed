"""Mailboxes: what waits for an agent, handled one message at a time in each lane.

A worker task exists only while its lane has work, so an idle agent costs no task.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush
from itertools import count

from dataagents.core.messaging import Lane, Message, Receipt, lane_of

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
        self._lanes = {lane: _Lane() for lane in Lane}

    def __len__(self) -> int:
        """Return how many messages wait."""
        return sum(len(lane.waiting) for lane in self._lanes.values())

    def put(self, message: Message) -> "asyncio.Future[Receipt] | None":
        """Line a message up.

        Returns:
            What will hold its receipt once it was handled, or the error that nobody could handle;
            cancelling it stops the handling. None when the mailbox is full.
        """
        if len(self) >= self._size:
            self._forget_cancelled()
        if len(self) >= self._size:
            return None
        lane = self._lanes[lane_of(message.type)]
        receipt: asyncio.Future[Receipt] = asyncio.get_running_loop().create_future()
        order = (-message.priority, next(self._count))
        heappush(lane.waiting, _Waiting(order, message, receipt))
        if not lane.busy:
            lane.busy = True
            self._spawn(self._drain(lane), f"mailbox {self._agent}")
        return receipt

    def take_back(self) -> tuple[tuple[Message, "asyncio.Future[Receipt]"], ...]:
        """Empty the mailbox and return what was not handled, in order."""
        left = sorted(each for lane in self._lanes.values() for each in lane.waiting)
        for lane in self._lanes.values():
            lane.waiting.clear()
        return tuple((each.message, each.receipt) for each in left if not each.receipt.done())

    def _forget_cancelled(self) -> None:
        for lane in self._lanes.values():
            lane.waiting = [each for each in lane.waiting if not each.receipt.done()]
            heapify(lane.waiting)

    async def _drain(self, lane: _Lane) -> None:
        try:
            while lane.waiting:
                each = heappop(lane.waiting)
                if not each.receipt.done():
                    await self._handle(each)
        finally:
            lane.busy = False

    async def _handle(self, each: _Waiting) -> None:
        handling = asyncio.ensure_future(self._work(each.message))
        each.receipt.add_done_callback(lambda receipt: handling.cancel())
        try:
            await asyncio.wait({handling})
            if not each.receipt.done():
                if handling.cancelled():
                    each.receipt.cancel()
                elif (error := handling.exception()) is not None:
                    each.receipt.set_exception(error)
                else:
                    each.receipt.set_result(handling.result())
        finally:
            # Whoever waits gets an answer, and nothing goes on, whatever happens to this worker.
            each.receipt.cancel()
            handling.cancel()
            await asyncio.wait({handling})
