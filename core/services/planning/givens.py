"""Givens: what is known of a goal before anything is done about it."""

import glob
from pathlib import Path

from dataagents.core.planning import Goal
from dataagents.core.values import Json, JsonObject

MEGABYTE = 1024 * 1024


def given(goal: Goal, memory_mb: int) -> JsonObject:
    """Look at the files and return the first facts: `settings`; with files, `size:name`, `memory`.

    Args:
        goal: Says what the inputs are: files, folders or patterns.
        memory_mb: How much an engine may use, in MiB; the fact is in bytes, like the sizes.
    """
    facts: dict[str, Json] = {"settings": dict(goal.settings)}
    sizes = _sizes(goal)
    if sizes:
        facts |= {f"size:{name}": size for name, size in sizes.items()}
        facts["memory"] = memory_mb * MEGABYTE
    return facts


def _sizes(goal: Goal) -> dict[str, int]:
    """Return how many bytes inputs have; what can't be looked at is left to those who read it."""
    found: dict[str, int] = {}
    for name, source in goal.inputs.items():
        if not source:
            continue  # it would be the current folder
        try:
            path = Path(source)
            if path.is_file():
                files = [path]
            elif path.is_dir():
                files = [each for each in path.iterdir() if each.is_file()]
            else:
                # Path.glob takes no absolute pattern.
                files = [Path(each) for each in glob.iglob(source, recursive=True)]  # noqa: PTH207
            sizes = [each.stat().st_size for each in files]
        except (OSError, ValueError):
            continue
        if sizes:
            found[name] = sum(sizes)
    return found
