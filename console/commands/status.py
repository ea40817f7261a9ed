"""`dataagents status`: how the kernel of a store is, and its agents, figures and alerts."""

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
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from dataagents.console.view.status import KernelLine, RunLine, StatusView
    from dataagents.core.clock import Clock
    from dataagents.storage import StoreReader

EXAMPLES = """\b
Examples:
  dataagents status                     at this moment
  dataagents status --watch             again whenever something changed
  dataagents status --plain             labelled lines, for a screen reader
  dataagents status --json | jq '.agents[] | select(.health != "healthy")'

\b
The kernel is live (a process has the store open), stopped (it ended in good
order), dead (it was killed, or crashed) or never (none was ever there). The
store is only read, so all of this works beside a kernel and after one.
"""
POLL = 1.0
"""Seconds between two looks at the store."""
_EVERY = 10.0
"""Seconds after which ages are shown anew, though nothing was written."""
_LATEST = 1_000
_RUNS = 5


def status(
    store: StoreOption = DEFAULT_STORE,
    watch: Annotated[
        bool, typer.Option("--watch", "-w", help="Show it again whenever it changed; Ctrl-C ends.")
    ] = False,
    plain: PlainOption = False,
    json: JsonOption = False,
    debug: DebugOption = False,
) -> None:
    """Show how the kernel is: whether it lives, its agents, figures, alerts and latest runs."""
    with Ending(debug):
        show = _shower(json, wants_plain(plain), watch)
        if watch:
            try:
                asyncio.run(_watch(store, show))
            except KeyboardInterrupt:
                return
        else:
            show(asyncio.run(_read_once(store)))


def _shower(json: bool, plain: bool, watch: bool) -> "Callable[[StatusView], None]":
    from dataagents.console.commands.output import write_json, write_json_lines, write_lines
    from dataagents.console.commands.status_report import show_status, status_json, watch_status
    from dataagents.console.view.status import plain_lines

    if json:
        if watch:
            return lambda view: write_json_lines([status_json(view)])
        return lambda view: write_json(status_json(view))
    if plain:
        return lambda view: write_lines(plain_lines(view))
    return watch_status if watch else show_status


async def _read_once(store: "Path") -> "StatusView":
    from dataagents.console.view.status import KernelLine, KernelState, status_view
    from dataagents.core.clock import SystemClock
    from dataagents.storage import StoreReader

    clock = SystemClock()
    if not store.exists():
        return status_view(str(store), KernelLine(KernelState.NEVER), (), (), clock.now())
    async with StoreReader(store, clock=clock) as reader:
        return await read_status(store, reader, clock)


async def _watch(store: "Path", show: "Callable[[StatusView], None]") -> None:
    from dataagents.core.clock import SystemClock
    from dataagents.storage import StoreReader

    clock = SystemClock()
    async with StoreReader(store, clock=clock) as reader:
        async for view in statuses(store, reader, clock):
            show(view)


async def statuses(
    store: "Path", reader: "StoreReader", clock: "Clock"
) -> "AsyncIterator[StatusView]":
    """Yield the status now, and again whenever the store or its holder changed."""
    shown: object = None
    until = 0.0
    while True:
        now = (await reader.data_version(), reader.holder())
        if now != shown or clock.monotonic() >= until:
            shown, until = now, clock.monotonic() + _EVERY
            yield await read_status(store, reader, clock)
        await clock.sleep(POLL)


async def read_status(store: "Path", reader: "StoreReader", clock: "Clock") -> "StatusView":
    """Return the status of a store, from a bounded number of its latest events."""
    from dataagents.console.view.status import status_view
    from dataagents.core.events import EventKind

    kernel, since = await _kernel(reader)
    found = {
        stored.seq: stored.event
        for kind in (
            EventKind.KERNEL_STARTED, EventKind.KERNEL_STOPPED, EventKind.AGENT_DEPLOYED,
            EventKind.AGENT_REFUSED, EventKind.AGENT_REMOVED, EventKind.AGENT_HEALTH,
            EventKind.TASK_STARTED, EventKind.TASK_ENDED, EventKind.METRIC_SAMPLED,
        )
        for stored in await reader.recent(kind, _LATEST)
        if stored.seq >= since
    }  # fmt: skip
    for kind in (EventKind.ALERT_RAISED, EventKind.ALERT_ACKNOWLEDGED, EventKind.ALERT_ENDED):
        found |= {each.seq: each.event for each in await reader.recent(kind, _LATEST)}
    events = [found[seq] for seq in sorted(found)]
    return status_view(str(store), kernel, events, await _runs(reader), clock.now())


async def _kernel(reader: "StoreReader") -> "tuple[KernelLine, int]":
    """Return the kernel that lives, or lived last, and the place where it began."""
    from dataagents.console.view.status import kernel_line
    from dataagents.core.events import EventKind

    started = await reader.recent(EventKind.KERNEL_STARTED, 1)
    stopped = await reader.recent(EventKind.KERNEL_STOPPED, 1)
    line = kernel_line(
        reader.holder(),
        reader.last_holder(),
        started[0].event if started else None,
        stopped[0].event if stopped else None,
    )
    place = started[0].seq if started else 0
    holder = reader.holder()
    if started and holder is not None and started[0].event.body.get("pid") != holder.pid:
        # The process that has it open has not said anything yet; what is there is another one's.
        place = await reader.last_seq() + 1
    return line, place


async def _runs(reader: "StoreReader") -> "list[RunLine]":
    from dataagents.console.commands.runs import status_of
    from dataagents.console.view.fields import name
    from dataagents.console.view.status import RunLine

    holder = reader.holder()
    return [
        RunLine(
            name(run.id),
            status_of(run, holder),
            name(" ".join(filter(None, (run.goal, ", ".join(run.inputs))))),
            run.started,
            run.seconds,
        )
        for run in await reader.runs(_RUNS)
    ]
