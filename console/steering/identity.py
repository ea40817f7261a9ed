"""Identity: who acts, from where, and under which id; read from the machine when it is needed."""

import getpass
import os
import platform
import secrets

from dataagents.core.commands.command import LONGEST_NAME
from dataagents.core.errors import InputError


def login() -> str:
    """Return the login of whoever uses this process.

    Raises:
        InputError: There is none.
    """
    try:
        return getpass.getuser()
    except (ImportError, KeyError, OSError):
        hint = "Say who you are: --as NAME, or --operator NAME."
        raise InputError("actor", "you have no login", hint=hint) from None


def origin(what: str = "") -> str:
    """Return user, host and process, as a command keeps them.

    Args:
        what: What issues it, such as `console`.
    """
    try:
        who = login()
    except InputError:
        who = "nobody"
    return " ".join(filter(None, (f"{who}@{platform.node()} {os.getpid()}", what)))[:LONGEST_NAME]


def new_id() -> str:
    """Return an id for a proposal; nobody else has it."""
    return secrets.token_hex(8)
