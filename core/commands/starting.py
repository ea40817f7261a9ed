"""Starting: how an operator says what a new run is about, as the arguments of a command."""

import glob
import json
from collections.abc import Mapping
from pathlib import Path
from typing import cast

from dataagents.core.commands.dataset_names import STDIN, data_sets
from dataagents.core.errors import InputError
from dataagents.core.planning import Goal

NEW_RUN = "new"
"""The id of the run that is not there yet: `run:new`."""
DEFAULT_TASK = "clean"
"""What a run is to do when the command does not say."""
_SEPARATOR = ","


def goal_of(arguments: Mapping[str, str]) -> Goal:
    """Return the goal that arguments stand for.

    Args:
        arguments: `inputs` is separated by commas: paths, or `name=path` where the data set is to
            be called otherwise than its file; or it is a JSON object of these two, where there is
            a comma in them. `task` is a goal of the domain.

    Raises:
        InputError: A part of the inputs is none, or two are called alike.
    """
    return Goal(arguments.get("task") or DEFAULT_TASK, _inputs(arguments.get("inputs", "")))


def results_folder(arguments: Mapping[str, str]) -> Path | None:
    """Return the folder for the results; None when nothing is to be written."""
    out = arguments.get("out", "").strip()
    return Path(out) if out else None


def check_inputs(goal: Goal) -> None:
    """Make sure that there is something at each path.

    Raises:
        InputError: There is nothing.
    """
    for path in goal.inputs.values():
        if Path(path).exists():
            continue
        # Path.glob takes no absolute pattern.
        if glob.has_magic(path) and any(glob.iglob(path, recursive=True)):  # noqa: PTH207
            continue
        hint = "The path is looked for where the kernel runs; an absolute one is safest."
        raise InputError(f"input {path}", "there is no such file or folder", hint=hint)


def seen_from(arguments: Mapping[str, str], folder: Path) -> dict[str, str]:
    """Return the arguments with absolute paths: the kernel may be at home in another folder.

    Args:
        arguments: As the operator gave them.
        folder: Where the operator is.

    Raises:
        InputError: A part of the inputs is none.
    """
    absolute = dict(arguments)
    if inputs := _inputs(arguments.get("inputs", "")):
        absolute["inputs"] = _written({name: str(folder / inputs[name]) for name in inputs})
    out = results_folder(arguments)
    if out is not None:
        absolute["out"] = str(folder / out)
    return absolute


def _written(inputs: Mapping[str, str]) -> str:
    parts = [f"{name}={path}" for name, path in inputs.items()]
    plain = not any(_SEPARATOR in part for part in parts) and not any(
        "=" in name for name in inputs
    )
    return _SEPARATOR.join(parts) if plain else json.dumps(dict(inputs))


def _inputs(text: str) -> dict[str, str]:
    found = _object(text) if text.lstrip().startswith("{") else _listed(text)
    if STDIN in found.values():
        hint = "Save what comes to a file, and name that."
        raise InputError("input -", "a kernel that runs has no standard input", hint=hint)
    return found


def _object(text: str) -> dict[str, str]:
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        said = None
    if isinstance(said, dict):
        pairs = cast("dict[str, object]", said)
        paths = {name: path for name, path in pairs.items() if name and isinstance(path, str)}
        if len(paths) == len(pairs):
            return paths
    raise InputError("inputs", "it is no JSON object of names and paths")


def _listed(text: str) -> dict[str, str]:
    parts = [_part(part) for each in text.split(_SEPARATOR) if (part := each.strip())]
    names = iter(data_sets([path for name, path in parts if not name]))
    found: dict[str, str] = {}
    for said, path in parts:
        name = said or next(names)
        if name in found:
            raise InputError(f"input {path!r}", f"the name {name!r} is there twice")
        found[name] = path
    return found


def _part(text: str) -> tuple[str, str]:
    """Return name and path of one input; the name is empty where none was said."""
    name, equals, path = (each.strip() for each in text.partition("="))
    # An equals sign in a folder's name, as in `day=01/a.csv`, comes with that path.
    if not equals or "/" in name or Path(text).exists():
        return "", text
    if not name or not path:
        raise InputError(f"input {text!r}", "it is not NAME=PATH")
    return name, path
