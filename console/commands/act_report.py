"""How commands, and what came of them, are told."""

import shlex
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from dataagents.console.commands.output import shown
from dataagents.console.launch import DEFAULT_STORE
from dataagents.console.steering import Outcome, Proposal, briefing
from dataagents.console.view import GLYPHS
from dataagents.console.view.act_line import act_line
from dataagents.core.commands import ACTIONS, Command
from dataagents.core.values import Json

_MOST_NAMED = 20


def command_line(command: Command, store: Path, *, id: bool = False) -> str:
    """Return the line that issues a command again, quoted for a shell.

    Args:
        command: It.
        store: The store.
        id: Under the same id: then it is not done again, and the line waits for its answer.
    """
    return act_line(command, str(store) if store != DEFAULT_STORE else "", id=id)


def withdrawing_line(command: Command, store: Path) -> str:
    """Return the line that takes a command back, quoted for a shell."""
    words = ["dataagents", "act", "withdraw", f"command:{command.id}"]
    return shlex.join(words + (["--store", str(store)] if store != DEFAULT_STORE else []))


def announcement(proposal: Proposal, now: datetime) -> Group:
    """Return what is about to happen: to what, by which kernel, until when."""
    told = briefing(proposal, now, named=_MOST_NAMED)
    facts = Table.grid(padding=(0, 2))
    facts.add_row("  to", shown(told.targets))
    facts.add_row("  kernel", shown(told.kernel))
    if told.given:
        facts.add_row("  with", shown(told.given))
    facts.add_row("  as", shown(proposal.actor))
    facts.add_row("  expires", told.expires)
    return Group(Text.assemble((proposal.kind, "bold"), f": {told.effect}"), facts)


def result_lines(outcomes: Sequence[Outcome]) -> Group:
    """Return what became of each command, a line each."""
    return Group(*map(_line, outcomes))


def results_json(
    outcomes: Sequence[Outcome], store: Path, *, dry_run: bool = False
) -> dict[str, Json]:
    """Return the same as one JSON object."""
    rows: list[Json] = [_row(each, store) for each in outcomes]
    return {"dry_run": dry_run, "count": len(rows), "commands": rows}


def _line(outcome: Outcome) -> RenderableType:
    command, answer = outcome.command, outcome.answer
    if answer is None and command.withdrawn:
        said = f"{GLYPHS[outcome.mark]} withdrawn: {command.kind} {command.target}: {outcome.why}"
        return shown(said)
    if answer is None:
        waits = f"… waiting: {command.kind} {command.target} (id {command.id})"
        return shown(waits, "yellow")
    head = (f"{GLYPHS[outcome.mark]} {answer.state}: ", "green" if answer.executed else "red")
    return Text.assemble(head, shown(answer.message))


def _row(outcome: Outcome, store: Path) -> dict[str, Json]:
    command, answer = outcome.command, outcome.answer
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
        "state": outcome.state,
        "message": "" if answer is None else answer.message,
        "answered": None if answer is None else answer.at.isoformat(),
        "command_line": command_line(command, store),
    }
