"""Events as lines for people, for screen readers, and for programs."""

import sys
from typing import TYPE_CHECKING

from rich.text import Text

from dataagents.console.commands.output import Screen, put, shown, write_json_lines, write_lines
from dataagents.console.view.event_lines import EventLine, event_line
from dataagents.console.view.marks import GLYPHS, Mark
from dataagents.core.values import JsonObject, to_json

if TYPE_CHECKING:
    from dataagents.storage import StoredEvent

_STYLES = {
    Mark.OK: "green",
    Mark.BUSY: "cyan",
    Mark.WARN: "yellow",
    Mark.FAIL: "red",
    Mark.IDLE: "dim",
    Mark.NOTE: "dim",
}
_WORDS = {Mark.WARN: "warning", Mark.FAIL: "failed"}
"""What a mark says that the line itself need not."""


def show_event(stored: "StoredEvent") -> None:
    """Write an event to stdout for people, on one line where the terminal is wide enough."""
    put(Screen(), text_of(event_line(stored.seq, stored.event)))


def write_event_plain(stored: "StoredEvent") -> None:
    """Write an event to stdout as words alone."""
    write_lines([plain_of(event_line(stored.seq, stored.event))])


def write_event(stored: "StoredEvent") -> None:
    """Write an event to stdout as JSON, on one line."""
    write_json_lines([event_json(stored)])
    sys.stdout.flush()


def event_json(stored: "StoredEvent") -> JsonObject:
    """Return an event as JSON, with its place."""
    return {"seq": stored.seq, **to_json(stored.event)}


def text_of(line: EventLine) -> Text:
    """Return an event as a line with its mark and colours."""
    return Text.assemble(
        (f"{GLYPHS[line.mark]} ", _STYLES[line.mark]),
        (f"{line.at:%H:%M:%S.%f}"[:-3], "dim"),
        " ",
        shown(f"{line.kind:18}", "cyan"),
        " ",
        shown(line.subject, "bold"),
        shown(f"  {line.gist}" if line.gist else ""),
    )


def plain_of(line: EventLine) -> str:
    """Return an event as words, the state among them."""
    word = f"{_WORDS[line.mark]}: " if line.mark in _WORDS else ""
    gist = f", {line.gist}" if line.gist else ""
    return f"{line.at:%Y-%m-%d %H:%M:%S} {word}{line.kind} {line.subject}{gist}"
