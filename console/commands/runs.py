"""`dataagents runs`: what was run before."""

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from dataagents.console.commands.ending import Ending
from dataagents.console.commands.options import DebugOption, JsonOption, StoreOption
from dataagents.console.launch import DEFAULT_STORE

if TYPE_CHECKING:
    from rich.table import Table

    from dataagents.storage import Holder, RunRow


def runs(
    store: StoreOption = DEFAULT_STORE,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="How many at most.")] = 20,
    json: JsonOption = False,
    debug: DebugOption = False,
) -> None:
    """List the runs in a store, newest first."""
    with Ending(debug):
        from dataagents.console.commands.output import Screen, show, write_json
        from dataagents.core.values import Json, to_json
        from dataagents.storage import StoreReader

        async def read() -> "tuple[tuple[RunRow, ...], Holder | None]":
            async with StoreReader(store) as reader:
                return await reader.runs(limit), reader.holder()

        found, holder = asyncio.run(read())
        if json:
            rows: list[Json] = [{**to_json(row), "status": status_of(row, holder)} for row in found]
            write_json({"runs": rows})
        else:
            table = _table(found, holder, Screen().width)
            show(table if found else "No runs yet: dataagents run PATH")


def status_of(run: "RunRow", holder: "Holder | None") -> str:
    """Return how a run is: one without an end whose kernel is gone was interrupted."""
    from dataagents.core.goals import UNDER_WAY

    if run.status not in UNDER_WAY or (holder is not None and holder.started <= run.started):
        return run.status
    return "interrupted"


def _table(found: "tuple[RunRow, ...]", holder: "Holder | None", width: int) -> "Table":
    from dataagents.console.commands.narrow import Column, fitting
    from dataagents.console.commands.output import shown
    from dataagents.console.view.words import duration, percent

    columns = (
        Column("run"),
        Column("started (UTC)", gives_way=1),
        Column("data", least=8),
        Column("status"),
        Column("quality", "right", gives_way=2),
        Column("took", "right", gives_way=3),
    )
    rows = [
        (
            shown(run.id),
            f"{run.started:%Y-%m-%d %H:%M}",
            shown(", ".join(run.inputs) or run.goal),
            shown(status_of(run, holder)),
            "-" if run.score is None else percent(run.score),
            duration(run.seconds),
        )
        for run in found
    ]
    return fitting(columns, rows, width)
