"""Kills processes that look after a store, each a little later than the one before.

    python maintaining_child.py prune|compact|restore|backup FOLDER [STEPS]

Makes a store of a kernel that was killed, with a log, in `FOLDER/first`, and a backup beside it.
Then copies that to `FOLDER/1`, `FOLDER/2` and so on, and in each has a process of its own do the
work until its first, second, … barrier: a name that changes, a file that is made safe, a statement
of the database, or so many STEPS of its virtual machine. Ends when one comes to its end, and prints
how many there were.
"""

import asyncio
import os
import shutil
import signal
import sqlite3
import sys
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from functools import wraps
from pathlib import Path
from typing import Any

from dataagents.core.clock import SystemClock
from dataagents.core.events import Event
from dataagents.storage import SqliteStore, copying, retention

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
LATER = NOON + timedelta(days=30)
CLOCK = SystemClock()
NAMES = ("link", "rename", "replace", "unlink", "fsync")
retention.BATCH = 9  # type: ignore[misc]
retention._PAUSE = 0.0


def run_of(day: int, name: str, *, ended: bool = True, text: str = "long " * 800) -> list[Event]:
    """Return what a run leaves, a large value among it."""

    def event(place: int, kind: str, subject: str, **body: Any) -> Event:
        at = NOON + timedelta(days=day, seconds=place)
        return Event(f"{name}{place}", at, kind, subject, body, name)

    events = [
        event(1, "run.started", name, task="clean"),
        event(2, "task.started", "t", name="profile"),
        *(event(9 + n, "step.taken", f"{name}q", number=n, thought=f"{n}{text}") for n in range(4)),
        event(20, "message.sent", f"{name}m", sender="a", conversation=name),
        event(21, "message.settled", f"{name}m", status="delivered"),
        event(22, "task.ended", "t", success=True),
    ]
    return [*events, event(30, "run.ended", name, status="done")] if ended else events


async def fill(folder: Path) -> None:
    """Write a store and its backup, write on, and die."""
    store = await SqliteStore(folder / "store.db").__aenter__()
    for number in range(4):
        await store.commit(run_of(number, f"old{number}"))
    await store.commit(run_of(0, "open", ended=False))
    await copying.backup(folder / "store.db", folder / "backup.db", CLOCK)
    await store.commit(run_of(60, "young", text="other " * 800))
    kill()


async def prune(folder: Path) -> None:
    """Do what `dataagents store prune` does."""
    async with SqliteStore(folder / "store.db") as store:
        await store.prune(LATER)


async def compact(folder: Path) -> None:
    """Make the file smaller."""
    await copying.compact(folder / "store.db", CLOCK)


async def restore(folder: Path) -> None:
    """Put the backup in the store's place."""
    await copying.restore(folder / "backup.db", folder / "store.db", CLOCK)


async def backup(folder: Path) -> None:
    """Make a second backup."""
    await copying.backup(folder / "store.db", folder / "second.db", CLOCK)


WORKS = {"prune": prune, "compact": compact, "restore": restore, "backup": backup}


def kill() -> None:
    """End this process as a power cut would."""
    os.kill(os.getpid(), signal.SIGKILL)


def arm(barrier: int, steps: int) -> None:
    """Have this process die at a barrier, counted from 1."""
    left = barrier

    def count() -> int:
        nonlocal left
        left -= 1
        if left == 0:
            kill()
        return 0

    def counted(call: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(call)
        def before_and_after(*given: Any, **named: Any) -> Any:
            count()
            result = call(*given, **named)
            count()
            return result

        return before_and_after

    for name in NAMES:
        setattr(os, name, counted(getattr(os, name)))

    class Connection(sqlite3.Connection):
        def __init__(self, *given: Any, **named: Any) -> None:
            super().__init__(*given, **named)
            self.set_progress_handler(count, steps)

        def execute(self, sql: str, *given: Any) -> sqlite3.Cursor:
            run = super().execute
            return (counted(run) if sql in ("COMMIT", "VACUUM") else run)(sql, *given)

    def connect(*given: Any, _really: Callable[..., Any] = sqlite3.connect, **named: Any) -> Any:
        return _really(*given, factory=Connection, **named)

    sqlite3.connect = connect  # type: ignore[assignment]


def in_a_process(work: Callable[[], Coroutine[Any, Any, None]]) -> bool:
    """Do work in a process of its own; return whether that came to its end.

    Raises:
        RuntimeError: It failed, which no kill does.
    """
    child = os.fork()
    if not child:
        asyncio.run(work())
        os._exit(0)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if code not in (0, -signal.SIGKILL):
        raise RuntimeError(f"it ended with {code}")
    return code == 0


def main(what: str, folder: Path, steps: int) -> int:
    """Kill until one comes to its end; return how many were killed."""
    first = folder / "first"
    first.mkdir()
    in_a_process(lambda: fill(first))
    if what == "compact":
        in_a_process(lambda: prune(first))
    barrier = 0
    while True:
        barrier += 1
        copy = folder / str(barrier)
        shutil.copytree(first, copy)

        async def work(copy: Path = copy, barrier: int = barrier) -> None:
            arm(barrier, steps)
            await WORKS[what](copy)

        if in_a_process(work):
            return barrier - 1


if __name__ == "__main__":
    given = [*sys.argv[1:], "20000"]
    sys.stdout.write(f"{main(given[0], Path(given[1]), int(given[2]))}\n")
