"""What `dataagents replay` shows: decisions with their ids, and what came of them once more."""

from collections.abc import Sequence

from rich import box
from rich.console import Group as Lines
from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from dataagents.console.commands.auction_report import (
    allocation_json,
    allocation_report,
    award_json,
    award_lines,
)
from dataagents.console.commands.decisions import Decision, Replayed
from dataagents.console.commands.output import shown
from dataagents.console.commands.vote_report import election_json, election_report
from dataagents.console.view.fields import Fields
from dataagents.console.view.row import figure
from dataagents.core.allocation import Allocation
from dataagents.core.bidding import Award
from dataagents.core.values import Json
from dataagents.core.voting import Election

Results = Sequence[tuple[Decision, Replayed | str | None]]
"""Decisions with what came of them; why one can't be replayed, None while it is open."""


def replayed_report(replayed: Replayed) -> RenderableType:
    """Return a decision as it was recorded, and whether it comes out the same."""
    recorded, opened = replayed.recorded, Fields(replayed.decision.opened.event.body)
    if isinstance(recorded, Election):
        body = election_report(recorded)
    elif isinstance(recorded, Award):
        body = award_lines(recorded, opened.name("auction") or "auction", recorded.task)
    else:
        body = allocation_report(recorded, ())
    if replayed.same:
        return Lines(body, "", Text("Decided again from the record: the same result.", "green"))
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in ("field", "on record", "now"):
        table.add_column(column)
    for field, before, after in replayed.differences:
        table.add_row(shown(field), shown(before), shown(after))
    told = Text("Decided again from the record: ANOTHER result.", "bold red")
    return Lines(body, "", told, Padding(table, (0, 0, 0, 2)))


def replayed_json(replayed: Replayed) -> dict[str, Json]:
    """Return a decision and what came of it once more, as JSON."""
    recorded, opened = replayed.recorded, Fields(replayed.decision.opened.event.body)
    name = opened.name("auction")
    if isinstance(recorded, Election):
        body = election_json(recorded)
    elif isinstance(recorded, Award):
        body = {"auction": name, **award_json(recorded)}
    else:
        body = allocation_json(recorded, name, {})
    return {**_head(replayed.decision, replayed), "recorded": body}


def list_report(results: Results) -> RenderableType:
    """Return decisions with their ids, a line for each."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("decision", no_wrap=True)
    for column in ("kind", "about", "result"):
        table.add_column(column, overflow="fold")
    table.add_column("again", no_wrap=True)
    for decision, result in results:
        if result is None:
            said, again = Text("never closed", "yellow"), Text("-", "dim")
        elif isinstance(result, str):
            said, again = shown(result, "red"), Text("failed", "red")
        else:
            said = shown(_result(result))
            again = Text("same", "green") if result.same else Text("DIFFERENT", "bold red")
        table.add_row(
            shown(decision.id, "bold"), decision.kind, shown(_about(decision)), said, again
        )
    closed = [result for _, result in results if result is not None]
    same = sum(isinstance(result, Replayed) and result.same for result in closed)
    told = f"{same} of {len(closed)} come to the same result from the record."
    return Lines(table, Text(told, "green" if same == len(closed) else "bold red"))


def list_json(results: Results) -> dict[str, Json]:
    """Return decisions with their ids, as JSON."""
    return {"decisions": [_head(decision, result) for decision, result in results]}


def _head(decision: Decision, result: Replayed | str | None) -> dict[str, Json]:
    head: dict[str, Json] = {
        "id": decision.id,
        "kind": decision.kind,
        "about": _about(decision),
        "run": decision.opened.event.run,
        "at": decision.opened.event.at.isoformat(),
    }
    if result is None or isinstance(result, str):
        return {**head, "result": None, "same": None, "error": result or "never closed"}
    differences: list[Json] = [
        {"field": field, "recorded": before, "now": after}
        for field, before, after in result.differences
    ]
    return {**head, "result": _result(result), "same": result.same, "differences": differences}


def _about(decision: Decision) -> str:
    """Return what a decision is about: the question, or the task."""
    opened = Fields(decision.opened.event.body)
    if decision.kind == "vote":
        about = opened.name("about")
        return f"{about}: {opened.text('question')}" if about else opened.text("question")
    if decision.kind == "auction":
        return opened.part("task").name("id")
    return "several tasks"


def _result(replayed: Replayed) -> str:
    recorded = replayed.recorded
    if isinstance(recorded, Election):
        withdrawn = "" if recorded.recalled is None else f" (recalled: {recorded.recalled})"
        return f"{recorded.tally.decision or recorded.tally.verdict.value}{withdrawn}"
    if isinstance(recorded, Award):
        if recorded.winner is None:
            return recorded.outcome.value
        return f"{recorded.winner} for {figure(recorded.price)}"
    return _shares(recorded)


def _shares(allocation: Allocation) -> str:
    awarded = sum(award.winner is not None for award in allocation.awards)
    return f"{awarded} of {len(allocation.awards)} awarded, {allocation.objective} " + figure(
        allocation.value
    )
