"""`dataagents tail`: the events of a store as lines, the newest last."""

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from dataagents.console.commands.ending import Ending
from dataagents.console.commands.options import (
    DebugOption,
    PlainOption,
    StoreOption,
    wants_plain,
)
from dataagents.console.launch import DEFAULT_STORE

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from dataagents.console.view.event_lines import EventFilter
    from dataagents.core.clock import Clock
    from dataagents.storage import StoredEvent, StoreReader

EXAMPLES = """\b
Examples:
  dataagents tail                          the newest 20 events
  dataagents tail --follow                 and those that come, until the kernel ends
  dataagents tail -f --kind 'alert.*'      only alerts; --kind may be given several times
  dataagents tail --run latest -n 100
  dataagents tail --json | jq .body        one JSON object on each line
"""
POLL = 0.1
"""Seconds between two looks at the store."""
_HOLDER_EVERY = 1.0
"""Seconds between two looks at the lock."""
_PAGE = 1_000


def tail(
    follow: Annotated[
        bool,
        typer.Option("--follow", "-f", help="Go on with what comes, until the kernel ends."),
    ] = False,
    kind: Annotated[
        list[str] | None,
        typer.Option(
            "--kind",
            metavar="KIND",
            help="Only this kind of event, such as task.ended or 'alert.*'; several times for "
            "several.",
            show_default=False,
        ),
    ] = None,
    run: Annotated[
        str | None,
        typer.Option(
            "--run",
            metavar="RUN",
            help="Only this run, by its id or the beginning or end of it, or latest.",
            show_default=False,
        ),
    ] = None,
    limit: Annotated[
        int, typer.Option("--limit", "-n", min=0, help="How many to begin with, at most.")
    ] = 20,
    store: StoreOption = DEFAULT_STORE,
    plain: PlainOption = False,
    json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object on each line of stdout.")
    ] = False,
    debug: DebugOption = False,
) -> None:
    """Show what happens: the newest events, and with --follow each new one as it comes."""
    with Ending(debug):
        write = _writer(json, wants_plain(plain))
        try:
            asyncio.run(_tail(store, tuple(kind or ()), run, limit, follow, write))
        except KeyboardInterrupt:
            if not follow:
                raise


def _writer(json: bool, plain: bool) -> "Callable[[StoredEvent], None]":
    from dataagents.console.commands.event_report import show_event, write_event, write_event_plain

    if json:
        return write_event
    return write_event_plain if plain else show_event


async def _tail(
    store: "Path",
    kinds: tuple[str, ...],
    run: str | None,
    limit: int,
    follow: bool,
    write: "Callable[[StoredEvent], None]",
) -> None:
    from dataagents.console.view.event_lines import EventFilter
    from dataagents.core.clock import SystemClock
    from dataagents.storage import StoreReader

    clock = SystemClock()
    async with StoreReader(store, clock=clock) as reader:
        meant = None if run is None else (await reader.find_run(run)).id
        wanted = EventFilter(kinds, meant)
        last = await reader.last_seq()
        for stored in await newest(reader, wanted, limit, last):
            write(stored)
        if follow:
            async for stored in following(reader, wanted, last, clock):
                write(stored)


async def newest(
    reader: "StoreReader", wanted: "EventFilter", limit: int, last: int
) -> "list[StoredEvent]":
    """Return the newest events that are wanted, oldest of them first.

    They are looked for backwards, a page at a time, so few that are new cost little.
    """
    found: list[StoredEvent] = []
    before = last
    while before > 0 and len(found) < limit:
        after = max(0, before - _PAGE)
        page = [
            stored
            for stored in await reader.events(after=after, limit=_PAGE, run=wanted.run)
            if stored.seq <= before and wanted.fits(stored.event)
        ]
        found, before = page + found, after
    return found[len(found) - min(limit, len(found)) :]


async def following(
    reader: "StoreReader", wanted: "EventFilter", last: int, clock: "Clock"
) -> "AsyncIterator[StoredEvent]":
    """Yield events that come after a place, until no kernel lives and all were told.

    Each look is a short read of its own; nothing stays open between two of them.
    """
    place, version = last, -1
    lives, looked = reader.holder() is not None, clock.monotonic()
    while True:
        now = await reader.data_version()
        found: tuple[StoredEvent, ...] = ()
        if now != version:
            found = await reader.events(after=place, limit=_PAGE)
            for stored in found:
                place = stored.seq
                if wanted.fits(stored.event):
                    yield stored
            if len(found) < _PAGE:
                version = now
        if not found and not lives:
            return
        if len(found) < _PAGE:
            await clock.sleep(POLL)
        if clock.monotonic() - looked >= _HOLDER_EVERY:
            lives, looked = reader.holder() is not None, clock.monotonic()
