"""The app: puts the commands together and says what all of them share."""

from typing import Annotated

import typer

from dataagents.console.commands import (
    act,
    auction,
    lessons,
    lineage,
    messages,
    new_plugin,
    plan,
    plugins,
    reason,
    replay,
    resume,
    review,
    run,
    runs,
    show,
    status,
    store,
    tail,
    trace,
    vote,
)
from dataagents.core.version import __version__

_EPILOG = """\b
Examples:
  dataagents run orders.csv --out results   clean a file, keep the results
  dataagents run daily/ --contract c.yaml   a folder, held to a contract
  dataagents reason 'Any gaps?' orders.csv  one agent answers, step by step
  dataagents plan clean orders.csv          what a run would do, and why
  dataagents trace                          what they thought, bid and voted
  dataagents runs                           what was run before
  dataagents resume                         go on with a run that was killed
  dataagents status --watch                 is a kernel alive, and how is it?
  dataagents tail --follow                  what happens, as it happens
  dataagents show agent:profiler            everything about one thing
  dataagents act pause run:latest           tell a running kernel what to do
  dataagents messages                       who said what to whom
  dataagents review                         judge 20 cells, improve the next run
  dataagents lessons                        what was learned, does it help?
  dataagents replay                         decide again: the same result?
  dataagents store check                    is what is kept sound?
  dataagents lineage orders:clean           where a data set came from
  dataagents vote ballots.yaml --all        who wins by each voting rule
  dataagents auction bids.yaml              who gets a task, at what price
  dataagents plugins --check                what is installed, what is broken
  dataagents new-plugin my_checks           start a plugin of your own

\b
Exit codes:
  0    done
  1    not released: the agents, or a gate such as --min-score, held it back;
       vote: nothing decided; auction: not awarded; replay: another result
  2    a file, option, setting or store can't be used; the error says more
  3    the data drifted from its contract: decide with --on-drift
  4    internal failure, no plan, or no answer to a question; --debug helps
  130  interrupted; when terminated (SIGTERM), 0 after stopping in order

Results go to stdout, progress and logs to stderr.
"""


def make_app() -> typer.Typer:
    """Return the app with all its commands."""
    app = typer.Typer(
        add_completion=False,
        no_args_is_help=True,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
        epilog=_EPILOG,
        help="Agents that clean your data in the open: they reason, vote, bid, plan and reflect.",
    )
    app.callback()(_common)
    app.command(epilog=run.EXAMPLES)(run.run)
    app.command(epilog=reason.EXAMPLES)(reason.reason)
    app.command(epilog=plan.EXAMPLES)(plan.plan)
    app.command(epilog=trace.EXAMPLES)(trace.trace)
    app.command()(runs.runs)
    app.command(epilog=resume.EXAMPLES)(resume.resume)
    app.command(epilog=status.EXAMPLES)(status.status)
    app.command(epilog=tail.EXAMPLES)(tail.tail)
    app.command(epilog=show.EXAMPLES)(show.show)
    app.command(epilog=act.EXAMPLES)(act.act)
    app.command(epilog=messages.EXAMPLES)(messages.messages)
    app.command(epilog=lineage.EXAMPLES)(lineage.lineage)
    app.command(epilog=review.EXAMPLES)(review.review)
    app.add_typer(lessons.make_lessons(), name="lessons")
    app.add_typer(store.make_store(), name="store")
    app.command(epilog=replay.EXAMPLES)(replay.replay)
    app.command(epilog=vote.EXAMPLES)(vote.vote)
    app.command(epilog=auction.EXAMPLES)(auction.auction)
    app.command(epilog=plugins.EXAMPLES)(plugins.plugins)
    app.command("new-plugin", epilog=new_plugin.EXAMPLES)(new_plugin.new_plugin)
    return app


def _show_version(asked: bool) -> None:
    if asked:
        typer.echo(f"dataagents {__version__}")
        raise typer.Exit


def _common(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_show_version, is_eager=True, help="Show the version and exit."
        ),
    ] = False,
) -> None: ...
