"""What `dataagents act` does: makes commands, asks before destructive ones, waits for answers."""

import asyncio
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import typer

from dataagents.console.commands.act_report import (
    announcement,
    command_line,
    result_lines,
    results_json,
    withdrawing_line,
)
from dataagents.console.commands.act_targets import find_targets
from dataagents.console.commands.ending import ExitCode, tell
from dataagents.console.commands.output import Screen, put, show, write_json
from dataagents.console.commands.withdrawing import WITHDRAW, tell_withdrawn, withdraw
from dataagents.console.steering import (
    Outcome,
    Proposal,
    Steering,
    check_proposal,
    commands_of,
    located,
    login,
    new_id,
)
from dataagents.core.clock import Clock, SystemClock
from dataagents.core.commands import (
    ACTIONS,
    Address,
    Command,
    CommandAnswer,
    CommandKind,
    read_address,
)
from dataagents.core.errors import InputError
from dataagents.core.suggestions import did_you_mean
from dataagents.storage import Holder, StoreReader

ANY = "any"
_UNANSWERED = 3
"""The exit code when no answer came in time."""


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
    if request.kind == WITHDRAW:
        target, store = request.target, request.store
        taking = withdraw(target, store, clock, actor=request.actor, wait=request.wait)
        return tell_withdrawn(asyncio.run(taking), store, json=request.json)
    _check_kind(request.kind)
    earlier = asyncio.run(_earlier(request, clock))
    if earlier is not None:
        return _tell(request, [Outcome(_repeated(earlier), earlier)])
    targets, holder = asyncio.run(_look_up(request))
    epoch = _epoch_of(request.epoch)
    if holder is None and epoch != ANY and not request.dry_run:
        hint = "With --epoch any the command waits for the next one, until it --expires."
        tell(f"refused: no kernel has {request.store} open. {hint}")
        return ExitCode.WITHHELD
    request = _explained(request)
    proposal, now = _proposal(request, targets, holder, epoch), clock.now()
    check_proposal(proposal, now)
    _check_count(request, targets)
    told = announcement(proposal, now)
    if request.dry_run:
        if request.json:
            outcomes = [Outcome(command) for command in commands_of(proposal, now)]
            write_json(results_json(outcomes, request.store, dry_run=True))
        else:
            show(told)
        return ExitCode.DONE
    if not request.json:
        put(Screen("stderr"), told)
    if not _confirmed(request, len(targets)):
        tell("nothing was done.")
        return ExitCode.WITHHELD
    return _tell(request, asyncio.run(_issue(request, proposal, clock)))


def _check_kind(kind: str) -> None:
    if kind not in ACTIONS:
        hint = did_you_mean(kind, [*map(str, CommandKind), WITHDRAW]).strip()
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
    async with Steering(request.store, clock) as steering:
        return await steering.answer(request.id)


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


def _proposal(
    request: ActRequest,
    targets: Sequence[Address],
    holder: Holder | None,
    epoch: int | str | None,
) -> Proposal:
    if epoch is None and holder is not None:
        epoch = holder.epoch
    proposal = Proposal(
        name=request.kind,
        targets=tuple(map(str, targets)),
        actor=request.actor or login(),
        id=request.id or new_id(),
        epoch=epoch if isinstance(epoch, int) else None,
        holder=holder,
        arguments=_arguments(request.arguments),
        reason=request.reason or ("-" if request.dry_run else ""),
        expires=request.expires,
    )
    return located(proposal, Path.cwd())


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


async def _issue(request: ActRequest, proposal: Proposal, clock: Clock) -> tuple[Outcome, ...]:
    async with Steering(request.store, clock) as steering:
        return await steering.submit(proposal, wait=request.wait)


def _tell(request: ActRequest, outcomes: Sequence[Outcome]) -> int:
    """Say what became of the commands, and return the exit code."""
    if request.json:
        write_json(results_json(outcomes, request.store))
    else:
        show(result_lines(outcomes))
    answers = [each.answer for each in outcomes if each.answer is not None]
    waiting = next((each.command for each in outcomes if each.answer is None), None)
    if waiting is not None and not request.json:
        tell(f"this takes it back: {withdrawing_line(waiting, request.store)}")
    if not all(answer.executed for answer in answers):
        return ExitCode.WITHHELD
    if len(answers) == len(outcomes) or not request.wait:
        return ExitCode.DONE
    again = command_line(outcomes[0].command, request.store, id=True)
    why = next(each.why for each in outcomes if each.answer is None)
    tell(f"{why.partition(';')[0]}; this waits for it again: {again}")
    return _UNANSWERED
