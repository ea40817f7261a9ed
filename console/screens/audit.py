"""The audit: what operators did, and what of it waits for a kernel."""

from dataagents.console.feeds import lists
from dataagents.console.screens.messages import Said, Wanted
from dataagents.console.screens.stored import StoredListScreen
from dataagents.console.session import Session
from dataagents.console.view.addresses import parse_address
from dataagents.console.view.audit_lines import ISSUED, AuditLine, audit_listing
from dataagents.core.commands import Command
from dataagents.core.errors import StoreError
from dataagents.storage import StoreReader
from dataagents.storage.commands import commands_path, unanswered

_MOST = 200
"""Commands without an answer that are shown."""


class AuditScreen(StoredListScreen[AuditLine]):
    """Commands, newest first; those that no kernel has got to come from the file beside the store.

    That file may change while nothing is written to the store: its time and size tell.
    """

    def __init__(self, session: Session) -> None:
        listing = audit_listing(session.operator)
        super().__init__(session, "Audit", listing, lists.commands, self._issued)
        self._seen: tuple[int, int] | None = None
        self._file: tuple[int, int] | None = None
        """How the file was when it was read."""
        self._waiting: tuple[Command, ...] = ()
        self._withdrawable = frozenset[str]()

    async def _issued(self, reader: StoreReader) -> tuple[AuditLine, ...]:
        found = self._state()
        if found != self._file:
            try:
                self._waiting = await unanswered(self.session.path, _MOST)
            except StoreError:  # nor can the kernel: it raises an alert
                self._waiting = ()
            self._file = found
        return await lists.issued(reader, self._waiting)

    def stale(self) -> bool:
        """Return whether commands were issued, taken back or answered since the last call."""
        seen, self._seen = self._seen, self._state()
        return seen != self._seen

    def choose_row(self, row: AuditLine) -> None:
        """Open what is on record of a command; what it is about, as long as that is nothing."""
        if row.place:
            super().choose_row(row)
        elif row.about:
            self.post_message(Wanted(parse_address(row.about)))
        else:
            self.post_message(Said("Nothing is on record of it yet."))

    def withdrawable(self) -> frozenset[str]:
        """Return the ids of the commands that are meant and that no kernel has got to."""
        return self._withdrawable

    def show_detail(self) -> None:
        """Show the row under the cursor, and whether it can be taken back."""
        super().show_detail()
        meant = self.targets()
        rows = (row for row in self.table.rows if row.state == ISSUED)
        found = frozenset(row.id for row in rows if row.address in meant)
        if found != self._withdrawable:
            self._withdrawable = found
            self.refresh_bindings()

    def _state(self) -> tuple[int, int] | None:
        try:
            found = commands_path(self.session.path).stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size
