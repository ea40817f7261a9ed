"""Pages of the journal itself, and the way from times to places."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime

from dataagents.storage.browsing.agents import AgentPages
from dataagents.storage.browsing.page import Found, Page
from dataagents.storage.browsing.pages import EVENT, Trail
from dataagents.storage.rows import StoredEvent

_KINDS = """
WITH RECURSIVE known (kind) AS (
    SELECT min(kind) FROM journal
    UNION ALL
    SELECT (SELECT min(journal.kind) FROM journal WHERE journal.kind > known.kind) FROM known
    WHERE known.kind IS NOT NULL
)
SELECT kind FROM known WHERE kind IS NOT NULL
"""
_BOUNDS = """
SELECT seq, at FROM (SELECT seq, at FROM journal ORDER BY seq LIMIT 1)
UNION ALL
SELECT seq, at FROM (SELECT seq, at FROM journal ORDER BY seq DESC LIMIT 1)
"""
_MIDDLE = "(SELECT at FROM journal WHERE seq >= (low + high) / 2 ORDER BY seq LIMIT 1)"
_BISECTED = f"""
WITH RECURSIVE part (low, high) AS (
    SELECT (SELECT min(seq) FROM journal), (SELECT max(seq) + 1 FROM journal)
    UNION ALL
    SELECT
        CASE WHEN {_MIDDLE} < :time THEN (low + high) / 2 + 1 ELSE low END,
        CASE WHEN {_MIDDLE} < :time THEN high ELSE (low + high) / 2 END
    FROM part WHERE low < high
)
SELECT seq FROM journal WHERE seq >= (SELECT high FROM part WHERE low >= high)
ORDER BY seq LIMIT 1
"""
"""The journal is all but in the order of time, so half of it is ruled out by each look."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """Where a store begins and ends."""

    first: int
    """Place of the oldest event."""
    last: int
    since: datetime
    """Time of the oldest event."""
    until: datetime


class EventPages(AgentPages):
    """Reads events in pages."""

    async def events(
        self,
        page: Page,
        kinds: Collection[str] = (),
        run: str | None = None,
        agent: str | None = None,
    ) -> Found[StoredEvent]:
        """Return events.

        Args:
            page: Which stretch.
            kinds: Only those of these kinds, all when empty.
            run: Only those of this run.
            agent: Only what this agent did.
        """
        named = {f"kind{number}": kind for number, kind in enumerate(dict.fromkeys(kinds))}
        trails, wanted = [Trail("journal")], dict[str, str]()
        if named:
            wanted["kind"] = f"event.kind IN ({', '.join(f':{name}' for name in named)})"
        given = {"agent": agent, "run": run, **named}
        if agent is not None and run is None:
            fits = wanted.get("kind", "1")
            return await self._events(await self._of_agent(page, agent, given, fits))
        if run is not None:
            trails = [Trail("journal", where="run = :run")]
        elif named:
            trails = [Trail("journal", where=f"kind = :{name}") for name in named]
            del wanted["kind"]
        if agent is not None:
            wanted["agent"] = "event.agent = :agent"
        joins, fits = EVENT if wanted else "", " AND ".join(wanted.values())
        return await self._events(await self._places(page, trails, given, joins=joins, fits=fits))

    async def kinds(self) -> tuple[str, ...]:
        """Return the kinds of events that there are, in the order of the alphabet."""
        return tuple(str(row[0]) for row in await self._fetch(_KINDS, {}))

    async def bounds(self) -> Bounds | None:
        """Return where the store begins and ends; None while it is empty."""
        rows = await self._fetch(_BOUNDS, {})
        if not rows:
            return None
        (first, since), (last, until) = rows
        return Bounds(first, last, datetime.fromisoformat(since), datetime.fromisoformat(until))

    async def place_at(self, time: datetime) -> int | None:
        """Return the place of the first event at a time or after it; None when there is none.

        Where a clock was set back, it is a place near by.

        Args:
            time: It; it has a time zone.
        """
        rows = await self._fetch(_BISECTED, {"time": time.astimezone(UTC).isoformat()})
        return next((int(row[0]) for row in rows), None)
