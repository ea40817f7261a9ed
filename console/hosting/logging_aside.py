"""Logging aside: what a kernel logs goes to a file, since the terminal belongs to the screens."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import TYPE_CHECKING

from dataagents.console.commands.logs import TALKATIVE, JsonFormatter, SafeFormatter

if TYPE_CHECKING:
    from dataagents.core.config import KernelConfig
    from dataagents.core.redaction import Redactor

_MOST_BYTES = 5_000_000
"""Of one file; there is one older one beside it."""


def log_file(store: Path) -> Path:
    """Return the file that the kernel of a store logs to while a console hosts it."""
    return store.with_name(f"{store.name}.log")


@contextmanager
def logged_aside(file: Path, config: "KernelConfig", redactor: "Redactor") -> Iterator[None]:
    """Log to a file while the context lasts; nothing gets to the terminal.

    Args:
        file: Where the lines go; it is made with the first.
        config: Level and format; WARNING unless a level was configured.
        redactor: Takes secrets out.
    """
    handler = RotatingFileHandler(
        file, maxBytes=_MOST_BYTES, backupCount=1, encoding="utf-8", delay=True
    )
    as_json = config.log_format == "json"
    handler.setFormatter(JsonFormatter(redactor) if as_json else SafeFormatter(redactor))
    level = config.log_level if "log_level" in config.model_fields_set else "WARNING"
    raising, logging.raiseExceptions = logging.raiseExceptions, False  # a full disk is no news here
    try:
        with _only(handler, level):
            yield
    finally:
        logging.raiseExceptions = raising
        handler.close()


@contextmanager
def silenced() -> Iterator[None]:
    """Log nothing while the context lasts: without a handler Python writes to the terminal."""
    with _only(logging.NullHandler(), "CRITICAL"):
        yield


@contextmanager
def _only(handler: logging.Handler, level: str) -> Iterator[None]:
    """Have one handler get everything while the context lasts, warnings of libraries included."""
    root = logging.getLogger()
    levels = {name: logging.getLogger(name).level for name in ("", *TALKATIVE)}
    others = tuple(root.handlers)
    for other in others:
        root.removeHandler(other)
    for name in TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
    root.setLevel(level)
    root.addHandler(handler)
    logging.captureWarnings(True)
    try:
        yield
    finally:
        logging.captureWarnings(False)
        root.removeHandler(handler)
        for other in others:
            root.addHandler(other)
        for name, was in levels.items():
            logging.getLogger(name).setLevel(was)
