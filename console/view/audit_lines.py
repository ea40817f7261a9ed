"""The audit as a list: what operators wanted, who and why, and what became of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from dataagents.console.safe_text import safe_text
from dataagents.console.view.act_line import act_line
from dataagents.console.view.cells import Cell
from dataagents.console.view.fields import name
from dataagents.console.view.listing import Field, Listing, Preset, Sections, Term
from dataagents.console.view.marks import Mark
from dataagents.console.view.moment import Moment
from dataagents.console.view.row import sections
from dataagents.console.view.words import ago, duration
from dataagents.core.commands import ACTIONS, Command, CommandState

ISSUED = "issued"
"""No kernel has got to it yet."""
BEGUN = "begun"
"""A kernel has, and has not answered."""
_MARKS: Mapping[str, Mark] = {
    ISSUED: Mark.WARN,
    BEGUN: Mark.BUSY,
    CommandState.EXECUTED: Mark.OK,
    CommandState.REFUSED: Mark.FAIL,
    CommandState.FAILED: Mark.FAIL,
    CommandState.EXPIRED: Mark.WARN,
    CommandState.INTERRUPTED: Mark.WARN,
    CommandState.WITHDRAWN: Mark.NOTE,
}
_OVER = (CommandState.EXECUTED, CommandState.WITHDRAWN)
_NEVER = datetime.min.replace(tzinfo=UTC)
_ARGUMENT = 300
"""Characters of an argument that are shown."""


@dataclass(frozen=True, slots=True)
class AuditLine:
    """A command; its texts are safe to show."""

    id: str
    made: datetime | None
    actor: str
    kind: str
    target: str
    reason: str = ""
    state: str = BEGUN
    message: str = ""
    """What came of it, in a sentence."""
    answered: datetime | None = None
    epoch: int | None = None
    """Of the kernel that answered, or that it is meant for; None for any."""
    origin: str = ""
    """User, host and process that issued it."""
    arguments: Mapping[str, str] = field(default_factory=dict)
    line: str = ""
    """The line that does the same in a shell."""
    place: int = 0

    @property
    def address(self) -> str:
        """Its address."""
        return f"command:{self.id}"

    @property
    def about(self) -> str:
        """The address of what it was about; empty where it was about nothing yet."""
        scheme, _, rest = self.target.partition(":")
        if scheme == "question":
            return f"run:{rest.partition('/')[0]}" if "/" in rest else f"election:{rest}"
        return "" if self.target == "run:new" else self.target

    @property
    def mark(self) -> Mark:
        """How it is marked."""
        return _MARKS.get(self.state, Mark.NOTE)

    @property
    def seconds(self) -> float | None:
        """How long it took, from being issued to its answer."""
        if self.made is None or self.answered is None:
            return None
        return max(0.0, (self.answered - self.made).total_seconds())


def audit_line(
    *,
    id: str,
    kind: str,
    target: str,
    actor: str,
    made: datetime | None,
    reason: str | None = "",
    origin: str | None = "",
    state: str | None = "",
    message: str | None = "",
    answered: datetime | None = None,
    epoch: int | None = None,
    arguments: Mapping[str, object] | None = None,
    place: int = 0,
    store: str = "",
) -> AuditLine:
    """Return a command as a line, from values that may be anything; what is None is not known.

    Args:
        id: The command's id; the rest are its values and those of its answer.
        kind: What was wanted.
        target: Of what.
        actor: Who wanted it.
        made: When it was issued.
        reason: Why.
        origin: From where.
        state: What became of it; empty while a kernel is at it.
        message: The same in a sentence.
        answered: When it was answered.
        epoch: Which opening of the store it is about.
        arguments: What was given with it.
        place: Place in the journal.
        store: The store, for the line that does the same; empty for the usual one.
    """
    given = {str(key): str(value) for key, value in (arguments or {}).items()}
    again = Command(
        id, kind, target, actor, made or _NEVER, made or _NEVER, reason or "", given, epoch=0
    )
    return AuditLine(
        id=name(id),
        made=made,
        actor=name(actor),
        kind=name(kind),
        target=name(target),
        reason=safe_text(reason or "", lines=True),
        state=name(state) or BEGUN,
        message=safe_text(message or "", lines=True),
        answered=answered,
        epoch=epoch,
        origin=name(origin),
        arguments={name(key): safe_text(text, limit=_ARGUMENT) for key, text in given.items()},
        line=safe_text(act_line(again, store)),
        place=place,
    )


def issued_line(command: Command, store: str = "") -> AuditLine:
    """Return a command that no kernel has got to as a line.

    Args:
        command: It, as it is in the queue.
        store: The store, for the line that does the same; empty for the usual one.
    """
    by = command.withdrawn
    message = f"{by} took it back: no kernel begins it" if by else "it waits for a kernel"
    return audit_line(
        id=command.id,
        kind=command.kind,
        target=command.target,
        actor=command.actor,
        made=command.made,
        reason=command.reason,
        origin=command.origin,
        state=CommandState.WITHDRAWN if by else ISSUED,
        message=message,
        epoch=command.epoch,
        arguments=command.arguments,
        store=store,
    )


def _state(line: AuditLine, moment: Moment) -> Cell:
    return Cell(f"{moment.glyph(line.mark)} {line.state}", line.mark.value)


_FIELDS: tuple[Field[AuditLine], ...] = (
    Field("at", "AGO", lambda c, _: c.made, "when it was issued",
          lambda c, m: Cell(ago(c.made, m), "dim"), 6, right=True),
    Field("actor", "WHO", lambda c, _: c.actor, "who wanted it, as they said",
          lambda c, _: Cell(c.actor, "strong"), 8),
    Field("kind", "WHAT", lambda c, _: c.kind, "what was wanted", None, 11),
    Field("target", "OF", lambda c, _: c.target, "of what", None, 22),
    Field("state", "STATE", lambda c, _: c.state,
          "issued, begun, executed, refused, expired, failed, interrupted, withdrawn", _state, 13),
    Field("took", "TOOK", lambda c, _: c.seconds, "seconds until it was answered",
          lambda c, _: Cell(duration(c.seconds)), 6, right=True, needs=110),
    Field("epoch", "EPOCH", lambda c, _: c.epoch, "which opening of the store it is about", None,
          5, right=True, needs=140),
    Field("reason", "WHY", lambda c, _: c.reason, "the reason that was given",
          lambda c, _: Cell(safe_text(c.reason) or "-", "" if c.reason else "dim")),
    Field("message", "CAME OF IT", lambda c, _: c.message, "what came of it, in a sentence",
          lambda c, _: Cell(safe_text(c.message)), 50, needs=150),
    Field("origin", "", lambda c, _: c.origin, "user, host and process that issued it"),
    Field("answered", "", lambda c, _: c.answered, "when it was answered"),
)  # fmt: skip


def _sections(line: AuditLine, moment: Moment) -> Sections:
    action = ACTIONS.get(line.kind)
    took = f" after {duration(line.seconds)}" if line.seconds is not None else ""
    state = f"{line.state}{took}: {line.message}" if line.message else f"{line.state}{took}"
    kernel = "" if line.epoch is None else f", kernel of epoch {line.epoch}"
    made = "at a time that is not on record"
    if line.made is not None:
        made = f"{line.made:%Y-%m-%d %H:%M:%S} UTC"
    return (
        (f"{line.kind} {line.target}", ""),
        ("", f"{moment.glyph(line.mark)} {state}"),
        *sections(
            ("why", line.reason),
            ("who", line.actor + f" from {line.origin}" * bool(line.origin)),
            ("when", f"{made}{kernel}"),
            ("with", "\n".join(f"{key}: {text}" for key, text in line.arguments.items())),
            ("to do it again", line.line),
            ("what it does", "" if action is None else action.effect),
        ),
    )


def audit_listing(operator: str = "") -> Listing[AuditLine]:
    """Return the list of commands.

    Args:
        operator: Who looks; their own commands are one key away.
    """
    mine = (Preset("mine", str(Term("actor", "is", operator))),)
    return Listing(
        name="audit",
        noun="command",
        fields=_FIELDS,
        key=lambda line: line.address,
        mark=lambda line, _: line.mark,
        sections=_sections,
        empty="No operator did anything yet. ! acts on a row; what is done there shows here.",
        at=lambda line: line.made,
        place=lambda line: line.place,
        about=lambda line: line.about,
        filled_by_runs=False,
        finished=lambda line, _: line.state in _OVER,
        presets=(
            Preset("all", ""),
            *(mine if operator else ()),
            Preset("not done", "!state=executed|issued|begun|withdrawn"),
            Preset("waiting", "state=issued|begun"),
        ),
    )


AUDIT: Listing[AuditLine] = audit_listing()
"""The list of commands."""
