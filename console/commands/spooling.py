"""Spooling: what comes on the standard input becomes a file, so that it can be read twice."""

import asyncio
import sys
from collections.abc import Callable
from io import BufferedReader
from pathlib import Path
from typing import cast

from dataagents.core import InputError

_CHUNK = 1024 * 1024


async def spool(folder: Path, tell: Callable[[int], None]) -> Path:
    """Write the standard input to a file and return it.

    Args:
        folder: Where to put the file.
        tell: Called with the number of bytes that have come so far.

    Raises:
        InputError: Nothing comes, or it can't be written.
    """
    file, size = folder / "stdin", 0
    try:
        with file.open("wb") as spooled:
            source = cast(BufferedReader, sys.stdin.buffer)
            while chunk := await asyncio.to_thread(source.read1, _CHUNK):
                size += await asyncio.to_thread(spooled.write, chunk)
                tell(size)
    except OSError as error:
        reason = error.strerror or str(error)
        hint = "Make room beside the store, or name another --store."
        raise InputError("stdin", f"it can't be kept in {folder} ({reason})", hint=hint) from error
    if not size:
        hint = "Does the command before the pipe give anything?"
        raise InputError("stdin", "it is empty", hint=hint)
    return file
