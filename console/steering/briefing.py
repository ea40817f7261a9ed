"""The briefing: what would happen, to what, and by whom, before it does; pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from dataagents.console.safe_text import safe_text
from dataagents.console.steering.offers import TITLES, VETO
from dataagents.console.steering.proposal import Proposal, commands_of
from dataagents.console.view.act_line import act_line
from dataagents.console.view.words import duration
from dataagents.core.commands import ACTIONS, CommandKind
from dataagents.storage import Holder

NAMED = 5
"""Targets and tasks that are named; of the rest, only the number is said."""
_EXACT: Mapping[tuple[str, str], str] = {
    (CommandKind.RETRY, "task"): "it waits for its next attempt, and is tried at once",
    (CommandKind.RETRY, "message"): "it could not be delivered, and is sent again",
}
"""Kind, and what it is about → what happens, where the action says it of several things."""


@dataclass(frozen=True, slots=True)
class Briefing:
    """What somebody should know before they say yes; its texts are safe to show."""

    verb: str
    """What would be done, in a word or two."""
    count: int
    """How many targets there are."""
    targets: str
    """Which ones, the first few."""
    effect: str
    """What happens, in a sentence."""
    work: str
    """What is under way there and would be touched by it; empty when nothing is known of it."""
    kernel: str
    """Which kernel would do it."""
    given: str
    """The arguments; empty when there are none."""
    expires: str
    line: str
    """The line that does the same in a shell, for the first target."""
    more_lines: int
    """How many lines like it there are for the other targets."""
    destructive: bool


def briefing(
    proposal: Proposal,
    now: datetime,
    *,
    work: Sequence[str] = (),
    store: str = "",
    named: int = NAMED,
) -> Briefing:
    """Return what somebody should know about a proposal.

    Args:
        proposal: It.
        now: The time.
        work: What is under way at its targets: tasks, as sentences.
        store: The store, for the line; empty for the usual one.
        named: How many targets are named.
    """
    first, *rest = commands_of(proposal, now)
    given = ", ".join(f"{name}={value}" for name, value in proposal.arguments.items())
    return Briefing(
        verb=TITLES.get(proposal.name, str(proposal.name)),
        count=len(proposal.targets),
        targets=_few(proposal.targets, named, "targets"),
        effect=_effect(proposal),
        work=_few(work, named, "under way") if work else "",
        kernel=safe_text(_kernel(proposal.epoch, proposal.holder)),
        given=safe_text(given),
        expires=f"{first.expires:%H:%M:%S} UTC, in {duration(proposal.expires)}",
        line=safe_text(act_line(first, store)),
        more_lines=len(rest),
        destructive=ACTIONS[proposal.kind].destructive,
    )


def _effect(proposal: Proposal) -> str:
    if proposal.name == VETO:
        against = safe_text(proposal.arguments.get("veto", ""))
        told = f"against {against!r}" if against else "against an option"
        return f"a ballot of yours counts {told}, where the rule allows you a veto"
    first = next(iter(proposal.targets), "")
    form = "task" if "/task:" in first else first.partition(":")[0]
    return _EXACT.get((proposal.kind, form)) or ACTIONS[proposal.kind].effect


def _few(texts: Sequence[str], most: int, what: str) -> str:
    told = ", ".join(texts[:most])
    more = f" and {len(texts) - most} more" if len(texts) > most else ""
    count = f"{len(texts)} {what}: " if len(texts) > 1 else ""
    return safe_text(f"{count}{told}{more}")


def _kernel(epoch: int | None, holder: Holder | None) -> str:
    meant = "any epoch" if epoch is None else f"epoch {epoch}"
    if holder is None:
        return f"none has the store open now; {meant} may take it until it expires"
    if holder.epoch == epoch:
        return f"process {holder.pid} on {holder.host}, of epoch {holder.epoch}"
    return f"process {holder.pid} on {holder.host}, of epoch {holder.epoch}; meant for {meant}"
