"""Why: the chain of causes behind something, across agents."""

from collections.abc import Sequence
from typing import ClassVar

from dataagents.console.feeds.run_trace import RunTrace
from dataagents.console.screens.loaded import LoadedScreen
from dataagents.console.session import Session
from dataagents.console.view.addresses import Address, parse_address
from dataagents.console.view.cells import Cell, Column
from dataagents.console.view.marks import Mark
from dataagents.console.view.why import WhyLink, open_questions, place_in, why
from dataagents.console.view.widths import brief
from dataagents.core.errors import InputError
from dataagents.core.events import Event
from dataagents.storage import StoreReader
from dataagents.storage.browsing import Page

_ROUNDS = 4
"""How often it is asked anew what the answers before left open."""
_EVENTS = 200
_DEEPEST = 6


class WhyScreen(LoadedScreen[tuple[WhyLink, ...], WhyLink]):
    """The causes as rows, what is to be explained first."""

    COLUMNS: ClassVar[tuple[Column, ...]] = (
        Column("", 18), Column("WHAT"), Column("BECAUSE", 30, needs=90),
        Column("WHO", 18, needs=110), Column("AT", 8, needs=70),
    )  # fmt: skip

    def __init__(self, session: Session, address: Address) -> None:
        super().__init__(session, address, "why")
        self.add_class("-stacked")

    async def load(self, reader: StoreReader) -> tuple[WhyLink, ...] | None:
        """Read the run that the thing belongs to, and what its own trace leaves open."""
        run_id, events = await self._run(reader)
        run = await RunTrace(run_id).renew(reader)
        if run is None:
            what = f"{self.address.scheme} {self.address.id}"
            raise InputError(what, f"run {run_id}, which it comes from, is not on record any more")
        address = place_in(run, self.address, events)
        known: dict[str, Sequence[tuple[int, Event]]] = {}
        for _ in range(_ROUNDS):
            asked = [each for each in open_questions(run, address, known) if each not in known]
            if not asked:
                break
            for each in asked:
                known[each] = await self._about(reader, each)
        return why(run, address, lambda each: known.get(each, ()))

    async def _run(self, reader: StoreReader) -> tuple[str, Sequence[Event]]:
        """Return the run that the thing belongs to, the latest of several, and what tells of it."""
        if self.address.scheme == "run":
            return (await reader.find_run(self.address.id)).id, ()
        events = [event for _, event in await self._about(reader, str(self.address))]
        for told in (events, await self._done(reader, events)):
            run = next((event.run for event in reversed(told) if event.run), None)
            if run is not None:
                return run, told
        what = f"{self.address.scheme} {self.address.id}"
        raise InputError(what, "it belongs to no run, so nothing is on record that led to it")

    async def _done(self, reader: StoreReader, events: Sequence[Event]) -> Sequence[Event]:
        """Return what an agent did last, or the one that an alert is about."""
        agent = self.address.id
        if self.address.scheme == "alert" and events:
            agent = str(events[-1].body.get("subject", ""))
        elif self.address.scheme != "agent":
            return ()
        found = await reader.browse.events(Page(limit=_EVENTS), agent=agent)
        return [each.event for each in reversed(found.rows)]

    async def _about(self, reader: StoreReader, address: str) -> Sequence[tuple[int, Event]]:
        try:
            named = parse_address(address)
        except InputError:
            return ()
        if named.scheme not in reader.entities.kinds:
            return ()
        found = await reader.entities.about(named.scheme, named.id, _EVENTS)
        return [(each.seq, each.event) for each in found]

    def rows_of(self, thing: tuple[WhyLink, ...]) -> Sequence[WhyLink]:
        """Return the links."""
        return thing

    def key(self, row: WhyLink) -> str:
        """Return what tells a link from the others."""
        place = self.thing.index(row) if self.thing is not None and row in self.thing else 0
        return f"{place}"

    def targets(self) -> tuple[str, ...]:
        """Return the address of the link under the cursor."""
        row = self.table.current
        return (row.address if row is not None and row.address else str(self.address),)

    def link(self, row: WhyLink) -> str:
        """Return where there is more about a link."""
        return row.address

    def failed(self, row: WhyLink) -> bool:
        """Return whether a link is something that failed."""
        return row.mark is Mark.FAIL

    def _depth(self, row: WhyLink) -> int:
        depth, links = 0, self.thing or ()
        while 0 <= row.of < len(links) and depth < _DEEPEST:
            row, depth = links[row.of], depth + 1
        return depth

    def cells(self, row: WhyLink) -> Sequence[Cell]:
        """Return how a link is shown."""
        moment = self.session.moment()
        arrow = f"{moment.glyphs.left} " if row.of >= 0 else ""
        head = f"{' ' * self._depth(row)}{arrow}{row.kind}"
        tone = row.mark.value if row.known else "dim"
        at = "" if row.at is None else f"{row.at:%H:%M:%S}"
        return (Cell(f"{moment.glyph(row.mark)} {head}", tone),
                Cell(brief(row.sentence), "" if row.known else "dim"), Cell(row.because, "dim"),
                Cell(row.agent, "strong"), Cell(at, "dim"))  # fmt: skip

    def sections(self, row: WhyLink) -> Sequence[tuple[str, str]]:
        """Return everything about a link."""
        facts = (
            ("what", row.sentence), ("because", row.because), ("who", row.agent),
            ("at", "" if row.at is None else f"{row.at:%Y-%m-%d %H:%M:%S.%f} UTC"),
            ("more at", row.address), ("on record", "" if row.known else "no"),
        )  # fmt: skip
        return ((row.kind, ""), *(fact for fact in facts if fact[1]))
