"""Sources: which files a path, a folder or a pattern stands for."""

import re
from glob import has_magic, iglob
from pathlib import Path

from dataagents.core.errors import InputError

SUFFIXES = frozenset(
    {".csv", ".tsv", ".tab", ".psv", ".dat", ".json", ".jsonl", ".ndjson", ".parquet", ".pq"}
)
PACKED = frozenset({".gz", ".bz2", ".xz", ".zst", ".zip"})
_MOST_NAMED = 3


def files_of(source: str) -> tuple[Path, ...]:
    """Return the files of one data set, in natural order: `2.csv` before `10.csv`.

    Raises:
        InputError: There are none.
    """
    path = Path(source)
    if path.is_dir():
        return _in_folder(path)
    if path.exists() or not has_magic(source):
        return (path,)
    # Path.glob takes no absolute pattern.
    matches = iglob(source, recursive=True)  # noqa: PTH207
    found = sorted(map(Path, matches), key=natural)
    files = tuple(each for each in found if each.is_file() and is_data(each))
    if not files:
        raise InputError(source, "no data file matches", hint="Check the pattern and the folder.")
    return files


def natural(path: Path) -> tuple[tuple[int, str], ...]:
    """Return a key that sorts names as people count."""
    parts = re.split(r"(\d+)", str(path))
    return tuple((int(part), "") if part.isdecimal() else (-1, part.lower()) for part in parts)


def is_data(path: Path) -> bool:
    """Whether a name is one of a data file, packed or not."""
    suffix = path.suffix.lower()
    bare = Path(path.stem).suffix.lower() if suffix in PACKED else suffix
    return bare in SUFFIXES and not path.name.startswith(".")


def _in_folder(folder: Path) -> tuple[Path, ...]:
    try:
        inside = sorted(folder.iterdir(), key=natural)
    except OSError as error:
        raise InputError(str(folder), error.strerror or str(error)) from error
    files = tuple(each for each in inside if each.is_file() and is_data(each))
    if files:
        return files
    below = [each.name for each in inside if each.is_dir() and any(map(is_data, each.iterdir()))]
    if below:
        named = ", ".join(below[:_MOST_NAMED])
        problem = f"it holds no data files itself, but its folders do ({named})"
        raise InputError(str(folder), problem, hint="Name one of them.")
    raise InputError(
        str(folder),
        "it holds no data files",
        hint=f"Known names end in {', '.join(sorted(SUFFIXES))}, packed or not.",
    )
