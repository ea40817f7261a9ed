"""Pages of data sets, by their newest lineage."""

import json
from dataclasses import dataclass
from datetime import datetime

from dataagents.storage.browsing.page import Found, Page
from dataagents.storage.browsing.pages import Pages

_NAMES = """
WITH RECURSIVE known (name) AS (
    SELECT min(dataset) FROM lineage
    UNION ALL
    SELECT (SELECT min(dataset) FROM lineage WHERE dataset > known.name) FROM known
    WHERE known.name IS NOT NULL
    LIMIT :names
)
SELECT (SELECT max(seq) FROM lineage WHERE dataset = known.name) FROM known
WHERE known.name IS NOT NULL
"""
_DATASETS = """
SELECT place, journal.subject, journal.at, journal.run, journal.task, journal.agent,
    (SELECT json_group_array(source) FROM lineage WHERE seq = place),
    (SELECT operation FROM lineage WHERE seq = place LIMIT 1)
FROM places CROSS JOIN journal ON journal.seq = place
"""
_IS_NEWEST = """
EXISTS (SELECT 1 FROM lineage WHERE seq = event.seq)
AND NOT EXISTS (SELECT 1 FROM lineage WHERE dataset = event.subject AND lineage.seq > event.seq)
"""
_FEW = 1_000
"""Up to so many data sets are all looked at: each one's newest lineage is found by an index."""


@dataclass(frozen=True, slots=True)
class DatasetEntry:
    """A data set that was made of others, in a list."""

    place: int
    """Of its newest lineage."""
    name: str
    at: datetime
    sources: tuple[str, ...] = ()
    operation: str = ""
    run: str | None = None
    task: str | None = None
    agent: str | None = None


class DatasetPages(Pages):
    """Reads data sets in pages."""

    async def datasets(self, page: Page) -> Found[DatasetEntry]:
        """Return data sets that were made of others, by when they were made last."""
        newest = [row[0] for row in await self._fetch(_NAMES, {"names": _FEW + 1})]
        if len(newest) <= _FEW:
            found = _on(page, newest)
        else:
            found = await self._of_kinds(page, ("lineage.recorded",), {}, fits=_IS_NEWEST)
        rows = await self._at(_DATASETS, found)
        entries = [
            DatasetEntry(
                place, name, datetime.fromisoformat(at), tuple(json.loads(sources)),
                operation or "", run, task, agent,
            )
            for place, name, at, run, task, agent, sources, operation in rows
        ]  # fmt: skip
        return Found(tuple(entries), found.searched)


def _on(page: Page, places: list[int]) -> Found[int]:
    """Return which of all places are on a page."""
    within = sorted(place for place in places if page.low <= place <= page.high)
    if not page.upwards:
        within.reverse()
    chosen = within[: page.limit]
    searched = chosen[-1] if len(within) > len(chosen) else None
    return Found(tuple(reversed(chosen) if page.upwards else chosen), searched)
