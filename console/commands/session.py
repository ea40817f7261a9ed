"""The session: a store, a kernel and a workspace for one run, and what a Ctrl-C does to it."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from dataagents.console.commands.ending import tell
from dataagents.console.commands.interruption import Interruption, interruptible
from dataagents.console.commands.operator import OPERATOR
from dataagents.console.commands.progress import Progress, ProgressPlugin
from dataagents.console.commands.settings import load_config
from dataagents.console.commands.spooling import spool
from dataagents.console.commands.trace import resume_command, trace_command
from dataagents.console.commands.working_files import working_files
from dataagents.console.threads import own_threads
from dataagents.core import Goal, InputError, Kernel, KernelConfig, RunResult, RunStatus
from dataagents.core.commands.dataset_names import STDIN
from dataagents.storage import SqliteStore

_ANYWHERE = Path("DIR")
"""Stands for the folder that `--out` would name, in a dry run without one."""


class Session:
    """One run of a kernel that lives as long as the run does.

    Args:
        store: The file that keeps what happens.
        config: The kernel's configuration.
        progress: Shows how it goes.
        plugins: What the kernel gets beside the installed plugins.
    """

    def __init__(
        self,
        store: Path,
        config: KernelConfig,
        progress: Progress,
        plugins: Sequence[object] = (),
    ) -> None:
        self._store = store
        self._config = config
        self._progress = progress
        self._plugins = (ProgressPlugin(progress), *plugins)
        self._interruption = Interruption()
        self._run = ""
        """Id of the run; empty before it began."""
        self._kernel: Kernel | None = None
        """Only while it is at work on the run."""
        self._left: tuple[str, ...] = ()
        """Runs that operators began, and that were under way when this one was over."""

    def conduct(self, goal: Goal, out: Path | None = None, *, dry_run: bool = False) -> RunResult:
        """Run a goal to its end; an interrupted run takes the process with it.

        Args:
            goal: What is wanted; the standard input among its inputs is kept in a file meanwhile.
            out: Where the results go.
            dry_run: Write nothing there; the result has the paths that would have been written.

        Raises:
            DataAgentsError: Something that the run needs can't be used.
        """

        async def begin(kernel: Kernel, scratch: Path) -> RunResult:
            spooled = await self._spooled(goal, scratch)
            place = scratch / "dry-run" if dry_run else out
            result = await kernel.run(spooled, out=place, started=self._started)
            return _moved(result, place, out or _ANYWHERE) if dry_run and place else result

        return self._live(begin)

    def resume(self, run: str, out: Path | None = None) -> RunResult:
        """Go on with a run that did not end, to its end; an interruption is as in `conduct`.

        Args:
            run: Its id.
            out: Where the results go; where they were to go when None.

        Raises:
            DataAgentsError: The run can't be continued, or something that it needs can't be used.
        """

        async def go_on(kernel: Kernel, scratch: Path) -> RunResult:
            return await kernel.resume(run, out=out, started=self._started)

        self._run = run
        return self._live(go_on)

    def _live(self, work: Callable[[Kernel, Path], Awaitable[RunResult]]) -> RunResult:
        with asyncio.Runner() as runner, own_threads(runner.get_loop()):
            try:
                result = runner.run(self._attend(work))
            except asyncio.CancelledError:
                self._tell_of_others()
                self._leave_if_interrupted()
                raise
            self._tell_of_others()
            if result.outcome.status is RunStatus.CANCELLED:
                self._leave_if_interrupted()
            return result

    async def _attend(self, work: Callable[[Kernel, Path], Awaitable[RunResult]]) -> RunResult:
        """Open the store and a kernel, have it do its work, and close both whatever happens."""
        async with AsyncExitStack() as stack:
            kept = self._config.keep_days
            keep = None if kept is None else timedelta(days=kept)
            store = await stack.enter_async_context(SqliteStore(self._store, keep=keep))
            stack.enter_context(self._progress)
            stack.enter_context(interruptible(self._interruption, self._drain))
            config, scratch = await stack.enter_async_context(
                working_files(self._config, store, self._store, lambda: self._run)
            )
            config = config.model_copy(update={"resume": "never"})  # the commands ask for it
            kernel = await stack.enter_async_context(
                Kernel(config, store=store, plugins=self._plugins)
            )
            if OPERATOR in kernel.roster:
                kernel.roster.arm(OPERATOR)
            self._kernel = kernel
            try:
                return await work(kernel, scratch)
            finally:
                self._left = tuple(sorted(kernel.runs.active - {self._run}))
                self._kernel = None
                self._interruption.over()

    def _tell_of_others(self) -> None:
        """Say which runs were cut off because this one is over, and the kernel with it."""
        for run in self._left:
            resume = resume_command(run, self._store)
            tell(f"run {run}, which an operator began, is suspended; {resume} goes on with it.")

    def _leave_if_interrupted(self) -> None:
        """End the process at once when the user wanted that; everything is recorded by now.

        A tool's thread can't be stopped, and an exit in order would wait for it.
        """
        if not self._interruption.came:
            return
        if self._run:
            trace = trace_command(self._run, self._store)
            resume = resume_command(self._run, self._store)
            tell(
                f"interrupted: the run is recorded as cancelled; {trace} shows how far it came, "
                f"{resume} goes on from there."
            )
        else:
            tell("interrupted: the run had not begun.")
        sys.stderr.flush()
        os._exit(self._interruption.exit_code)

    async def _spooled(self, goal: Goal, scratch: Path) -> Goal:
        """Return the goal with a file in the place of the standard input."""
        inputs = dict(goal.inputs)
        for dataset, path in inputs.items():
            if path == STDIN:
                inputs[dataset] = str(await spool(scratch, self._progress.spooling))
        return replace(goal, inputs=inputs)

    def _started(self, run: str) -> None:
        self._run = run

    def _drain(self, number: int) -> float:
        """Begin to stop, and return the seconds that there are for what is under way."""
        self._progress.stop()
        if number == signal.SIGTERM and self._kernel is not None and self._run:
            # Before there is a plan, or after it, there is nothing that would have to be finished.
            with suppress(InputError):
                self._kernel.stop_plan(self._run, "terminated")
                left = self._config.grace
                tell(f"stopping; tasks under way get {left:g} s, a second signal ends it at once.")
                return left
        tell("stopping; Ctrl-C again ends it at once.")
        return 0.0


@asynccontextmanager
async def attended(store: Path) -> AsyncIterator[Kernel]:
    """Give a kernel without agents that has a store for itself, for decisions about what is in it.

    Raises:
        ConfigError: The configuration of the folder, which keeps plugins out, can't be used.
        InputError: There is no such store.
        StoreError: Another kernel has it open, or it can't be used.
    """
    chosen = load_config(None)
    config = KernelConfig(
        agents=(),
        command_interval=None,
        disabled_plugins=chosen.disabled_plugins,
        allowed_plugins=chosen.allowed_plugins,
    )
    async with SqliteStore(_existing(store)) as opened, Kernel(config, store=opened) as kernel:
        yield kernel


def _existing(store: Path) -> Path:
    if store.exists():
        return store
    hint = "Run 'dataagents run FILE' to make one, or name another --store."
    raise InputError(f"store {store}", "there is no such file", hint=hint)


def _moved(result: RunResult, written: Path, shown: Path) -> RunResult:
    """Return a result whose files are where they would have been written."""
    files = {
        output: shown / path.relative_to(written) if path.is_relative_to(written) else path
        for output, path in result.files.items()
    }
    return replace(result, files=files)
