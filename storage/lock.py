"""The lock file beside a store: one kernel at a time, and who it is.

The lock is the operating system's (`flock`), so it ends with the process however that dies; what
the file says is only for people. It belongs to the open file, unlike a POSIX record lock, which a
process loses as soon as any part of it closes the same file.
"""

import fcntl
import json
import os
import platform
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pydantic_core import to_json
from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_attempt, wait_fixed

from dataagents.core.clock import Clock
from dataagents.core.errors import InputError, StoreError, StoreLockedError
from dataagents.core.values import from_json

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_SIZE = 1024
"""The file is always this long, so that one write replaces all of it."""
_TRIES = 5
_PAUSE = 0.02


@dataclass(frozen=True, slots=True)
class Holder:
    """A process that has, or had, a store open for writing."""

    pid: int
    boot: str
    """Tells two starts of one machine apart; empty where the system has no such id."""
    epoch: int
    """How often the store has been opened, this time included."""
    host: str
    started: datetime


def lock_path(store: Path) -> Path:
    """Return the lock file of a store."""
    return store.with_name(f"{store.name}.lock")


@asynccontextmanager
async def locked(store: Path, clock: Clock) -> AsyncGenerator[Holder]:
    """Own a store while the context lasts.

    Raises:
        StoreLockedError: Another process owns it, or this one does already.
        StoreError: The lock file can't be made.
    """
    path = lock_path(store)
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        problem = f"its lock file can't be opened ({error.strerror})"
        hint = "Check the permissions of the folder, or use another --store."
        raise StoreError(str(store), problem, hint=hint) from error
    try:
        await _acquire(descriptor, store, clock)
        before = _read(path)
        holder = Holder(
            pid=os.getpid(),
            boot=_boot(),
            epoch=before.epoch + 1 if before else 1,
            host=platform.node(),
            started=clock.now(),
        )
        os.pwrite(descriptor, to_json(holder).ljust(_SIZE), 0)
        yield holder
    finally:
        os.close(descriptor)


def find_holder(store: Path) -> Holder | None:
    """Return who has a store open for writing now, or None when nobody has."""
    path = lock_path(store)
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StoreError(str(store), f"its lock file can't be read ({error.strerror})") from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return _read(path)
    else:
        return None
    finally:
        os.close(descriptor)


async def _acquire(descriptor: int, store: Path, clock: Clock) -> None:
    # A reader that looks for the holder has the lock for an instant; that must not refuse a kernel.
    retrying = AsyncRetrying(
        retry=retry_if_exception_type(BlockingIOError),
        stop=stop_after_attempt(_TRIES),
        wait=wait_fixed(_PAUSE),
        sleep=clock.sleep,
        reraise=True,
    )
    try:
        async for attempt in retrying:
            with attempt:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        holder = _read(lock_path(store))
        who = f"by process {holder.pid} on {holder.host}" if holder else "by another process"
        hint = "Stop that one, or use another --store."
        raise StoreLockedError(str(store), f"it is in use {who}", hint=hint) from error


def _boot() -> str:
    return _BOOT_ID.read_text().strip() if _BOOT_ID.exists() else ""


def _read(path: Path) -> Holder | None:
    """Return what a lock file says; None when nobody wrote it or somebody is writing it."""
    try:
        return from_json(Holder, json.loads(path.read_bytes()))
    except (InputError, ValueError):
        return None
