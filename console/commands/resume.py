"""`dataagents resume`: go on with runs that did not come to their end."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from dataagents.console.commands.ending import Ending
from dataagents.console.commands.options import (
    ConfigOption,
    DebugOption,
    DisablePluginOption,
    JsonOption,
    LogFormatOption,
    NoPluginsOption,
    StoreOption,
)
from dataagents.console.launch import DEFAULT_STORE

EXAMPLES = """\b
Examples:
  dataagents resume --list              which runs did not end, and how far they came
  dataagents resume                     the one there is
  dataagents resume 7m3k                the run whose id begins or ends like this
  dataagents resume --all               one after the other
  dataagents resume 7m3k --out other    with its results somewhere else
  dataagents resume 7m3k --step charge --as done
  dataagents resume 7m3k --give-up      never; its working files may go

\b
A run that was killed goes on behind the last task on record: what was done is
not done again, what was under way is. A task is done again, too, when the files
that it left are gone; that is said. A step that acts on the outside and may have
happened is not repeated blindly: --as says whether it was done, is to be
repeated or to be skipped.

\b
Exit codes are those of 'dataagents run'; with --all, that of the worst run.
"""


def resume(
    run: Annotated[
        str | None, typer.Argument(metavar="RUN", help="Its id, or the beginning or end of it.")
    ] = None,
    all: Annotated[bool, typer.Option("--all", help="Go on with every unfinished run.")] = False,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            metavar="DIR",
            help="Write the results here; otherwise where the run was to write them.",
            show_default=False,
        ),
    ] = None,
    list: Annotated[
        bool, typer.Option("--list", help="Only say which runs are unfinished.")
    ] = False,
    step: Annotated[
        str | None,
        typer.Option("--step", metavar="NAME", help="A step that may have happened; see --as."),
    ] = None,
    verdict: Annotated[
        Literal["done", "repeat", "skip"] | None,
        typer.Option("--as", help="What is to become of that step.", show_default=False),
    ] = None,
    result: Annotated[
        str | None,
        typer.Option(
            "--result", metavar="JSON", help="What the step gave, with --as done: '{\"id\": 7}'."
        ),
    ] = None,
    give_up: Annotated[
        bool, typer.Option("--give-up", help="End the run for good instead of going on with it.")
    ] = False,
    store: StoreOption = DEFAULT_STORE,
    config: ConfigOption = None,
    json: JsonOption = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Show no progress.")] = False,
    log_level: Annotated[
        str | None,
        typer.Option(
            "--log-level",
            metavar="LEVEL",
            help="DEBUG, INFO, WARNING or ERROR. Otherwise as configured.",
            show_default=False,
        ),
    ] = None,
    log_format: LogFormatOption = None,
    disable_plugin: DisablePluginOption = None,
    no_plugins: NoPluginsOption = False,
    debug: DebugOption = False,
) -> None:
    """Go on with a run that was killed, cancelled, or waits for a decision.

    It goes on under the settings that it began with. What a run has to have beyond them, such as a
    configuration file with options of strategies, is given again.
    """
    with Ending(debug):
        from dataagents.console.commands.resuming import ResumeRequest, resume_runs

        request = ResumeRequest(
            run=run, all=all, out=out, list=list, step=step, verdict=verdict, result=result,
            give_up=give_up, store=store, config=config, json=json, quiet=quiet,
            log_level=log_level, log_format=log_format, no_plugins=no_plugins,
            disable_plugins=tuple(disable_plugin or ()),
        )  # fmt: skip
        raise typer.Exit(resume_runs(request))
