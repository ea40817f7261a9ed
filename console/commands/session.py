"""The session of `dataagents run`: opens what a run needs, runs it, and says what came of it."""

import asyncio
import os
import sys
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from shutil import rmtree
from typing import get_args

from dataagents.console.commands.ending import STATUS_CODES, tell
from dataagents.console.commands.intake import (
    check_input,
    dataset_name,
    prepare_output,
    require_engine,
)
from dataagents.console.commands.interruption import Interruption, interruptible
from dataagents.console.commands.logs import logs
from dataagents.console.commands.output import Screen, show, write_json
from dataagents.console.commands.progress import LiveProgress, ProgressLog, ProgressPlugin
from dataagents.console.commands.report import report_of
from dataagents.console.commands.settings import load_config
from dataagents.console.commands.summary import summary_of
from dataagents.core import Goal, InputError, Kernel, KernelConfig, RunResult
from dataagents.core.clock import SystemClock
from dataagents.core.suggestions import did_you_mean
from dataagents.core.values import to_json
from dataagents.storage import SqliteStore

_LEVELS: tuple[str, ...] = get_args(KernelConfig.model_fields["log_level"].annotation)
_GOAL = "clean"


@dataclass(frozen=True, slots=True)
class RunRequest:
    """What the user asked for."""

    file: Path
    out: Path | None
    store: Path
    config: Path | None
    seed: int | None
    json: bool
    quiet: bool
    log_level: str | None


def run_file(request: RunRequest) -> int:
    """Run the agents on a file, show what came of it, and return the exit code.

    Raises:
        DataAgentsError: Something that the run needs can't be used.
    """
    require_engine()
    check_input(request.file)
    config = _configured(request)
    screen = Screen("stderr")
    level = _level(request, config, live=screen.live)
    prepare_output(request.out)
    session = Session(request, config, screen)
    with asyncio.Runner() as runner, logs(screen, level):
        try:
            result = runner.run(session.run())
        except asyncio.CancelledError:
            session.leave_if_interrupted()
            raise
    report = report_of(result, str(request.store))
    if request.json:
        write_json(to_json(report))
    else:
        show(summary_of(report))
    return STATUS_CODES[result.outcome.status]


class Session:
    """One run with its store, its kernel and its progress."""

    def __init__(self, request: RunRequest, config: KernelConfig, screen: Screen) -> None:
        self._request = request
        self._config = config
        self._screen = screen
        self._interruption = Interruption()
        self._run = ""
        """Id of the run; empty before it began."""

    async def run(self) -> RunResult:
        """Open the store and a kernel, run the goal, and close both whatever happens."""
        request, dataset = self._request, dataset_name(self._request.file)
        goal = Goal(_GOAL, {dataset: str(request.file)})
        async with AsyncExitStack() as stack:
            store = await stack.enter_async_context(SqliteStore(request.store))
            plugins: list[object] = []
            display: LiveProgress | None = None
            if self._screen.live and not request.quiet:
                display = LiveProgress(self._screen, dataset, SystemClock())
                plugins.append(ProgressPlugin(stack.enter_context(display)))
            elif not request.quiet:
                plugins.append(ProgressPlugin(ProgressLog()))
            stack.enter_context(interruptible(self._interruption, partial(self._say, display)))
            config = stack.enter_context(_workspace(self._config, request.store))
            kernel = await stack.enter_async_context(Kernel(config, store=store, plugins=plugins))
            return await kernel.run(goal, out=request.out, started=self._started)

    def leave_if_interrupted(self) -> None:
        """End the process at once when the user wanted that; everything is recorded by now.

        A tool's thread can't be stopped, and an exit in order would wait for it.
        """
        if not self._interruption.came:
            return
        trace = f"; dataagents trace {self._run} shows how far it came" if self._run else ""
        tell(f"interrupted: the run is recorded as cancelled{trace}.")
        sys.stderr.flush()
        os._exit(self._interruption.exit_code)

    def _started(self, run: str) -> None:
        self._run = run

    def _say(self, display: LiveProgress | None) -> None:
        if display is not None:
            display.stop()
        tell("stopping; Ctrl-C again ends it at once.")


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


def _configured(request: RunRequest) -> KernelConfig:
    config = load_config(request.config)
    return config if request.seed is None else config.model_copy(update={"seed": request.seed})


def _level(request: RunRequest, config: KernelConfig, *, live: bool) -> str:
    """Return what was asked for; else as much as does not bury the progress."""
    if request.log_level is not None:
        level = request.log_level.upper()
        if level not in _LEVELS:
            hint = did_you_mean(level, _LEVELS).strip()
            raise InputError(
                f"--log-level {request.log_level}", "there is no such level", hint=hint
            )
        return level
    if "log_level" in config.model_fields_set:
        return config.log_level
    return "WARNING" if live or request.quiet else "INFO"
