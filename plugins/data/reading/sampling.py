"""Sampling: the first rows of each file of a data set, as files that can be read like those."""

import re
import shutil
from collections.abc import Sequence
from pathlib import Path

from dataagents.core.errors import InputError
from dataagents.plugins.data.engine import Session, pattern
from dataagents.plugins.data.reading.sources import PACKED
from dataagents.plugins.data.reading.unpacking import compression_of, unpack

SAMPLE_BYTES = 8 * 1024**2
"""So many bytes of all files together."""
LEAST_BYTES = 64 * 1024
"""Of each file at least so many."""
PARQUET_ROWS = 50_000
"""So many rows of all Parquet files together."""
_TRIES = 2_000
"""So many ends of lines are looked at for one outside of quotes."""
_MARKS = {b"\xff\xfe": b"\n\x00", b"\xfe\xff": b"\x00\n"}
"""Byte-order mark → how that encoding writes the end of a line."""


def cut_files(files: Sequence[Path], folder: Path, session: Session) -> str:
    """Write the head of each file into a folder, and return the source that they are together.

    The order and the names of the files stay. A JSON document can't be cut, so it is taken whole.

    Raises:
        InputError: A file can't be read.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    most = max(SAMPLE_BYTES // len(files), LEAST_BYTES)
    target = folder
    for number, file in enumerate(files):
        session.check()
        name = file.stem if file.suffix.lower() in PACKED else file.name
        target = folder / f"{number:06}-{name}"
        _cut(file, target, most, len(files), session)
    return str(folder if len(files) > 1 else target)


def _cut(file: Path, target: Path, most: int, files: int, session: Session) -> None:
    try:
        with file.open("rb") as opened:
            head = opened.read(16)
        compression = compression_of(head)
        if compression is not None:
            unpack(file, compression, target, session.check, most=most)
        elif head.startswith(b"PAR1"):
            rows = max(PARQUET_ROWS // files, 1)
            session.write(
                f"SELECT * FROM read_parquet(?) LIMIT {rows}", target, parameters=[pattern(file)]
            )
            return
        else:
            with file.open("rb") as opened:
                target.write_bytes(opened.read(most))
    except OSError as error:
        raise InputError(str(file), error.strerror or "it can't be read") from error
    text = target.read_bytes()
    if len(text) < most:
        return
    if _is_document(text, file.name):
        if compression is not None:
            unpack(file, compression, target, session.check)
        else:
            shutil.copyfile(file, target)
        return
    target.write_bytes(text[: end_of_rows(text)])


def _is_document(text: bytes, name: str) -> bool:
    """Whether a text is one JSON value, which is nothing when it is cut."""
    start = text[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")
    lines = re.search(r"\.(jsonl|ndjson)\b", name.lower())
    if lines or re.match(rb"\{.*\}[ \t\r]*\n\s*\{", text):
        return False
    return start.startswith((b"{", b"["))


def end_of_rows(text: bytes) -> int:
    """Return where the last whole row of a text ends: at the end of a line, outside of quotes.

    A text without such an end is one row, and cut where it is.
    """
    end = _MARKS.get(text[:2], b"\n")
    width, place = len(end), len(text)
    quotes = text.count(b'"')
    for _ in range(_TRIES):
        found = text.rfind(end, 0, place)
        if found < 0:
            break
        quotes -= text.count(b'"', found, place)
        place = found
        if found % width == 0 and quotes % 2 == 0:
            return found + width
    return len(text)
