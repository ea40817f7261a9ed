"""Outputs: what plugins write about a run that ended."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from dataagents.core.boundary import Boundary
from dataagents.core.errors import DataAgentsError, InputError
from dataagents.core.goals import Output, RunResult
from dataagents.core.registry import Built

_log = logging.getLogger(__name__)


async def make_folder(folder: Path) -> None:
    """Make the folder for results, before there is anything to lose.

    Raises:
        InputError: It can't be made.
    """
    try:
        await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
    except OSError as error:
        reason = error.strerror or str(error)
        raise InputError(f"output folder {folder}", reason, hint="Choose another one.") from error


async def write_outputs(
    boundary: Boundary,
    outputs: Sequence[Built[Output]],
    result: RunResult,
    folder: Path,
    limit: float,
) -> RunResult:
    """Have every output write into a folder and return the result with the files named.

    An output that fails costs its own files; the others are written.
    """
    files: dict[str, Path] = {}
    for output in outputs:
        so_far = replace(result, files=dict(files))
        try:
            written = await boundary.call(
                output.plugin,
                f"output {output.name}",
                partial(output.value.write, so_far, folder),
                limit=limit,
                returns=dict,
            )
        except DataAgentsError as error:
            _log.error("output %s: %s", output.name, error)
            continue
        files.update(written)
    return replace(result, files=files)
