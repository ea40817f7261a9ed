"""Working files: where runs keep them beside the store, and which of them may go."""

from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp

from dataagents.core import EventKind, InputError, KernelConfig, RunStatus
from dataagents.core.journal import Store
from dataagents.core.values import JsonObject

_STATES = (EventKind.RUN_STARTED, EventKind.RUN_RESUMED, EventKind.RUN_ENDED)


@asynccontextmanager
async def working_files(
    config: KernelConfig, store: Store, path: Path, run: Callable[[], str]
) -> AsyncIterator[tuple[KernelConfig, Path]]:
    """Put working files beside the store, unless configured, and clear away what nobody needs.

    Runs that are not over keep their files: they go on from there. So does the run of this command
    when it is cancelled, until the next one begins. Whoever owns the store owns the folder.

    Args:
        config: As it was given.
        store: The store, open.
        path: Its file.
        run: Returns the run of this command; empty before it began.

    Yields:
        The configuration with the folder in it, and a folder for this command alone.

    Raises:
        InputError: The folder can't be made.
    """
    ours = config.workspace is None
    folder = config.workspace or path.with_name(f"{path.name}.work")
    if ours:
        _clear(folder.glob("*"), await _needed(store, folder, run()))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        scratch = Path(mkdtemp(prefix="run-", dir=folder))
    except OSError as error:
        raise InputError(f"workspace {folder}", error.strerror or str(error)) from error
    try:
        yield config.model_copy(update={"workspace": folder}), scratch
    finally:
        needed = await _needed(store, folder, run())
        _clear(folder.glob("*") if ours else (scratch,), needed)
        if ours:
            with suppress(OSError):
                folder.rmdir()  # when it is empty


async def _needed(store: Store, folder: Path, own: str) -> set[str]:
    """Return the entries of the folder that a run goes on with."""
    needed: set[str] = set()
    for run in {*await store.unfinished(), own} - {""}:
        events = await store.run_events(run, _STATES)
        last: JsonObject = events[-1].body if events else {}
        over = bool(events) and events[-1].kind == EventKind.RUN_ENDED
        if not over or last.get("status") in (RunStatus.CANCELLED, RunStatus.SUSPENDED):
            needed.add(run)
            inputs = events[0].body.get("inputs") if events else None
            paths = inputs.values() if isinstance(inputs, dict) else ()
            needed |= {name for path in paths if (name := _entry(folder, str(path)))}
    return needed


def _entry(folder: Path, path: str) -> str:
    """Return the entry of a folder that a path leads into; empty when it leads elsewhere."""
    absolute, root = Path(path).absolute(), folder.absolute()
    return absolute.relative_to(root).parts[0] if root in absolute.parents else ""


def _clear(entries: Iterable[Path], needed: set[str]) -> None:
    for entry in tuple(entries):
        if entry.name not in needed:
            rmtree(entry, ignore_errors=True)
