"""The kernel thread: a kernel with an event loop of its own, beside the one that draws.

What the kernel computes never holds up a key press longer than Python hands a thread its turn, and
a console that is busy drawing does not make agents late. The two meet in the store alone.
"""

import asyncio
import threading
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import AsyncExitStack, suppress
from datetime import timedelta
from pathlib import Path
from typing import Protocol, cast

from dataagents.console.commands.working_files import working_files
from dataagents.console.hosting.host import GRACE
from dataagents.console.threads import own_threads
from dataagents.core import InputError, Kernel, KernelConfig
from dataagents.core.clock import Clock, SystemClock
from dataagents.core.errors import DataAgentsError, StoreError
from dataagents.storage import SqliteStore

_LOOK = 0.05
"""Seconds between looks at whether tasks have ended that were given time to."""
_CLOSING = 15.0
"""Seconds that closing may take beyond the grace of tasks and of the kernel's own parts."""
_SWEEP = 120.0
"""Seconds between two rounds of letting old runs go."""
_LEFT = "the console was left"


class Work(Protocol):
    """What the kernel is there for; after it the kernel stays, for whatever operators want."""

    @property
    def title(self) -> str:
        """What it is, in a few words."""
        ...

    @property
    def run(self) -> str:
        """Id of the run whose files are to outlive this kernel, even cancelled; else empty."""
        ...

    async def conduct(self, kernel: Kernel, scratch: Path) -> None:
        """Do it; it is cancelled when the console is left.

        Args:
            kernel: Open, and the work's own until it returns.
            scratch: A folder that goes with the kernel.

        Raises:
            DataAgentsError: It can't go on; the kernel stays all the same.
        """
        ...


class KernelThread:
    """Fulfils `Host`: one kernel, from `start` to `stop`, in one thread.

    Args:
        store: The file that keeps what happens; made when it isn't there.
        config: The kernel's configuration.
        work: What it does from the beginning.
        plugins: What it gets beside the installed plugins.
        keep: How long ended runs stay in a store that grows fast; as configured when None.
        disposable: Whether nobody will miss what is cut off: then leaving waits for no task.
        clock: Where all times come from.
    """

    def __init__(
        self,
        store: Path,
        config: KernelConfig,
        work: Work,
        plugins: Sequence[object] = (),
        *,
        keep: timedelta | None = None,
        disposable: bool = False,
        clock: Clock | None = None,
    ) -> None:
        self._store = store
        # Runs that were cut off before go on when an operator asks for it.
        self._config = config.model_copy(update={"resume": "never"})
        self._work = work
        self._plugins = tuple(plugins)
        self._keep = keep
        self._disposable = disposable
        self._clock = clock or SystemClock()
        self._lock = threading.Lock()
        self._life: Future[None] | None = None
        self._kernel: Kernel | None = None
        """Only while it is open."""
        self._loop: asyncio.AbstractEventLoop | None = None
        self._over = asyncio.Event()
        """Whether the kernel is to end; belongs to its loop."""
        self._grace: float | None = None
        """Seconds that tasks get to end in; None as long as nobody wants it to end."""
        self._broken = ""

    @property
    def store(self) -> Path:
        """The store that the kernel writes."""
        return self._store

    def start(self) -> None:
        """Begin to bring the kernel up; a second call does nothing."""
        with self._lock:
            if self._life is None and self._grace is None:
                # Whatever ends the thread is kept in its future, and shown by `problem`.
                thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="kernel")
                self._life = thread.submit(self._live)
                thread.shutdown(wait=False)

    def describe(self) -> str:
        """Return what the kernel is for."""
        return self._work.title

    def in_flight(self) -> bool:
        """Return whether a run is under way that somebody would miss."""
        kernel = self._kernel
        return kernel is not None and not self._disposable and bool(kernel.runs.active)

    def problem(self) -> str:
        """Return why the kernel could not start or ended, or why its work did; else empty."""
        life = self._life
        if life is None or not life.done():
            return self._broken
        return _told(life.exception()) or self._broken

    def stop(self, grace: float = GRACE) -> None:
        """End the kernel in order, and wait until its thread is gone; safe to call again."""
        with self._lock:
            if self._grace is None:
                self._grace = 0.0 if self._disposable else max(0.0, grace)
            life, loop = self._life, self._loop
        if life is None:
            return
        if loop is not None:
            with suppress(RuntimeError):  # it is closed already
                loop.call_soon_threadsafe(self._over.set)
        wait([life], timeout=self._grace + 2 * self._config.grace + _CLOSING)

    def _live(self) -> None:
        with asyncio.Runner() as runner, own_threads(runner.get_loop()):
            runner.run(self._attend())

    async def _attend(self) -> None:
        with self._lock:
            self._loop = asyncio.get_running_loop()
            if self._grace is not None:
                return
        async with AsyncExitStack() as stack:
            days = self._config.keep_days
            keep = None if days is None or self._keep is not None else timedelta(days=days)
            store = await stack.enter_async_context(
                SqliteStore(self._store, clock=self._clock, keep=keep)
            )
            config, scratch = await stack.enter_async_context(
                working_files(self._config, store, self._store, lambda: self._work.run)
            )
            kernel = await stack.enter_async_context(
                Kernel(config, store=store, plugins=self._plugins, clock=self._clock)
            )
            self._kernel = kernel
            stack.callback(setattr, self, "_kernel", None)
            async with asyncio.TaskGroup() as group:
                work = group.create_task(self._conduct(kernel, scratch), name="work of the console")
                sweep = group.create_task(self._sweep(store), name="retention of the console")
                await self._over.wait()
                sweep.cancel()
                await self._drain(kernel, self._grace or 0.0)
                kernel.runs.leaving.update(kernel.runs.active)
                work.cancel()

    async def _conduct(self, kernel: Kernel, scratch: Path) -> None:
        try:
            await self._work.conduct(kernel, scratch)
        except* DataAgentsError as errors:
            self._broken = _told(errors)

    async def _sweep(self, store: SqliteStore) -> None:
        """Let old runs go more often than the store does by itself, where that was asked for."""
        while self._keep is not None:
            await self._clock.sleep(_SWEEP)
            try:
                await store.prune(self._clock.now() - self._keep)
            except StoreError as error:
                self._broken = str(error)

    async def _drain(self, kernel: Kernel, grace: float) -> None:
        """Let no further task begin, and give those that run time to end; such runs wait then."""
        executions = kernel.runs.goals.planning.executions
        for run in executions.runs:
            executions.of(run).pause(_LEFT)
        with suppress(TimeoutError):
            async with self._clock.limit(grace):
                while any(_at_work(kernel, run) for run in kernel.runs.active):
                    await self._clock.sleep(_LOOK)


def _at_work(kernel: Kernel, run: str) -> bool:
    """Return whether something of a run goes on; it may be planned, or be reflected upon."""
    executions = kernel.runs.goals.planning.executions
    try:
        return executions.of(run).busy
    except InputError:
        return True


def _told(error: BaseException | None) -> str:
    while isinstance(error, BaseExceptionGroup):
        error = cast("BaseExceptionGroup[BaseException]", error).exceptions[0]
    if error is None or isinstance(error, DataAgentsError):
        return str(error or "")
    return f"the kernel ended by an internal failure: {type(error).__name__}: {error}"
