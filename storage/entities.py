"""Entities: everything that the journal has about one thing, found through the projections."""

from collections.abc import Mapping
from dataclasses import dataclass

from dataagents.storage.correspondence import Fetch
from dataagents.storage.encoding import READABLE, decode
from dataagents.storage.rows import StoredEvent

_EVENTS = f"SELECT seq, {READABLE} FROM events"


@dataclass(frozen=True, slots=True)
class _Entity:
    """Where a kind of entity is found."""

    places: str
    """Selects the places of its events."""
    ids: str
    """Selects ids, the newest first."""


def _of_kinds(*kinds: str) -> str:
    named = ", ".join(f"'{kind}'" for kind in kinds)
    return f"SELECT seq FROM journal WHERE kind IN ({named}) AND subject = :id"


def _subjects(kind: str) -> str:
    return f"SELECT subject FROM journal WHERE kind = '{kind}' ORDER BY seq DESC"


_ENTITIES: Mapping[str, _Entity] = {
    "kernel": _Entity(_of_kinds("kernel.started", "kernel.stopped"), _subjects("kernel.started")),
    "agent": _Entity(
        f"""SELECT seq FROM (
            SELECT seq FROM health_samples WHERE agent = :id ORDER BY seq DESC LIMIT :limit / 2)
        UNION {
            _of_kinds(
                "agent.deployed",
                "agent.refused",
                "agent.removed",
                "agent.draining",
                "agent.restarted",
                "agent.replaced",
            )
        }
        UNION SELECT ended FROM tasks WHERE agent = :id AND ended IS NOT NULL""",
        "SELECT id FROM agents ORDER BY seq DESC",
    ),
    "plan": _Entity(
        "SELECT seq FROM plans WHERE id = :id", "SELECT id FROM plans ORDER BY seq DESC"
    ),
    "reasoning": _Entity(
        """SELECT seq FROM steps WHERE reasoning = :id
        UNION SELECT seq FROM journal WHERE kind = 'reasoning.ended' AND subject = :id
            AND seq BETWEEN (SELECT max(seq) FROM steps WHERE reasoning = :id)
            AND (SELECT max(seq) FROM steps WHERE reasoning = :id) + 100000""",
        _subjects("reasoning.ended"),
    ),
    "election": _Entity(
        f"""SELECT opened FROM elections WHERE id = :id
        UNION SELECT closed FROM elections WHERE id = :id AND closed IS NOT NULL
        UNION SELECT seq FROM ballots WHERE election = :id
        UNION {_of_kinds("election.recalled")}""",
        "SELECT id FROM elections ORDER BY opened DESC",
    ),
    "lot": _Entity(
        """SELECT opened FROM auctions WHERE lot = :id
        UNION SELECT seq FROM bids WHERE lot = :id
        UNION SELECT seq FROM awards WHERE lot = :id
        UNION SELECT seq FROM journal WHERE kind = 'bids.refused' AND subject = :id
            AND seq BETWEEN (SELECT opened FROM auctions WHERE lot = :id)
            AND coalesce((SELECT max(seq) FROM awards WHERE lot = :id),
                (SELECT opened FROM auctions WHERE lot = :id) + 100000)""",
        "SELECT lot FROM auctions ORDER BY opened DESC",
    ),
    "message": _Entity(
        """SELECT sent FROM messages WHERE id = :id
        UNION SELECT settled FROM messages WHERE id = :id AND settled IS NOT NULL
        UNION SELECT sent FROM messages WHERE conversation = (
            SELECT conversation FROM messages WHERE id = :id) AND reply_to = :id""",
        "SELECT id FROM messages ORDER BY sent DESC",
    ),
    "conversation": _Entity(
        """SELECT sent FROM messages WHERE conversation = :id
        UNION SELECT settled FROM messages WHERE conversation = :id AND settled IS NOT NULL""",
        "SELECT conversation FROM messages WHERE conversation IS NOT NULL ORDER BY sent DESC",
    ),
    "alert": _Entity(
        _of_kinds("alert.raised", "alert.acknowledged", "alert.ended"), _subjects("alert.raised")
    ),
    "command": _Entity(
        """SELECT seq FROM commands WHERE id = :id
        UNION SELECT answered FROM commands WHERE id = :id AND answered IS NOT NULL""",
        "SELECT id FROM commands ORDER BY seq DESC",
    ),
    "lesson": _Entity(_of_kinds("lesson.changed"), _subjects("lesson.changed")),
    "reflection": _Entity(_of_kinds("reflection.made"), _subjects("reflection.made")),
    "experience": _Entity(_of_kinds("experience.kept"), _subjects("experience.kept")),
    "dataset": _Entity(
        """SELECT seq FROM analyses WHERE dataset = :id
        UNION SELECT seq FROM lineage WHERE dataset = :id OR source = :id""",
        "SELECT dataset FROM lineage ORDER BY seq DESC",
    ),
    "metric": _Entity(
        """SELECT seq FROM (
            SELECT seq FROM metrics WHERE name = :id ORDER BY seq DESC LIMIT :limit)""",
        "SELECT name FROM metrics ORDER BY seq DESC",
    ),
    "plugin": _Entity(_of_kinds("plugin.failed"), _subjects("plugin.failed")),
    "event": _Entity("SELECT seq FROM journal WHERE id = :id", "SELECT id FROM journal WHERE 0"),
}


class EntityReader:
    """Reads what is on record about one thing; a kind is the scheme of an address."""

    def __init__(self, fetch: Fetch) -> None:
        self._fetch = fetch

    @property
    def kinds(self) -> tuple[str, ...]:
        """What can be asked about."""
        return tuple(_ENTITIES)

    async def about(self, kind: str, id: str, limit: int = 200) -> tuple[StoredEvent, ...]:
        """Return the newest events about an entity, oldest of them first; none if it isn't known.

        Args:
            kind: One of `kinds`.
            id: Its id.
            limit: How many events at most.
        """
        entity = _ENTITIES[kind]
        rows = await self._fetch(
            f"{_EVENTS} WHERE seq IN ({entity.places}) ORDER BY seq DESC LIMIT :limit",
            {"id": id, "limit": limit},
        )
        return tuple(StoredEvent(row[0], decode(row[1:])) for row in reversed(rows))

    async def ids(self, kind: str, limit: int = 1000) -> tuple[str, ...]:
        """Return ids of a kind of entity, each once, the newest first."""
        rows = await self._fetch(f"{_ENTITIES[kind].ids} LIMIT :limit", {"limit": limit})
        return tuple(dict.fromkeys(str(row[0]) for row in rows if row[0] is not None))
