"""Encoding: which one a text has, and its form in UTF-8."""

import codecs
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from dataagents.core.errors import InputError

CHUNK = 1 << 20
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_BINARY = (
    (b"%PDF", "a PDF document"),
    (b"SQLite format 3\0", "an SQLite database"),
    (b"\xd0\xcf\x11\xe0", "an old Excel or Word file"),
    (b"ORC", "an ORC file"),
    (b"Obj\x01", "an Avro file"),
)
_BAD_SHARE = 0.5
"""Share of the lines beyond ASCII that may be broken UTF-8; with more it is another encoding."""
_SAMPLE_LINES = 2_000


@dataclass(frozen=True, slots=True)
class Text:
    """What one pass over a file's bytes shows."""

    encoding: str
    odd_ends: bool
    """Several kinds of line end, or lone CRs."""


def inspect(path: Path, shown: str, check: Callable[[], None]) -> Text:
    """Find out a text's encoding and line ends.

    Raises:
        InputError: It is empty, binary, or in no encoding that can be told.
    """
    with path.open("rb") as file:
        head = file.read(4096)
    if not head:
        raise InputError(shown, "the file is empty", hint="It needs a header or rows.")
    for magic, what in _BINARY:
        if head.startswith(magic):
            raise InputError(shown, f"this is {what}", hint="Export the table as CSV.")
    marked = next((name for mark, name in _MARKS if head.startswith(mark)), None)
    if marked in ("utf-16", "utf-32"):
        return Text(marked, odd_ends=True)
    if b"\0" in head:
        return Text(_by_zeros(head, shown), odd_ends=True)
    return _scan(path, shown, check)


def _by_zeros(head: bytes, shown: str) -> str:
    """Tell UTF-16 without a mark: in western text, every other byte is zero."""
    even, odd = head[0::2].count(0), head[1::2].count(0)
    half = len(head) // 2
    if odd > 0.3 * half and even < 0.05 * half:
        return "utf-16-le"
    if even > 0.3 * half and odd < 0.05 * half:
        return "utf-16-be"
    raise InputError(
        shown,
        "this is a binary file of an unknown format",
        hint="Give CSV, TSV, JSON, JSON lines or Parquet.",
    )


def _scan(path: Path, shown: str, check: Callable[[], None]) -> Text:
    decoder = codecs.getincrementaldecoder("utf-8")()
    ends, last, blank, valid = [0, 0, 0], b"", True, True
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            check()
            if b"\0" in chunk:
                _by_zeros(b"\0\0", shown)
            if valid:
                try:
                    decoder.decode(chunk)
                except UnicodeDecodeError:
                    valid = False
            _count_ends(last + chunk, ends)
            last = b"\r" if chunk.endswith(b"\r") else b""
            blank = blank and not chunk.removeprefix(codecs.BOM_UTF8).strip()
    if blank:
        raise InputError(shown, "the file is empty", hint="It needs a header or rows.")
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        valid = False
    crlf, lf, cr = ends[0], ends[1], ends[2] + len(last)
    odd = bool(cr or (crlf and lf))
    return Text("utf-8", odd) if valid else _other(path, shown, odd_ends=odd, check=check)


def _count_ends(chunk: bytes, ends: list[int]) -> None:
    """Count CRLF, lone LF and lone CR; a CR at the end is left for the next chunk."""
    whole = chunk[:-1] if chunk.endswith(b"\r") else chunk
    both = whole.count(b"\r\n")
    ends[0] += both
    ends[1] += whole.count(b"\n") - both
    ends[2] += whole.count(b"\r") - both


def _other(path: Path, shown: str, *, odd_ends: bool, check: Callable[[], None]) -> Text:
    """Judge a file that is not all UTF-8: by few broken lines, or another encoding."""
    beyond = bad = 0
    sample: list[bytes] = []
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            if line.isascii():
                continue
            if not number % 10_000:
                check()
            beyond += 1
            if len(sample) < _SAMPLE_LINES:
                sample.append(line)
            try:
                line.decode("utf-8")
            except UnicodeDecodeError:
                bad += 1
    if bad < _BAD_SHARE * beyond:
        return Text("utf-8", odd_ends)
    return Text(_guess(b"".join(sample), shown), odd_ends)


def _guess(sample: bytes, shown: str) -> str:
    """Name the encoding of a sample; western text is Windows-1252 where that fits."""
    from charset_normalizer import from_bytes

    best = from_bytes(sample).best()
    name = best.encoding if best is not None else ""
    western = {"", "cp1252", "latin_1", "iso8859_1", "iso8859_15", "cp1250", "cp1254", "cp1257"}
    for candidate in ("cp1252", "latin-1") if name in western else (name,):
        try:
            sample.decode(candidate)
        except UnicodeDecodeError:
            continue
        return candidate
    raise InputError(
        shown, "its encoding can't be told", hint="Convert it to UTF-8, for example with iconv."
    )


def transcode(
    path: Path, encoding: str, target: Path, shown: str, check: Callable[[], None]
) -> None:
    """Write a text in UTF-8, without a mark.

    Raises:
        InputError: The text is not in that encoding after all.
    """
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        with path.open("rb") as file, target.open("w", encoding="utf-8", newline="") as copy:
            while chunk := file.read(CHUNK):
                check()
                copy.write(decoder.decode(chunk).removeprefix("\ufeff"))
            copy.write(decoder.decode(b"", final=True))
    except UnicodeDecodeError as error:
        raise InputError(
            shown,
            f"it looks like {encoding}, but {error.reason} near byte {error.start:,}",
            hint="Convert it to UTF-8, for example with iconv.",
        ) from error
