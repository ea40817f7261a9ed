"""Options of the console: what the command line said about how it shows and who looks."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ConsoleOptions:
    """What the operator chose when starting the console; empty leaves a choice to the console."""

    at: str = ""
    """Address of what to open first, such as `run:latest`; as typed, so it may be none."""
    operator: str = ""
    """Name under which the operator acts; empty means that this console only looks on."""
    ascii: bool = False
    """Draw with ASCII characters only."""
    theme: str = ""
    """Name of a theme; as typed, so there may be none of that name."""
