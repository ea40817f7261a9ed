"""Actions: what each kind of command is for, takes and does; consoles and the kernel share it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from dataagents.core.commands.addresses import TASK, Address, read_address
from dataagents.core.commands.command import (
    LONGEST_NAME,
    LONGEST_TEXT,
    MOST_ARGUMENTS,
    Command,
    CommandKind,
)
from dataagents.core.commands.starting import DEFAULT_TASK, NEW_RUN
from dataagents.core.errors import InputError
from dataagents.core.suggestions import did_you_mean


@dataclass(frozen=True, slots=True)
class Action:
    """What a kind of command is."""

    targets: tuple[str, ...]
    """Schemes of the addresses that it can be about; `task` is a task of a run."""
    effect: str
    """What happens, as a sentence about a target."""
    takes: Mapping[str, str] = field(default_factory=dict)
    """Argument → what it is."""
    needs: tuple[str, ...] = ()
    """The arguments that can't be left out."""
    destructive: bool = False
    """Whether work or a decision is lost by it."""
    explained: bool = False
    """Whether it has to have a reason."""


_BALLOT = {
    "choice": "the option",
    "confidence": "how sure, from 0 to 1",
    "veto": "an option that must not win, where the rule allows this voter a veto",
    "voter": "whose ballot it is, when several people are asked",
}

ACTIONS: Mapping[str, Action] = {
    CommandKind.PAUSE: Action(
        ("run",), "no further task is put out; those that were are finished, and the run stays open"
    ),
    CommandKind.RESUME: Action(("run",), "the run goes on where it was paused or left"),
    CommandKind.CANCEL: Action(
        ("run",),
        "the run ends before its next task; those that run are finished, nothing is released",
        destructive=True,
        explained=True,
    ),
    CommandKind.RETRY: Action(
        (TASK, "message"),
        "a task that waits for its next attempt is tried at once; a message that could not be "
        "delivered is sent again",
    ),
    CommandKind.DRAIN: Action(
        ("agent",),
        "it gets nothing new to do, finishes what it has, and leaves the team",
        {"within": "seconds that it gets"},
    ),
    CommandKind.REDEPLOY: Action(
        ("agent",),
        "it finishes what it has, and is built anew; what takes too long is handed back",
        destructive=True,
        explained=True,
    ),
    CommandKind.REPLAN: Action(
        ("run",), "its plan is made anew from the state as it is", explained=True
    ),
    CommandKind.RECALL: Action(
        ("election",),
        "its decision is marked as not holding any more, and its voters are told",
        destructive=True,
        explained=True,
    ),
    CommandKind.CAST: Action(("election",), "a ballot of yours is counted", _BALLOT),
    CommandKind.ANSWER: Action(
        ("question",),
        "whoever asked goes on with this answer",
        {**_BALLOT, "result": "what a step gave that was done, as JSON"},
        needs=("choice",),
    ),
    CommandKind.ACKNOWLEDGE: Action(("alert",), "it stands, and somebody looks after it"),
    CommandKind.START: Action(
        ("run",),
        "a run begins beside what is under way; its id is in the answer",
        {
            "inputs": "the data: paths, or NAME=PATH, separated by commas",
            "task": f"the goal; {DEFAULT_TASK} when left out",
            "out": "the folder for the results; nothing is written when left out",
        },
        needs=("inputs",),
    ),
}
"""Kind → what it is."""


def check_command(command: Command) -> Address:
    """Return what a command is about, if the command makes sense by itself.

    Raises:
        InputError: It does not; says what is wrong, and what would be right.
    """
    if command.problem:
        raise InputError("command", command.problem)
    _check_sizes(command)
    action = ACTIONS.get(command.kind)
    if action is None:
        hint = did_you_mean(command.kind, [kind.value for kind in CommandKind]).strip()
        raise InputError(f"command {command.kind!r}", "there is no such command", hint=hint)
    address = _target(command, action)
    for name in command.arguments:
        if name not in action.takes:
            takes = did_you_mean(name, action.takes).strip()
            hint = takes or f"{command.kind} takes no arguments."
            raise InputError(f"argument {name!r}", "it is unknown", hint=hint)
    for name in action.needs:
        if not command.arguments.get(name):
            raise InputError(f"argument {name!r}", f"{command.kind} needs it: {action.takes[name]}")
    if not command.actor.strip():
        raise InputError("actor", "nobody is named")
    if action.explained and not command.reason.strip():
        raise InputError("reason", f"there is none; say why you {command.kind} this")
    return address


def _target(command: Command, action: Action) -> Address:
    address, what = read_address(command.target), f"target {command.target!r}"
    if address.form not in action.targets:
        forms = " or ".join(f"run:ID/{TASK}:ID" if f == TASK else f"{f}:ID" for f in action.targets)
        raise InputError(what, f"{command.kind} is not for it", hint=f"It takes {forms}.")
    if command.kind == CommandKind.START and address.id != NEW_RUN:
        raise InputError(what, "that is a run which is there", hint=f"It takes run:{NEW_RUN}.")
    return address


def _check_sizes(command: Command) -> None:
    names = {name: getattr(command, name) for name in ("id", "kind", "target", "actor")}
    names |= {f"name of argument {n}": name for n, name in enumerate(command.arguments, start=1)}
    texts = {"reason": command.reason, **command.arguments}
    for sizes, most in ((names, LONGEST_NAME), (texts, LONGEST_TEXT)):
        for what, text in sizes.items():
            if len(text) > most:
                raise InputError(what, f"it is longer than {most:,} characters")
            if any("\ud800" <= character <= "\udfff" for character in text):
                raise InputError(what, "it is no text")
    if len(command.arguments) > MOST_ARGUMENTS:
        raise InputError("arguments", f"there are more than {MOST_ARGUMENTS}")
