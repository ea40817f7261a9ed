"""`dataagents replay`: what was decided, decided once more from the record."""

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from dataagents.console.commands.ending import Ending, ExitCode
from dataagents.console.commands.options import DebugOption, JsonOption, StoreOption
from dataagents.console.launch import DEFAULT_STORE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dataagents.console.commands.decisions import Decision, Replayed
    from dataagents.core.events import Event
    from dataagents.core.registry import Registry

EXAMPLES = """\b
Examples:
  dataagents replay               every vote and auction of the latest run
  dataagents replay --run 7m3k    those of another one
  dataagents replay --run -       those outside of any run
  dataagents replay 1m8bwzexr     one of them, with its ballots or bids
  dataagents replay --json | jq '.decisions[] | select(.same | not)'

\b
The record has all that a decision rests on: the question or the task, ballots
or bids, the rule with its options as they were in force, and reputations. So
the rule is applied to it once more, and has to come to the same result,
figures and reasons included.

\b
Exit codes: 0 all the same, 1 something comes out differently: the record was
changed, or the rule was; 2 there is no such decision, or it can't be decided.
"""


def replay(
    decision: Annotated[
        str | None,
        typer.Argument(
            metavar="[DECISION]",
            help="Id of a vote or an auction, or the beginning or end of it; otherwise all those "
            "of a run.",
            show_default=False,
        ),
    ] = None,
    run: Annotated[
        str | None,
        typer.Option(
            "--run",
            metavar="RUN",
            help="The run, by its id or the beginning or end of it; - for what was decided "
            "outside of any. Otherwise the latest.",
            show_default=False,
        ),
    ] = None,
    store: StoreOption = DEFAULT_STORE,
    json: JsonOption = False,
    debug: DebugOption = False,
) -> None:
    """Decide again what is on record: the same ballots and bids, the same rules, the same result?

    Without an id, lists the votes and auctions of a run with theirs.
    """
    with Ending(debug):
        from dataagents.console.commands.decisions import read_decisions, replay_decision
        from dataagents.console.commands.output import show, write_json
        from dataagents.console.commands.replay_report import (
            list_json,
            list_report,
            replayed_json,
            replayed_report,
        )
        from dataagents.console.commands.strategies import installed

        found = asyncio.run(read_decisions(store, decision, run))
        registry = installed()
        if decision is not None:
            ((meant, events),) = found
            replayed = replay_decision(meant, events, registry)
            if json:
                write_json(replayed_json(replayed))
            else:
                show(replayed_report(replayed))
            same = replayed.same
        else:
            results = tuple(_each(found, registry))
            if json:
                write_json(list_json(results))
            else:
                show(list_report(results) if results else "No votes and no auctions in this run.")
            same = all(
                each is None or (not isinstance(each, str) and each.same) for _, each in results
            )
        raise typer.Exit(ExitCode.DONE if same else ExitCode.WITHHELD)


def _each(
    found: "tuple[tuple[Decision, tuple[Event, ...]], ...]", registry: "Registry"
) -> "Iterator[tuple[Decision, Replayed | str | None]]":
    """Yield what came of each decision, or why it can't be replayed; None when it is open."""
    from dataagents.console.commands.decisions import is_closed, replay_decision
    from dataagents.core.errors import DataAgentsError

    for decision, events in found:
        if not is_closed(events):
            yield decision, None
            continue
        try:
            yield decision, replay_decision(decision, events, registry)
        except DataAgentsError as error:
            yield decision, str(error)
