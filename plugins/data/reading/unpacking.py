"""Unpacking: a compressed file, spooled to a plain one."""

import bz2
import gzip
import lzma
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, cast

from dataagents.core.errors import InputError

CHUNK = 1 << 20
_MAGIC = {
    b"\x1f\x8b": "gzip",
    b"BZh": "bzip2",
    b"\xfd7zXZ\x00": "xz",
    b"\x28\xb5\x2f\xfd": "zstd",
    b"PK\x03\x04": "zip",
}
_BROKEN = (EOFError, gzip.BadGzipFile, lzma.LZMAError, zipfile.BadZipFile, zlib.error)


def compression_of(head: bytes) -> str | None:
    """Return how a file is compressed, by its first bytes."""
    return next((name for magic, name in _MAGIC.items() if head.startswith(magic)), None)


def unpack(
    source: Path,
    compression: str,
    target: Path,
    check: Callable[[], None],
    *,
    most: int | None = None,
) -> None:
    """Write the plain form of a compressed file.

    Args:
        source: The compressed file.
        compression: How it is compressed.
        target: Where to.
        check: Is called after each piece, and raises to stop.
        most: So many bytes of the plain form are enough; all of them when None.

    Raises:
        InputError: The archive is broken, or holds several files.
    """
    try:
        with _opened(source, compression) as packed, target.open("wb") as plain:
            left = most
            while chunk := packed.read(CHUNK if left is None else min(CHUNK, left)):
                check()
                plain.write(chunk)
                left = None if left is None else left - len(chunk)
    except _BROKEN as error:
        raise _broken(source, compression) from error
    except OSError as error:
        if error.errno is not None:
            raise
        raise _broken(source, compression) from error


def _broken(source: Path, compression: str) -> InputError:
    return InputError(
        str(source), f"its {compression} data is broken or cut off", hint="Copy the file again."
    )


@contextmanager
def _opened(source: Path, compression: str) -> Iterator[IO[bytes]]:
    if compression == "zip":
        with zipfile.ZipFile(source) as archive, archive.open(_member(source, archive)) as member:
            yield member
    elif compression == "zstd":
        import zstandard

        try:
            with (
                source.open("rb") as packed,
                zstandard.ZstdDecompressor().stream_reader(packed) as plain,
            ):
                yield cast("IO[bytes]", plain)
        except zstandard.ZstdError as error:
            raise _broken(source, compression) from error
    else:
        openers: dict[str, Callable[[Path], IO[bytes]]] = {
            "gzip": lambda path: cast("IO[bytes]", gzip.open(path, "rb")),  # noqa: SIM115
            "bzip2": lambda path: cast("IO[bytes]", bz2.open(path, "rb")),  # noqa: SIM115
            "xz": lambda path: cast("IO[bytes]", lzma.open(path, "rb")),  # noqa: SIM115
        }
        with openers[compression](source) as file:
            yield file


def _member(source: Path, archive: zipfile.ZipFile) -> zipfile.ZipInfo:
    members = [each for each in archive.infolist() if not each.is_dir()]
    if any(each.filename in ("[Content_Types].xml", "mimetype") for each in members):
        raise InputError(
            str(source), "this is a spreadsheet or document", hint="Export the sheet as CSV."
        )
    if len(members) != 1:
        raise InputError(
            str(source),
            f"the archive holds {len(members)} files, and only one can be read",
            hint="Unpack it, and name the folder.",
        )
    return members[0]
