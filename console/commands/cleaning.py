"""What `dataagents run` does: has files cleaned in a session, and says what came of it."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from dataagents.console.commands.ending import STATUS_CODES, tell
from dataagents.console.commands.intake import (
    check_contract,
    gather,
    prepare_output,
    require_engine,
)
from dataagents.console.commands.logs import logs
from dataagents.console.commands.operator import OperatorPlugin, Question
from dataagents.console.commands.output import Screen, show, write_json
from dataagents.console.commands.progress import LiveProgress, Progress, ProgressLog
from dataagents.console.commands.report import report_of
from dataagents.console.commands.request import (
    Request,
    RunRequest,
    configured,
    goal_settings,
    log_level,
)
from dataagents.console.commands.session import Session
from dataagents.console.commands.settings import secrets_of
from dataagents.console.commands.summary import summary_of, undecided_sentence
from dataagents.console.commands.trace import read_run, resume_command
from dataagents.console.commands.unfinished_report import read_standing
from dataagents.console.view.usage import ModelUse, model_use, reasonings_of
from dataagents.core import Goal, KernelConfig, RunResult, RunStatus
from dataagents.core.clock import SystemClock
from dataagents.core.errors import DataAgentsError, InputError
from dataagents.core.values import to_json
from dataagents.storage import StoreReader


@dataclass(frozen=True, slots=True)
class Prepared:
    """A run that can begin: everything about it was looked at."""

    goal: Goal
    config: KernelConfig


def prepare(request: RunRequest, command: str = "dataagents run") -> Prepared:
    """Return what is to be run, having made sure that it can be.

    Args:
        request: What the user wants.
        command: Who needs the engine.

    Raises:
        DataAgentsError: Something that the run needs can't be used.
    """
    require_engine(command)
    inputs = gather(request.paths)
    check_contract(request.contract)
    config = configured(request)
    goal = Goal(request.related.goal, inputs, settings=goal_settings(request, tuple(inputs)))
    return Prepared(goal, config)


def run_files(request: RunRequest) -> int:
    """Run the agents on files, show what came of it, and return the exit code.

    Raises:
        DataAgentsError: Something that the run needs can't be used.
    """
    prepared = prepare(request)
    goal, config = prepared.goal, prepared.config
    screen = Screen("stderr")
    level = log_level(request, config, live=screen.live)
    if not request.dry_run:
        prepare_output(request.out)
    if not request.quiet and request.store.is_file():
        asyncio.run(_mention_unfinished(request.store))
    progress = progress_for(request, screen, ", ".join(goal.inputs))
    question = Question(screen, progress.paused)
    plugins = [OperatorPlugin(question)] if request.asks else []
    session = Session(request.store, config, progress, plugins)
    with logs(screen, level, secrets_of(config), config.log_format):
        result = session.conduct(goal, request.out, dry_run=request.dry_run)
    return tell_result(request, prepared, result)


def tell_result(request: RunRequest, prepared: Prepared, result: RunResult) -> int:
    """Show what came of a run, and return the exit code."""
    used: ModelUse | None = None
    if prepared.config.model:
        # The events are in the store by now, all of them; an observer may have lost some.
        view = asyncio.run(read_run(request.store, result.outcome.run))
        used = model_use(reasonings_of(view))
    paths = prepared.goal.inputs
    report = report_of(result, str(request.store), paths=paths, model=used, dry_run=request.dry_run)
    if request.json:
        write_json(to_json(report))
    else:
        show(summary_of(report))
    if report.status is RunStatus.UNDECIDED:
        tell(undecided_sentence(report))
    return STATUS_CODES[report.status]


def progress_for(request: Request, screen: Screen, title: str) -> Progress:
    """Return what shows how a run goes: nothing, a live display, or lines of a log."""
    if request.quiet:
        return Progress()
    clock = SystemClock()
    return LiveProgress(screen, title, clock) if screen.live else ProgressLog(clock)


async def _mention_unfinished(store: Path) -> None:
    """Say in one line that runs before this one did not end, when nobody is at them."""
    found = 0
    try:
        async with StoreReader(store) as reader:
            for run in () if reader.holder() is not None else await reader.unfinished():
                with suppress(InputError):
                    await read_standing(reader, run)
                    found += 1
    except DataAgentsError:
        return  # opening it for writing says why
    if found:
        runs = "1 earlier run is" if found == 1 else f"{found} earlier runs are"
        tell(f"{runs} unfinished; {resume_command('--list', store)} shows more.")
