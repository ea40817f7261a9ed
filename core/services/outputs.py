"""Outputs: what plugins write about a run that ended."""

import logging
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from dataagents.core.boundary import Boundary
from dataagents.core.errors import DataAgentsError, InputError, StrategyTimeoutError
from dataagents.core.goals import Output, RunResult
from dataagents.core.registry import Built
from dataagents.core.services.publication import Publication, told_of

_log = logging.getLogger(__name__)


def entries_of(outputs: Sequence[Built[Output]]) -> tuple[str, ...]:
    """Return what the outputs may write at the top of a folder, as far as they say."""
    return tuple(name for each in outputs for name in getattr(each.value, "entries", ()))


async def write_outputs(
    boundary: Boundary,
    outputs: Sequence[Built[Output]],
    result: RunResult,
    publication: Publication,
    limit: float,
) -> RunResult:
    """Have every output write, publish what they wrote, and return the result with the files named.

    An output that fails costs its own files; the others are written. What no output names, such as
    the beginning of a file, is not published.

    Raises:
        InputError: The folder can't take it, for example because the disk is full; nothing of this
            run is in it then.
    """
    files: dict[str, Path] = {}
    for output in outputs:
        so_far = replace(result, files=dict(files))
        try:
            written = await boundary.call(
                output.plugin,
                f"output {output.name}",
                partial(output.value.write, so_far, publication.staging),
                limit=limit,
                returns=dict,
            )
        except DataAgentsError as error:
            _raise_if_refused(error, publication.folder)
            _log.error("output %s: %s", output.name, error)
            continue
        files.update((name, _published(path, publication)) for name, path in written.items())
    with told_of(publication.folder):
        for left in tuple(publication.staging.rglob("*")):
            if left.is_file() and _published(left, publication) not in files.values():
                left.unlink()
        publication.publish()
    return replace(result, files=files)


def _raise_if_refused(error: DataAgentsError, folder: Path) -> None:
    """Raise where not the output is to blame, but the place that it writes to."""
    cause = error.__cause__
    if isinstance(error, StrategyTimeoutError):
        return
    if isinstance(cause, OSError) and not isinstance(cause, TimeoutError):  # no place runs late
        with told_of(folder):
            raise cause
    if isinstance(error, InputError):
        hint = "Nothing was published."
        raise InputError(f"output folder {folder}", str(error).rstrip("."), hint=hint) from error


def _published(path: Path, publication: Publication) -> Path:
    """Return where a file is once it is published."""
    if not path.is_relative_to(publication.staging):
        return path
    return publication.folder / path.relative_to(publication.staging)
