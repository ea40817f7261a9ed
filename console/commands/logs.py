"""Logs on the error stream: lines for people, or JSON for what collects logs.

For people a line is `time - logger - level - [DATA] message`.
"""

import json
import logging
import os
from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Literal, cast

from rich.console import Console
from rich.text import Text

from dataagents.console.safe_text import safe_text
from dataagents.core.redaction import Redactor
from dataagents.core.tracing import CURRENT
from dataagents.core.values import Json

_FORMAT = "%(asctime)s - %(name)s - %(levelname)s - [DATA] %(message)s"
TALKATIVE = ("aiosqlite", "asyncio")
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


class JsonFormatter(logging.Formatter):
    """Formats a record as one JSON object on one line, in ASCII, so that no terminal acts upon it.

    Its fields are `time` (UTC, ISO 8601), `level`, `logger` and `message`; `run`, `task` and
    `agent` where they are known; `error` with the traceback where there is one; and `plugin`,
    `what` and `stack` of a call that blocks.

    Args:
        redactor: Takes secrets out, also of what libraries log and of tracebacks.
    """

    def __init__(self, redactor: Redactor) -> None:
        super().__init__()
        self._redactor = redactor

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line: dict[str, Json] = {
            "time": at.replace("+00:00", "Z"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        current = CURRENT.get()
        for name in _EXTRAS:
            value: object = getattr(record, name, None) or getattr(current, name, None)
            if isinstance(value, str):
                line[name] = value
            elif isinstance(value, tuple):
                line[name] = [str(each) for each in cast("tuple[object, ...]", value)]
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(self._redactor.fields(line))


Format = Literal["plain", "json"]
_EXTRAS = ("run", "task", "agent", "plugin", "what", "stack")


class ScreenHandler(logging.Handler):
    """Writes records through a console, so that they go above a live display."""

    def __init__(self, console: Console, formatter: logging.Formatter) -> None:
        super().__init__()
        self._console = console
        self.setFormatter(formatter)

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record."""
        self._console.print(Text(self.format(record)), soft_wrap=True)


@contextmanager
def logs(
    console: Console,
    level: str,
    redactor: Redactor | None = None,
    format: Format = "plain",
) -> Generator[None]:
    """Log to a console while the context lasts.

    Args:
        console: Where the lines go.
        level: What is logged at least.
        redactor: Knows the secrets; those of the environment only when None.
        format: Lines for people, or JSON.
    """
    redactor = redactor or Redactor.of(os.environ)
    formatter = JsonFormatter(redactor) if format == "json" else SafeFormatter(redactor)
    root, handler = logging.getLogger(), ScreenHandler(console, formatter)
    before = {name: logging.getLogger(name).level for name in TALKATIVE}
    root_before = root.level
    for name in TALKATIVE:
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
