"""Simulation: a whole kernel on an event loop whose time and order come from a seed.

Time passes only when nothing else can happen, so an hour of waiting takes no time. Of what could
run next, chance chooses: two tasks that only work in the order in which they happen to be woken
fail for some seed. And where nothing can happen any more, or time runs out, the tasks that wait
are named rather than waited for. The same seed gives the same run, so what failed can be looked
at again.

The idea is that of FoundationDB's simulator (Zhou et al., "FoundationDB: A Distributed Unbundled
Transactional Key Value Store", SIGMOD 2021, 4).
"""

import asyncio
import random
import selectors
from collections import deque
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import Executor
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from random import Random
from typing import Any, TypeVar, TypeVarTuple

from dataagents.core.testing.clock import START

T = TypeVar("T")
Ts = TypeVarTuple("Ts")
_MOST_NAMED = 12


class SimulationStuck(AssertionError):  # noqa: N818  # it is a failed test, and no error of a program
    """Nothing can happen any more, or too much has; says who waits where."""


class Simulation:
    """One run of a scenario: its seed, its clock, and what was noted about it.

    Args:
        seed: What chance goes by.
        loop: The event loop that the scenario runs on.
    """

    def __init__(self, seed: int, loop: "SimulatedLoop") -> None:
        self.seed = seed
        self.clock = SimulatedClock(loop)
        self.random = Random(f"faults {seed}")
        """For the scenario's own choices: the order of tasks has a source of its own."""
        self.trace: list[str] = []
        """What was noted, each with its time; equal for equal seeds."""

    def note(self, text: str) -> None:
        """Add a line to the trace."""
        self.trace.append(f"{self.clock.monotonic():.6f} {text}")


class SimulatedClock:
    """The time of a simulated loop; fulfils `Clock`."""

    def __init__(self, loop: "SimulatedLoop") -> None:
        self._loop = loop

    def now(self) -> datetime:
        """Return the simulated time, in UTC."""
        return START + timedelta(seconds=self._loop.time())

    def monotonic(self) -> float:
        """Return the simulated seconds since the beginning."""
        return self._loop.time()

    async def sleep(self, seconds: float) -> None:
        """Wait on the loop."""
        await asyncio.sleep(seconds)

    def limit(self, seconds: float | None) -> AbstractAsyncContextManager[object]:
        """Return the event loop's own timeout, which goes by the simulated time."""
        return asyncio.timeout(seconds)


def simulate(
    scenario: Callable[[Simulation], Coroutine[Any, Any, T]],
    seed: int,
    *,
    begin: float = 0.0,
    until: float = 3600.0,
    steps: int = 2_000_000,
) -> T:
    """Run a scenario to its end and return what it returns.

    It must not use sockets or threads of its own: nothing outside of the loop ever happens.
    What is handed to an executor, as by `asyncio.to_thread`, is done in one go.

    Args:
        scenario: A coroutine function; give its clock to the kernel.
        seed: Chooses the order of tasks, and what `Simulation.random` gives.
        begin: The time at which it begins, for what goes on with what an earlier one left.
        until: Simulated seconds that it may take.
        steps: Callbacks that it may take: a loop that never waits needs no time.

    Raises:
        SimulationStuck: It never ends, or not within that.
    """
    loop = SimulatedLoop(Random(f"order {seed}"), begin=begin, until=until, steps=steps)
    runner = asyncio.Runner(loop_factory=lambda: loop)
    chance_elsewhere = random.getstate()
    random.seed(f"elsewhere {seed}")  # what plugins and libraries may draw from
    try:
        return runner.run(scenario(Simulation(seed, loop)))
    finally:
        random.setstate(chance_elsewhere)
        loop.forgive()
        try:
            runner.close()
        except SimulationStuck:  # whoever hung does so when cancelled, too
            loop.close()


class SimulatedLoop(asyncio.SelectorEventLoop):
    """An event loop with a time of its own, which runs what is ready in random order.

    Args:
        order: Chooses what runs next.
        begin: The time at which it begins.
        until: Seconds after which it gives up.
        steps: The number of callbacks after which it does.
    """

    def __init__(self, order: Random, *, begin: float, until: float, steps: int) -> None:
        self._now = begin
        self._until = begin + until
        super().__init__(_Skipping(self._skip))
        self._numbers = count()
        self._ready: deque[asyncio.Handle] = _Shuffled(order, steps, self._stuck)
        self.set_task_factory(_numbered_task)

    def time(self) -> float:
        """Return the simulated seconds since the beginning."""
        return self._now

    def create_future(self) -> "asyncio.Future[Any]":
        """Return a future that has its place in a set from the order of creation."""
        return _NumberedFuture(loop=self)

    def run_in_executor(
        self, executor: Executor | None, func: Callable[[*Ts], T], *args: *Ts
    ) -> "asyncio.Future[T]":
        """Do what would be done by a thread, in one go, as soon as chance has it."""

        async def work() -> T:
            return func(*args)

        return self.create_task(work(), name=f"thread: {getattr(func, '__name__', func)}")

    def number(self) -> int:
        """Return how many tasks and futures there were before."""
        return next(self._numbers)

    def forgive(self) -> None:
        """Let whatever is left be cancelled, however long it took so far."""
        self._until = self._now + 3600.0

    def _skip(self, seconds: float | None) -> None:
        if seconds is None:
            raise self._stuck("nothing can happen any more")
        if self._now + seconds > self._until:
            raise self._stuck(f"it is not over at {self._until:g} simulated seconds")
        self._now += seconds

    def _stuck(self, problem: str) -> SimulationStuck:
        waiting = sorted(_place(task) for task in asyncio.all_tasks(self))
        more = [f"and {len(waiting) - _MOST_NAMED} more"] if len(waiting) > _MOST_NAMED else []
        return SimulationStuck("\n  ".join((problem, *waiting[:_MOST_NAMED], *more)))


class _Skipping(selectors.SelectSelector):
    """Waits for nothing: lets the time pass."""

    def __init__(self, skip: Callable[[float | None], None]) -> None:
        super().__init__()
        self._skip = skip

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None or timeout > 0:
            self._skip(timeout)
        return []


class _Shuffled(deque[asyncio.Handle]):
    """What is ready to run; any of it comes next."""

    def __init__(self, order: Random, steps: int, stuck: Callable[[str], SimulationStuck]) -> None:
        super().__init__()
        self._order = order
        self._left = steps
        self._stuck = stuck

    def popleft(self) -> asyncio.Handle:
        self._left -= 1
        if self._left == 0:
            raise self._stuck("it goes on and on")
        if len(self) > 1:
            self.rotate(-self._order.randrange(len(self)))
        return super().popleft()


# Sets of tasks and futures are gone through in the order of their hashes, which are addresses
# otherwise, and so another order each time.


class _NumberedFuture(asyncio.Future[Any]):
    def __init__(self, *, loop: SimulatedLoop) -> None:
        self._number = loop.number()
        super().__init__(loop=loop)

    def __hash__(self) -> int:
        return self._number


class _NumberedTask(asyncio.Task[Any]):
    def __init__(self, work: Any, *, loop: SimulatedLoop, **options: Any) -> None:
        self._number = loop.number()
        super().__init__(work, loop=loop, **options)

    def __hash__(self) -> int:
        return self._number


def _numbered_task(
    loop: asyncio.AbstractEventLoop, work: Any, **options: Any
) -> "asyncio.Task[Any]":
    assert isinstance(loop, SimulatedLoop)
    return _NumberedTask(work, loop=loop, **options)


def _place(task: "asyncio.Task[Any]") -> str:
    """Return the name of a task and the code in which it waits."""
    inner: Any = task.get_coro()
    for each in _awaited(inner):
        inner = each
    frame = getattr(inner, "cr_frame", None) or getattr(inner, "gi_frame", None)
    if frame is None:
        return task.get_name()
    code = frame.f_code
    return f"{task.get_name()}: {Path(code.co_filename).name}:{frame.f_lineno} {code.co_name}"


def _awaited(work: Any) -> Iterator[Any]:
    """Yield what a coroutine waits for, and what that waits for, as far as it is code."""
    while True:
        work = getattr(work, "cr_await", None) or getattr(work, "gi_yieldfrom", None)
        if not (hasattr(work, "cr_frame") or hasattr(work, "gi_frame")):
            return
        yield work
