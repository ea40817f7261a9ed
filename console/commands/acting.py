"""What `dataagents act` does: makes commands, asks before destructive ones, waits for answers."""

import asyncio
import getpass
import os
import platform
import secrets
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import typer

from dataagents.console.commands.act_report import (
    announcement,
    command_line,
    result_lines,
    results_json,
)
from dataagents.console.commands.act_targets import find_targets
from dataagents.console.commands.ending import ExitCode, tell
from dataagents.console.commands.output import Screen, put, show, write_json
from dataagents.core.clock import Clock, SystemClock
from dataagents.core.commands import (
    ACTIONS,
    Address,
    Command,
    CommandAnswer,
    CommandKind,
    check_command,
    read_address,
)
from dataagents.core.errors import InputError
from dataagents.core.suggestions import did_you_mean
from dataagents.storage import Holder, StoreReader
from dataagents.storage.commands import CommandFile

ANY = "any"
_UNANSWERED = 3
"""The exit code when no answer came in time."""
_LOOK = 0.1
"""Seconds between looks for the answers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ActRequest:
    """What the user wants done, as they said it."""

    kind: str
    target: str
    store: Path
    reason: str = ""
    actor: str | None = None
    arguments: tuple[str, ...] = ()
    count: int | None = None
    yes: bool = False
    dry_run: bool = False
    wait: float = 10.0
    expires: float = 300.0
    epoch: str | None = None
    id: str | None = None
    json: bool = False


def perform(request: ActRequest, clock: Clock | None = None) -> int:
    """Issue what the user wants, tell what came of it, and return the exit code.

    Raises:
        InputError: Something that was said makes no sense.
        StoreError: The store, or the file of the commands, can't be used.
    """
    clock = clock or SystemClock()
    _check_kind(request.kind)
    earlier = asyncio.run(_earlier(request, clock))
    if earlier is not None:
        return _tell(request, [_repeated(earlier)], {earlier.command: earlier})
    targets, holder = asyncio.run(_look_up(request))
    epoch = _epoch_of(request.epoch)
    if holder is None and epoch != ANY and not request.dry_run:
        hint = "With --epoch any the command waits for the next one, until it --expires."
        tell(f"refused: no kernel has {request.store} open. {hint}")
        return ExitCode.WITHHELD
    request = _explained(request)
    commands = _commands(request, targets, holder, epoch, clock)
    for command in commands:
        check_command(command)
    _check_count(request, targets)
    told = announcement(commands, holder, clock.now())
    if request.dry_run:
        if request.json:
            write_json(results_json(commands, {}, request.store, dry_run=True))
        else:
            show(told)
        return ExitCode.DONE
    if not request.json:
        put(Screen("stderr"), told)
    if not _confirmed(request, len(commands)):
        tell("nothing was done.")
        return ExitCode.WITHHELD
    return _tell(request, commands, asyncio.run(_issue(request, commands, clock)))


def _check_kind(kind: str) -> None:
    if kind not in ACTIONS:
        hint = did_you_mean(kind, [each.value for each in CommandKind]).strip()
        raise InputError(f"command {kind!r}", "there is no such command", hint=hint)


async def _earlier(request: ActRequest, clock: Clock) -> CommandAnswer | None:
    """Return the answer that the command with this id has already; its target may be gone by now.

    Raises:
        InputError: Several commands can't have one id.
    """
    if request.id is None or request.dry_run:
        return None
    if read_address(request.target).is_pattern:
        raise InputError("--id", f"it names one command, and {request.target!r} is a pattern")
    async with CommandFile(request.store, clock) as file:
        return (await file.answers([request.id])).get(request.id)


def _repeated(answer: CommandAnswer) -> Command:
    return Command(
        id=answer.command,
        kind=answer.kind,
        target=answer.target,
        actor=answer.actor,
        made=answer.at,
        expires=answer.at,
        reason=answer.reason,
        epoch=answer.epoch,
    )


async def _look_up(request: ActRequest) -> tuple[tuple[Address, ...], Holder | None]:
    async with StoreReader(request.store) as reader:
        targets = await find_targets(reader, request.kind, request.target)
        return targets, reader.holder()


def _epoch_of(text: str | None) -> int | str | None:
    """Return a number, `ANY`, or None for the kernel that runs."""
    if text is None or text == ANY:
        return text
    if text.isdecimal() and len(text) < 12:
        return int(text)
    raise InputError("--epoch", f"{text!r} is neither a number nor 'any'")


def _explained(request: ActRequest) -> ActRequest:
    """Ask for the reason that is missing, if there is somebody to ask."""
    lacks = ACTIONS[request.kind].explained and not request.reason.strip()
    if not lacks or request.dry_run:
        return request
    if not _on_terminal():
        raise InputError("--reason", f"say why you {request.kind} this; it goes on record")
    return replace(request, reason=typer.prompt("Why", err=True))


def _commands(
    request: ActRequest,
    targets: Sequence[Address],
    holder: Holder | None,
    epoch: int | str | None,
    clock: Clock,
) -> list[Command]:
    if epoch is None and holder is not None:
        epoch = holder.epoch
    now, actor = clock.now(), request.actor or _login()
    first = request.id or secrets.token_hex(8)
    return [
        Command(
            id=first if number == 0 else f"{first}-{number}",
            kind=request.kind,
            target=str(target),
            actor=actor,
            made=now,
            expires=now + timedelta(seconds=request.expires),
            reason=request.reason or ("-" if request.dry_run else ""),
            arguments=_arguments(request.arguments),
            epoch=epoch if isinstance(epoch, int) else None,
            origin=f"{_login()}@{platform.node()} {os.getpid()}"[:200],
        )
        for number, target in enumerate(targets)
    ]


def _arguments(said: Sequence[str]) -> dict[str, str]:
    arguments: dict[str, str] = {}
    for each in said:
        name, equals, value = each.partition("=")
        if not equals or not name:
            raise InputError(f"--arg {each}", "it is not KEY=VALUE")
        if name in arguments:
            raise InputError(f"--arg {each}", f"{name!r} is there twice")
        arguments[name] = value
    return arguments


def _login() -> str:
    try:
        return getpass.getuser()
    except (ImportError, KeyError, OSError):
        raise InputError("--as", "you have no login; say who you are") from None


def _check_count(request: ActRequest, targets: Sequence[Address]) -> None:
    bulk = read_address(request.target).is_pattern
    if bulk and request.count != len(targets) and not request.dry_run:
        told = ", ".join(str(each) for each in targets[:5]) + ", …" * (len(targets) > 5)
        hint = f"If all of them are meant: --count {len(targets)}."
        raise InputError(
            f"target {request.target!r}", f"it stands for {len(targets)}: {told}", hint=hint
        )
    if not bulk and request.count not in (None, 1):
        raise InputError("--count", f"{request.target!r} is one target")


def _confirmed(request: ActRequest, count: int) -> bool:
    if not ACTIONS[request.kind].destructive or request.yes:
        return True
    if not _on_terminal():
        raise InputError(request.kind, "it is destructive", hint="Say --yes if it is meant.")
    what = request.kind if count == 1 else f"{request.kind} all {count}"
    return typer.confirm(f"Really {what}?", err=True)


def _on_terminal() -> bool:
    return sys.stdin.isatty() and sys.stderr.isatty()


async def _issue(
    request: ActRequest, commands: Sequence[Command], clock: Clock
) -> dict[str, CommandAnswer]:
    ids = [command.id for command in commands]
    async with CommandFile(request.store, clock) as file:
        await file.issue(commands)
        answers = await file.answers(ids)
        until = clock.monotonic() + request.wait
        while len(answers) < len(ids) and clock.monotonic() < until:
            await clock.sleep(min(_LOOK, request.wait))
            answers = await file.answers(ids)
        return answers


def _tell(
    request: ActRequest, commands: Sequence[Command], answers: dict[str, CommandAnswer]
) -> int:
    """Say what became of the commands, and return the exit code."""
    if request.json:
        write_json(results_json(commands, answers, request.store))
    else:
        show(result_lines(commands, answers))
    if any(not answer.executed for answer in answers.values()):
        return ExitCode.WITHHELD
    if len(answers) == len(commands):
        return ExitCode.DONE
    if not request.wait:
        return ExitCode.DONE
    again = command_line(commands[0], request.store, id=True)
    tell(f"no answer within {request.wait:g} s; this waits for it again: {again}")
    return _UNANSWERED
