"""A conversation: who said what to whom, as arrows between lanes in the order of time."""

from collections.abc import Sequence

from textual import events

from dataagents.console.apps import app_of
from dataagents.console.feeds.entities import about
from dataagents.console.screens.loaded import LoadedScreen
from dataagents.console.session import Session
from dataagents.console.view.addresses import Address
from dataagents.console.view.cells import Cell, Column
from dataagents.console.view.exchanges import SequenceRow, row_sections, sequence
from dataagents.console.view.marks import Mark
from dataagents.console.view.message_lines import MESSAGES, MessageLine, message_lines
from dataagents.console.view.sequence import LaneLayout, lanes_for, sequence_cells
from dataagents.console.view.words import plural
from dataagents.storage import StoreReader

_EVENTS = 4_000
"""Events of a conversation that are read, the newest: a message has two."""


class ConversationScreen(LoadedScreen[tuple[MessageLine, ...], SequenceRow]):
    """The messages of a conversation, or of the one that a message belongs to."""

    def __init__(self, session: Session, address: Address) -> None:
        super().__init__(session, address)
        self.add_class("-stacked")  # the lanes need the width
        self._layout: LaneLayout | None = None
        self._rows: tuple[SequenceRow, ...] = ()

    async def load(self, reader: StoreReader) -> tuple[MessageLine, ...] | None:
        """Read the conversation."""
        found = await about(reader, self.address, _EVENTS)
        whole = next((event.body.get("conversation") for _, event in found), None)
        if self.address.scheme == "message" and isinstance(whole, str):
            found = await about(reader, Address("conversation", whole), _EVENTS)
        lines = message_lines(found)
        if lines != self.thing:
            self._rows, self._layout = sequence(lines), None
        return lines

    def rows_of(self, thing: tuple[MessageLine, ...]) -> Sequence[SequenceRow]:
        """Return the messages and the pauses between them."""
        return self._rows

    def key(self, row: SequenceRow) -> str:
        """Return what tells a row from the others; the address of its message."""
        return row.key

    def targets(self) -> tuple[str, ...]:
        """Return the address of the message under the cursor."""
        row = self.table.current
        return (row.address if row is not None else str(self.address),)

    def notes(self) -> tuple[str, ...]:
        """Return how much was said, and who shares a lane."""
        if self.thing is None:
            return ()
        failed = sum(MESSAGES.mark(line, self.session.moment()) is Mark.FAIL for line in self.thing)
        return (
            f"{failed} did not arrive" if failed else "",
            plural(len(self.thing), "message"),
            self._lanes().sentence,
        )

    def columns(self) -> Sequence[Column]:
        """Return the time, the lanes, and what was said."""
        return self._lanes().columns

    def cells(self, row: SequenceRow) -> Sequence[Cell]:
        """Return how a row is shown."""
        return sequence_cells(row, self._lanes(), self.session.moment())

    def sections(self, row: SequenceRow) -> Sequence[tuple[str, str]]:
        """Return everything about a message."""
        return row_sections(row, self.session.moment())

    def arrived(self, thing: tuple[MessageLine, ...]) -> None:
        """Go to the message that is asked for."""
        if self.address.scheme == "message":
            wanted = next((r.key for r in self._rows if r.address.endswith(self.address.id)), "")
            self.table.go_to(wanted)

    def failed(self, row: SequenceRow) -> bool:
        """Return whether a message did not arrive, or was not answered."""
        return row.mark(self.session.moment()) is Mark.FAIL

    def on_resize(self, event: events.Resize) -> None:
        """Lay the lanes out for the new width."""
        self._layout = None
        self.call_after_refresh(self.refresh_rows)

    def _lanes(self) -> LaneLayout:
        if self._layout is None:
            width = self.table.size.width if self.is_mounted and self.query("#rows") else 0
            self._layout = lanes_for(
                self.thing or (), (width or self.session_width) - 4, self.session.moment()
            )
        return self._layout

    @property
    def session_width(self) -> int:
        """Cells of the screen, before it is laid out."""
        return max(60, app_of(self).size.width)
