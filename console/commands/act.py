"""`dataagents act`: tell a running kernel what to do."""

from typing import Annotated

import typer

from dataagents.console.commands.ending import Ending
from dataagents.console.commands.options import DebugOption, JsonOption, StoreOption
from dataagents.console.launch import DEFAULT_STORE

EXAMPLES = """\b
What can be done:
  pause run:ID          no further task starts; the run stays open
  resume run:ID         it goes on where it was paused, or cut off
  cancel run:ID         it ends before its next task
  replan run:ID         its plan is made anew
  retry run:ID/task:ID  a task that waits for its next attempt is tried now
  retry message:ID      what could not be delivered is sent again
  drain agent:ID        it finishes what it has, and leaves the team
  redeploy agent:ID     it is built anew; one that was drained comes back
  cast election:ID      your ballot, while an election waits for a person
  answer question:ID    the same, or what became of a step (question:RUN/STEP)
  recall election:ID    its decision does not hold any more
  acknowledge alert:ID  you look after it
  start run:new         a run begins: --arg inputs=PATH, task=, out=
  withdraw command:ID   one of these is taken back, while no kernel has begun it

\b
Examples:
  dataagents act pause run:latest --reason 'wait for the new contract'
  dataagents act resume run:latest
  dataagents act answer question:latest --arg choice=freeze --as anna
  dataagents act cast election:latest --arg veto=evolve --reason 'breaks billing'
  dataagents act redeploy 'agent:validator-*' --count 3 --reason 'new rules' --yes
  dataagents act cancel run:latest --reason 'wrong file' --dry-run
  dataagents act acknowledge alert:01k7 --reason 'disk is on order' --json
  dataagents act start run:new --arg inputs=new.csv --arg out=results

\b
Exit codes: 0 executed or taken back (or issued, with --wait 0), 1 refused, expired,
failed or taken back too late, 2 something given can't be used, 3 not answered in time,
130 interrupted.
"""


def act(
    kind: Annotated[str, typer.Argument(metavar="KIND", help="What to do; see below.")],
    target: Annotated[
        str,
        typer.Argument(
            metavar="TARGET",
            help="To what: run:ID, agent:ID and so on. The beginning or the end of an id will do, "
            "or 'latest'; a pattern in quotes, such as 'agent:validator-*', needs --count.",
        ),
    ],
    reason: Annotated[
        str, typer.Option("--reason", "-m", metavar="TEXT", help="Why; it goes on record.")
    ] = "",
    actor: Annotated[
        str | None,
        typer.Option("--as", metavar="NAME", help="Who you are. [default: your login]"),
    ] = None,
    arg: Annotated[
        list[str] | None,
        typer.Option(
            "--arg",
            metavar="KEY=VALUE",
            help="An argument: choice=freeze, veto=evolve, confidence=0.8, voter=anna; within=60; "
            "inputs=orders.csv. "
            "May be repeated.",
        ),
    ] = None,
    count: Annotated[
        int | None,
        typer.Option("--count", min=1, help="How many targets a pattern has to stand for."),
    ] = None,
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="Do not ask before something destructive.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would happen, and to what; issue nothing.")
    ] = False,
    wait: Annotated[
        float,
        typer.Option(
            "--wait", metavar="SECONDS", min=0, help="How long to wait for the answer; 0: not."
        ),
    ] = 10.0,
    expires: Annotated[
        float,
        typer.Option(
            "--expires", metavar="SECONDS", min=1, help="It is not begun later than this."
        ),
    ] = 300.0,
    epoch: Annotated[
        str | None,
        typer.Option(
            "--epoch",
            metavar="N|any",
            help="The kernel that it is meant for, by its count of openings; 'any' also waits for "
            "one that is to come. [default: the one that runs]",
        ),
    ] = None,
    id: Annotated[
        str | None,
        typer.Option(
            "--id",
            metavar="ID",
            help="The command's id. Nothing is done twice under one: repeat a line with the id it "
            "told you to wait for its answer.",
        ),
    ] = None,
    store: StoreOption = DEFAULT_STORE,
    json: JsonOption = False,
    debug: DebugOption = False,
) -> None:
    """Tell the kernel that has a store open what to do, and wait for its answer.

    The command is a durable row beside the store. The kernel checks it, carries it out, and keeps
    it on record with your name and your reason.
    """
    with Ending(debug):
        from dataagents.console.commands.acting import ActRequest, perform

        request = ActRequest(
            kind=kind, target=target, reason=reason, actor=actor, arguments=tuple(arg or ()),
            count=count, yes=yes, dry_run=dry_run, wait=wait, expires=expires, epoch=epoch, id=id,
            store=store, json=json,
        )  # fmt: skip
        raise typer.Exit(perform(request))
