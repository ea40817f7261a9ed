"""Blanks: what has to be filled in before something is done, and what is missing; pure."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from dataagents.console.steering.offers import VETO
from dataagents.console.steering.proposal import Proposal, check_proposal
from dataagents.core.commands import ACTIONS, CommandKind
from dataagents.core.durability.steps import Verdict
from dataagents.core.errors import InputError

REASON = "reason"
COUNT = "count"
_BALLOTS = (CommandKind.CAST, CommandKind.ANSWER)


@dataclass(frozen=True, slots=True)
class Blank:
    """Something to fill in."""

    name: str
    """An argument of the command, `reason` or `count`."""
    about: str
    """What belongs there."""
    required: bool = False
    choices: tuple[str, ...] = ()
    """What it can be; anything when empty."""


def blanks(proposal: Proposal, options: Sequence[str] = ()) -> tuple[Blank, ...]:
    """Return what can be filled in: what is needed first, then the reason, then the rest.

    Args:
        proposal: What is about to be done.
        options: Those of the election, where it is about one.
    """
    action = ACTIONS[proposal.kind]
    needed = _needed(proposal)
    arguments = [
        Blank(name, about, name in needed, _choices(proposal, name, options))
        for name, about in action.takes.items()
        if not _is_idle(proposal, name)
    ]
    # The sort keeps the order that the action has them in.
    arguments.sort(key=lambda blank: (not blank.required, not blank.choices))
    first = [blank for blank in arguments if blank.required]
    rest = [blank for blank in arguments if not blank.required]
    why = "why you do it" if proposal.kind != CommandKind.ACKNOWLEDGE else "what you do about it"
    reason = Blank(REASON, f"{why}; it goes on record", proposal.explained)
    number = len(proposal.targets)
    count = Blank(COUNT, f"type {number} to go on", required=True)
    return (*first, reason, *([count] if proposal.counted else ()), *rest)


def lacking(proposal: Proposal, count: str, now: datetime) -> tuple[str, str] | None:
    """Return the first blank that is not filled in as it should be, and why; None when all are.

    Args:
        proposal: What is about to be done, with what was filled in.
        count: What was typed as the number of targets.
        now: The time.
    """
    for name in _needed(proposal):
        if not proposal.arguments.get(name, "").strip():
            return name, f"{name} is missing: {_about(proposal, name)}"
    if proposal.explained and not proposal.reason.strip():
        return REASON, f"say why you {proposal.kind} this; it goes on record"
    said = proposal.arguments.get("confidence")
    if said is not None and not _between(said, 0.0, 1.0):
        return "confidence", f"confidence {said!r} is no number from 0 to 1"
    within = proposal.arguments.get("within")
    if within is not None and not _between(within, 0.0, math.inf):
        return "within", f"within {within!r} is no number of seconds"
    number = len(proposal.targets)
    if proposal.counted and count.strip() != str(number):
        what = "target" if number == 1 else "targets"
        return COUNT, f"type {number}, for {number} {what}"
    try:
        check_proposal(proposal, now)
    except InputError as error:
        return "", str(error)
    return None


def _needed(proposal: Proposal) -> tuple[str, ...]:
    if proposal.name == VETO:
        return ("veto",)
    return ("choice",) if proposal.kind in _BALLOTS else ACTIONS[proposal.kind].needs


def _about(proposal: Proposal, name: str) -> str:
    return ACTIONS[proposal.kind].takes.get(name, "")


def _choices(proposal: Proposal, name: str, options: Sequence[str]) -> tuple[str, ...]:
    if name not in ("choice", "veto"):
        return ()
    if _about_step(proposal):
        return tuple(verdict.value for verdict in Verdict)
    return tuple(options)


def _is_idle(proposal: Proposal, name: str) -> bool:
    """Whether an argument means nothing here, though the kind of command has it."""
    if proposal.kind not in _BALLOTS:
        return False
    if _about_step(proposal):
        return name not in ("choice", "result")
    if name == "result":
        return True
    return name == "veto" and proposal.name != VETO


def _about_step(proposal: Proposal) -> bool:
    """Whether it is about a step that may have happened: `question:RUN/STEP`."""
    first = next(iter(proposal.targets), "")
    return first.startswith("question:") and "/" in first


def _between(text: str, least: float, most: float) -> bool:
    try:
        number = float(text)
    except ValueError:
        return False
    return least <= number <= most and math.isfinite(number)
