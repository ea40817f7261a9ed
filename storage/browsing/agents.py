"""What one agent did, found through an index that is cheap to write.

An index by agents would be written in as many places as there are agents at work. This one has the
events of each 1,024 places together, so what is new is written in one place; who reads asks it once
for each such block.
"""

from collections.abc import Mapping
from typing import Any

from dataagents.storage.browsing.page import Found, Page
from dataagents.storage.browsing.pages import EVENT, MOST_SCANNED, Pages, Trail
from dataagents.storage.schema import AGENT_BLOCK, BROWSED_SINCE

_MOST_BLOCKS = 10_000
"""Blocks that one call asks about: ten million places."""
_GROWTH = 4
_ENDS = "SELECT (SELECT min(seq) FROM journal), (SELECT max(seq) FROM journal)"
_BLOCKS = f"""
WITH RECURSIVE blocks (block) AS (
    SELECT :first UNION ALL SELECT block + 1 FROM blocks WHERE block < :last
)
SELECT event.seq, {{fits}} FROM blocks CROSS JOIN journal AS event
ON event.seq >> {AGENT_BLOCK} = block AND event.agent = :agent
WHERE event.seq BETWEEN :low AND :high
"""


class AgentPages(Pages):
    """Finds what an agent did."""

    async def _of_agent(
        self, page: Page, agent: str, given: Mapping[str, object], fits: str = "1"
    ) -> Found[int]:
        """Return the places on a page of what an agent did.

        Args:
            page: It.
            agent: Its id.
            given: Parameters of the condition.
            fits: Which of its events are wanted; the row of the journal is `event`.
        """
        given = {**given, "agent": agent}
        if await self._version() < BROWSED_SINCE:
            fits = f"event.agent = :agent AND ({fits})"
            return await self._places(page, [Trail("journal")], given, joins=EVENT, fits=fits)
        ((first, last),) = await self._fetch(_ENDS, {})
        if first is None:
            return Found()
        low, high = max(page.low, first), min(page.high, last)
        places: list[int] = []
        blocks, seen, asked = 1, 0, 0
        while low <= high:
            begin, end = _blocks_of(low, high, blocks, upwards=page.upwards)
            stretch = {"first": begin, "last": end, "low": low, "high": high}
            rows: list[Any] = list(
                await self._fetch(_BLOCKS.format(fits=fits), {**given, **stretch})
            )
            rows.sort(reverse=not page.upwards)
            places += [row[0] for row in rows if row[1]]
            if len(places) > page.limit:
                del places[page.limit :]
                return _in_order(page, places, places[-1])
            if page.upwards:
                low = (end + 1) << AGENT_BLOCK
            else:
                high = (begin << AGENT_BLOCK) - 1
            seen, asked = seen + len(rows), asked + blocks
            if low <= high and (seen >= MOST_SCANNED or asked >= _MOST_BLOCKS):
                return _in_order(page, places, low - 1 if page.upwards else high + 1)
            # So many that about as much as may still be looked at is in them.
            room = (MOST_SCANNED - seen) * asked // max(1, seen)
            blocks = max(1, min(blocks * _GROWTH, room, _MOST_BLOCKS - asked))
        return _in_order(page, places, None)

    async def _version(self) -> int:
        ((version,),) = await self._fetch("PRAGMA user_version", {})
        return int(version)


def _blocks_of(low: int, high: int, most: int, *, upwards: bool) -> tuple[int, int]:
    """Return the first and last of so many blocks at the near end of a stretch."""
    begin, end = low >> AGENT_BLOCK, high >> AGENT_BLOCK
    return (begin, min(end, begin + most - 1)) if upwards else (max(begin, end - most + 1), end)


def _in_order(page: Page, places: list[int], searched: int | None) -> Found[int]:
    return Found(tuple(reversed(places) if page.upwards else places), searched)
