"""The trace of a run as a tree for a terminal, or for a file."""

from collections.abc import Iterator, Mapping, Sequence

from rich.text import Text
from rich.tree import Tree

from dataagents.console.commands.output import shown
from dataagents.console.view import GLYPHS, Mark, RunView, TraceRow, trace_rows
from dataagents.console.view.reasoning_rows import ANALYSIS
from dataagents.console.view.words import duration

_STYLES: Mapping[Mark, str] = {
    Mark.OK: "green",
    Mark.BUSY: "cyan",
    Mark.WARN: "yellow",
    Mark.FAIL: "red",
    Mark.IDLE: "dim",
    Mark.NOTE: "dim",
}
_SCORES = {"ballot": "confidence", "risk": "probability"}
"""Kind of row → what its score is."""
_TOLD: Mapping[str, Sequence[str]] = {
    "method": ("methods that did not fit",),
    "plan": ("critical path", "done once instead of more often"),
    "risk": ("mitigation", "contingency"),
    "hierarchy": ("why", "leaders", "nobody does"),
    "auction": ("award", "could not take part"),
    "reasoning": ("model",),
    "step": (
        "thought",
        "action",
        "observation",
        "error",
        "data quality",
        "decided by",
        "model",
    ),
    "vote": ("result", "no ballot"),
    "replan": ("why", "change", "added", "removed", "moved"),
    "reflection": ("patterns", "trends", "insights"),
    "lesson": ("evidence", "what it changes", "expected effect", "observed"),
    "outcome": ("reason",),
}
"""Kind of row → headings of the sections that the tree tells in full."""
_JOINED = (
    *("could not take part", "no ballot", "leaders", "nobody does"),
    *("critical path", "added", "removed", "moved"),
)
"""Headings of lists that are told on one line."""
_TOLD_ALONE = ("step", "replan", "outcome")
"""Kinds whose detail would only repeat what is told."""


def tree_of(run: RunView, *, analysis: bool = False) -> Tree:
    """Return everything that is known of a run, parents before children.

    Args:
        run: The run.
        analysis: Tell of each reasoning what its analyst makes of it.
    """
    inputs = ", ".join(f"{name} ({path})" for name, path in run.inputs.items())
    head = Text.assemble(("run ", "dim"), (run.id, "bold"), f" {run.goal} {inputs}: {run.status}")
    tree = Tree(head, guide_style="dim")
    branches = [tree]
    for row in trace_rows(run):
        del branches[row.depth + 1 :]
        branch = branches[-1].add(_line(row))
        branches.append(branch)
        for heading, text in _told(row, ANALYSIS if analysis else ()):
            branch.add(Text.assemble((f"{heading}: ", "dim"), text))
    return tree


def _line(row: TraceRow) -> Text:
    line = Text.assemble(
        (f"{GLYPHS[row.mark]} ", _STYLES[row.mark]),
        shown(row.title, "bold" if row.depth == 0 else ""),
    )
    if row.kind == "task" and row.agent:
        line.append(f" by {row.agent}", "cyan")
    figures = [f"{_SCORES.get(row.kind, 'score')} {row.score:.2f}"] if row.score is not None else []
    if row.seconds is not None and row.kind != "bid":
        figures.insert(0, duration(row.seconds))
    if figures:
        line.append(f" ({', '.join(figures)})", "dim")
    detail = "" if row.kind in _TOLD_ALONE else row.detail.rstrip(": ")
    return line.append(f" {detail}") if detail else line


def _told(row: TraceRow, more: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield what is told of a row in full, below its line."""
    headings = (*_TOLD.get(row.kind, ()), *more)
    for heading, text in row.sections:
        if heading in headings:
            yield heading, text.replace("\n", "; ") if heading in _JOINED else text
