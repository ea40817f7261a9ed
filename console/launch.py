"""The command `dataagents-console`: watch a store, live or after the fact.

Argparse reads the arguments: it starts in a hundredth of a second, and it answers `--help` and
`--version`, and says which extra to install, where textual and typer are missing.
"""

import argparse
import asyncio
import os
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from dataagents.console.safe_text import safe_text
from dataagents.core.errors import DataAgentsError, InputError, MissingExtraError
from dataagents.core.version import __version__

DEFAULT_STORE = Path(".dataagents/store.db")
PROGRAM = "dataagents-console"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    Returns:
        0 when the operator quit, 2 when there was nothing to show; the error stream says why.
    """
    path = _parser().parse_args(arguments).store
    try:
        _launch(path)
    except DataAgentsError as error:
        sys.stderr.write(f"{PROGRAM}: {safe_text(str(error))}\n")
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=PROGRAM,
        description="Watch agents and runs, live or after the fact. Changes nothing.",
        epilog="Keys: 1 agents, 2 trace, ? help, q quit.",
    )
    parser.add_argument(
        "store", nargs="?", type=Path, default=DEFAULT_STORE, metavar="STORE",
        help="the store to watch (default: %(default)s)",
    )  # fmt: skip
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    return parser


def _launch(path: Path) -> None:
    if find_spec("textual") is None or find_spec("typer") is None:
        raise MissingExtraError(PROGRAM, "console")
    asyncio.run(_check(path))
    if not _has_terminal():
        hint = "Use 'dataagents trace' in scripts and pipes."
        raise InputError("terminal", "this is none", hint=hint)

    from dataagents.console.app import ConsoleApp
    from dataagents.console.source import StoreSource
    from dataagents.core.clock import SystemClock
    from dataagents.storage import StoreReader

    clock = SystemClock()
    source = StoreSource(path, StoreReader, clock)
    ConsoleApp(source.batches, safe_text(path.name), clock, _has_terminal).run()


def _has_terminal() -> bool:
    return os.isatty(0) and os.isatty(1)


async def _check(path: Path) -> None:
    """Open the store once, so that what is wrong from the start is said in one line."""
    from dataagents.storage import StoreReader

    async with StoreReader(path) as reader:
        await reader.last_seq()
