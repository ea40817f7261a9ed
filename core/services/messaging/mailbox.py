"""Mailboxes: what waits for an agent, handled one message at a time in each lane.

A worker task exists only while its lane has work, so an idle agent costs no task. The worker calls
the handler itself. Where the handler has to wait for something, a second task takes the lane over:
it stops the handler at its limit, and goes on with the next message.
"""

import asyncio
from collections import OrderedDict, deque
from collections.abc import Coroutine, Iterator
from typing import Protocol

from dataagents.core.messaging import Lane, Message, Receipt, lane_of

_BURST = 100
"""Messages that a worker handles before others get their turn."""


class Letter:
    """A message in a mailbox, and the one who waits for its receipt, if anybody does."""

    __slots__ = ("answered", "limit", "message", "receipt")

    def __init__(self, message: Message, receipt: "asyncio.Future[Receipt] | None") -> None:
        self.message = message
        self.receipt = receipt
        self.limit: float | None = None
        """Seconds that its handler may take, while it is being handled."""
        self.answered = False
        """Somebody has answered in its handler's place."""

    @property
    def unwanted(self) -> bool:
        """Whether its sender has gone, or has its answer."""
        return self.receipt is not None and self.receipt.done()


class PostOffice(Protocol):
    """What mailboxes need of the hub."""

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """The event loop that it works on; to ask for the running one takes longer."""
        ...

    async def handle(self, letter: Letter) -> None:
        """Have the agent handle a letter and answer whoever waits for the receipt."""
        ...

    async def watch(self, worker: "asyncio.Task[None]", letter: Letter) -> None:
        """Wait until a worker is done with a letter; stop it at its limit and answer in its place.

        It is stopped too when nobody wants the receipt any more.
        """
        ...

    def employ(self, work: Coroutine[None, None, None], name: str) -> "asyncio.Task[None]":
        """Start a worker; the hub stops it when it closes."""
        ...

    def retire(self, worker: "asyncio.Task[None] | None") -> None:
        """Note that a worker is about to end."""
        ...


class _Queue:
    """Letters in line: greater priority first, then one from each sender in turn.

    What one sender says in one conversation stays in its order, whatever the priorities.
    """

    __slots__ = ("_levels", "_only", "_threads", "size")

    def __init__(self) -> None:
        self.size = 0
        self._only: Letter | None = None
        """The one letter of a queue that was empty: most are alone, and need no order."""
        self._levels: dict[int, OrderedDict[str, deque[Letter]]] | None = None
        self._threads: dict[tuple[str, str], list[int]] = {}

    def __len__(self) -> int:
        return self.size

    def __iter__(self) -> Iterator[Letter]:
        levels = self._ordered()
        for level in sorted(levels, reverse=True):
            for queue in levels[level].values():
                yield from queue

    def put(self, letter: Letter) -> None:
        if self.size:
            self._line_up(letter, self._ordered())
        else:
            self._only = letter
        self.size += 1

    def pop(self) -> Letter:
        self.size -= 1
        letter = self._only
        if letter is not None:
            self._only = None
            return letter
        levels = self._ordered()
        level = max(levels) if len(levels) > 1 else next(iter(levels))
        senders = levels[level]
        sender = next(iter(senders))
        queue = senders[sender]
        letter = queue.popleft()
        if queue:
            if len(senders) > 1:
                senders.move_to_end(sender)
        else:
            self._forget(level, sender)
        self._leave_thread(letter.message)
        return letter

    def drop_oldest(self) -> Letter:
        """Take out what has waited longest of what matters least, of the one who has most."""
        levels = self._ordered()
        level = min(levels)
        sender = max(levels[level].items(), key=lambda item: len(item[1]))[0]
        letter = levels[level][sender].popleft()
        self.size -= 1
        if not levels[level][sender]:
            self._forget(level, sender)
        self._leave_thread(letter.message)
        return letter

    def _ordered(self) -> dict[int, OrderedDict[str, deque[Letter]]]:
        """Return the letters by priority and sender, the one that was alone among them."""
        levels = self._levels
        if levels is None:
            levels = self._levels = {}
        if self._only is not None:
            self._line_up(self._only, levels)
            self._only = None
        return levels

    def _line_up(self, letter: Letter, levels: dict[int, OrderedDict[str, deque[Letter]]]) -> None:
        message = letter.message
        priority = message.priority
        if message.conversation is not None:
            thread = self._threads.setdefault((message.sender, message.conversation), [priority, 0])
            priority = thread[0] = min(priority, thread[0])
            thread[1] += 1
        senders = levels.get(priority)
        if senders is None:
            senders = levels[priority] = OrderedDict()
        queue = senders.get(message.sender)
        if queue is None:
            queue = senders[message.sender] = deque()
        queue.append(letter)

    def _forget(self, level: int, sender: str) -> None:
        levels = self._ordered()
        del levels[level][sender]
        if not levels[level]:
            del levels[level]

    def _leave_thread(self, message: Message) -> None:
        if message.conversation is None:
            return
        thread = self._threads[message.sender, message.conversation]
        thread[1] -= 1
        if not thread[1]:
            del self._threads[message.sender, message.conversation]


class _Lane:
    """What one lane does at the moment; it is forgotten when it has nothing to do."""

    __slots__ = ("key", "letter", "queue", "room", "worker")

    def __init__(self, key: Lane) -> None:
        self.key = key
        self.queue = _Queue()
        self.letter: Letter | None = None
        """The one that is being handled."""
        self.worker: asyncio.Task[None] | None = None
        self.room: deque[asyncio.Future[None]] | None = None
        """Senders that wait until there is room."""

    def make_room(self) -> None:
        while self.room:
            waiting = self.room.popleft()
            if not waiting.done():
                waiting.set_result(None)
                return


class Mailbox:
    """One agent's mailbox.

    Args:
        agent: Whose it is.
        office: Who handles what is in it.
        size: Letters that may wait in a lane.
        overflow: What happens to one more: its sender has to `wait`, it is `refuse`d, or the oldest
            one is dropped for it (`drop_oldest`).
    """

    __slots__ = ("_agent", "_lanes", "_office", "_size", "overflow")

    def __init__(self, agent: str, office: PostOffice, size: int, overflow: str) -> None:
        self._agent = agent
        self._office = office
        self._size = size
        self._lanes: dict[Lane, _Lane] | None = None
        self.overflow = overflow

    def __len__(self) -> int:
        """Return how many messages wait."""
        return sum(len(lane.queue) for lane in self._lanes.values()) if self._lanes else 0

    @property
    def busy(self) -> int:
        """How many messages wait or are being handled."""
        lanes = self._lanes.values() if self._lanes else ()
        return sum(len(lane.queue) + (lane.letter is not None) for lane in lanes)

    async def room(self, message: Message) -> None:
        """Wait until there is room for a message."""
        while self._is_full(lane := self._lane(message)):
            waiting = self._office.loop.create_future()
            lane.room = lane.room if lane.room is not None else deque()
            lane.room.append(waiting)
            try:
                await waiting
            except asyncio.CancelledError:
                if waiting.done() and not waiting.cancelled():
                    lane.make_room()
                raise

    def drop_oldest(self, message: Message) -> Letter:
        """Take out the oldest letter of a message's lane."""
        return self._lane(message).queue.drop_oldest()

    def put(self, letter: Letter) -> bool:
        """Line a letter up; False when there is no room for it in its lane."""
        lane = self._lane(letter.message)
        if lane.queue.size >= self._size and self._is_full(lane):
            return False
        lane.queue.put(letter)
        if lane.worker is None:
            lane.worker = self._office.employ(self._drain(lane), self._agent)
        return True

    def take_back(self) -> tuple[Letter, ...]:
        """Empty the mailbox and return what was not handled, in order."""
        left: list[Letter] = []
        for lane in self._lanes.values() if self._lanes else ():
            left += [letter for letter in lane.queue if not letter.unwanted]
            lane.queue = _Queue()
            while lane.room:
                lane.make_room()
        return tuple(left)

    def _lane(self, message: Message) -> _Lane:
        if self._lanes is None:
            self._lanes = {}
        key = lane_of(message.type)
        lane = self._lanes.get(key)
        if lane is None:
            lane = self._lanes[key] = _Lane(key)
        return lane

    def _is_full(self, lane: _Lane) -> bool:
        if len(lane.queue) < self._size:
            return False
        kept = _Queue()
        for letter in lane.queue:
            if not letter.unwanted:
                kept.put(letter)
        lane.queue = kept
        return len(kept) >= self._size

    async def _drain(self, lane: _Lane) -> None:
        loop, worker = self._office.loop, lane.worker
        try:
            while True:
                # Runs as soon as this task has to wait for something, or is done.
                loop.call_soon(self._look, lane, worker)
                for _ in range(_BURST):
                    if not lane.queue.size:
                        return
                    letter = lane.queue.pop()
                    if lane.room:
                        lane.make_room()
                    if letter.receipt is not None and letter.receipt.done():
                        continue  # nobody wants it any more
                    lane.letter = letter
                    await self._office.handle(letter)
                    if lane.worker is not worker:
                        return  # the lane was taken over while this one waited
                    lane.letter = None
                await asyncio.sleep(0)
        finally:
            self._office.retire(worker)
            if lane.worker is worker:
                lane.worker = lane.letter = None
                self._forget(lane)

    def _look(self, lane: _Lane, worker: "asyncio.Task[None] | None") -> None:
        if worker is not None and lane.worker is worker and lane.letter is not None:
            work = self._take_over(lane, worker, lane.letter)
            lane.worker = self._office.employ(work, self._agent)

    async def _take_over(self, lane: _Lane, worker: "asyncio.Task[None]", letter: Letter) -> None:
        """See to a handler that has to wait for something, then go on with the lane."""
        await self._office.watch(worker, letter)
        lane.letter = None
        await self._drain(lane)

    def _forget(self, lane: _Lane) -> None:
        """Keep nothing of a lane that is at rest: most agents are idle most of the time."""
        if self._lanes is not None and not lane.queue.size and not lane.room:
            if self._lanes.get(lane.key) is lane:
                del self._lanes[lane.key]
            self._lanes = self._lanes or None
