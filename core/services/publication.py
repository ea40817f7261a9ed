"""Publication: how the files of a run get into the folder that the user named, all or none.

A run writes into a folder of its own, `OUT/.dataagents-<run>/`. Once everything is there, what the
run before it published moves out of OUT and the new entries move in, all by renames. A manifest,
`OUT/.dataagents.json`, says which entries are ours. It is written before the first rename, as
incomplete, and again after the last one; so whatever a crash leaves is finished by the next run,
and never taken for a file of the user. A power cut may undo what was not made safe, and in any
order: so files come before the manifest that names them, that before the renames, and those before
it says that they are done.
"""

import fcntl
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from shutil import rmtree
from typing import Annotated, TypeAlias

from pydantic import Field
from pydantic_core import from_json as parse

from dataagents.core.errors import InputError
from dataagents.core.values import from_json, to_json

MANIFEST = ".dataagents.json"
_OURS = ".dataagents-"
_KEPT = "Nothing was published there; make room for it, or choose another folder."

Name: TypeAlias = Annotated[str, Field(pattern=r"^[^/\x00]*[^./\x00][^/\x00]*$")]
"""A name within a folder: neither a path nor made of dots alone."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """Which entries of a folder runs of ours have written."""

    run: Name
    entries: tuple[Name, ...] = ()
    """What the run published."""
    earlier: tuple[Name, ...] = ()
    """What the run before it had published."""
    complete: bool = True
    """False from the first rename to the last."""


class Publication:
    """What a run publishes in a folder; it owns the folder from `open` to `close`."""

    def __init__(self, folder: Path, run: str) -> None:
        self.folder = folder
        self.staging = folder / f"{_OURS}{run}"
        """Where the run writes."""
        self._manifest: Manifest = Manifest(run)
        self._lock: int | None = None

    def open(self, names: Iterable[str]) -> None:
        """Own the folder, having finished or cleared away what a run that was killed left there.

        Args:
            names: Entries that the run may publish.

        Raises:
            InputError: One of them is a file of somebody else.
            OSError: The folder can't be made or written, or another run owns it.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        self._lock = os.open(self.folder, os.O_RDONLY)
        fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        earlier = self._read()
        if not earlier.complete:
            self._exchange(earlier)
        for left in self.folder.glob(f"{_OURS}*/"):
            rmtree(left)
        self._manifest = replace(self._manifest, earlier=earlier.entries)
        self._check(names)
        self.staging.mkdir()

    def publish(self) -> None:
        """Put what was written in the place of what the run before had published.

        Raises:
            InputError: A file of somebody else came in between.
            OSError: It can't be done; the next run finishes what was begun.
        """
        entries = tuple(sorted(each.name for each in self.staging.iterdir()))
        self._check(entries)
        manifest = replace(self._manifest, entries=entries, complete=False)
        for folder, _, files in os.walk(self.staging):
            for name in files:
                _sync(Path(folder) / name)
            _sync(Path(folder))
        self._write(manifest)
        self._manifest = manifest
        self._exchange(manifest)
        self._manifest = replace(manifest, complete=True)

    def close(self) -> None:
        """Leave the folder; what was not published goes."""
        if self._manifest.complete:
            rmtree(self.staging, ignore_errors=True)
            rmtree(_aside(self.staging), ignore_errors=True)
        if self._lock is not None:
            os.close(self._lock)

    def _check(self, names: Iterable[str]) -> None:
        for name in sorted(set(names) - set(self._manifest.earlier)):
            if os.path.lexists(self.folder / name):
                problem = "is there, and no run wrote it"
                raise InputError(f"{self.folder / name}", problem, hint="Choose another --out.")

    def _exchange(self, manifest: Manifest) -> None:
        """Rename old entries away and new ones in; goes on where an earlier attempt ended."""
        staging = self.folder / f"{_OURS}{manifest.run}"
        new = [name for name in manifest.entries if os.path.lexists(staging / name)]
        arrived = set(manifest.entries).difference(new)
        _aside(staging).mkdir(exist_ok=True)
        for name in set(manifest.earlier) - arrived:
            if os.path.lexists(self.folder / name):
                (self.folder / name).rename(_aside(staging) / name)
        for name in new:
            (staging / name).rename(self.folder / name)
        _sync(self.folder)
        rmtree(_aside(staging))
        self._write(replace(manifest, earlier=(), complete=True))

    def _read(self) -> Manifest:
        path = self.folder / MANIFEST
        try:
            return from_json(Manifest, parse(path.read_bytes()), what=str(path))
        except FileNotFoundError:
            return Manifest(self._manifest.run)
        except ValueError as error:
            raise InputError(str(path), "it is damaged", hint="Choose another --out.") from error

    def _write(self, manifest: Manifest) -> None:
        partial = _aside(self.folder / f"{_OURS}{manifest.run}") / MANIFEST
        partial.parent.mkdir(exist_ok=True)
        with partial.open("w", encoding="utf-8") as file:
            file.write(json.dumps(to_json(manifest), indent=2) + "\n")
            file.flush()
            os.fsync(file.fileno())
        partial.replace(self.folder / MANIFEST)
        _sync(self.folder)


def _sync(path: Path) -> None:
    """Have a file, or the names in a folder, outlive a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _aside(staging: Path) -> Path:
    return staging.with_name(f"{staging.name}.old")


@contextmanager
def told_of(folder: Path) -> Iterator[None]:
    """Turn what the system says about a folder for results into an `InputError`."""
    try:
        yield
    except BlockingIOError as error:
        problem = "another run is writing there"
        raise InputError(f"output folder {folder}", problem, hint="Choose another one.") from error
    except OSError as error:
        reason = error.strerror or str(error)
        raise InputError(f"output folder {folder}", reason, hint=_KEPT) from error


@contextmanager
def publishing(folder: Path | None, run: str, names: Sequence[str]) -> Iterator[Publication | None]:
    """Own a folder for a run's results, or none, while the context lasts.

    Raises:
        InputError: The folder can't be used; says why and what to do.
    """
    if folder is None:
        yield None
        return
    publication = Publication(folder, run)
    try:
        with told_of(folder):
            publication.open(names)
        yield publication
    finally:
        publication.close()
