"""The line of a command: how what was done in the console is done again in a shell."""

import shlex

from dataagents.core.commands import ACTIONS, Command


def act_line(command: Command, store: str = "", *, id: bool = False) -> str:
    """Return the line that issues a command again, quoted for a shell.

    The texts in it are those of the command, so make it safe before it is shown.

    Args:
        command: It.
        store: The store, where it is not the usual one.
        id: Under the same id: then it is not done again, and the line waits for its answer.
    """
    action = ACTIONS.get(command.kind)
    words = ["dataagents", "act", command.kind, command.target, "--as", command.actor]
    words += ["--reason", command.reason] if command.reason else []
    for name, value in command.arguments.items():
        words += ["--arg", f"{name}={value}"]
    words += ["--yes"] if action is not None and action.destructive else []
    words += ["--epoch", "any"] if command.epoch is None else []
    words += ["--store", store] if store else []
    return shlex.join([*words, "--id", command.id] if id else words)
