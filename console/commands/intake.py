"""Intake: what is checked about files and folders before a run begins."""

from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from tempfile import TemporaryFile

from dataagents.console.safe_text import safe_text
from dataagents.core.errors import InputError, MissingExtraError
from dataagents.core.suggestions import nearest

_LONGEST_NAME = 60
_MOST_NEIGHBOURS = 1_000
"""Files of a folder that a misspelt name is compared with."""


def require_engine() -> None:
    """Raise about the extra that data work needs.

    Raises:
        MissingExtraError: It is not installed.
    """
    if find_spec("duckdb") is None:
        raise MissingExtraError("dataagents run", "data")


def dataset_name(file: Path) -> str:
    """Return how to call the data set of a file: its name without the ending, safe to show."""
    return safe_text(file.stem, limit=_LONGEST_NAME)


def check_input(file: Path) -> None:
    """Raise about a file that can't be the input.

    Raises:
        InputError: It is missing, empty, a folder or can't be read.
    """
    what = f"file {file}"
    try:
        str(file).encode()
    except UnicodeEncodeError:
        raise InputError(what, "its name is not UTF-8", hint="Rename it.") from None
    try:
        if file.is_dir():
            raise InputError(what, "it is a folder", hint="Name one file in it.")
        if not file.exists():
            raise InputError(what, "there is no such file", hint=_neighbour(file))
        if not file.is_file():
            raise InputError(what, "it is no regular file", hint="Copy what it gives to a file.")
        with file.open("rb") as opened:
            if not opened.read(1):
                raise InputError(what, "it is empty", hint="It needs a header and rows.")
    except OSError as error:
        reason = error.strerror or str(error)
        raise InputError(what, f"it can't be read ({reason})", hint=_neighbour(file)) from error


def prepare_output(folder: Path | None) -> None:
    """Make the folder for the results before any work is done for them.

    Raises:
        InputError: It can't be made or written.
    """
    if folder is None:
        return
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=folder):
            pass
    except OSError as error:
        reason = error.strerror or str(error)
        raise InputError(f"output folder {folder}", reason, hint="Choose another --out.") from error


def _neighbour(file: Path) -> str:
    try:
        beside = islice(file.parent.iterdir(), _MOST_NEIGHBOURS)
        others = [each.name for each in beside if each.is_file() and each.name != file.name]
    except OSError:
        return "Check the path."
    close = nearest(file.name, others)
    return f"Did you mean {str(file.with_name(close))!r}?" if close else "Check the path."
