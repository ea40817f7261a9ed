"""`dataagents lineage`: where a data set came from, and what was made of it."""

import asyncio
from typing import Annotated

import typer

from dataagents.console.commands.ending import Ending
from dataagents.console.commands.options import DebugOption, JsonOption, StoreOption
from dataagents.console.launch import DEFAULT_STORE

EXAMPLES = """\b
Examples:
  dataagents lineage orders:clean                    both ways
  dataagents lineage orders.csv --forwards           what was made of a file
  dataagents lineage orders:clean --column quantity --backwards
  dataagents lineage orders:clean --run 7m3k
  dataagents lineage orders:clean --openlineage | curl -X POST ...

\b
A data set is called like its file, or as the agents call it: orders:staged is
what was read of orders, orders:clean what was released.
"""


def lineage(
    dataset: Annotated[
        str,
        typer.Argument(
            metavar="DATASET", help="A data set's name, or a file by its path or its name."
        ),
    ],
    column: Annotated[
        str | None,
        typer.Option("--column", metavar="NAME", help="One column of it.", show_default=False),
    ] = None,
    forwards: Annotated[bool, typer.Option("--forwards", help="Only what was made of it.")] = False,
    backwards: Annotated[
        bool, typer.Option("--backwards", help="Only where it came from.")
    ] = False,
    run: Annotated[
        str | None,
        typer.Option(
            "--run",
            metavar="RUN",
            help="Only what happened in this run: its id, the beginning or end of it, or latest.",
            show_default=False,
        ),
    ] = None,
    store: StoreOption = DEFAULT_STORE,
    json: JsonOption = False,
    openlineage: Annotated[
        bool,
        typer.Option(
            "--openlineage", help="Print OpenLineage events instead, one on each line of stdout."
        ),
    ] = False,
    debug: DebugOption = False,
) -> None:
    """Show where a data set came from and what was made of it: by whom, in which step, when."""
    with Ending(debug):
        from dataagents.console.commands.lineage_report import lineage_json, lineage_report
        from dataagents.console.commands.openlineage import openlineage_events
        from dataagents.console.commands.origins import read_lineage
        from dataagents.console.commands.output import show, write_json, write_json_lines
        from dataagents.core.errors import InputError

        if json and openlineage:
            raise InputError("--json", "it can't go with --openlineage")
        both = forwards == backwards
        traced = asyncio.run(
            read_lineage(
                store, dataset, column, run, back=both or backwards, ahead=both or forwards
            )
        )
        if openlineage:
            write_json_lines(openlineage_events(traced.records))
        elif json:
            write_json(lineage_json(traced))
        else:
            show(lineage_report(traced))
