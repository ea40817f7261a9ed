"""Logs: the lines `time - logger - level - [DATA] message` on the error stream."""

import logging
import os
from collections.abc import Generator
from contextlib import contextmanager

from rich.console import Console
from rich.text import Text

from dataagents.console.safe_text import safe_text
from dataagents.core.redaction import Redactor

_FORMAT = "%(asctime)s - %(name)s - %(levelname)s - [DATA] %(message)s"
_TALKATIVE = ("aiosqlite", "asyncio")
"""Libraries that log every call for debugging themselves."""


class SafeFormatter(logging.Formatter):
    """Formats a record as one line that no terminal acts upon; a traceback has lines of its own.

    Args:
        redactor: Takes secrets out, also of what libraries log and of tracebacks.
    """

    def __init__(self, redactor: Redactor) -> None:
        super().__init__(_FORMAT)
        self._redactor = redactor

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802  # logging's name
        """Return the line."""
        return safe_text(super().formatMessage(record))

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, and the lines of a traceback if there is one."""
        return safe_text(self._redactor.text(super().format(record)), lines=True)


class ScreenHandler(logging.Handler):
    """Writes records through a console, so that they go above a live display."""

    def __init__(self, console: Console, redactor: Redactor) -> None:
        super().__init__()
        self._console = console
        self.setFormatter(SafeFormatter(redactor))

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record."""
        self._console.print(Text(self.format(record)), soft_wrap=True)


@contextmanager
def logs(console: Console, level: str, redactor: Redactor | None = None) -> Generator[None]:
    """Log to a console while the context lasts.

    Args:
        console: Where the lines go.
        level: What is logged at least.
        redactor: Knows the secrets; those of the environment only when None.
    """
    redactor = redactor or Redactor.of(os.environ)
    root, handler = logging.getLogger(), ScreenHandler(console, redactor)
    before = {name: logging.getLogger(name).level for name in _TALKATIVE}
    root_before = root.level
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
    root.setLevel(level)
    root.addHandler(handler)
    try:
        yield
    finally:
        root.removeHandler(handler)
        root.setLevel(root_before)
        for name, was in before.items():
            logging.getLogger(name).setLevel(was)
