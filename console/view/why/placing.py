"""Placing: which row of a run's trace something is, or belongs to, so that its causes are told."""

from collections.abc import Iterable, Sequence

from dataagents.console.view.addresses import Address
from dataagents.console.view.row import TraceRow
from dataagents.console.view.rows import trace_rows
from dataagents.console.view.run_entities import find_row
from dataagents.console.view.runs import RunView
from dataagents.core.events import Event

_MADE_BY = {"lesson": "reflection"}
"""Scheme → kind of the row that says where such a thing comes from, where it has none by its id."""


def place_in(run: RunView, address: Address, events: Iterable[Event]) -> str:
    """Return the address of the row in a run that says what led to something.

    That is its own row; else the latest task of the run that it took part in; else the outcome.

    Args:
        run: The run.
        address: What is meant: a part of the run, or anything else that is on record.
        events: The events about it, oldest first.

    Raises:
        InputError: It is a part of the run that is not there; names the nearest.
    """
    rows, root = trace_rows(run), f"run:{run.id}"
    if address.scheme == "run":
        return find_row(rows, root, address).address if address.path else f"{root}/outcome"
    own = next((row.address for row in rows if _names(row, address.id)), "")
    tasks = [event.task for event in events if event.run == run.id and event.task]
    latest = next((found for task in reversed(tasks) if (found := _of_task(rows, root, task))), "")
    made = [row.address for row in rows if row.kind == _MADE_BY.get(address.scheme)]
    return own or latest or (made[0] if len(made) == 1 else f"{root}/outcome")


def _names(row: TraceRow, id_: str) -> bool:
    return row.address.rpartition("/")[2].partition(":")[2] == id_ and row.kind != "bid"


def _of_task(rows: Sequence[TraceRow], root: str, task: str) -> str:
    whole = f"{root}/task:{task}"
    return next((row.address for row in rows if row.address == whole), "")
