"""The proposal: what somebody is about to have done, and the commands that it becomes; pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

from dataagents.console.steering.offers import Offer, kind_of
from dataagents.core.commands import ACTIONS, Command, CommandKind, check_command, seen_from
from dataagents.core.errors import InputError
from dataagents.storage import Holder

EXPIRES = 300.0
"""Seconds after which a command is not begun any more."""
MANY = 10
"""With more targets than that, their number has to be typed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """Something to be done to one or several targets."""

    name: str
    """What was offered: a kind of command, or `veto`."""
    targets: tuple[str, ...]
    actor: str
    id: str
    """The id of its first command, given once: sent twice, it is done once."""
    epoch: int | None
    """The kernel that it is meant for; None for whichever there is, or will be."""
    holder: Holder | None = None
    """The kernel that was there when it was made."""
    arguments: Mapping[str, str] = field(default_factory=dict)
    reason: str = ""
    expires: float = EXPIRES
    """Seconds after which it is not begun any more."""

    @property
    def kind(self) -> str:
        """The kind of its commands."""
        return kind_of(self.name)

    @property
    def explained(self) -> bool:
        """Whether it has to have a reason."""
        return ACTIONS[self.kind].explained

    @property
    def counted(self) -> bool:
        """Whether the number of its targets has to be typed."""
        return ACTIONS[self.kind].destructive or len(self.targets) > MANY


def propose(offer: Offer, operator: str, holder: Holder, id: str) -> Proposal:
    """Return the proposal that an offer becomes, meant for the kernel that is there now.

    Args:
        offer: What was chosen.
        operator: Who chose it.
        holder: The kernel that has the store open.
        id: A new id; see `identity.new_id`.

    Raises:
        InputError: It can't be done; says why.
    """
    if offer.refused:
        raise InputError(offer.title, offer.refused)
    return Proposal(
        name=offer.name, targets=offer.targets, actor=operator, id=id, epoch=holder.epoch,
        holder=holder,
    )  # fmt: skip


def commands_of(proposal: Proposal, now: datetime, origin: str = "") -> tuple[Command, ...]:
    """Return the commands of a proposal, one for each target; the same ids each time.

    Args:
        proposal: It.
        now: When they are made.
        origin: Who and what issues them; see `identity.origin`.
    """
    return tuple(
        Command(
            id=proposal.id if number == 0 else f"{proposal.id}-{number}",
            kind=proposal.kind,
            target=target,
            actor=proposal.actor,
            made=now,
            expires=now + timedelta(seconds=proposal.expires),
            reason=proposal.reason,
            arguments=dict(proposal.arguments),
            epoch=proposal.epoch,
            origin=origin,
        )
        for number, target in enumerate(proposal.targets)
    )


def check_proposal(proposal: Proposal, now: datetime) -> None:
    """Make sure that a kernel would understand a proposal.

    Raises:
        InputError: It would not; says what is wrong, and what would be right.
    """
    if not proposal.targets:
        raise InputError(proposal.kind, "there is nothing that it would be about")
    for command in commands_of(proposal, now):
        check_command(command)


def located(proposal: Proposal, folder: Path) -> Proposal:
    """Return a proposal whose files are found from anywhere: the kernel has a folder of its own.

    Args:
        proposal: It.
        folder: Where the operator is.

    Raises:
        InputError: What it says about files can't be understood.
    """
    if proposal.kind != CommandKind.START:
        return proposal
    return replace(proposal, arguments=seen_from(proposal.arguments, folder))
