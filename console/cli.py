"""The command `dataagents`.

This module imports neither typer nor rich, so that an installation without them can say what it
lacks instead of failing.
"""

import sys
from collections.abc import Sequence
from importlib.util import find_spec
from io import TextIOWrapper

from dataagents.console.threads import leave_threads_behind
from dataagents.core.errors import MissingExtraError
from dataagents.core.version import __version__

PROGRAM = "dataagents"
_USAGE_ERROR = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; `dataagents --help` lists the exit codes.

    Args:
        arguments: What follows the program's name; the process's own when None.

    Raises:
        SystemExit: With the exit code of the command, wherever typer is installed.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    if find_spec("typer") is None or find_spec("rich") is None:
        return _without_typer(words)

    from dataagents.console.commands.app import make_app

    _tolerate_any_text()
    try:
        make_app()(args=words, prog_name=PROGRAM)
    except SystemExit as leaving:
        leave_threads_behind(leaving.code)
        raise
    return 0


def _tolerate_any_text() -> None:
    """Have characters that the terminal's encoding lacks shown as `?` rather than raise."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")


def _without_typer(words: Sequence[str]) -> int:
    if words == ["--version"]:
        sys.stdout.write(f"{PROGRAM} {__version__}\n")
        return 0
    sys.stderr.write(f"{PROGRAM}: {MissingExtraError(PROGRAM, 'console')}\n")
    return _USAGE_ERROR
