"""The command `dataagents-console`: watch a store, or host a kernel and watch that.

Nothing here imports textual, typer or a kernel before it is known what is wanted, so that help, the
version and what is missing are answered at once, anywhere.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from dataagents.console.arguments import DEFAULT_STORE, DEMO, PROGRAM, RUN, Said, read_arguments
from dataagents.console.safe_text import safe_text
from dataagents.console.threads import leave_threads_behind
from dataagents.core.errors import DataAgentsError, InputError, MissingExtraError

if TYPE_CHECKING:
    from dataagents.console.hosting.host import Host
    from dataagents.console.options import ConsoleOptions

__all__ = ["DEFAULT_STORE", "PROGRAM", "has_terminal", "main", "show"]

_LEAVING = (signal.SIGTERM, signal.SIGHUP)
_INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    Returns:
        0 when the operator left, 2 when there was nothing to show; the error stream says why. With
        `run`, the code that `dataagents run` would end with.
    """
    said = read_arguments(sys.argv[1:] if arguments is None else arguments)
    try:
        code = _launch(said)
    except DataAgentsError as error:
        tell(str(error))
        code = 2
    except KeyboardInterrupt:
        code = _INTERRUPTED
    if said.verb:
        leave_threads_behind(code)
    return code


def tell(line: str) -> None:
    """Say something on one line of the error stream."""
    sys.stderr.write(f"{PROGRAM}: {safe_text(line)}\n")


def has_terminal() -> bool:
    """Return whether there is somebody to show something to."""
    return all(os.isatty(each) for each in (0, 1, 2))  # textual draws on the error stream


def show(store: Path, options: "ConsoleOptions", host: "Host | None" = None) -> int:
    """Show the screens until the operator leaves, then end the kernel that is hosted.

    This is the one place that opens them. The app starts the host when it has drawn itself.

    Args:
        store: What to read.
        options: How to show it.
        host: The kernel in this process that writes it; None for one elsewhere, or none.

    Returns:
        0, or 1 when the screens broke off.
    """
    from dataagents.console.assembly import assemble
    from dataagents.core.clock import SystemClock

    for name in ("COLUMNS", "LINES"):
        os.environ.pop(name, None)  # textual would believe them rather than the terminal
    app = assemble(store, SystemClock(), options, host, has_terminal)
    try:
        with _left_by_signals(app.exit):
            app.run()
    finally:
        if host is not None:
            if host.in_flight():
                tell("stopping; tasks under way get a while to end, Ctrl-C ends it at once.")
            host.stop()
    return app.return_code or 0


def _launch(said: Said) -> int:
    if find_spec("textual") is None or find_spec("typer") is None:
        raise MissingExtraError(PROGRAM, "console")
    if said.verb == RUN:
        from dataagents.console.hosting.commands import run_hosted

        return run_hosted(said)
    if said.verb == DEMO:
        from dataagents.console.hosting.commands import demo_hosted

        return demo_hosted(said)
    path = said.store or DEFAULT_STORE
    asyncio.run(_check(path))
    require_terminal("Use 'dataagents trace' in scripts and pipes.")
    from dataagents.console.hosting.logging_aside import silenced

    with silenced():
        return show(path, said.options)


def require_terminal(hint: str) -> None:
    """Make sure that there is a terminal that can show screens.

    Args:
        hint: What to use where there is none.

    Raises:
        InputError: There is none, or it is a dumb one.
    """
    if not has_terminal():
        raise InputError("terminal", "this is none", hint=hint)
    if os.environ.get("TERM") == "dumb":
        plain = "Use 'dataagents status --plain', tail, show and act."
        raise InputError("terminal", "TERM is dumb, so no screen can be drawn", hint=plain)


@contextmanager
def _left_by_signals(leave: Callable[[], object]) -> Iterator[None]:
    """Have the screens given back, and a kernel ended in order, when the process is to end."""

    def take(number: int, frame: FrameType | None) -> None:
        leave()

    before = {each: signal.signal(each, take) for each in _LEAVING}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


async def _check(path: Path) -> None:
    """Open the store once, so that what is wrong from the start is said in one line."""
    from dataagents.storage import StoreReader

    async with StoreReader(path) as reader:
        await reader.last_seq()
