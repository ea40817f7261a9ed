"""Addresses: how a thing is named, the same in the console, on the command line and in commands.

An address is `scheme:id`. What belongs to a run is named below it, as the rows of its trace are:
`run:ID/task:load(a)/reasoning:ID/step:3`.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from dataagents.console.view.fields import name
from dataagents.core.errors import InputError
from dataagents.core.events import Event
from dataagents.core.suggestions import did_you_mean, nearest

SCHEMES: Mapping[str, str] = {
    "agent": "an agent of the team",
    "run": "a run, and below it whatever its trace has",
    "plan": "a plan",
    "reasoning": "a reasoning, with its steps",
    "election": "a vote, by its motion",
    "lot": "an auction of a task",
    "message": "a message",
    "conversation": "a conversation; a vote or an auction is one, under its own id",
    "alert": "an alert",
    "lesson": "a lesson",
    "reflection": "a reflection",
    "experience": "the experience of a run",
    "dataset": "a data set, by its name",
    "metric": "a figure of the monitor",
    "plugin": "a plugin that failed",
    "kernel": "one start of a kernel",
    "command": "a command of an operator",
    "event": "one event of the journal",
}
"""Scheme → what it names."""

_ALIASES = {
    "vote": "election",
    "motion": "election",
    "auction": "lot",
    "trace": "run",
    "data": "dataset",
    "figure": "metric",
}
_OWN = (
    ("agent.", "agent"), ("run.", "run"), ("plan.", "plan"), ("hierarchy.", "plan"),
    ("step.taken", "reasoning"), ("reasoning.", "reasoning"), ("election.", "election"),
    ("ballot.", "election"), ("auction.", "lot"), ("bid.", "lot"), ("bids.refused", "lot"),
    ("message.", "message"), ("alert.", "alert"), ("lesson.", "lesson"),
    ("reflection.", "reflection"), ("experience.", "experience"), ("lineage.", "dataset"),
    ("analysis.", "dataset"), ("metric.", "metric"), ("plugin.", "plugin"), ("kernel.", "kernel"),
    ("command.", "command"),
)  # fmt: skip
"""Beginning of a kind of event → scheme of what its subject is."""
_POINTERS = {
    "agent": "agent", "by": "agent", "sender": "agent", "recipient": "agent", "voter": "agent",
    "bidder": "agent", "winner": "agent", "runner_up": "agent", "run": "run",
    "conversation": "conversation", "reply_to": "message", "election": "election",
    "reasoning": "reasoning", "replaces": "plan", "dataset": "dataset", "lot": "lot",
}  # fmt: skip
"""Field of a body → scheme of what it names."""
_NOBODY = ("by", "rules")
"""What a step says that no model decided: there is no agent of that name."""


@dataclass(frozen=True, slots=True)
class Address:
    """The name of a thing."""

    scheme: str
    id: str
    path: str = ""
    """What is meant within a run, such as `task:load(a)/step:3`; empty for the thing itself."""

    def __str__(self) -> str:
        """Return it as it is written."""
        return f"{self.scheme}:{self.id}" + (f"/{self.path}" if self.path else "")


def parse_address(text: str) -> Address:
    """Return the address that somebody wrote.

    Raises:
        InputError: It is none; names the nearest scheme.
    """
    scheme, colon, rest = text.strip().partition(":")
    scheme = _ALIASES.get(scheme, scheme)
    what = f"address {text!r}"
    if not colon or not rest:
        hint = "Write agent:NAME, run:ID, or another of: " + ", ".join(SCHEMES) + "."
        raise InputError(what, "it is no scheme:id", hint=hint)
    if scheme not in SCHEMES:
        hint = did_you_mean(scheme, (*SCHEMES, *_ALIASES)).strip()
        raise InputError(what, f"{scheme!r} is no kind of thing", hint=hint)
    if scheme != "run":
        return Address(scheme, rest)
    run, _, path = rest.partition("/")
    if not run:
        raise InputError(what, "it names no run", hint="Write run:ID/task:ID, or run:latest.")
    return Address(scheme, run, path.strip("/"))


def nearest_address(address: Address, known: Iterable[str]) -> Address | None:
    """Return the address of the same scheme whose id is most like that of an address."""
    found = nearest(address.id, known)
    return None if found is None else Address(address.scheme, found, address.path)


def find_id(address: Address, known: Iterable[str]) -> str:
    """Return the id that an address means: it is the whole of it, or its beginning or end.

    Raises:
        InputError: Nothing is meant by that, or several are; names the choices.
    """
    ids, text = tuple(known), address.id
    if text in ids:
        return text
    meant = [each for each in ids if each.startswith(text) or each.endswith(text)]
    if len(meant) == 1:
        return meant[0]
    what = f"address {str(address)!r}"
    if meant:
        choices = ", ".join(meant[:_MOST_NAMED]) + (", …" if len(meant) > _MOST_NAMED else "")
        raise InputError(what, f"it fits {len(meant)} of them", hint=f"It may be {choices}.")
    close = nearest_address(address, ids)
    if close is not None:
        hint = f"Did you mean {str(close)!r}?"
    else:
        hint = f"Known: {', '.join(ids[:_MOST_NAMED])}." if ids else "There is none on record."
    raise InputError(what, f"there is no such {address.scheme}", hint=hint)


def subject_of(event: Event) -> Address | None:
    """Return the address of what an event is about."""
    if event.kind.startswith("task."):
        return None if event.run is None else Address("run", event.run, f"task:{event.subject}")
    for beginning, scheme in _OWN:
        if event.kind.startswith(beginning) and event.subject:
            return Address(scheme, event.subject)
    return None


def pointers_of(event: Event) -> Iterator[Address]:
    """Yield the addresses of everything that an event points to, what it is about first."""
    subject = subject_of(event)
    if subject is not None:
        yield subject
    if event.run:
        yield Address("run", event.run, f"task:{event.task}" if event.task else "")
    if event.agent:
        yield Address("agent", event.agent)
    for field, scheme in _POINTERS.items():
        value = event.body.get(field)
        if isinstance(value, str) and value and (field, value) != _NOBODY:
            yield Address(scheme, value)


_MOST_NAMED = 5
_BY_ID: Mapping[str, str] = {
    "run": "run", "plan": "plan", "election": "vote", "lot": "auction", "message": "message",
    "conversation": "conversation", "reasoning": "reasoning", "alert": "alert", "event": "event",
    "command": "command", "reflection": "reflection", "experience": "experience",
    "kernel": "kernel",
}  # fmt: skip
"""Scheme → its word, for things whose id says nothing: its end is enough to tell them apart."""
_ENOUGH = 8


def crumb_of(address: Address) -> str:
    """Return what the way to a thing calls it: its word and the end of its id, or its name."""
    word = _BY_ID.get(address.scheme)
    return name(address.id) if word is None else f"{word} {name(address.id)[-_ENOUGH:]}"
