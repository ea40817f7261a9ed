"""`dataagents trace`: the whole reasoning of a run."""

import asyncio
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dataagents.console.commands.ending import Ending
from dataagents.console.commands.options import DebugOption, JsonOption, StoreOption
from dataagents.console.launch import DEFAULT_STORE
from dataagents.core.errors import InputError

if TYPE_CHECKING:
    from dataagents.console.view import RunView

EXAMPLES = """\b
Examples:
  dataagents trace                    the latest run
  dataagents trace 7m3k               the run whose id begins or ends like this
  dataagents trace --analysis         what was good about each reasoning, and what was not
  dataagents trace | less
  dataagents trace --json | jq .parts
"""


def trace(
    run: Annotated[
        str, typer.Argument(metavar="[RUN]", help="Its id, or the beginning or end of it.")
    ] = "latest",
    analysis: Annotated[
        bool,
        typer.Option(
            "--analysis",
            help="Tell how each reasoning went: its score, how far it got on, where it went round "
            "in circles, and what to do differently at which step. --json has it anyway.",
        ),
    ] = False,
    store: StoreOption = DEFAULT_STORE,
    json: JsonOption = False,
    debug: DebugOption = False,
) -> None:
    """Show how a run came to its results: plan, bids, thoughts, actions, votes, lessons."""
    with Ending(debug):
        from dataagents.console.commands.output import show, write_json
        from dataagents.console.commands.tree import tree_of
        from dataagents.console.view import trace_json

        view = asyncio.run(read_run(store, run))
        if json:
            write_json(trace_json(view))
        else:
            show(tree_of(view, analysis=analysis))


def trace_command(run: str, store: Path, *options: str) -> str:
    """Return what to type to see the trace of a run."""
    words = ["dataagents", "trace", run, *options]
    if store != DEFAULT_STORE:
        words += ["--store", str(store)]
    return shlex.join(words)


def resume_command(run: str, store: Path, *options: str) -> str:
    """Return what to type to go on with a run."""
    words = ["dataagents", "resume", run, *options]
    if store != DEFAULT_STORE:
        words += ["--store", str(store)]
    return shlex.join(words)


async def read_run(store: Path, run: str) -> "RunView":
    """Return a run with its whole trace.

    Args:
        store: The store to read.
        run: The run's id, the beginning or end of it, or `latest`.

    Raises:
        InputError: There is no such store or run.
    """
    from dataagents.console.commands.runs import status_of
    from dataagents.console.feeds.run_trace import RunTrace
    from dataagents.storage import StoreReader

    async with StoreReader(store) as reader:
        meant = await reader.find_run(run)
        view = await RunTrace(meant.id, most=None).renew(reader)
        status = status_of(meant, reader.holder())
    if view is None:
        raise InputError(f"run {meant.id}", "its events are not kept any more")
    view.status = status
    return view
