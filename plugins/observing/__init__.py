"""Bundled observer."""

from dataagents.core import Strategy, hookimpl
from dataagents.core.events import Observer
from dataagents.plugins.observing.log import LogObserver


@hookimpl
def register_observers() -> tuple[Strategy[Observer], ...]:
    """Provide the observer that logs what happens."""
    return (
        Strategy(
            "log",
            lambda options: LogObserver(),
            summary="writes runs, decisions and alerts to the log `dataagents.events`",
        ),
    )
