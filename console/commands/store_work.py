"""The work behind `dataagents store`, with its progress on the error stream."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import IO

from dataagents.console.commands.ending import tell
from dataagents.console.commands.output import Screen
from dataagents.core import InputError
from dataagents.core.clock import SystemClock
from dataagents.core.errors import StoreDamagedError
from dataagents.core.values import Json
from dataagents.storage import StoredEvent, StoreReader
from dataagents.storage.checking import CheckReport, CheckStep, accept, check
from dataagents.storage.copying import Compacted, Copied, backup, compact, restore
from dataagents.storage.retention import Pruned
from dataagents.storage.store import prune_closed

_PAGE = 1_000
_SECONDS = 5.0
"""Between two lines of progress where they can't be written over."""


class Sign:
    """Says how far long work is: on a terminal in one line, else a line every few seconds."""

    def __init__(self) -> None:
        self._screen = Screen("stderr")
        self._clock = SystemClock()
        self._told = self._clock.monotonic()
        self._width = 0

    def __call__(self, text: str) -> None:
        """Show a text in the place of the one before."""
        if self._screen.live:
            self._screen.file.write(f"\r{text.ljust(self._width)}")
            self._screen.file.flush()
            self._width = len(text)
        elif self._clock.monotonic() - self._told >= _SECONDS:
            self._told = self._clock.monotonic()
            tell(f"{text} …")

    def copied(self, done: int, total: int) -> None:
        """Show how many pages are copied."""
        self(f"{done / max(total, 1):.0%} copied")

    def end(self) -> None:
        """Take the line away."""
        if self._width:
            self._screen.file.write(f"\r{' ' * self._width}\r")
            self._screen.file.flush()
            self._width = 0


def check_store(store: Path, *, full: bool) -> CheckReport:
    """Look through a store.

    Raises:
        InputError: There is none.
        StoreError: It can't be read.
    """
    sign = Sign()

    def told(step: CheckStep) -> None:
        sign(f"is it so that {step.value}?")

    try:
        return asyncio.run(check(existing(store), SystemClock(), full=full, tell=told))
    finally:
        sign.end()


def accept_loss(store: Path) -> None:
    """Go on with a store although a part of it is missing, and say which.

    Raises:
        InputError: There is none.
        StoreError: It is in use, or damaged beyond that.
    """
    missing = asyncio.run(accept(existing(store), SystemClock()))
    tell(f"accepted: {missing}." if missing else "nothing is missing; nothing was changed.")


def back_up(store: Path, to: Path) -> Copied:
    """Copy a store; see `storage.copying.backup`."""
    sign = Sign()
    try:
        return asyncio.run(backup(existing(store), to, SystemClock(), sign.copied))
    finally:
        sign.end()


def put_back(store: Path, copy: Path) -> Copied:
    """Put a copy in the place of a store; see `storage.copying.restore`."""
    sign = Sign()
    try:
        return asyncio.run(restore(copy, store, SystemClock(), sign.copied))
    except StoreDamagedError as error:
        if error.path != str(copy):
            raise
        hint = "Nothing was changed. Name another backup."
        raise InputError(f"backup {copy}", error.problem, hint=hint) from error
    finally:
        sign.end()


def make_smaller(store: Path) -> Compacted:
    """Give room back to the disk; see `storage.copying.compact`."""
    return asyncio.run(compact(existing(store), SystemClock()))


def let_go(store: Path, keep: timedelta) -> Pruned:
    """Let runs go that ended longer ago than `keep`; see `storage.retention`."""
    sign = Sign()

    def told(pruned: Pruned) -> None:
        sign(f"{pruned.events:,} events gone")

    try:
        return asyncio.run(prune_closed(existing(store), keep, SystemClock(), told))
    finally:
        sign.end()


def write_events(store: Path, run: str, file: str) -> int:
    """Write events as JSON lines, and return how many.

    Args:
        store: Where from.
        run: Only this run, as `StoreReader.find_run` takes it; all events when empty.
        file: Where to, complete or not at all; `-` is stdout.

    Raises:
        InputError: There is no such store or run, or the file is there or can't be written.
    """
    if file == "-":
        return asyncio.run(_write(store, run, sys.stdout))
    path = Path(file)
    if os.path.lexists(path):
        raise InputError(f"file {file}", "it is there", hint="Choose another name.")
    draft = path.with_name(f".{path.name}.partial")
    try:
        with draft.open("w", encoding="utf-8") as opened:
            events = asyncio.run(_write(store, run, opened))
            opened.flush()
            os.fsync(opened.fileno())
        draft.rename(path)
    except OSError as error:
        raise InputError(f"file {file}", error.strerror or str(error)) from error
    finally:
        draft.unlink(missing_ok=True)
    return events


async def _write(store: Path, run: str, file: IO[str]) -> int:
    sign, written = Sign(), 0
    try:
        async with StoreReader(store) as reader:
            which = (await reader.find_run(run)).id if run else None
            async for stored in _pages(reader, which):
                file.write(json.dumps(_line(stored), allow_nan=False) + "\n")
                written += 1
                if written % _PAGE == 0:
                    sign(f"{written:,} events written")
        file.flush()
    finally:
        sign.end()
    return written


async def _pages(reader: StoreReader, run: str | None) -> AsyncIterator[StoredEvent]:
    last = 0
    while page := await reader.events(after=last, limit=_PAGE, run=run):
        last = page[-1].seq
        for stored in page:
            yield stored


def _line(stored: StoredEvent) -> dict[str, Json]:
    event = stored.event
    return {
        "seq": stored.seq, "id": event.id, "at": event.at.isoformat(), "kind": event.kind,
        "subject": event.subject, "run": event.run, "task": event.task, "agent": event.agent,
        "body": dict(event.body),
    }  # fmt: skip


def existing(store: Path) -> Path:
    """Return a store that is there.

    Raises:
        InputError: It isn't.
    """
    if store.exists():
        return store
    hint = "Run 'dataagents run FILE' to make one, or name another --store."
    raise InputError(f"store {store}", "there is no such file", hint=hint)
