"""What a store knows of runs that did not end."""

from datetime import UTC, datetime

from dataagents.core import Event
from dataagents.storage import SqliteStore, StoreReader

AT = datetime(2026, 1, 1, tzinfo=UTC)


def event(id: str, kind: str, run: str, **body: object) -> Event:
    return Event(id, AT, kind, run, body, run=run)  # type: ignore[arg-type]


async def test_a_run_is_unfinished_until_it_has_an_end(tmp_path):
    path = tmp_path / "s.db"
    async with SqliteStore(path) as store:
        for run in ("a", "b", "c"):
            await store.commit([event(f"{run}1", "run.started", run, task="clean")])
        await store.commit([event("b2", "run.ended", "b", status="done")])
        await store.commit([event("c2", "run.ended", "c", status="suspended")])
        assert await store.unfinished() == ("a", "c")
        await store.commit([event("a2", "run.ended", "a", status="cancelled")])
        assert await store.unfinished() == ("c",)
        await store.commit([event("a3", "run.resumed", "a", task="clean")])
        assert await store.unfinished() == ("c", "a")
        await store.commit([event("a4", "run.ended", "a", status="done")])
    async with StoreReader(path) as reader:
        assert await reader.unfinished() == ("c",)
        assert [row.status for row in await reader.runs()] == ["done", "suspended", "done"]


async def test_the_events_of_a_run_are_chosen_by_kind(tmp_path):
    async with SqliteStore(tmp_path / "s.db") as store:
        for number, kind in enumerate(["run.started", "task.ended", "odd'kind", "task.ended"]):
            await store.commit([event(str(number), kind, "a"), event(f"b{number}", kind, "b")])
        found = await store.run_events("a", ("task.ended", "odd'kind"))
        assert [each.id for each in found] == ["1", "2", "3"]
        assert await store.run_events("a", ()) == ()
        assert await store.run_events("nobody", ("task.ended",)) == ()
