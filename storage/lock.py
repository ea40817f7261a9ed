"""The lock file beside a store: one kernel at a time, who it is, and what the store has to have.

The lock is the operating system's (`flock`), so it ends with the process however that dies; what
the file says is for people, and for the next opening. It belongs to the open file, unlike a POSIX
record lock, which a process loses as soon as any part of it closes the same file.
"""

import fcntl
import json
import os
import platform
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
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


@dataclass(frozen=True, slots=True)
class Promise:
    """The least that a database must have, unless a part of it was lost."""

    store: str
    """Id of the database that it is about."""
    epoch: int
    """Count of the opening that the database recorded last."""
    seq: int
    """Place of the newest event that was acknowledged, or of an older one after a power cut."""


class StoreLock:
    """The lock file while this process owns it.

    Args:
        descriptor: The file, locked.
        holder: This process.
        left: What the owner before left promised; None when it closed its store.
    """

    def __init__(self, descriptor: int, holder: Holder, left: Promise | None) -> None:
        self.holder = holder
        self.left = left
        self._descriptor = descriptor
        self._text = self._begun = b""
        self.was_kept = False
        """Whether the database was found to have what was promised."""

    def number(self, epoch: int) -> None:
        """Correct the count of openings: the database knows better where the file was lost."""
        self.holder = replace(self.holder, epoch=epoch)

    def promise(self, promise: Promise | None, *, durable: bool = False) -> None:
        """Say what the next opening has to find; None after all was written into the database.

        Args:
            promise: It.
            durable: Have it outlive a power cut, too. Without that an older one may come back,
                which asks for less.
        """
        self._text = to_json(self.holder).removesuffix(b"}") + b',"promise":'
        self._write(b"null" if promise is None else to_json(promise))
        if promise is not None:
            told = json.dumps({"store": promise.store, "epoch": promise.epoch})
            self._begun = told.removesuffix("}").encode() + b',"seq":'
        if durable:
            os.fsync(self._descriptor)

    def raise_to(self, seq: int) -> None:
        """Promise events up to a place; called for each transaction, so it does little."""
        self._write(self._begun + str(seq).encode() + b"}")

    def _write(self, promise: bytes) -> None:
        os.pwrite(self._descriptor, (self._text + promise + b"}").ljust(_SIZE), 0)


def lock_path(store: Path) -> Path:
    """Return the lock file of a store."""
    return store.with_name(f"{store.name}.lock")


@asynccontextmanager
async def locked(store: Path, clock: Clock) -> AsyncGenerator[StoreLock]:
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
        before, left = _read(path)
        holder = Holder(
            pid=os.getpid(),
            boot=_boot(),
            epoch=before.epoch + 1 if before else 1,
            host=platform.node(),
            started=clock.now(),
        )
        lock = StoreLock(descriptor, holder, left)
        # What was promised holds until the database was found to keep it.
        lock.promise(left)
        yield lock
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
        return _read(path)[0]
    else:
        return None
    finally:
        os.close(descriptor)


def find_promise(store: Path) -> Promise | None:
    """Return what the lock file says that a store must have; None when it says nothing."""
    return _read(lock_path(store))[1]


def last_holder(store: Path) -> Holder | None:
    """Return who has a store open for writing, or had it last, as its lock file says."""
    return _read(lock_path(store))[0]


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
        holder = _read(lock_path(store))[0]
        hint = "Stop that one, or use another --store."
        raise StoreLockedError(str(store), f"it is in use {_who(holder)}", hint=hint) from error


def _who(holder: Holder | None) -> str:
    if holder is None:
        return "by another process"
    since = f"{holder.started:%Y-%m-%d %H:%M:%S} UTC"
    return f"by process {holder.pid} on {holder.host} since {since}"


def _boot() -> str:
    return _BOOT_ID.read_text().strip() if _BOOT_ID.exists() else ""


def _read(path: Path) -> tuple[Holder | None, Promise | None]:
    """Return what a lock file says; nothing when nobody wrote it or somebody is writing it."""
    try:
        said = json.loads(path.read_bytes())
        promise = said.pop("promise", None)
        holder = from_json(Holder, said)
        return holder, None if promise is None else from_json(Promise, promise)
    except (OSError, InputError, ValueError, AttributeError, TypeError):
        return None, None
