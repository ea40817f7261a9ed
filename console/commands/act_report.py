"""How commands, and what came of them, are told."""

import shlex
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from dataagents.console.commands.output import shown
from dataagents.console.launch import DEFAULT_STORE
from dataagents.console.view import GLYPHS, Mark
from dataagents.console.view.words import duration
from dataagents.core.commands import ACTIONS, Command, CommandAnswer
from dataagents.core.values import Json
from dataagents.storage import Holder

_MOST_NAMED = 20


def command_line(command: Command, store: Path, *, id: bool = False) -> str:
    """Return the line that issues a command again, quoted for a shell.

    Args:
        command: It.
        store: The store.
        id: Under the same id: then it is not done again, and the line waits for its answer.
    """
    words = ["dataagents", "act", command.kind, command.target, "--as", command.actor]
    words += ["--reason", command.reason] if command.reason else []
    for name, value in command.arguments.items():
        words += ["--arg", f"{name}={value}"]
    words += ["--yes"] if ACTIONS[command.kind].destructive else []
    words += ["--epoch", "any"] if command.epoch is None else []
    words += ["--store", str(store)] if store != DEFAULT_STORE else []
    return shlex.join([*words, "--id", command.id] if id else words)


def announcement(commands: Sequence[Command], holder: Holder | None, now: datetime) -> Group:
    """Return what is about to happen: to what, by which kernel, until when."""
    first = commands[0]
    effect = ACTIONS[first.kind].effect
    facts = Table.grid(padding=(0, 2))
    facts.add_row("  to", _targets(commands))
    facts.add_row("  kernel", shown(_kernel(first, holder)))
    if first.arguments:
        said = ", ".join(f"{name}={value}" for name, value in first.arguments.items())
        facts.add_row("  with", shown(said))
    facts.add_row("  as", shown(first.actor))
    left = duration((first.expires - now).total_seconds())
    facts.add_row("  expires", f"{first.expires:%H:%M:%S} UTC, in {left}")
    return Group(Text.assemble((first.kind, "bold"), f": {effect}"), facts)


def result_lines(commands: Sequence[Command], answers: Mapping[str, CommandAnswer]) -> Group:
    """Return what became of each command, a line each."""
    return Group(*(_line(command, answers.get(command.id)) for command in commands))


def results_json(
    commands: Sequence[Command],
    answers: Mapping[str, CommandAnswer],
    store: Path,
    *,
    dry_run: bool = False,
) -> dict[str, Json]:
    """Return the same as one JSON object."""
    rows: list[Json] = [_row(command, answers.get(command.id), store) for command in commands]
    return {"dry_run": dry_run, "count": len(rows), "commands": rows}


def _line(command: Command, answer: CommandAnswer | None) -> RenderableType:
    if answer is None:
        waits = f"… waiting: {command.kind} {command.target} (id {command.id})"
        return shown(waits, "yellow")
    mark, style = (Mark.OK, "green") if answer.executed else (Mark.FAIL, "red")
    head = (f"{GLYPHS[mark]} {answer.state}: ", style)
    return Text.assemble(head, shown(answer.message))


def _row(command: Command, answer: CommandAnswer | None, store: Path) -> dict[str, Json]:
    return {
        "id": command.id,
        "kind": command.kind,
        "target": command.target,
        "actor": command.actor,
        "reason": command.reason,
        "arguments": dict(command.arguments),
        "epoch": command.epoch,
        "expires": command.expires.isoformat(),
        "effect": ACTIONS[command.kind].effect,
        "state": "waiting" if answer is None else answer.state.value,
        "message": "" if answer is None else answer.message,
        "answered": None if answer is None else answer.at.isoformat(),
        "command_line": command_line(command, store),
    }


def _targets(commands: Sequence[Command]) -> Text:
    named = ", ".join(command.target for command in commands[:_MOST_NAMED])
    more = f" and {len(commands) - _MOST_NAMED} more" if len(commands) > _MOST_NAMED else ""
    count = f"{len(commands)} targets: " if len(commands) > 1 else ""
    return shown(f"{count}{named}{more}")


def _kernel(command: Command, holder: Holder | None) -> str:
    meant = "any epoch" if command.epoch is None else f"epoch {command.epoch}"
    if holder is None:
        return f"none has the store open now; {meant} may take it until it expires"
    return f"process {holder.pid} on {holder.host}, of epoch {holder.epoch}; meant for {meant}"
