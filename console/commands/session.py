"""The session: a store, a kernel and a workspace for one run, and what a Ctrl-C does to it."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import replace
from pathlib import Path
from shutil import rmtree
from tempfile import TemporaryDirectory

from dataagents.console.commands.ending import tell
from dataagents.console.commands.intake import STDIN
from dataagents.console.commands.interruption import Interruption, interruptible
from dataagents.console.commands.operator import OPERATOR
from dataagents.console.commands.progress import Progress, ProgressPlugin
from dataagents.console.commands.spooling import spool
from dataagents.console.commands.trace import trace_command
from dataagents.core import Goal, InputError, Kernel, KernelConfig, RunResult
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

    def conduct(self, goal: Goal, out: Path | None = None, *, dry_run: bool = False) -> RunResult:
        """Run a goal to its end; an interrupted run takes the process with it.

        Args:
            goal: What is wanted; the standard input among its inputs is kept in a file meanwhile.
            out: Where the results go.
            dry_run: Write nothing there; the result has the paths that would have been written.

        Raises:
            DataAgentsError: Something that the run needs can't be used.
        """
        with asyncio.Runner() as runner:
            try:
                return runner.run(self._conduct(goal, out, dry_run))
            except asyncio.CancelledError:
                self._leave_if_interrupted()
                raise

    async def _conduct(self, goal: Goal, out: Path | None, dry_run: bool) -> RunResult:
        """Open the store and a kernel, run the goal, and close both whatever happens."""
        async with AsyncExitStack() as stack:
            store = await stack.enter_async_context(SqliteStore(self._store))
            stack.enter_context(self._progress)
            stack.enter_context(interruptible(self._interruption, self._say))
            config = stack.enter_context(_workspace(self._config, self._store))
            scratch = stack.enter_context(_scratch(config))
            spooled = await self._spooled(goal, scratch)
            kernel = await stack.enter_async_context(
                Kernel(config, store=store, plugins=self._plugins)
            )
            if OPERATOR in kernel.roster:
                kernel.roster.arm(OPERATOR)
            place = scratch / "dry-run" if dry_run else out
            result = await kernel.run(spooled, out=place, started=self._started)
            return _moved(result, place, out or _ANYWHERE) if dry_run and place else result

    def _leave_if_interrupted(self) -> None:
        """End the process at once when the user wanted that; everything is recorded by now.

        A tool's thread can't be stopped, and an exit in order would wait for it.
        """
        if not self._interruption.came:
            return
        if self._run:
            trace = trace_command(self._run, self._store)
            tell(f"interrupted: the run is recorded as cancelled; {trace} shows how far it came.")
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

    def _say(self) -> None:
        self._progress.stop()
        tell("stopping; Ctrl-C again ends it at once.")


@asynccontextmanager
async def attended(store: Path) -> AsyncIterator[Kernel]:
    """Give a kernel without agents that has a store for itself, for decisions about what is in it.

    Raises:
        InputError: There is no such store.
        StoreError: Another kernel has it open, or it can't be used.
    """
    config = KernelConfig(agents=())
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


@contextmanager
def _workspace(config: KernelConfig, store: Path) -> Iterator[KernelConfig]:
    """Put working files beside the store, unless configured, and clear them away afterwards.

    Whoever owns the store owns the folder: what a run that was killed left there goes first.
    """
    if config.workspace is not None:
        yield config
        return
    folder = store.with_name(f"{store.name}.work")
    rmtree(folder, ignore_errors=True)
    try:
        yield config.model_copy(update={"workspace": folder})
    finally:
        rmtree(folder, ignore_errors=True)


@contextmanager
def _scratch(config: KernelConfig) -> Iterator[Path]:
    """Give a folder below the workspace for what belongs to this command alone."""
    workspace = config.workspace or Path()
    try:
        workspace.mkdir(parents=True, exist_ok=True)
        scratch = TemporaryDirectory(prefix="run-", dir=workspace)
    except OSError as error:
        raise InputError(f"workspace {workspace}", error.strerror or str(error)) from error
    with scratch as folder:
        yield Path(folder)
