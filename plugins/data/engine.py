"""The engine: one DuckDB connection for one call, off the event loop, that can be interrupted."""

import asyncio
import glob
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any, TypeVar

from dataagents.core.errors import InputError, MissingExtraError

if TYPE_CHECKING:
    import duckdb

T = TypeVar("T")

Tell = Callable[[str, int | None, int | None], None]
"""Says how far a job is: stage, done and total; may be called from the job's thread."""

POLL_SECONDS = 0.05
"""How often an interrupt is repeated: one that falls between two statements is lost."""

PYTHON_BYTES = 300 * 1024 * 1024
"""What a process takes beside DuckDB's own count: Python, packages, and memory not given back."""


def identifier(name: str) -> str:
    """Return any text as a quoted SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Return any text as an SQL literal, for expressions that go on record."""
    return "'" + text.replace("'", "''") + "'"


def pattern(path: Path) -> str:
    """Return a path for DuckDB's readers, which would take `*`, `?` and `[` for wildcards."""
    return glob.escape(str(path))


class Session:
    """A connection while one piece of work uses it."""

    def __init__(self, connection: "duckdb.DuckDBPyConnection") -> None:
        self._connection = connection
        self._stopped = Event()
        self.tell: Tell = _silent
        """Says how far the work is."""

    def stop(self) -> None:
        """End the statement that is running, and refuse any other."""
        self._stopped.set()
        self._connection.interrupt()

    def check(self) -> None:
        """Raise when the work was stopped.

        Raises:
            InputError: It was stopped.
        """
        if self._stopped.is_set():
            raise InputError("data tool", "it was stopped")

    def rows(self, sql: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Execute a statement and return all of its rows."""
        self.check()
        return self._connection.execute(sql, list(parameters)).fetchall()

    def row(self, sql: str, parameters: Sequence[object] = ()) -> tuple[Any, ...]:
        """Execute a statement and return its only row."""
        return self.rows(sql, parameters)[0]

    def view(self, name: str, parquet: Path) -> None:
        """Make a Parquet file readable under a name."""
        self.check()
        self._connection.read_parquet(pattern(parquet)).create_view(name, replace=True)

    def write(
        self,
        query: str,
        path: Path,
        form: str = "format parquet",
        parameters: Sequence[object] = (),
    ) -> int:
        """Write what a query gives to a file, complete or absent, and return how many rows."""
        partial = path.with_name(f".{path.name}.partial")
        try:
            (rows,) = self.row(f"COPY ({query}) TO ? ({form})", [*parameters, str(partial)])
            publish(partial, path)
        finally:
            partial.unlink(missing_ok=True)
        return int(rows)

    def lock(self) -> None:
        """Let nothing be opened, loaded or set any more, for good; what is in memory stays.

        DuckDB goes on spilling: it exempts its own temporary folder.
        """
        _confine(self._connection, ())

    def kinds(self, sql: str) -> list[str]:
        """Return the kind of each statement of a text, such as `SELECT`, without executing any."""
        self.check()
        return [each.type.name for each in self._connection.extract_statements(sql)]

    def relation(self, sql: str) -> "duckdb.DuckDBPyRelation":
        """Return what a single SELECT gives, before it is calculated."""
        self.check()
        return self._connection.sql(sql)

    @property
    def failure(self) -> type[Exception]:
        """The error that a statement raises when DuckDB refuses it."""
        import duckdb

        return duckdb.Error

    def progress(self) -> float:
        """Return how much of the running statement is done, in percent; -1 when unknown."""
        return float(self._connection.query_progress())

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


def _silent(stage: str, done: int | None, total: int | None) -> None:
    """Tell nobody."""


def publish(partial: Path, path: Path) -> None:
    """Give a finished file its name, so that it survives a crash whole."""
    with partial.open("rb") as file:
        os.fsync(file.fileno())
    partial.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


async def work(
    what: str,
    job: Callable[[Session], T],
    *,
    folder: Path,
    memory_bytes: int,
    threads: int | None,
    reach: Sequence[Path] | None = None,
) -> T:
    """Run a job in a thread with a connection of its own.

    A cancellation interrupts the job and waits for its thread.

    Args:
        what: Name of the tool, for errors.
        job: The work; it may block.
        folder: Where DuckDB may spill.
        memory_bytes: How much memory the process may use; DuckDB gets what Python leaves of it.
        threads: How many threads it may use.
        reach: What DuckDB may open beside the folder, and that for good; anything when None.

    Raises:
        InputError: The data can't be used, or DuckDB refused.
        MissingExtraError: DuckDB is not installed.
    """
    session = await asyncio.to_thread(_open, what, folder, memory_bytes, threads, reach)
    running = asyncio.get_running_loop().run_in_executor(None, _call, what, job, session)
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        while not running.done():
            session.stop()
            await asyncio.wait([running], timeout=POLL_SECONDS)
        running.exception()
        raise
    finally:
        session.close()


def work_here(
    what: str,
    job: Callable[[Session], T],
    *,
    folder: Path,
    memory_bytes: int,
    threads: int | None,
) -> T:
    """Run a job in this thread, with a connection of its own that the job may lock.

    Args:
        what: Name of the tool, for errors.
        job: The work.
        folder: Where DuckDB may spill.
        memory_bytes: How much memory the process may use; DuckDB gets what Python leaves of it.
        threads: How many threads it may use.

    Raises:
        InputError: The data can't be used, or DuckDB refused.
        MissingExtraError: DuckDB is not installed.
    """
    session = _open(what, folder, memory_bytes, threads, None)
    try:
        return _call(what, job, session)
    finally:
        session.close()


def _call(what: str, job: Callable[[Session], T], session: Session) -> T:
    import duckdb

    try:
        return job(session)
    except duckdb.Error as error:
        lines = str(error).strip().splitlines() or [type(error).__name__]
        raise InputError(what, f"DuckDB refused: {lines[0].rstrip('.')}") from error
    except OSError as error:
        raise InputError(
            f"{what}: {error.filename or 'workspace'}", error.strerror or str(error)
        ) from error


def _open(
    what: str,
    folder: Path,
    memory_bytes: int,
    threads: int | None,
    reach: Sequence[Path] | None,
) -> Session:
    try:
        import duckdb
    except ImportError as error:
        raise MissingExtraError(what, "data") from error
    folder.mkdir(parents=True, exist_ok=True)
    config: dict[str, str | bool | int | float | list[str]] = {
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        "python_enable_replacements": False,
        "memory_limit": f"{_engine_bytes(memory_bytes) // 1024}KiB",
        "temp_directory": str(folder / "spill"),
    }
    if threads is not None:
        config["threads"] = threads
    connection = duckdb.connect(config=config)
    connection.execute("SET enable_progress_bar_print = false")
    connection.execute("SET enable_progress_bar = true")  # else it does not measure progress
    if reach is not None:
        _confine(connection, (folder, *reach))
    return Session(connection)


def _engine_bytes(memory_bytes: int) -> int:
    """Return DuckDB's share of what a process may use: Python and what DuckDB does not count."""
    return max(memory_bytes - PYTHON_BYTES, memory_bytes // 2, 1024)


def _confine(connection: "duckdb.DuckDBPyConnection", reach: Sequence[Path]) -> None:
    """Let no statement open anything else, load an extension or change a setting."""
    folders = ", ".join(literal(str(path)) for path in reach if path.is_dir())
    files = ", ".join(
        literal(text) for path in reach if not path.is_dir() for text in (str(path), pattern(path))
    )
    connection.execute(f"SET allowed_directories = [{folders}]")
    connection.execute(f"SET allowed_paths = [{files}]")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
