"""The session of `dataagents run`: opens what a run needs, runs it, and says what came of it."""

import asyncio
import os
import sys
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager, nullcontext
from functools import partial
from pathlib import Path
from shutil import rmtree
from tempfile import TemporaryDirectory

from dataagents.console.commands.ending import STATUS_CODES, tell
from dataagents.console.commands.intake import (
    STDIN,
    check_contract,
    gather,
    prepare_output,
    require_engine,
)
from dataagents.console.commands.interruption import Interruption, interruptible
from dataagents.console.commands.logs import logs
from dataagents.console.commands.operator import OperatorPlugin, Question
from dataagents.console.commands.output import Screen, show, write_json
from dataagents.console.commands.progress import LiveProgress, ProgressLog, ProgressPlugin
from dataagents.console.commands.report import RunReport, report_of
from dataagents.console.commands.request import (
    RunRequest,
    configured,
    goal_settings,
    log_level,
)
from dataagents.console.commands.spooling import spool
from dataagents.console.commands.summary import summary_of, undecided_sentence
from dataagents.core import Goal, InputError, Kernel, KernelConfig, RunResult, RunStatus
from dataagents.core.clock import SystemClock
from dataagents.core.values import to_json
from dataagents.storage import SqliteStore

_GOAL = "clean"
_ANYWHERE = Path("DIR")
"""Stands for the folder that `--out` would name, in a dry run without one."""


def run_files(request: RunRequest) -> int:
    """Run the agents on files, show what came of it, and return the exit code.

    Raises:
        DataAgentsError: Something that the run needs can't be used.
    """
    require_engine()
    inputs = gather(request.paths)
    check_contract(request.contract)
    goal = Goal(_GOAL, inputs, settings=goal_settings(request))
    config = configured(request)
    screen = Screen("stderr")
    level = log_level(request, config, live=screen.live)
    if not request.dry_run:
        prepare_output(request.out)
    session = Session(request, goal, config, screen)
    with asyncio.Runner() as runner, logs(screen, level):
        try:
            report = runner.run(session.run())
        except asyncio.CancelledError:
            session.leave_if_interrupted()
            raise
    if request.json:
        write_json(to_json(report))
    else:
        show(summary_of(report))
    if report.status is RunStatus.UNDECIDED:
        tell(undecided_sentence(report))
    return STATUS_CODES[report.status]


class Session:
    """One run with its store, its kernel and its progress."""

    def __init__(
        self, request: RunRequest, goal: Goal, config: KernelConfig, screen: Screen
    ) -> None:
        self._request = request
        self._goal = goal
        self._config = config
        self._screen = screen
        self._interruption = Interruption()
        self._run = ""
        """Id of the run; empty before it began."""

    async def run(self) -> RunReport:
        """Open the store and a kernel, run the goal, and close both whatever happens."""
        request = self._request
        async with AsyncExitStack() as stack:
            store = await stack.enter_async_context(SqliteStore(request.store))
            progress = self._progress()
            display = progress if isinstance(progress, LiveProgress) else None
            if display is not None:
                stack.enter_context(display)
            stack.enter_context(interruptible(self._interruption, partial(self._say, display)))
            config = stack.enter_context(_workspace(self._config, request.store))
            scratch = stack.enter_context(_scratch(config))
            goal = await self._spooled(scratch, progress)
            out = scratch / "dry-run" if request.dry_run else request.out
            plugins = self._plugins(progress, display)
            kernel = await stack.enter_async_context(Kernel(config, store=store, plugins=plugins))
            result = await kernel.run(goal, out=out, started=self._started)
            return self._report(result, out)

    def leave_if_interrupted(self) -> None:
        """End the process at once when the user wanted that; everything is recorded by now.

        A tool's thread can't be stopped, and an exit in order would wait for it.
        """
        if not self._interruption.came:
            return
        if self._run:
            trace = f"dataagents trace {self._run} shows how far it came"
            tell(f"interrupted: the run is recorded as cancelled; {trace}.")
        else:
            tell("interrupted: the run had not begun.")
        sys.stderr.flush()
        os._exit(self._interruption.exit_code)

    def _progress(self) -> LiveProgress | ProgressLog | None:
        if self._request.quiet:
            return None
        if self._screen.live:
            return LiveProgress(self._screen, ", ".join(self._goal.inputs), SystemClock())
        return ProgressLog(SystemClock())

    def _plugins(
        self, progress: LiveProgress | ProgressLog | None, display: LiveProgress | None
    ) -> list[object]:
        plugins: list[object] = [] if progress is None else [ProgressPlugin(progress)]
        if self._request.asks:
            pause = display.paused if display is not None else nullcontext
            plugins.append(OperatorPlugin(Question(self._screen, pause)))
        return plugins

    async def _spooled(self, scratch: Path, progress: LiveProgress | ProgressLog | None) -> Goal:
        """Return the goal with a file in the place of the standard input."""
        inputs = dict(self._goal.inputs)
        for dataset, path in inputs.items():
            if path == STDIN:
                tell_size = progress.spooling if progress is not None else _say_nothing
                inputs[dataset] = str(await spool(scratch, tell_size))
        return Goal(self._goal.task, inputs, settings=self._goal.settings)

    def _report(self, result: RunResult, out: Path | None) -> RunReport:
        request = self._request
        files = dict(result.files)
        if request.dry_run and out is not None:
            shown = request.out or _ANYWHERE
            files = {
                output: shown / path.relative_to(out) if path.is_relative_to(out) else path
                for output, path in files.items()
            }
        return report_of(
            result,
            str(request.store),
            files=files,
            paths=self._goal.inputs,
            dry_run=request.dry_run,
        )

    def _started(self, run: str) -> None:
        self._run = run

    def _say(self, display: LiveProgress | None) -> None:
        if display is not None:
            display.stop()
        tell("stopping; Ctrl-C again ends it at once.")


def _say_nothing(size: int) -> None:
    """Leave the size untold."""


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
