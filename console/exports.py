"""Exports: files that the console writes at the operator's wish; none is ever written over."""

import os
import tempfile
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

from dataagents.core.errors import InputError

_READABLE = 0o666
"""What a new file allows before the operator's umask takes from it."""
_MOST_OF_A_NAME = 100


def export_name(view: str, extension: str, at: datetime) -> str:
    """Return what an export is called: `dataagents-agents-20260302-140005.csv`.

    Args:
        view: What is exported; characters that a file name should not have become hyphens.
        extension: The kind of file, without a dot.
        at: When; the name says it in UTC.
    """
    safe = "".join(each if each.isascii() and each.isalnum() else "-" for each in view)
    shown = safe.strip("-")[:_MOST_OF_A_NAME] or "list"
    return f"dataagents-{shown}-{at.astimezone(UTC):%Y%m%d-%H%M%S}.{extension}"


def write_export(folder: Path, name: str, text: str) -> Path:
    """Write a file that is there as a whole or not at all.

    Args:
        folder: Where; it has to be there.
        name: What it is to be called; `-2`, `-3` and so on are added where that is taken.
        text: What is in it.

    Returns:
        The file.

    Raises:
        InputError: It can't be written; says why.
    """
    try:
        descriptor, partial = tempfile.mkstemp(prefix=f".{name}.", dir=folder)
        draft = Path(partial)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(text.encode())
            return _put(draft, _reserved(folder, name))
        finally:
            draft.unlink(missing_ok=True)
    except OSError as error:
        what, why = f"export {folder / name}", error.strerror or str(error)
        hint = "Start the console in a folder that you may write to."
        raise InputError(what, f"it can't be written: {why}", hint=hint) from error


def _put(draft: Path, path: Path) -> Path:
    """Give a finished file the name that is kept for it."""
    try:
        draft.chmod(path.stat().st_mode & _READABLE)
        return draft.replace(path)
    except OSError:
        path.unlink(missing_ok=True)
        raise


def _reserved(folder: Path, name: str) -> Path:
    """Return a new, empty file of that name, or of the first like it that is free."""
    stem, dot, extension = name.rpartition(".")
    for number in count(1):
        path = folder / (name if number == 1 else f"{stem}-{number}{dot}{extension}")
        try:
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, _READABLE))
        except FileExistsError:
            continue
        return path
    raise AssertionError
