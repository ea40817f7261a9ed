"""Targets: what the user means by a target, looked up in the store."""

from collections.abc import Sequence
from dataclasses import replace
from fnmatch import fnmatchcase

from dataagents.core.commands import Address, CommandKind, read_address
from dataagents.core.errors import InputError
from dataagents.core.events import EventKind
from dataagents.core.goals import UNDER_WAY
from dataagents.core.suggestions import did_you_mean
from dataagents.storage import LATEST, StoreReader

_LOOKED_AT = 1_000
"""Events of a kind that are looked through, the newest."""
_SHORTEST = 4
"""Characters of an id that may stand for it."""
_GONE = ("stopped", "refused")
_PAIRS = {
    "election": (EventKind.ELECTION_OPENED, EventKind.ELECTION_CLOSED),
    "question": (EventKind.ELECTION_OPENED, EventKind.ELECTION_CLOSED),
    "alert": (EventKind.ALERT_RAISED, EventKind.ALERT_ENDED),
}
"""Scheme → what begins such a thing, and what ends it."""


async def find_targets(reader: StoreReader, kind: str, text: str) -> tuple[Address, ...]:
    """Return what a target stands for; one thing, unless it is a pattern.

    Raises:
        InputError: It is no address, or nothing is meant by it; names the nearest.
    """
    address = read_address(text)
    if kind == CommandKind.START:
        return (address,)  # what is yet to begin is in no store
    if address.scheme == "run" and not address.is_pattern:
        return (replace(address, id=(await reader.find_run(address.id)).id),)
    known = await _known(reader, kind, address.scheme)
    if address.is_pattern:
        found = [each for each in known if fnmatchcase(each, address.id)]
        if not found:
            raise InputError(f"target {text!r}", "it fits nothing", hint=_hint(address.id, known))
        return tuple(replace(address, id=each) for each in found)
    if address.id == LATEST:
        if not known:
            problem = f"there is no {address.scheme} for it"
            raise InputError(f"target {text!r}", problem)
        return (replace(address, id=known[-1]),)
    meant = [each for each in known if means(address.id, each)]
    if address.id not in known and len(meant) == 1:
        return (replace(address, id=meant[0]),)
    if address.scheme == "agent" and address.id not in known:
        hint = _hint(address.id, known)
        raise InputError(f"agent {address.id!r}", "it is not in the store", hint=hint)
    return (address,)  # whether it is there now, the kernel knows


async def _known(reader: StoreReader, kind: str, scheme: str) -> Sequence[str]:
    """Return the ids that a kind of command can be about, the newest last."""
    match scheme:
        case "agent":
            back = kind == CommandKind.REDEPLOY  # one that was drained comes back
            agents = await reader.agents()
            return [each.id for each in agents if back or each.state not in _GONE]
        case "run":
            runs = await reader.runs(_LOOKED_AT)
            return [each.id for each in reversed(runs) if each.status in UNDER_WAY]
        case "message":
            return ()
        case _:
            begun, ended = [
                [each.event.subject for each in await reader.recent(which, _LOOKED_AT)]
                for which in _PAIRS[scheme]
            ]
            if kind == CommandKind.RECALL:
                return ended
            over = set(ended)
            return [each for each in dict.fromkeys(begun) if each not in over]


def means(text: str, id_: str) -> bool:
    """Return whether a text stands for an id: it is the beginning or the end of it."""
    return len(text) >= _SHORTEST and (id_.startswith(text) or id_.endswith(text))


def _hint(text: str, known: Sequence[str]) -> str:
    return did_you_mean(text, known).strip() or "There is none now."
