"""Endings: what becomes of a command that can't go on, as an exit code and one line."""

import os
import sys
import traceback
from enum import IntEnum
from types import TracebackType
from typing import Self

import typer

from dataagents.console.safe_text import safe_text
from dataagents.core.errors import (
    ConfigError,
    DataAgentsError,
    InputError,
    MissingExtraError,
    StoreError,
    UnknownStrategyError,
)
from dataagents.core.goals import RunStatus

_LONGEST_TRACEBACK = 100_000


class ExitCode(IntEnum):
    """What the shell is told."""

    DONE = 0
    WITHHELD = 1
    """A quality gate was not met."""
    UNUSABLE = 2
    """What the user gave can't be used: the same code that wrong options have."""
    DRIFT = 3
    """Drift that needs a decision."""
    FAILED = 4
    INTERRUPTED = 130
    PIPE_CLOSED = 141
    """Whoever read the output went away; what a shell reports of SIGPIPE."""


STATUS_CODES = {
    RunStatus.DONE: ExitCode.DONE,
    RunStatus.WITHHELD: ExitCode.WITHHELD,
    RunStatus.REJECTED: ExitCode.UNUSABLE,
    RunStatus.UNDECIDED: ExitCode.DRIFT,
    RunStatus.FAILED: ExitCode.FAILED,
    RunStatus.CANCELLED: ExitCode.INTERRUPTED,
    RunStatus.SUSPENDED: ExitCode.DRIFT,
}
"""How a run ended → exit code."""

_UNUSABLE = (ConfigError, InputError, MissingExtraError, StoreError, UnknownStrategyError)


class Ending:
    """The context of a command: an error inside ends it with one line on stderr, not a traceback.

    Args:
        debug: Show the traceback too.
    """

    def __init__(self, debug: bool) -> None:
        self._debug = debug

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Turn an error into an exit code.

        Raises:
            typer.Exit: With the code.
        """
        if error is None or isinstance(error, typer.Exit | SystemExit):
            return
        if self._debug:
            text = "".join(traceback.format_exception(error))
            sys.stderr.write(safe_text(text, lines=True, limit=_LONGEST_TRACEBACK))
        code, line = _verdict(error)
        if code is ExitCode.PIPE_CLOSED:
            _give_up_stdout()
        else:
            tell(line + (" Add --debug to see where." if _wants_hint(code, self._debug) else ""))
        raise typer.Exit(code) from error


def tell(line: str) -> None:
    """Say something to the user, on one line of the error stream."""
    sys.stderr.write(f"dataagents: {safe_text(line)}\n")


def _verdict(error: BaseException) -> tuple[ExitCode, str]:
    if isinstance(error, _UNUSABLE):
        return ExitCode.UNUSABLE, str(error)
    if isinstance(error, DataAgentsError):
        return ExitCode.FAILED, str(error)
    if isinstance(error, KeyboardInterrupt):
        return ExitCode.INTERRUPTED, "interrupted"
    if isinstance(error, BrokenPipeError):
        return ExitCode.PIPE_CLOSED, ""
    return ExitCode.FAILED, f"internal failure: {type(error).__name__}: {error}."


def _wants_hint(code: ExitCode, debug: bool) -> bool:
    return code is ExitCode.FAILED and not debug


def _give_up_stdout() -> None:
    """Have what is still buffered go nowhere, or Python complains about it while it exits."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
