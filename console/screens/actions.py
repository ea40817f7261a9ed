"""The action menu: what can be done about the rows that are meant, each behind one letter."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from dataagents.console.safe_text import safe_text
from dataagents.console.steering import LETTERS, Offer, Situation, offers
from dataagents.console.steering.offers import BEGINNING, TITLES
from dataagents.core.commands.command import LONGEST_NAME

_TITLE = 16
"""Cells that the name of an action takes."""
_NAMED = 3
_AROUND = 4
"""Lines around the offers."""
_ARM = "arm"


@dataclass(frozen=True, slots=True)
class MenuChoice:
    """What came of the menu."""

    offer: Offer | None
    """What was chosen; None when the menu was left."""
    operator: str
    """Who acts from now on; empty while this console only looks on."""


class ArmPrompt(ModalScreen[str | None]):
    """Asks who acts; nobody is armed without saying so.

    Args:
        login: The name that is offered.
    """

    BINDING_GROUP_TITLE = "Arming"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Cancel", id="arm.leave", tooltip="Go on looking only"),
    ]
    DEFAULT_CSS = """
    ArmPrompt { align: center middle; }
    ArmPrompt #arm {
        width: 62; max-width: 100%; height: auto; max-height: 100%; padding: 0 1;
        background: $surface; border: round $focus-rule;
    }
    ArmPrompt Input { background: $panel; }
    ArmPrompt #told { color: $tone-warn; height: auto; }
    """

    def __init__(self, login: str = "") -> None:
        super().__init__()
        self._login = login

    def compose(self) -> ComposeResult:
        """Lay out what arming means, and the name."""
        with Vertical(id="arm") as frame:
            frame.border_title = Content("Act as")
            yield Static(
                Content(
                    "From here on this console can change what the kernel does. "
                    "Everything goes on record under this name; nobody checks it."
                )
            )
            yield Input(safe_text(self._login), max_length=LONGEST_NAME, compact=True, id="name")
            yield Static(Content("enter arm   esc cancel"), id="told", markup=False)

    @on(Input.Submitted)
    def _named(self, event: Input.Submitted) -> None:
        name = safe_text(event.value.strip())
        if name:
            self.dismiss(name)
        else:
            self.query_one("#told", Static).update(Content("Say who you are, or press esc."))

    def action_leave(self) -> None:
        """Go on looking only."""
        self.dismiss(None)


class ActionMenu(ModalScreen[MenuChoice]):
    """Offers what can be done; what can't be done now says why.

    Args:
        situation: The rows that are meant, the kernel, and who acts.
        login: The name that is offered where nobody is armed yet.
    """

    BINDING_GROUP_TITLE = "Actions"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Close", id="act.leave", tooltip="Do nothing"),
        Binding("A", "arm", "Arm", id="act.arm", tooltip="Say who you are, to be able to act"),
        *(
            Binding(letter, f"take('{name}')", TITLES.get(name, str(name)).capitalize(),
                    id=f"act.{name}", tooltip=f"{TITLES.get(name, str(name)).capitalize()}")
            for name, letter in LETTERS.items()
        ),
    ]  # fmt: skip
    DEFAULT_CSS = """
    ActionMenu { align: center middle; }
    ActionMenu #menu {
        width: 78; max-width: 100%; height: auto; max-height: 100%; padding: 0 1;
        background: $surface; border: round $focus-rule;
    }
    ActionMenu OptionList {
        height: auto; background: $surface;
        text-wrap: nowrap; text-overflow: ellipsis; scrollbar-size-vertical: 1;
    }
    ActionMenu #told { height: 2; color: $foreground; }
    ActionMenu #told.-refused { color: $tone-warn; }
    """

    def __init__(self, situation: Situation, login: str = "") -> None:
        super().__init__()
        self._situation = situation
        self._login = login
        self.offers: tuple[Offer, ...] = offers(situation)
        """What there is to do, in the order shown."""

    def compose(self) -> ComposeResult:
        """Lay out the offers, and a line about the one under the cursor."""
        with Vertical(id="menu"):
            yield OptionList(compact=True, markup=False, id="offers")
            yield Static(id="told", markup=False)

    def on_mount(self) -> None:
        """Show what there is to do."""
        self._fill()
        self._list.focus()

    def on_resize(self, event: events.Resize) -> None:
        """Leave room for the frame and the lines below the offers."""
        self._list.styles.max_height = max(1, event.size.height - _AROUND)

    @property
    def _list(self) -> OptionList:
        return self.query_one("#offers", OptionList)

    @property
    def _lead(self) -> int:
        """How many rows come before the offers."""
        return 0 if self._situation.operator else 1

    def _fill(self) -> None:
        keys = {active.binding.id: key for key, active in self.active_bindings.items()}
        rows = [
            Option(_row(keys.get(f"act.{each.name}", each.letter), each), id=str(each.name))
            for each in self.offers
        ]
        if self._lead:
            who = f"arm as {self._login}" if self._login else "arm"
            prompt = _line(keys.get("act.arm", "A"), safe_text(who), "so that you can act", "")
            rows.insert(0, Option(prompt, id=_ARM))
        self.query_one("#menu").border_title = Content(_title(self._situation))
        self._list.clear_options().add_options(rows)
        self._list.highlighted = 0

    @on(OptionList.OptionHighlighted)
    def _moved(self, event: OptionList.OptionHighlighted) -> None:
        offer = self._at(event.option_index)
        if offer is None:
            self._tell("Nothing is changed yet: this console only looks on.")
        else:
            self._tell_of(offer)

    @on(OptionList.OptionSelected)
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        offer = self._at(event.option_index)
        if offer is None:
            self.action_arm()
        else:
            self._take(offer)

    def _at(self, index: int) -> Offer | None:
        return self.offers[index - self._lead] if index >= self._lead else None

    def action_take(self, name: str) -> None:
        """Choose an offer by its name."""
        for number, offer in enumerate(self.offers):
            if offer.name == name:
                self._list.highlighted = number + self._lead
                self._take(offer)

    def _take(self, offer: Offer) -> None:
        if offer.refused:
            self._tell_of(offer)
        else:
            self.dismiss(MenuChoice(offer, self._situation.operator))

    def _tell_of(self, offer: Offer) -> None:
        if offer.refused:
            self._tell(f"{offer.title}: {offer.refused}", refused=True)
        else:
            self._tell(_effect(offer))

    def action_arm(self) -> None:
        """Ask who acts."""
        if not self._situation.operator:
            # textual leaves out the type argument of App there
            self.app.push_screen(ArmPrompt(self._login), self._armed)  # pyright: ignore[reportUnknownMemberType]

    def _armed(self, operator: str | None) -> None:
        if operator:
            self._situation = replace(self._situation, operator=operator)
            self.offers = offers(self._situation)
            self._fill()

    def action_leave(self) -> None:
        """Do nothing; whoever was armed stays so."""
        self.dismiss(MenuChoice(None, self._situation.operator))

    def _tell(self, text: str, *, refused: bool = False) -> None:
        told: Any = self.query_one("#told", Static)
        told.set_class(refused, "-refused")
        told.update(Content(safe_text(text)))


def _title(situation: Situation) -> str:
    addresses = [subject.address for subject in situation.subjects]
    if not addresses:
        return "Act"
    named = ", ".join(addresses[:_NAMED]) + (", …" if len(addresses) > _NAMED else "")
    count = f"{len(addresses)}: " if len(addresses) > 1 else ""
    return safe_text(f"Act on {count}{named}", limit=200)


def _row(key: str, offer: Offer) -> Content:
    if offer.refused:
        return _line(key, offer.title, offer.refused, "$tone-dim")
    return _line(key, offer.title, _effect(offer), "")


def _effect(offer: Offer) -> str:
    number = len(offer.targets)
    left_out = f", {offer.passed_over} left out" if offer.passed_over else ""
    on = f"{number} targets{left_out}: " if number > 1 or left_out else ""
    return offer.effect if offer.targets == (BEGINNING,) else f"{on}{offer.effect}"


def _line(key: str, title: str, text: str, style: str) -> Content:
    parts: Sequence[tuple[str, str]] = (
        (f"{key} ", style or "bold"),
        (f"{title:<{_TITLE}} ", style or "bold"),
        (safe_text(text), style),
    )
    return Content.assemble(*parts)
