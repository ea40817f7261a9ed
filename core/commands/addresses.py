"""Addresses: how an operator names what there is, the same everywhere.

| address | names |
|---|---|
| `run:ID` | a run |
| `run:new` | one that is to begin |
| `run:ID/task:ID` | a task of it |
| `agent:ID` | an agent |
| `election:ID` | an election, by its motion |
| `question:ID` | a question that waits for a person, by its motion |
| `question:RUN/STEP` | whether a step happened, after which a run waits to be told |
| `alert:ID` | an alert |
| `message:ID` | a message that could not be delivered |
"""

from dataclasses import dataclass

from dataagents.core.errors import InputError
from dataagents.core.suggestions import did_you_mean

SCHEMES = ("run", "agent", "election", "question", "alert", "message")
TASK = "task"
_WILD = "*?"


@dataclass(frozen=True, slots=True)
class Address:
    """What is named."""

    scheme: str
    id: str
    task: str = ""
    """Id of a task of the run; empty when the run itself is meant."""

    def __str__(self) -> str:
        """Return it as it is written."""
        return f"{self.scheme}:{self.id}" + (f"/{TASK}:{self.task}" if self.task else "")

    @property
    def form(self) -> str:
        """Return what kind of thing it names: a scheme, or `task`."""
        return TASK if self.task else self.scheme

    @property
    def is_pattern(self) -> bool:
        """Whether it may stand for several."""
        return any(character in self.id for character in _WILD)


def read_address(text: str) -> Address:
    """Return the address that a text is.

    Raises:
        InputError: It is none; says what one looks like.
    """
    scheme, colon, rest = text.strip().partition(":")
    if not colon:
        hint = f"Say what it is, for example agent:{text.strip() or 'NAME'} or run:ID."
        raise InputError(f"target {text!r}", "it is no address", hint=hint)
    if scheme not in SCHEMES:
        hint = did_you_mean(scheme, SCHEMES).strip()
        raise InputError(f"target {text!r}", f"there is no kind {scheme!r}", hint=hint)
    if scheme != "run":
        return Address(scheme, _named(rest, text))
    run, slash, part = rest.partition(f"/{TASK}:")
    if not slash and "/" in rest:
        hint = f"A task of a run is written run:ID/{TASK}:ID."
        raise InputError(f"target {text!r}", "it is no address", hint=hint)
    return Address(scheme, _named(run, text), _named(part, text) if slash else "")


def _named(id_: str, text: str) -> str:
    if id_:
        return id_
    raise InputError(f"target {text!r}", "it names nothing", hint="An id belongs behind the colon.")
