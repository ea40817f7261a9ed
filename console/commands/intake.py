"""Intake: what is checked about files and folders before a run begins."""

import glob
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from tempfile import TemporaryFile

from dataagents.console.safe_text import safe_text
from dataagents.core.commands import dataset_names
from dataagents.core.commands.dataset_names import STDIN
from dataagents.core.errors import InputError, MissingExtraError
from dataagents.core.suggestions import nearest

_LONGEST_NAME = 60
_MOST_NEIGHBOURS = 1_000
"""Files of a folder that a misspelt name is compared with."""


def require_engine(command: str) -> None:
    """Raise about the extra that data work needs.

    Args:
        command: Which command needs it.

    Raises:
        MissingExtraError: It is not installed.
    """
    if find_spec("duckdb") is None:
        raise MissingExtraError(command, "data")


def gather(paths: Sequence[str]) -> dict[str, str]:
    """Return the data sets that paths stand for: name → path.

    A file, a folder or a glob pattern is one data set each, `-` is what comes on stdin.

    Raises:
        InputError: One can't be the input, or a file is named twice.
    """
    seen: dict[Path, int] = {}
    for number, path in enumerate(paths):
        for file in _check(path):
            earlier = seen.setdefault(file, number)
            if earlier != number:
                also = "twice" if paths[earlier] == path else f"by {paths[earlier]!r} too"
                hint = "Name each file once."
                raise InputError(f"file {file.name}", f"it is named {also}", hint=hint)
    if list(paths).count(STDIN) > 1:
        raise InputError("-", "it is named twice", hint="There is one standard input only.")
    return data_sets(paths)


def data_sets(paths: Sequence[str]) -> dict[str, str]:
    """Return the data sets that paths are called, name → path, whether there is anything or not."""
    return dataset_names.data_sets(paths, _shown)


def check_contract(file: Path | None) -> None:
    """Raise about a contract that can't be read, before any work is done.

    Raises:
        InputError: It is missing, a folder or can't be read.
    """
    if file is not None:
        _check_file(file, "contract", "It needs at least one data set.")


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


def _shown(name: str) -> str:
    return safe_text(name, limit=_LONGEST_NAME)


def _check(path: str) -> set[Path]:
    """Return the files that a path stands for, having made sure that there are any."""
    if path == STDIN:
        _check_stdin()
        return set()
    place = Path(path)
    _check_encoding(place)
    if glob.has_magic(path) and not place.exists():
        # Path.glob refuses a pattern that begins at the root.
        found = glob.iglob(path, recursive=True)  # noqa: PTH207
        files = {file for each in found if (file := Path(each).resolve()).is_file()}
        if not files:
            hint = "Check the pattern."
            raise InputError(f"pattern {path}", "no file matches it", hint=hint)
        return files
    if place.is_dir():
        return _folder(place)
    _check_file(place, "file", "It needs a header and rows.")
    return {place.resolve()}


def _check_stdin() -> None:
    if sys.stdin.isatty():
        hint = "Pipe data in: cat orders.csv | dataagents …"
        raise InputError("stdin", "it is a terminal", hint=hint)


def _check_encoding(place: Path) -> None:
    try:
        str(place).encode()
    except UnicodeEncodeError:
        raise InputError(f"file {place}", "its name is not UTF-8", hint="Rename it.") from None


def _folder(folder: Path) -> set[Path]:
    try:
        files = {each.resolve() for each in folder.rglob("*") if each.is_file()}
    except OSError as error:
        reason = error.strerror or str(error)
        raise InputError(f"folder {folder}", f"it can't be read ({reason})") from error
    if not files:
        hint = "Name one that holds data files."
        raise InputError(f"folder {folder}", "there is no file in it", hint=hint)
    return files


def _check_file(file: Path, kind: str, needs: str) -> None:
    what = f"{kind} {file}"
    try:
        if file.is_dir():
            raise InputError(what, "it is a folder", hint="Name one file in it.")
        if not file.exists():
            raise InputError(what, "there is no such file", hint=_neighbour(file))
        if not file.is_file():
            hint = "Copy what it gives to a file, or pipe it in and name it '-'."
            raise InputError(what, "it is no regular file", hint=hint)
        with file.open("rb") as opened:
            if not opened.read(1):
                raise InputError(what, "it is empty", hint=needs)
    except OSError as error:
        reason = error.strerror or str(error)
        raise InputError(what, f"it can't be read ({reason})", hint=_neighbour(file)) from error


def _neighbour(file: Path) -> str:
    try:
        beside = islice(file.parent.iterdir(), _MOST_NEIGHBOURS)
        others = [each.name for each in beside if each.is_file() and each.name != file.name]
    except OSError:
        return "Check the path."
    close = nearest(file.name, others)
    return f"Did you mean {str(file.with_name(close))!r}?" if close else "Check the path."
