"""What `dataagents resume` does: finds runs that did not end, and goes on with them."""

import asyncio
import json
import sys
from dataclasses import dataclass, replace
from pathlib import Path

from dataagents.console.commands.cleaning import progress_for
from dataagents.console.commands.ending import STATUS_CODES, ExitCode, tell
from dataagents.console.commands.intake import prepare_output, require_engine
from dataagents.console.commands.logs import logs
from dataagents.console.commands.operator import OperatorPlugin, Question
from dataagents.console.commands.output import Screen, show, write_json
from dataagents.console.commands.report import RunReport, report_of
from dataagents.console.commands.request import Request, configured, log_level
from dataagents.console.commands.session import Session, attended
from dataagents.console.commands.settings import secrets_of
from dataagents.console.commands.summary import summary_of, undecided_sentence
from dataagents.console.commands.trace import resume_command
from dataagents.console.commands.unfinished_report import (
    Standing,
    read_standing,
    standing_of,
    standing_table,
)
from dataagents.core import InputError, RunStatus
from dataagents.core.durability import Unfinished, Verdict
from dataagents.core.services.durability.runs import recorded_config
from dataagents.core.values import Json, to_json
from dataagents.storage import StoreReader


@dataclass(frozen=True, slots=True, kw_only=True)
class ResumeRequest(Request):
    """Which runs the user wants to go on."""

    run: str | None
    all: bool
    out: Path | None
    list: bool
    step: str | None
    verdict: str | None
    result: str | None
    give_up: bool
    attended: bool = False
    """Whether the run asks a person, who is there."""

    @property
    def asks(self) -> bool:
        """Whether there is a person who can be asked about drift."""
        return self.attended


def resume_runs(request: ResumeRequest) -> int:
    """Go on with runs, show what came of them, and return the exit code.

    Raises:
        DataAgentsError: A run can't be continued, or something that it needs can't be used.
    """
    _check(request)
    if request.give_up:
        return _give_up(request)
    found = asyncio.run(_chosen(request))
    if request.list:
        standings = [standing_of(each) for each in found]
        _show_list(request, standings)
        return ExitCode.DONE
    if request.step is not None and request.verdict is not None:
        (stood,) = found
        return _decide(request, stood, request.step, Verdict(request.verdict))
    if not found:
        if request.json:
            write_json({"runs": []})
        else:
            show(asyncio.run(_nothing(request)))
        return ExitCode.DONE
    reports = [_go_on(request, stood) for stood in found]
    if request.json:
        runs: list[Json] = [to_json(report) for report in reports]
        write_json({"runs": runs} if request.all else to_json(reports[0]))
    return max(STATUS_CODES[report.status] for report in reports)


def _check(request: ResumeRequest) -> None:
    if request.run is not None and (request.all or request.list):
        raise InputError("--all" if request.all else "--list", "a run is named, too")
    if (request.step is None) != (request.verdict is None):
        hint = "For example --step charge --as done."
        raise InputError("--step and --as", "one goes with the other", hint=hint)
    if request.result is not None and request.verdict != Verdict.DONE:
        raise InputError("--result", "only a step that was done has one", hint="Add --as done.")
    if (request.step is not None or request.give_up) and request.run is None:
        raise InputError("RUN", "which one is it", hint="'dataagents resume --list' names them.")
    if request.out is not None and request.all:
        raise InputError("--out", "several runs can't share a folder", hint="Name one RUN.")


async def _chosen(request: ResumeRequest) -> tuple[Unfinished, ...]:
    """Return where the runs stood that are meant.

    Raises:
        InputError: There is no such store or run, the run came to its end, or several are meant.
    """
    async with StoreReader(request.store) as reader:
        if request.run is not None:
            meant = await reader.find_run(request.run)
            return (await read_standing(reader, meant.id),)
        found: list[Unfinished] = []
        for run in await reader.unfinished():
            try:
                found.append(await read_standing(reader, run))
            except InputError as error:
                tell(f"passed over: {error}")
    if request.list:
        return tuple(found)
    able = tuple(each for each in found if not each.is_program and not each.book.waiting)
    if len(able) > 1 and not request.all:
        ids = ", ".join(each.run for each in able)
        hint = f"Name one of {ids}, or add --all."
        raise InputError("dataagents resume", f"{len(able)} runs are unfinished", hint=hint)
    for each in found:
        if each not in able:
            tell(f"left alone: run {each.run} {standing_of(each).state}")
    return able


def _decide(request: ResumeRequest, stood: Unfinished, step: str, verdict: Verdict) -> int:
    """Put a decision on record; nothing is resumed yet."""
    result: Json = None
    if request.result is not None:
        try:
            result = json.loads(request.result)
        except ValueError as error:
            raise InputError("--result", f"it is no JSON: {error}") from error

    async def decide() -> None:
        async with attended(request.store) as kernel:
            await kernel.steps.decide(stood.run, step, verdict, result=result, by="operator")

    asyncio.run(decide())
    if request.json:
        write_json({"run": stood.run, "step": step, "verdict": verdict.value})
    else:
        command = "its program" if stood.is_program else resume_command(stood.run, request.store)
        show(f"Noted; {command} goes on with it.")
    return ExitCode.DONE


def _give_up(request: ResumeRequest) -> int:
    """End a run for good."""

    async def give_up() -> str:
        async with StoreReader(request.store) as reader:
            run = (await reader.find_run(request.run or "")).id
        async with attended(request.store) as kernel:
            await kernel.runs.give_up(run)
        return run

    run = asyncio.run(give_up())
    if request.json:
        write_json({"run": run, "status": RunStatus.FAILED.value})
    else:
        show(f"Run {run} is given up.")
    return ExitCode.DONE


def _go_on(request: ResumeRequest, stood: Unfinished) -> RunReport:
    require_engine("dataagents resume")
    _check_run(request, stood)
    attended_run = bool(stood.goal.settings.get("operator"))
    if attended_run and not (sys.stdin.isatty() and sys.stderr.isatty()):
        problem = "it asks a person what to do about drift"
        raise InputError(f"run {stood.run}", problem, hint="Resume it in a terminal.")
    asked = replace(request, attended=attended_run)
    config = recorded_config(configured(asked), stood)
    screen = Screen("stderr")
    level = log_level(request, config, live=screen.live)
    prepare_output(request.out)
    progress = progress_for(request, screen, ", ".join(stood.goal.inputs))
    plugins = [OperatorPlugin(Question(screen, progress.paused))] if attended_run else []
    session = Session(request.store, config, progress, plugins)
    with logs(screen, level, secrets_of(config), config.log_format):
        result = session.resume(stood.run, request.out or _nearby(stood.out))
    report = report_of(result, str(request.store), paths=stood.goal.inputs)
    if not request.json:
        show(summary_of(report))
    if report.status is RunStatus.UNDECIDED:
        tell(undecided_sentence(report))
    return report


def _nearby(folder: str | None) -> Path | None:
    """Return the folder that a run was to write to as somebody here would name it.

    None leaves it as it is on record.
    """
    path, here = Path(folder or "/"), Path.cwd()
    return path.relative_to(here) if here in path.parents else None


def _check_run(request: ResumeRequest, stood: Unfinished) -> None:
    folder = request.store.with_name(f"{request.store.name}.work").absolute()
    if stood.out is not None and request.out is None and folder in Path(stood.out).parents:
        hint = "Name a folder for its results with --out, or run it again."
        raise InputError(f"run {stood.run}", "it was a dry run", hint=hint)


async def _nothing(request: ResumeRequest) -> str:
    """Say that no run is unfinished; a cancelled one is over, and goes on only when it is named."""
    async with StoreReader(request.store) as reader:
        latest = await reader.runs(1)
    said = "No run is unfinished."
    if latest and latest[0].status == RunStatus.CANCELLED:
        return f"{said} The latest was cancelled: {resume_command(latest[0].id, request.store)}"
    return said


def _show_list(request: ResumeRequest, standings: list[Standing]) -> None:
    if request.json:
        rows: list[Json] = [to_json(each) for each in standings]
        write_json({"unfinished": rows})
    else:
        table = standing_table(standings, Screen().width)
        show(table if standings else asyncio.run(_nothing(request)))
