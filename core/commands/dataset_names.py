"""Names of data sets: what files, folders and patterns are called when nobody says otherwise."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import count
from pathlib import Path

STDIN = "-"
"""The path that stands for the standard input."""
_LONGEST = 60
_PACKED = (".gz", ".zst", ".bz2", ".xz", ".zip")
_WILD = re.compile(r"\[[^\]]*\]|[*?]+")

Shown = Callable[[str], str]
"""Makes a name of what a file is called."""


def printable(text: str) -> str:
    """Return a text as a name: cut where it is too long, and without what can't be shown."""
    shown = "".join(each if each.isprintable() else "\ufffd" for each in text)
    return shown if len(shown) <= _LONGEST else f"{shown[: _LONGEST - 1]}…"


def data_sets(paths: Sequence[str], shown: Shown = printable) -> dict[str, str]:
    """Return the data sets that paths are called, name → path, whether there is anything or not.

    Args:
        paths: Files, folders, glob patterns, or `-`; each is one data set.
        shown: Makes a name of what a file is called.
    """
    return dict(zip(_names(paths, shown), paths, strict=True))


def _names(paths: Sequence[str], shown: Shown) -> Iterator[str]:
    """Yield a name for each data set; where two are alike, their folders tell them apart."""
    plain = [_name(path, shown) for path in paths]
    often, taken = Counter(plain), set[str]()
    for path, name in zip(paths, plain, strict=True):
        folder = Path(path).absolute().parent.name
        chosen = shown(f"{folder}-{name}") if often[name] > 1 and folder else name
        for number in count(2):
            if chosen not in taken:
                break
            chosen = f"{name}-{number}"
        taken.add(chosen)
        yield chosen


def _name(path: str, shown: Shown) -> str:
    """Return how to call a data set: what its file or folder is called, without endings."""
    if path == STDIN:
        return "stdin"
    place = Path(path)
    if place.is_dir():
        return shown(place.resolve().name) or "data"
    if not place.exists():
        stem = _WILD.sub("", _stem(place.name)).strip("-_. ")
        folder = _WILD.sub("", place.absolute().parent.name).strip("-_. ")
        return shown(stem or folder) or "data"
    return shown(_stem(place.name))


def _stem(name: str) -> str:
    file = Path(name)
    return Path(file.stem).stem if file.suffix.lower() in _PACKED else file.stem
