"""`dataagents run`: clean a file."""

from pathlib import Path
from typing import Annotated

import typer

from dataagents.console.commands.ending import Ending
from dataagents.console.commands.options import (
    ConfigOption,
    DebugOption,
    JsonOption,
    StoreOption,
)
from dataagents.console.launch import DEFAULT_STORE

EXAMPLES = """\b
Examples:
  dataagents run orders.csv
  dataagents run orders.csv --out results
  dataagents run orders.csv --json | jq .datasets
  dataagents run orders.csv --log-level INFO

\b
Exit codes: 0 done, 1 not released by the agents, 2 the input can't be used,
4 internal failure, 130 interrupted. Ctrl-C stops in order; a second one at once.
"""


def run(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The CSV file.")],
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", metavar="DIR", help="Write the results here; made when it isn't there."
        ),
    ] = None,
    store: StoreOption = DEFAULT_STORE,
    config: ConfigOption = None,
    seed: Annotated[
        int | None, typer.Option("--seed", help="Make everything random repeatable.")
    ] = None,
    json: JsonOption = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Show no progress.")] = False,
    log_level: Annotated[
        str | None,
        typer.Option(
            "--log-level",
            metavar="LEVEL",
            help="DEBUG, INFO, WARNING or ERROR. Otherwise as configured; otherwise INFO, "
            "but WARNING beside live progress and with --quiet.",
            show_default=False,
        ),
    ] = None,
    debug: DebugOption = False,
) -> None:
    """Clean a CSV file: clean rows one way, doubtful ones to quarantine with a reason.

    The agents find out its schema, vote on it, fix what is certain and separate the rest. Every
    step is recorded; `dataagents trace` shows the whole reasoning.
    """
    with Ending(debug):
        from dataagents.console.commands.session import RunRequest, run_file

        request = RunRequest(file, out, store, config, seed, json, quiet, log_level)
        raise typer.Exit(run_file(request))
