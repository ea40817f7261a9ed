"""`dataagents messages`: who said what to whom, and whether it arrived."""

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from dataagents.console.commands.ending import Ending
from dataagents.console.commands.options import DebugOption, JsonOption, StoreOption
from dataagents.console.launch import DEFAULT_STORE

if TYPE_CHECKING:
    from pathlib import Path

    from dataagents.console.view.messages import MessageLog, Wanted

EXAMPLES = """\b
Examples:
  dataagents messages                          the newest of the latest run
  dataagents messages --run -                  those outside of any run
  dataagents messages --agent profiler -n 200
  dataagents messages --type validation_vote
  dataagents messages --failed                 what did not arrive, and why
  dataagents messages --conversation 1m8bwzf8g   one thread, with payloads
  dataagents messages --json | jq '.messages[].payload'

\b
The line above some messages has the id of their conversation; a vote or an
auction is one, under its own id. A receipt is delivered (the recipient's
handler returned), queued, or says why not: unknown_recipient, mailbox_full,
expired, refused, conflict, agent_failed. An answer has none.
"""


def messages(
    run: Annotated[
        str | None,
        typer.Option(
            "--run",
            metavar="RUN",
            help="The run, by its id or the beginning or end of it; - for what was said outside "
            "of any, all for everything. Otherwise the latest.",
            show_default=False,
        ),
    ] = None,
    conversation: Annotated[
        str,
        typer.Option(
            "--conversation",
            metavar="ID",
            help="One conversation as a thread with payloads, by its id or the beginning or end "
            "of it.",
            show_default=False,
        ),
    ] = "",
    agent: Annotated[
        str,
        typer.Option("--agent", metavar="ID", help="Only what it sent or got.", show_default=False),
    ] = "",
    type: Annotated[
        str,
        typer.Option(
            "--type", metavar="TYPE", help="Only this type: bid, task_request.", show_default=False
        ),
    ] = "",
    failed: Annotated[
        bool, typer.Option("--failed", help="Only what did not arrive, each with the reason.")
    ] = False,
    store: StoreOption = DEFAULT_STORE,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="How many at most.")] = 50,
    json: JsonOption = False,
    debug: DebugOption = False,
) -> None:
    """Show what the agents said to each other: when, who to whom, what, and the receipt."""
    with Ending(debug):
        from dataagents.console.commands.message_report import listing, messages_json, thread
        from dataagents.console.commands.output import show, write_json
        from dataagents.console.view.messages import Wanted

        wanted = Wanted(agent, type, failed)
        log, found = asyncio.run(_read(store, run, conversation, wanted, limit))
        if json:
            write_json(messages_json(log))
        elif found:
            show(thread(log, found))
        else:
            show(listing(log))


async def _read(
    store: "Path", run: str | None, conversation: str, wanted: "Wanted", limit: int
) -> "tuple[MessageLog, str]":
    """Return the messages that are wanted, and the id of the conversation, if one was named."""
    from dataagents.console.commands.conversations import read_conversation, read_run_messages
    from dataagents.console.view.messages import MessageLog
    from dataagents.storage import StoreReader

    log, found = MessageLog(wanted, limit), ""
    async with StoreReader(store) as reader:
        if conversation:
            found = await read_conversation(reader, conversation, log)
        else:
            await read_run_messages(reader, run, log)
    _check(wanted, log)
    return log, found


def _check(wanted: "Wanted", log: "MessageLog") -> None:
    """Tell a name that does not occur from a filter that leaves nothing.

    Raises:
        InputError: No message has this type, or nobody has this name.
    """
    from dataagents.core.errors import InputError
    from dataagents.core.suggestions import did_you_mean

    for option, given, known in (
        ("--type", wanted.type, log.types),
        ("--agent", wanted.agent, log.agents),
    ):
        if given and known and given not in known:
            hint = did_you_mean(given, known).strip()
            raise InputError(f"{option} {given}", "it occurs in none of these messages", hint=hint)
