"""Output: consoles that obey the terminal they are on, and JSON."""

import json
import os
import sys
from collections.abc import Iterable
from typing import Literal

from rich.console import Console, RenderableType
from rich.text import Text

from dataagents.console.safe_text import safe_text
from dataagents.core.values import JsonObject

_UNWRAPPED = 1_000
"""Columns of an output that nobody looks at line by line: a file or a pipe."""


class Screen(Console):
    """A console for text that nobody vouches for: no markup, no emoji codes, no highlighting."""

    def __init__(self, stream: Literal["stdout", "stderr"] = "stdout") -> None:
        file = getattr(sys, stream)
        wide = not file.isatty() and "COLUMNS" not in os.environ
        super().__init__(
            file=file,
            width=_UNWRAPPED if wide else None,
            markup=False,
            emoji=False,
            highlight=False,
        )

    @property
    def live(self) -> bool:
        """Whether lines that were written can be written over."""
        return self.file.isatty() and self.is_terminal and not self.is_dumb_terminal

    def on_broken_pipe(self) -> None:
        """Leave it to the command's ending; rich would exit with 1, which means something here."""
        raise


def shown(text: str, style: str = "") -> Text:
    """Return a text from outside, on one line, as one that neither rich nor a terminal acts on."""
    return Text(safe_text(text), style)


def show(renderable: RenderableType) -> None:
    """Write something to stdout for people."""
    put(Screen(), renderable)


def put(screen: Screen, renderable: RenderableType) -> None:
    """Write something for people, without the blanks that fill its lines where it is a file."""
    if screen.is_terminal:
        screen.print(renderable)
    else:
        with screen.capture() as captured:
            screen.print(renderable)
        # Cells are filled up to their width, which is of no use in a file.
        lines = (line.rstrip() for line in captured.get().splitlines())
        screen.file.write("\n".join(lines) + "\n")
    screen.file.flush()


def say(text: str) -> None:
    """Write a result that is a text, safe to show, to stdout; only on a terminal is it laid out."""
    screen = Screen()
    if screen.is_terminal:
        screen.print(Text(text, "bold"))
    else:
        screen.file.write(f"{text}\n")
    screen.file.flush()


def write_json(value: JsonObject) -> None:
    """Write one JSON object to stdout; escapes keep it harmless on a terminal."""
    sys.stdout.write(json.dumps(value, indent=2, allow_nan=False) + "\n")
    sys.stdout.flush()


def write_json_lines(values: Iterable[JsonObject]) -> None:
    """Write JSON objects to stdout, one on each line."""
    for value in values:
        sys.stdout.write(json.dumps(value, allow_nan=False) + "\n")
    sys.stdout.flush()


def write_lines(lines: Iterable[str]) -> None:
    """Write lines to stdout that are for a program, and safe on a terminal."""
    for each in lines:
        sys.stdout.write(each + "\n")
    sys.stdout.flush()
