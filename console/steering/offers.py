"""Offers: what can be done about the rows that are meant, and why the rest can't be; pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from dataagents.console.steering.targets import targets_of
from dataagents.core.commands import ACTIONS, NEW_RUN, Address, CommandKind
from dataagents.core.goals import RunStatus
from dataagents.core.health import Health
from dataagents.core.messaging import ReceiptStatus
from dataagents.storage import Holder

VETO = "veto"
"""A ballot that is against an option; a command of the kind `cast`."""
BEGINNING = f"run:{NEW_RUN}"
"""What `start` is about: a run that is not there yet."""

LETTERS: Mapping[str, str] = {
    CommandKind.PAUSE: "p",
    CommandKind.RESUME: "r",
    CommandKind.CANCEL: "c",
    CommandKind.REPLAN: "R",
    CommandKind.RETRY: "t",
    CommandKind.DRAIN: "d",
    CommandKind.REDEPLOY: "D",
    CommandKind.CAST: "b",
    VETO: "x",
    CommandKind.ANSWER: "a",
    CommandKind.RECALL: "v",
    CommandKind.ACKNOWLEDGE: "k",
    CommandKind.START: "n",
}
"""What is offered, in order → the key it has in the menu."""
TITLES: Mapping[str, str] = {
    CommandKind.RETRY: "try again",
    CommandKind.CAST: "cast a ballot",
    CommandKind.RECALL: "recall the vote",
    CommandKind.START: "start a run",
}
"""What is offered → how the menu calls it, where that is not its own name."""
_AGAINST = "a ballot of yours counts against an option, where the rule allows you a veto"

_NOUNS = {
    "run": "a run",
    "task": "a task of a run",
    "agent": "an agent",
    "election": "a vote",
    "question": "a question",
    "alert": "an alert",
    "message": "a message",
}
_GONE = (Health.STOPPED, "refused", "removed")
_OVER = (
    RunStatus.DONE, RunStatus.WITHHELD, RunStatus.REJECTED, RunStatus.FAILED, RunStatus.CANCELLED,
)  # fmt: skip
_IDLE = (RunStatus.SUSPENDED, "interrupted")
_CLOSED = ("closed", "recalled")
_RULED_OUT: Mapping[tuple[str, str], tuple[tuple[tuple[str, ...], str], ...]] = {
    (CommandKind.PAUSE, "run"): (
        (_OVER, "it is over"),
        (_IDLE, "it is not under way"),
        (("paused",), "it is paused already"),
    ),
    (CommandKind.REPLAN, "run"): ((_OVER, "it is over"), (_IDLE, "it is not under way")),
    (CommandKind.CANCEL, "run"): ((_OVER, "it is over"),),
    (CommandKind.RESUME, "run"): ((_OVER, "it is over"), (("running",), "it is not paused")),
    (CommandKind.RETRY, "task"): ((("done", "planned", "dropped"), "it does not wait"),),
    (CommandKind.RETRY, "message"): (
        ((ReceiptStatus.DELIVERED, ReceiptStatus.QUEUED), "it was delivered"),
    ),
    (CommandKind.DRAIN, "agent"): (
        (_GONE, "it is not in the team"),
        ((Health.DRAINING,), "it is being drained"),
    ),
    (CommandKind.CAST, "election"): ((_CLOSED, "it is closed"),),
    (VETO, "election"): ((_CLOSED, "it is closed"),),
    (CommandKind.ANSWER, "question"): ((_CLOSED, "it is closed"),),
    (CommandKind.RECALL, "election"): (
        (("open",), "it is still open"),
        (("recalled",), "it is recalled already"),
    ),
    (CommandKind.ACKNOWLEDGE, "alert"): ((("ended",), "it has ended"),),
}
"""What is offered, and what for → states in which there is no sense in it, and why."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A row that is meant."""

    address: str
    state: str = ""
    """Word of its state, as far as it is known: `running`, `open`, `draining`."""
    about: tuple[str, ...] = ()
    """Addresses of what it is about, such as the agent of an alert; they can be meant as well."""
    within: Mapping[str, str] = field(default_factory=dict)
    """Address of what it is a part of, such as its run → word of that one's state."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """What there is when somebody wants to act."""

    subjects: tuple[Subject, ...] = ()
    """The rows that are marked, or the one under the cursor."""
    holder: Holder | None = None
    """The kernel that has the store open; None when there is none."""
    operator: str = ""
    """Who acts; empty while this console only looks on."""


@dataclass(frozen=True, slots=True)
class Offer:
    """Something that can be done, or why it can't be now."""

    name: str
    """A kind of command, or `veto`."""
    letter: str
    """Its key in the menu."""
    title: str
    effect: str
    """What happens, as a sentence about a target."""
    targets: tuple[str, ...] = ()
    """What it would be about, as commands name it."""
    refused: str = ""
    """Why it can't be done; empty when it can."""
    passed_over: int = 0
    """How many of the rows it leaves out."""

    @property
    def kind(self) -> str:
        """The kind of command that it is."""
        return kind_of(self.name)

    @property
    def destructive(self) -> bool:
        """Whether work or a decision is lost by it."""
        return ACTIONS[self.kind].destructive


@dataclass(frozen=True, slots=True)
class _Row:
    state: str
    own: tuple[Address, ...]
    """What its address stands for."""
    meant: tuple[Address, ...]
    """The same, and what it is about."""
    within: Mapping[str, str]


@dataclass(slots=True)
class _Fit:
    targets: dict[str, None] = field(default_factory=dict)
    excluded: list[str] = field(default_factory=list)
    left_out: int = 0


def kind_of(name: str) -> str:
    """Return the kind of command that something offered is."""
    return CommandKind.CAST if name == VETO else name


def offers(situation: Situation) -> tuple[Offer, ...]:
    """Return everything that there is to do: first what can be done, last what nothing fits.

    What can't be known here, the kernel knows: it may still refuse.
    """
    rows = [_row(subject) for subject in situation.subjects]
    found = [_offer(name, rows, situation) for name in LETTERS]
    return tuple(sorted(found, key=lambda offer: (not offer.targets, bool(offer.refused))))


def _row(subject: Subject) -> _Row:
    own = targets_of(subject.address)
    about = (target for address in subject.about for target in targets_of(address))
    return _Row(subject.state, own, (*own, *about), subject.within)


def _offer(name: str, rows: Sequence[_Row], situation: Situation) -> Offer:
    fit = _fit(name, rows)
    effect = _AGAINST if name == VETO else ACTIONS[kind_of(name)].effect
    refused = _refusal(name, fit, situation)
    title = TITLES.get(name, str(name))
    targets = tuple(fit.targets)
    left_out = fit.left_out + len(fit.excluded) if targets else 0
    return Offer(name, LETTERS[name], title, effect, targets, refused, left_out)


def _fit(name: str, rows: Sequence[_Row]) -> _Fit:
    if name == CommandKind.START:
        return _Fit({BEGINNING: None})
    fit, forms = _Fit(), ACTIONS[kind_of(name)].targets
    for row in rows:
        target = next((each for each in row.meant if each.form in forms), None)
        if target is None:
            fit.left_out += 1
        elif why := _ruled_out(name, target, row):
            fit.excluded.append(why)
        else:
            fit.targets[str(target)] = None
    return fit


def _ruled_out(name: str, target: Address, row: _Row) -> str:
    # The row's state is its own, not that of what it belongs to.
    own = bool(row.own) and (target.id, target.task) == (row.own[0].id, row.own[0].task)
    state = row.within.get(str(target)) or (row.state if own else "")
    rules = _RULED_OUT.get((name, target.form), ())
    return next((why for states, why in rules if state in states), "")


def _refusal(name: str, fit: _Fit, situation: Situation) -> str:
    if not fit.targets:
        if not fit.excluded:
            nouns = " or ".join(_NOUNS[form] for form in ACTIONS[kind_of(name)].targets)
            return f"needs {nouns}"
        first = fit.excluded[0]
        return first if len(set(fit.excluded)) == 1 else f"{first}, and so on"
    if situation.holder is None:
        return "no kernel has the store open"
    return "" if situation.operator else "read-only: arm first"
