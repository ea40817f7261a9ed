"""Runs, and what is below them, as entities: the rows of a trace are their addresses."""

from collections.abc import Sequence

from dataagents.console.view.addresses import Address
from dataagents.console.view.entities import EntityView
from dataagents.console.view.row import TraceRow, figure, lines
from dataagents.console.view.rows import trace_rows
from dataagents.console.view.runs import RunView
from dataagents.console.view.words import duration
from dataagents.core.errors import InputError
from dataagents.core.suggestions import nearest

_MOST_NAMED = 5
_WORTH_A_LOOK = frozenset({"plan", "replan", "task", "vote", "reflection"})
"""Kinds of rows that a run points to; these point to what is below them."""


def run_entity(run: RunView, address: Address) -> EntityView:
    """Return a run, or a row of its trace.

    Args:
        run: The run that the address names.
        address: Its path may leave out what lies between: `step:3` for
            `task:load(a)/reasoning:ID/step:3`, where that is one row.

    Raises:
        InputError: The run has no such row, or several; names the choices.
    """
    root = f"run:{run.id}"
    rows = trace_rows(run)
    if not address.path:
        facts = [
            ("status", run.status),
            ("goal", run.goal),
            ("inputs", lines(run.inputs)),
            ("started", f"{run.started:%Y-%m-%d %H:%M:%S} UTC"),
            ("took", duration(run.seconds)),
            ("reason", run.reason),
            ("messages", f"{run.messages}, {run.failed_messages} did not arrive"),
            ("summary", lines(run.summary)),
        ]
        below = tuple(row.address for row in rows if row.kind in _WORTH_A_LOOK)
        return EntityView(root, tuple(pair for pair in facts if pair[1]), (), below)
    row = find_row(rows, root, address)
    facts = [
        ("what", row.title),
        ("state", str(row.mark)),
        ("detail", row.detail),
        ("agent", row.agent),
        ("took", duration(row.seconds)),
        ("score", figure(row.score)),
        *row.sections,
    ]
    inner = tuple(each.address for each in rows if each.address.startswith(f"{row.address}/"))
    agents = (f"agent:{row.agent}",) if row.agent else ()
    known = tuple(pair for pair in facts if pair[1])
    return EntityView(row.address, known, (), (root, *agents, *inner))


def find_row(rows: Sequence[TraceRow], root: str, address: Address) -> TraceRow:
    """Return the row of a trace that an address means; its path may leave out what lies between.

    Args:
        rows: All of the trace.
        root: The address of the run.
        address: What is meant.

    Raises:
        InputError: The run has no such row, or several; names the choices.
    """
    whole = f"{root}/{address.path}"
    exact = [row for row in rows if row.address == whole]
    if exact:
        return exact[0]
    parts = address.path.split("/")
    meant = [row for row in rows if _ends(row.address.removeprefix(f"{root}/"), parts)]
    if len(meant) == 1:
        return meant[0]
    what = f"address {str(address)!r}"
    if meant:
        choices = ", ".join(row.address for row in meant[:_MOST_NAMED])
        more = ", …" if len(meant) > _MOST_NAMED else ""
        raise InputError(what, f"it fits {len(meant)} rows", hint=f"It may be {choices}{more}.")
    paths = [row.address.removeprefix(f"{root}/") for row in rows]
    hint = _choices(address.path, paths) if paths else "The run has no trace yet."
    raise InputError(what, "the run has nothing that is called so", hint=hint)


def _choices(path: str, paths: Sequence[str]) -> str:
    """Point to the nearest of many rows, or to those that are no part of another."""
    close = nearest(path, paths)
    if close is not None:
        return f"Did you mean {close!r}?"
    outer = sorted({each.split("/")[0] for each in paths})
    more = ", …" if len(outer) > _MOST_NAMED else ""
    return f"Known: {', '.join(outer[:_MOST_NAMED])}{more}."


def _ends(path: str, parts: Sequence[str]) -> bool:
    """Return whether a path ends with the last part, and has the others before it, in order."""
    *before, last = parts
    if path != last and not path.endswith(f"/{last}"):
        return False
    head, place = path.removesuffix(last), 0
    for part in before:
        found = head.find(part, place)
        if found < 0:
            return False
        place = found + len(part)
    return True
