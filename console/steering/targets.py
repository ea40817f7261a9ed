"""Targets: what a command could be about, from the address of a row."""

import re

from dataagents.console.safe_text import REPLACEMENT
from dataagents.console.view.fields import NAME_LENGTH
from dataagents.core.commands import Address, read_address
from dataagents.core.errors import InputError

_PARTS = (
    "plan", "phase", "replan", "method", "risk", "execution", "hierarchy", "task", "reasoning",
    "step", "auction", "bid", "vote", "ballot", "messages", "reflection", "lesson", "outcome",
)  # fmt: skip
_SPLIT = re.compile(rf"/(?=(?:{'|'.join(_PARTS)})(?::|$))")
"""Between the parts of an address within a run; a slash in an id of the user's own is none."""
_SCHEMES = {"vote": "election", "motion": "election"}


def targets_of(address: str) -> tuple[Address, ...]:
    """Return what a command could be about where this is meant, the nearest first.

    A row of a trace stands within a task and a run, and may be a vote: each can be meant. Nothing
    is where the id is not whole, because it was made fit to be shown.
    """
    if REPLACEMENT in address:
        return ()
    first, *within = _SPLIT.split(address)
    found: list[Address] = []
    run = ""
    for part in (first, *within):
        scheme, _, id_ = part.partition(":")
        if _is_cut(id_):
            continue
        if part is first and scheme == "run":
            run = id_
        if scheme == "task":
            text = f"run:{run}/task:{id_}" if run else ""
        else:
            text = f"{_SCHEMES.get(scheme, scheme)}:{id_}"
        if (target := _read(text)) is not None:
            found.append(target)
            if target.form == "election":
                found.append(Address("question", target.id))
    return tuple(reversed(found))


def _read(text: str) -> Address | None:
    try:
        return read_address(text)
    except InputError:
        return None


def _is_cut(id_: str) -> bool:
    return len(id_) >= NAME_LENGTH and id_.endswith("…")
