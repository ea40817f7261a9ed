"""The way from a page to places: which rows are on it, without looking at all that there are."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dataagents.storage.browsing.page import Found, Page
from dataagents.storage.correspondence import Fetch
from dataagents.storage.encoding import READABLE, decode
from dataagents.storage.rows import StoredEvent

MOST_SCANNED = 10_000
"""Rows that one call looks at where no index serves what is asked."""
_GROWTH = 4
"""How many times as much is looked at when the first look did not find enough."""

EVENT = "CROSS JOIN journal AS event ON event.seq = found.seq"
"""Joins a place with its event; the order of the joins is the one written."""
_PLACES = "WITH places (place) AS (SELECT value FROM json_each(:places))"
_EVENTS = f"SELECT place, {READABLE} FROM places CROSS JOIN events ON events.seq = place"


@dataclass(frozen=True, slots=True)
class Trail:
    """Places in their order, as an index has them."""

    source: str
    """A table."""
    place: str = "seq"
    """Its column with the places."""
    where: str = "1"


class Pages:
    """What all readers of pages share."""

    def __init__(self, fetch: Fetch) -> None:
        self._fetch = fetch

    async def _places(
        self,
        page: Page,
        trails: Sequence[Trail],
        given: Mapping[str, object],
        *,
        joins: str = "",
        fits: str = "",
    ) -> Found[int]:
        """Return the places that are on a page.

        Args:
            page: It.
            trails: Where to look; an index serves each.
            given: Parameters of the conditions.
            joins: What the condition needs besides `found.seq`; they leave no place out.
            fits: Which places are wanted; all when empty.
        """
        low, high, left, size = page.low, page.high, MOST_SCANNED, page.limit + 1
        sql = _merged(trails, upwards=page.upwards)
        if fits:
            sql = f"SELECT found.seq, {fits} FROM ({sql}) AS found {joins}"
        places: list[int] = []
        while low <= high:
            size = min(size, left)
            rows = await self._fetch(sql, {**given, "low": low, "high": high, "most": size})
            for place, is_wanted in _in_order(rows, upwards=page.upwards):
                if not is_wanted:
                    continue
                if len(places) == page.limit:
                    return _found(page, places, places[-1])
                places.append(place)
            if len(rows) < size:
                break
            edge = (max if page.upwards else min)(row[0] for row in rows)
            left -= len(rows)
            if len(places) == page.limit or left <= 0:
                return _found(page, places, edge)
            low, high = (edge + 1, high) if page.upwards else (low, edge - 1)
            size *= _GROWTH
        return _found(page, places, None)

    async def _of_kinds(
        self,
        page: Page,
        kinds: Sequence[str],
        given: Mapping[str, object],
        *,
        run: str | None = None,
        joins: str = "",
        fits: str = "",
    ) -> Found[int]:
        """Return the places on a page of events of some kinds, of all runs or of one.

        Args:
            page: It.
            kinds: At least one.
            given: Parameters of the condition.
            run: Only what happened in this run.
            joins: What the condition needs besides `event`, the row of the journal; likewise.
            fits: Which of them are wanted.
        """
        named = {f"kind{number}": kind for number, kind in enumerate(dict.fromkeys(kinds))}
        trails = [Trail("journal", where=f"kind = :{name}") for name in named]
        if run is not None:
            trails = [Trail("journal", where="run = :run")]
            is_kind = f"event.kind IN ({', '.join(f':{name}' for name in named)})"
            fits = f"{is_kind} AND ({fits})" if fits else is_kind
        if fits:
            joins = f"{EVENT} {joins}"
        return await self._places(
            page, trails, {**given, **named, "run": run}, joins=joins, fits=fits
        )

    async def _events(self, found: Found[int]) -> Found[StoredEvent]:
        """Return the events at places."""
        rows = await self._at(_EVENTS, found)
        return Found(tuple(StoredEvent(row[0], decode(row[1:])) for row in rows), found.searched)

    async def _at(
        self, sql: str, found: Found[int], given: Mapping[str, object] | None = None
    ) -> Sequence[Any]:
        """Return the rows of a query, newest first.

        Args:
            sql: It selects `place` first, from `places` and what it joins.
            found: The places.
            given: Its other parameters.
        """
        if not found.rows:
            return ()
        return await self._fetch(
            f"{_PLACES} {sql} ORDER BY place DESC",
            {**(given or {}), "places": json.dumps(found.rows)},
        )


def _merged(trails: Sequence[Trail], *, upwards: bool) -> str:
    order = "" if upwards else " DESC"
    parts = [
        f"SELECT {each.place} AS seq FROM {each.source}"
        f" WHERE {each.where} AND {each.place} BETWEEN :low AND :high"
        f" ORDER BY {each.place}{order} LIMIT :most"
        for each in trails
    ]
    if len(parts) == 1:
        return parts[0]
    merged = " UNION ".join(f"SELECT seq FROM ({part})" for part in parts)
    return f"SELECT seq FROM ({merged}) ORDER BY seq{order} LIMIT :most"


def _in_order(rows: Sequence[Any], *, upwards: bool) -> list[tuple[int, bool]]:
    wanted = [(int(row[0]), len(row) == 1 or bool(row[1])) for row in rows]
    return sorted(wanted, reverse=not upwards)


def _found(page: Page, places: Sequence[int], searched: int | None) -> Found[int]:
    return Found(tuple(reversed(places) if page.upwards else places), searched)
