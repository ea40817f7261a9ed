"""Entities: everything that is known about one thing, and what that points to."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from dataagents.console.safe_text import safe_text
from dataagents.console.view.addresses import Address, pointers_of
from dataagents.console.view.event_lines import EventLine, event_line
from dataagents.console.view.fields import Fields, name
from dataagents.console.view.row import lines
from dataagents.core.events import Event, EventKind

_BESIDE = frozenset(
    {
        EventKind.BALLOT_CAST, EventKind.BID_MADE, EventKind.BIDS_REFUSED, EventKind.STEP_TAKEN,
        EventKind.TASK_ENDED, EventKind.LINEAGE_RECORDED, EventKind.METRIC_SAMPLED,
    }
)  # fmt: skip
"""Kinds of events that are one of many about a thing: each has its line, and no fact."""
_LONGEST = 2_000
_MOST_POINTERS = 50


@dataclass(frozen=True, slots=True)
class EntityView:
    """A thing; its texts are safe to show."""

    address: str
    facts: tuple[tuple[str, str], ...]
    """Field and value, as last recorded; a value may have lines."""
    history: tuple[EventLine, ...]
    """What happened to it, oldest first."""
    points_to: tuple[str, ...]
    """Addresses of what it has to do with."""


def entity_view(address: Address, events: Sequence[tuple[int, Event]]) -> EntityView:
    """Return a thing from the events about it, oldest first, each with its place."""
    facts: dict[str, str] = {}
    for _, event in events:
        if event.kind not in _BESIDE and not _is_about_another(address, event):
            facts |= dict(_facts(event))
    itself = Address(address.scheme, address.id)
    found = (each for _, event in events for each in pointers_of(event))
    pointers = dict.fromkeys(str(each) for each in found if each != itself)
    return EntityView(
        address=name(str(address)),
        facts=tuple(facts.items()),
        history=tuple(event_line(seq, event) for seq, event in events),
        points_to=tuple(name(each) for each in list(pointers)[:_MOST_POINTERS]),
    )


def _facts(event: Event) -> Iterator[tuple[str, str]]:
    body = Fields(event.body)
    for key, value in event.body.items():
        if key == "id" and value == event.subject:
            continue  # the address has it
        text = lines(body.pairs(key)) if isinstance(value, Mapping) else body.text(key)
        if text:
            yield name(key), safe_text(text, lines=True, limit=_LONGEST)


def _is_about_another(address: Address, event: Event) -> bool:
    """Return whether an event is about something else, such as an answer to a message."""
    by_subject = address.scheme not in ("dataset", "conversation", "event", "reasoning")
    return by_subject and event.subject != address.id
