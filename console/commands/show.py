"""`dataagents show`: everything that is known about one thing, by its address."""

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from dataagents.console.commands.ending import Ending
from dataagents.console.commands.options import (
    DebugOption,
    JsonOption,
    PlainOption,
    StoreOption,
    wants_plain,
)
from dataagents.console.launch import DEFAULT_STORE

if TYPE_CHECKING:
    from pathlib import Path

    from dataagents.console.view.addresses import Address
    from dataagents.console.view.entities import EntityView

EXAMPLES = """\b
Examples:
  dataagents show agent:profiler
  dataagents show run:latest               a run, and what is below it
  dataagents show 'run:latest/task:profile(orders)'
  dataagents show run:latest/step:3
  dataagents show election:1m8bwzf8g       the beginning or end of an id will do
  dataagents show alert:1m8bx0000 --json

\b
The schemes: agent, run, plan, reasoning, election, lot, message, conversation,
alert, lesson, reflection, experience, dataset, metric, plugin, kernel, event.
"""


def show(
    address: Annotated[
        str, typer.Argument(metavar="ADDRESS", help="What to show: agent:NAME, run:ID, alert:ID.")
    ],
    store: StoreOption = DEFAULT_STORE,
    limit: Annotated[
        int, typer.Option("--limit", "-n", min=1, help="How many of its events at most.")
    ] = 50,
    plain: PlainOption = False,
    json: JsonOption = False,
    debug: DebugOption = False,
) -> None:
    """Show one thing: what is known about it, what happened to it, and what it points to."""
    with Ending(debug):
        from dataagents.console.commands.entity_report import plain_entity, show_entity
        from dataagents.console.commands.output import write_json, write_lines
        from dataagents.console.view.addresses import parse_address
        from dataagents.core.values import to_json

        view = asyncio.run(_read(store, parse_address(address), limit))
        if json:
            write_json(to_json(view))
        elif wants_plain(plain):
            write_lines(plain_entity(view))
        else:
            show_entity(view)


async def _read(store: "Path", address: "Address", limit: int) -> "EntityView":
    from dataagents.console.commands.trace import read_run
    from dataagents.console.view.addresses import Address, find_id
    from dataagents.console.view.entities import entity_view
    from dataagents.console.view.run_entities import run_entity
    from dataagents.storage import StoreReader

    if address.scheme == "run":
        return run_entity(await read_run(store, address.id), address)
    async with StoreReader(store) as reader:
        entities = reader.entities
        found = await entities.about(address.scheme, address.id, limit)
        if not found:
            id_ = find_id(address, await entities.ids(address.scheme))
            address = Address(address.scheme, id_)
            found = await entities.about(address.scheme, id_, limit)
    return entity_view(address, [(each.seq, each.event) for each in found])
