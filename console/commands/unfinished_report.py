"""Unfinished runs as a list: how far each came, and what it waits for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from rich.table import Table

from dataagents.console.commands.narrow import Column, fitting
from dataagents.console.commands.output import shown
from dataagents.console.view.words import duration
from dataagents.core import RunStatus
from dataagents.core.durability import JOURNALED, Unfinished, unfinished_run
from dataagents.storage import StoreReader


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a run stood, for a list."""

    run: str
    started: datetime
    inputs: tuple[str, ...]
    """Names of the data sets; for a program of an application, what it is for."""
    state: str
    """`interrupted`, `cancelled`, `waits for a decision: STEP` or `waits for its program`."""
    done: int
    """Tasks of the plan, or steps of the program, that are not done again."""
    tasks: int | None
    """Tasks of the plan in force; None before there is one, and for a program."""
    seconds: float
    out: str | None = None
    waiting: tuple[str, ...] = ()
    """Steps that may have happened."""


async def read_standing(reader: StoreReader, run: str) -> Unfinished:
    """Return where a run stood.

    Raises:
        InputError: It came to its end, or can't be continued.
    """
    events = await reader.run_events(run, JOURNALED)
    return unfinished_run(run, (stored.event for stored in events))


def standing_of(stood: Unfinished) -> Standing:
    """Return where a run stood as a line of a list."""
    waiting = tuple(
        f"{task}/{each.name}" if task else each.name for task, each in stood.book.waiting
    )
    state = "interrupted"
    if waiting:
        state = f"waits for a decision: {', '.join(waiting)}"
    elif stood.is_program:
        state = "waits for its program"
    elif stood.status is RunStatus.CANCELLED:
        state = "cancelled"
    about = stood.goal.settings.get("about")
    names = (str(about),) if stood.is_program and about else tuple(stood.goal.inputs)
    done = len(stood.completed)
    if stood.is_program:
        done = sum(each.over for _, each in stood.book.records)
    tasks = None if stood.plan is None else len({*stood.completed, *_ids(stood)})
    return Standing(
        stood.run, stood.started, names, state, done, tasks, stood.seconds, stood.out, waiting
    )


def standing_table(standings: Sequence[Standing], width: int) -> Table:
    """Lay unfinished runs out for people."""
    columns = (
        Column("run"),
        Column("started (UTC)", gives_way=1),
        Column("data", least=8),
        Column("state", least=11, folds=True),
        Column("done", "right"),
        Column("worked", "right", gives_way=2),
    )
    rows = [
        (
            shown(each.run),
            f"{each.started:%Y-%m-%d %H:%M}",
            shown(", ".join(each.inputs)),
            shown(each.state),
            f"{each.done}" + ("" if each.tasks is None else f" of {each.tasks}"),
            duration(each.seconds),
        )
        for each in standings
    ]
    return fitting(columns, rows, width)


def _ids(stood: Unfinished) -> tuple[str, ...]:
    return () if stood.plan is None else tuple(task.id for task in stood.plan.tasks)
