"""The log observer: what happens, as log lines for people."""

import logging
from collections.abc import Mapping, Sequence

from dataagents.core.events import Event, EventKind
from dataagents.core.values import Json

_log = logging.getLogger("dataagents.events")

_LEVELS: Mapping[str, int] = {
    EventKind.RUN_STARTED: logging.INFO,
    EventKind.RUN_RESUMED: logging.INFO,
    EventKind.RUN_ENDED: logging.INFO,
    EventKind.PLAN_REPLACED: logging.WARNING,
    EventKind.ELECTION_CLOSED: logging.INFO,
    EventKind.TASK_ENDED: logging.INFO,
    EventKind.AGENT_REFUSED: logging.WARNING,
    EventKind.ALERT_RAISED: logging.WARNING,
    EventKind.ALERT_ENDED: logging.INFO,
    EventKind.PLUGIN_FAILED: logging.WARNING,
}
"""Kinds that people want to read of; every other is logged for debugging."""


class LogObserver:
    """Logs one line an event; nothing is configured here."""

    def wants(self, kind: str) -> bool:
        """Return whether events of a kind are logged at the level that is set now."""
        return _log.isEnabledFor(_LEVELS.get(kind, logging.DEBUG))

    async def observe(self, events: Sequence[Event]) -> None:
        """Log a batch."""
        for event in events:
            level = _LEVELS.get(event.kind, logging.DEBUG)
            subject, detail = _printable(event.subject), _detail(event)
            place = {"run": event.run, "task": event.task, "agent": event.agent}
            _log.log(level, "%s %s%s", event.kind, subject, detail, extra=place)


def _detail(event: Event) -> str:
    for key in ("summary", "reason", "detail", "error", "status", "task"):
        text = _text(event.body.get(key))
        if text:
            return f": {text}"
    for key in ("tally", "failure"):
        nested = event.body.get(key)
        if isinstance(nested, dict):
            return f": {_text(nested.get('reason'))}"
    return ""


def _text(value: Json) -> str:
    return _printable(value)[:300] if isinstance(value, str) else ""


def _printable(text: str) -> str:
    """Return text that can't move a terminal's cursor or start a line of its own."""
    return "".join(
        character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text
    )
