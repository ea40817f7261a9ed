"""`dataagents new-plugin`: start a plugin from the template."""

import keyword
import re
import shlex
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path, PurePosixPath
from typing import Annotated

import typer

from dataagents.console.commands.ending import Ending
from dataagents.console.commands.options import DebugOption
from dataagents.core.errors import InputError

EXAMPLES = """\b
Example:
  dataagents new-plugin my_checks --into plugins
makes plugins/dataagents-my-checks with a package dataagents_my_checks.
"""
_TEMPLATE = "dataagents.plugin_template"
_PACKAGE = "dataagents_example"
_DISTRIBUTION = "dataagents-example"
_OURS = "__init__.py"
"""What makes the template a package of ours, and is no part of it."""


def new_plugin(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A word such as my_checks.")],
    into: Annotated[
        Path, typer.Option("--into", metavar="DIR", help="Where to make its folder.")
    ] = Path(),
    debug: DebugOption = False,
) -> None:
    """Make a new plugin: a package with an entry point, a strategy and tests."""
    with Ending(debug):
        folder = make_plugin(PluginName.parse(name), into)
        typer.echo(f"Made {folder}. Next:\n")
        for command in (
            f"cd {shlex.quote(str(folder))}",
            "pip install --editable '.[test]'",
            "dataagents plugins --check",
        ):
            typer.echo(f"  {command}")


@dataclass(frozen=True, slots=True)
class PluginName:
    """What a plugin is called as a package and as a distribution."""

    package: str
    distribution: str

    @classmethod
    def parse(cls, text: str) -> "PluginName":
        """Derive the names from what the user gave.

        Raises:
            InputError: It is no identifier.
        """
        word = re.sub(r"[-.]", "_", text).removeprefix("dataagents_")
        if not re.fullmatch(r"[a-z][a-z0-9_]*", word) or keyword.iskeyword(word):
            hint = "Use small letters, digits and _, for example my_checks."
            raise InputError(f"name {text!r}", "a package can't be called that", hint=hint)
        package = f"dataagents_{word}"
        return cls(package, package.replace("_", "-"))

    def apply(self, text: str) -> str:
        """Return a text of the template with these names instead of its own."""
        return text.replace(_PACKAGE, self.package).replace(_DISTRIBUTION, self.distribution)


def make_plugin(name: PluginName, into: Path) -> Path:
    """Copy the template under a new name and return its folder.

    Raises:
        InputError: The folder is there already, or can't be made.
    """
    folder = into / name.distribution
    try:
        folder.mkdir(parents=True)
        try:
            _copy(name, folder)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
    except FileExistsError as error:
        hint = "Choose another name, or another folder with --into."
        raise InputError(f"folder {folder}", "it is there already", hint=hint) from error
    except OSError as error:
        reason = error.strerror or str(error)
        raise InputError(f"folder {folder}", f"it can't be made ({reason})") from error
    return folder


def _copy(name: PluginName, folder: Path) -> None:
    for place, source in _template_files(files(_TEMPLATE), PurePosixPath()):
        target = folder / name.apply(str(place))
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(name.apply(source.read_text(encoding="utf-8")), encoding="utf-8")


def _template_files(
    folder: Traversable, place: PurePosixPath
) -> Iterator[tuple[PurePosixPath, Traversable]]:
    at_top = place == PurePosixPath()
    for entry in folder.iterdir():
        if at_top and entry.name == _OURS:
            continue
        if entry.is_dir():
            # Hidden folders and these are what tools leave behind in a checkout.
            if entry.name.startswith(".") or entry.name.endswith(("__pycache__", ".egg-info")):
                continue
            yield from _template_files(entry, place / entry.name)
        else:
            yield place / entry.name, entry
