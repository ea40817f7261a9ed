"""Commands: what an operator tells a kernel, from wherever, and what comes of it."""

from dataagents.core.commands.actions import ACTIONS, Action, check_command
from dataagents.core.commands.addresses import Address, read_address
from dataagents.core.commands.command import (
    Command,
    CommandAnswer,
    Commanded,
    CommandKind,
    CommandQueue,
    CommandState,
    commands_of,
)
from dataagents.core.commands.starting import NEW_RUN, seen_from

__all__ = [
    "ACTIONS",
    "NEW_RUN",
    "Action",
    "Address",
    "Command",
    "CommandAnswer",
    "CommandKind",
    "CommandQueue",
    "CommandState",
    "Commanded",
    "check_command",
    "commands_of",
    "read_address",
    "seen_from",
]
