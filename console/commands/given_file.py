"""Small files that a command is given: a path or the standard input, read whole or refused."""

import sys
from pathlib import Path

from dataagents.core.errors import InputError

STDIN = "-"


def source_of(path: str) -> str:
    """Return how errors call a file."""
    return "stdin" if path == STDIN else f"file {path}"


def read_bytes(path: str, source: str, most: int) -> bytes:
    """Return what a file holds.

    Args:
        path: The file; `-` is the standard input.
        source: How errors call it.
        most: Bytes that it may have, a number of whole megabytes.

    Raises:
        InputError: It can't be read, or has more.
    """
    try:
        if path == STDIN:
            content = sys.stdin.buffer.read(most + 1)
        else:
            with Path(path).open("rb") as file:
                content = file.read(most + 1)
    except OSError as error:
        raise InputError(source, error.strerror or str(error)) from error
    if len(content) > most:
        raise InputError(source, f"it is larger than {most // 1_000_000} MB")
    return content
