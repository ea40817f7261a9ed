"""The last look before something is done: to what, what it means, and what is still missing."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Button, Input, Static

from dataagents.console.safe_text import safe_text
from dataagents.console.steering import Blank, Briefing, Proposal, blanks, briefing, lacking
from dataagents.console.steering.blanks import COUNT, REASON
from dataagents.console.widgets.choice_list import ChoiceList
from dataagents.core.commands.command import LONGEST_TEXT

_LABEL = 11
"""Cells before a blank."""
_FACT_NAMES = ("asked", "effect", "to", "under way", "kernel", "as", "expires", "same as")
_AROUND = 4
"""Lines of the frame, of what is missing, and of the buttons."""
_FACTS = 4
"""Lines that the facts have at least."""
_TALL = 20
"""Lines from which on what is missing may take two."""
_TITLE = 200
"""Characters of the title."""


class Confirm(ModalScreen[Proposal | None]):
    """Shows what would happen, takes what is missing, and returns the whole proposal.

    Args:
        proposal: What is about to be done.
        now: Tells the time.
        options: Those of the election, where it is about one.
        work: What is under way at the targets, as sentences.
        store: The store, for the line that does the same; empty for the usual one.
    """

    BINDING_GROUP_TITLE = "Confirmation"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Cancel", id="confirm.leave", tooltip="Do nothing"),
        Binding("enter", "go_on", "Go on", id="confirm.go_on", tooltip="Have it done"),
        Binding("pagedown", "page(1)", "Down", id="confirm.down", tooltip="Read on", show=False),
        Binding("pageup", "page(-1)", "Up", id="confirm.up", tooltip="Read back", show=False),
    ]
    DEFAULT_CSS = """
    Confirm { align: center middle; }
    Confirm #confirm {
        width: 92; max-width: 100%; height: auto; max-height: 100%; padding: 0 1;
        background: $surface; border: round $focus-rule;
    }
    Confirm #facts { height: auto; scrollbar-size-vertical: 1; }
    Confirm #blanks { height: auto; scrollbar-size-vertical: 1; }
    Confirm .blank, Confirm .fact { height: auto; }
    Confirm .label { width: 11; }
    Confirm .fact .label { color: $tone-dim; }
    Confirm .said { width: 1fr; height: auto; }
    Confirm .blank Input { width: 1fr; background: $panel; }
    Confirm #lacking { height: 1; color: $tone-warn; }
    Confirm.-tall #lacking { height: 2; }
    Confirm #buttons { height: 1; }
    Confirm #buttons Button { margin-right: 2; }
    """

    def __init__(
        self,
        proposal: Proposal,
        now: Callable[[], datetime],
        *,
        options: Sequence[str] = (),
        work: Sequence[str] = (),
        asked: Sequence[str] = (),
        store: str = "",
    ) -> None:
        super().__init__()
        self._proposal = proposal
        self._now = now
        self._work = tuple(work)
        self._asked = tuple(asked)
        self._store = store
        self._blanks = blanks(proposal, options)

    def compose(self) -> ComposeResult:
        """Lay out the facts, the blanks, and the way on."""
        told = self._briefing()
        with Vertical(id="confirm") as frame:
            number = f"{told.count} targets" if told.count > 1 else told.targets
            frame.border_title = Content(
                safe_text(f"{told.verb.capitalize()}  {number}", limit=200)
            )
            with VerticalScroll(id="facts", can_focus=False):
                for name in _FACT_NAMES:
                    with Horizontal(classes="fact", name=name):
                        yield Static(Content(name), classes="label", markup=False)
                        yield Static(classes="said", markup=False)
            with VerticalScroll(id="blanks", can_focus=False):
                for blank in self._blanks:
                    with Horizontal(classes="blank"):
                        yield Static(_label(blank), classes="label", markup=False)
                        yield _entry(blank, _given(self._proposal, blank))
            yield Static(id="lacking", markup=False)
            with Horizontal(id="buttons"):
                yield Button(Content(f"enter {told.verb}"), id="go", compact=True)
                yield Button(Content("esc cancel"), id="leave", compact=True)

    def on_mount(self) -> None:
        """Begin with the first blank that has to be filled in, or with the reason."""
        self._show()
        self._entry_of(self._first()).focus()

    def on_resize(self, event: events.Resize) -> None:
        """Share the lines between the facts and the blanks; both scroll where these are too few."""
        tall = event.size.height >= _TALL
        self.set_class(tall, "-tall")
        left = event.size.height - _AROUND - tall
        wanted = sum(max(1, len(blank.choices)) for blank in self._blanks)
        blanks = min(wanted, max(1, left - _FACTS))
        self.query_one("#blanks").styles.max_height = blanks
        self.query_one("#facts").styles.max_height = max(1, left - blanks)

    def _first(self) -> str:
        return next((each.name for each in self._blanks if each.required), REASON)

    @property
    def proposal(self) -> Proposal:
        """What would be done, with what has been filled in."""
        filled = {each.name: self._value(each.name) for each in self._blanks}
        reason = filled.pop(REASON, "")
        filled.pop(COUNT, None)
        arguments = {name: value for name, value in filled.items() if value}
        return replace(self._proposal, arguments=arguments, reason=reason)

    def action_go_on(self) -> None:
        """Return the proposal if nothing is missing, else say what is."""
        proposal = self.proposal
        missing = lacking(proposal, self._value(COUNT), self._now())
        if missing is None:
            self.dismiss(proposal)
            return
        name, why = missing
        self.query_one("#lacking", Static).update(Content(safe_text(why, limit=300)))
        if any(each.name == name for each in self._blanks):
            self._entry_of(name).focus()

    def action_leave(self) -> None:
        """Do nothing."""
        self.dismiss(None)

    def action_page(self, by: int) -> None:
        """Scroll the facts."""
        facts = self.query_one("#facts", VerticalScroll)
        if by > 0:
            facts.scroll_page_down(animate=False)
        else:
            facts.scroll_page_up(animate=False)

    @on(Input.Submitted)
    @on(Button.Pressed, "#go")
    def _meant(self) -> None:
        self.action_go_on()

    @on(Button.Pressed, "#leave")
    def _left(self) -> None:
        self.action_leave()

    @on(Input.Changed)
    @on(ChoiceList.Changed)
    def _filled(self) -> None:
        self._show()

    def _show(self) -> None:
        facts = _facts(self._briefing(), self._proposal, self._asked)
        for row in self.query(".fact"):
            text = facts[row.name or ""]
            row.display = bool(text)
            row.query_one(".said", Static).update(Content(text))
        self.query_one("#lacking", Static).update(Content(""))

    def _briefing(self) -> Briefing:
        proposal = self.proposal if self.is_mounted else self._proposal
        return briefing(proposal, self._now(), work=self._work, store=self._store)

    def _entry_of(self, name: str) -> Widget:
        return self.query_one(f"#blank-{name}")

    def _value(self, name: str) -> str:
        if not any(each.name == name for each in self._blanks):
            return ""
        entry = self._entry_of(name)
        if isinstance(entry, ChoiceList):
            return entry.value
        return entry.value.strip() if isinstance(entry, Input) else ""


def _entry(blank: Blank, given: str) -> Widget:
    id_ = f"blank-{blank.name}"
    if blank.choices:
        return ChoiceList(blank.choices, given, id=id_)
    return Input(
        safe_text(given), placeholder=safe_text(blank.about), max_length=LONGEST_TEXT,
        compact=True, id=id_, select_on_focus=False,
    )  # fmt: skip


def _given(proposal: Proposal, blank: Blank) -> str:
    """Return what the proposal says already."""
    return proposal.reason if blank.name == REASON else proposal.arguments.get(blank.name, "")


def _label(blank: Blank) -> Content:
    return Content.styled(f"{blank.name:<{_LABEL}}", "bold" if blank.required else "$tone-dim")


def _facts(told: Briefing, proposal: Proposal, asked: Sequence[str]) -> Mapping[str, str]:
    lost = "work or a decision is lost: " if told.destructive else ""
    more = f"  (and {told.more_lines} more like it)" if told.more_lines else ""
    texts = (
        safe_text("\n".join(asked), lines=True), lost + told.effect, told.targets, told.work,
        told.kernel, safe_text(proposal.actor), told.expires, told.line + more,
    )  # fmt: skip
    return dict(zip(_FACT_NAMES, texts, strict=True))
