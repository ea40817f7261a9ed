"""Staging: the files of a data set, each read once, every cell as the text that it is."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from dataagents.core.errors import InputError
from dataagents.plugins.data.engine import Session, pattern
from dataagents.plugins.data.reading.delimited import Place, Table, read
from dataagents.plugins.data.reading.documents import read_document, read_lines, read_parquet
from dataagents.plugins.data.reading.encoding import inspect, transcode
from dataagents.plugins.data.reading.sources import files_of
from dataagents.plugins.data.reading.unpacking import compression_of, unpack
from dataagents.plugins.data.workplace import Format, Part, Staging, Workplace

Tell = Callable[[str, int | None, int | None], None]
"""Is told of a stage, and how much of it is done."""

_ALIKE = 0.5
"""Share of column names that two files of one data set have in common at least."""


@dataclass(frozen=True, slots=True)
class _File:
    path: Path
    size: int
    modified: int


def stage(place: Workplace, source: str, session: Session, tell: Tell) -> Staging:
    """Read the files of a data set into the workplace, unless those versions are there already.

    Args:
        place: Where to.
        source: A file, a folder or a pattern.
        session: The engine.
        tell: Is told how far it came; may be called from any thread.

    Raises:
        InputError: A file can't be used; says why and what to do.
    """
    files = [_status(path) for path in files_of(source)]
    known = place.staging()
    if known is not None and known.source == source and _same(known, files):
        return known
    place.forget()
    place.part(0).parent.mkdir(parents=True, exist_ok=True)
    parts: list[Part] = []
    breaks: list[tuple[int, int, int]] = []
    for index, file in enumerate(files):
        tell(f"reading {file.path.name}", index if len(files) > 1 else None, len(files))
        before = sum(part.rows for part in parts)
        part, table = _read_part(place, index, before, file, session)
        parts.append(part)
        shifts = table.breaks or ((1, 0),)
        breaks += [(before + row, index, shift - before) for row, shift in shifts]
    _check_alike(source, parts)
    _write_lines(place, breaks, session)
    _gather_rejects(place, len(parts), session)
    staging = Staging(source=source, parts=tuple(parts))
    place.save("staging.json", staging)
    return staging


def _status(path: Path) -> _File:
    try:
        status = path.stat()
        with path.open("rb"):
            pass
    except FileNotFoundError as error:
        raise InputError(
            str(path), "there is no such file", hint="Check the path of the input."
        ) from error
    except OSError as error:
        raise InputError(
            str(path), error.strerror or "it can't be read", hint="Check the file's permissions."
        ) from error
    return _File(path, status.st_size, status.st_mtime_ns)


def _same(known: Staging, files: Sequence[_File]) -> bool:
    then = [(part.source, part.size, part.modified) for part in known.parts]
    return then == [(str(file.path), file.size, file.modified) for file in files]


def _read_part(
    place: Workplace, index: int, before: int, file: _File, session: Session
) -> tuple[Part, Table]:
    shown = str(file.path)
    # With a dot before its name a file is a draft, which nobody takes for what a task left.
    spools = [place.folder / f".spool-{name}" for name in ("plain", "text", "ends", "link")]
    target = Place(index, before, place.part(index), _rejects(place, index), spools[2])
    try:
        with file.path.open("rb") as opened:
            head = opened.read(16)
        compression, plain = compression_of(head), file.path
        if compression is not None:
            plain = spools[0]
            unpack(file.path, compression, plain, session.check)
            with plain.open("rb") as opened:
                head = opened.read(16)
        elif pattern(plain) != str(plain):
            plain = _linked(plain, spools[3])
        if head.startswith(b"PAR1"):
            table, form, encoding = read_parquet(plain, shown, target, session), "parquet", "utf-8"
        else:
            table, form, encoding = _read_text(plain, spools[1], shown, target, session)
    finally:
        for spool in spools:
            spool.unlink(missing_ok=True)
    dialect = table.dialect
    part = Part(
        source=shown,
        name=file.path.name,
        format=form,
        size=file.size,
        modified=file.modified,
        encoding=encoding,
        compression=compression,
        delimiter=dialect.delimiter if dialect else None,
        quote=dialect.quote if dialect else None,
        escape=dialect.escape if dialect else None,
        header=dialect.named if dialect else True,
        preamble=dialect.preamble if dialect else (),
        records=table.records,
        rows=table.rows,
        rejects=table.rejects,
        columns=table.columns,
        renamed=table.renamed,
        declared=table.declared or {},
    )
    return part, table


def _linked(file: Path, link: Path) -> Path:
    """Return a name for a file that has no wildcards in it.

    To find out what one stands for, DuckDB lists the folder, and it refuses some names in there: a
    backslash, to it, separates folders. Where links can't be made, it gets the name as it is.
    """
    try:
        link.unlink(missing_ok=True)  # of a process that was killed
        link.symlink_to(file.absolute())
    except OSError:
        return file
    return link


def _read_text(
    plain: Path, spool: Path, shown: str, target: Place, session: Session
) -> tuple[Table, Format, str]:
    seen = inspect(plain, shown, session.check)
    text = plain
    if seen.encoding != "utf-8":
        text = spool
        transcode(plain, seen.encoding, text, shown, session.check)
    form = format_of(text, shown)
    if form == "jsonl":
        return read_lines(text, shown, target, session), form, seen.encoding
    if form == "json":
        return read_document(text, shown, target, session), form, seen.encoding
    return read(text, shown, seen, target, session), "csv", seen.encoding


def format_of(text: Path, shown: str) -> Format:
    """Return the format of a text: JSON begins with a bracket and goes on like it."""
    with text.open(encoding="utf-8-sig", errors="replace") as file:
        head = file.read(1 << 16).lstrip()
    named = re.search(r"\.(jsonl|ndjson|json)\b", shown.lower())
    if not named and not re.match(r'\{\s*"|\[\s*[\[{]', head):
        return "csv"
    if named and named[1] in ("jsonl", "ndjson"):
        return "jsonl"
    if head.startswith("{") and re.match(r"\{.*\}\s*\n\s*\{", head):
        return "jsonl"
    return "json"


def _rejects(place: Workplace, index: int) -> Path:
    return place.folder / "parts" / f"{index:03}.rejects.parquet"


def _check_alike(source: str, parts: Sequence[Part]) -> None:
    """Raise when the files are different tables: fewer than half of their names are the same."""
    groups: list[tuple[set[str], bool, list[str]]] = []
    for part in parts:
        names = {re.sub(r"[\W_]+", "", name.lower()) or name for name in part.columns}
        for known, named, members in groups:
            alike = len(names & known) >= _ALIKE * min(len(names), len(known))
            if named == part.header and (alike if named else len(names) == len(known)):
                known |= names
                members.append(part.name)
                break
        else:
            groups.append((names, part.header, [part.name]))
    if len(groups) > 1:
        listed = "; ".join(
            members[0] + (f" and {len(members) - 1} more" if len(members) > 1 else "")
            for _, _, members in groups[:5]
        )
        raise InputError(
            source,
            f"it holds {len(groups)} different tables ({listed})",
            hint="Name the files separately, then each is a data set of its own.",
        )


def _write_lines(
    place: Workplace, breaks: Sequence[tuple[int, int, int]], session: Session
) -> None:
    session.write(
        "SELECT unnest(?::BIGINT[]) AS _row, unnest(?::INT[]) AS _part, "
        "unnest(?::BIGINT[]) AS shift",
        place.table("lines"),
        parameters=[list(values) for values in zip(*breaks, strict=True)],
    )


def _gather_rejects(place: Workplace, parts: int, session: Session) -> None:
    for index in range(parts):
        session.view(f"rejects_{index}", _rejects(place, index))
    every = " UNION ALL ".join(f"SELECT * FROM rejects_{index}" for index in range(parts))
    session.write(f"SELECT * FROM ({every}) ORDER BY _part, line", place.table("rejects"))
