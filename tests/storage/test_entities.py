"""Everything that is on record about one thing."""

import pytest

from dataagents.console.view.addresses import SCHEMES
from dataagents.storage import SqliteStore, StoreReader


@pytest.fixture
async def reader(store, path):
    async with StoreReader(path) as opened:
        yield opened


@pytest.fixture
async def filled(store, event):
    """A store in which each kind of thing is there once, and a neighbour of most."""
    bodies = [
        ("agent.deployed", "a", {"role": "r"}), ("agent.deployed", "b", {"role": "r"}),
        ("agent.health", "a", {"health": "healthy"}), ("agent.health", "b", {"health": "failed"}),
        ("agent.restarted", "a", {"reason": "x"}),
        ("election.opened", "m", {"question": "?"}), ("ballot.cast", "m", {"voter": "a"}),
        ("election.closed", "m", {"tally": {}}), ("election.opened", "n", {"question": "?"}),
        ("auction.opened", "l", {"task": {"id": "t"}}), ("bid.made", "l", {"bidder": "a"}),
        ("auction.closed", "l", {"winner": "a"}),
        ("message.sent", "m1", {"conversation": "c", "sender": "a"}),
        ("message.settled", "m1", {"status": "delivered"}),
        ("message.sent", "m2", {"conversation": "c", "reply_to": "m1"}),
        ("alert.raised", "w", {"rule": "x"}), ("alert.acknowledged", "w", {"rule": "x"}),
        ("alert.ended", "w", {"rule": "x"}),
        ("lesson.changed", "le", {}), ("reflection.made", "re", {}), ("experience.kept", "ex", {}),
        ("plan.made", "p", {"tasks": []}), ("step.taken", "rs", {"number": 1}),
        ("reasoning.ended", "rs", {}), ("analysis.made", "d", {"kind": "quality"}),
        ("lineage.recorded", "d:clean", {"sources": ["d"]}),
        ("metric.sampled", "agents", {"value": 1.0}), ("plugin.failed", "pl", {"error": "x"}),
        ("kernel.started", "k", {}), ("kernel.stopped", "k", {}),
        ("command.received", "co", {"kind": "pause"}), ("command.executed", "co", {}),
    ]  # fmt: skip
    await store.commit([event(kind, subject, body) for kind, subject, body in bodies])


@pytest.mark.parametrize(
    ("kind", "id", "kinds"),
    [
        ("agent", "a", "agent.deployed agent.health agent.restarted"),
        ("election", "m", "election.opened ballot.cast election.closed"),
        ("lot", "l", "auction.opened bid.made auction.closed"),
        ("message", "m1", "message.sent message.settled message.sent"),
        ("conversation", "c", "message.sent message.settled message.sent"),
        ("alert", "w", "alert.raised alert.acknowledged alert.ended"),
        ("lesson", "le", "lesson.changed"),
        ("reflection", "re", "reflection.made"),
        ("experience", "ex", "experience.kept"),
        ("plan", "p", "plan.made"),
        ("reasoning", "rs", "step.taken reasoning.ended"),
        ("dataset", "d", "analysis.made lineage.recorded"),
        ("metric", "agents", "metric.sampled"),
        ("plugin", "pl", "plugin.failed"),
        ("kernel", "k", "kernel.started kernel.stopped"),
        ("command", "co", "command.received command.executed"),
        ("event", "e000001", "agent.deployed"),
    ],
)
async def test_all_events_about_a_thing_are_found_in_order(reader, filled, kind, id, kinds):
    found = await reader.entities.about(kind, id)
    assert [each.event.kind for each in found] == kinds.split()
    assert await reader.entities.about(kind, "nobody") == ()
    if kind not in ("event", "dataset"):
        assert id in await reader.entities.ids(kind)


def test_each_scheme_of_an_address_can_be_asked_about_but_runs_which_have_a_trace(reader):
    assert set(reader.entities.kinds) == set(SCHEMES) - {"run"}


async def test_the_newest_are_kept_when_there_are_many(store, reader, event):
    await store.commit([event("metric.sampled", "agents", {"value": float(n)}) for n in range(9)])
    found = await reader.entities.about("metric", "agents", limit=2)
    assert [each.event.body["value"] for each in found] == [7.0, 8.0]


async def test_who_had_the_store_last_is_known_after_it_was_closed(path):
    async with SqliteStore(path) as store:
        holder = store.holder
    async with StoreReader(path) as reader:
        assert reader.holder() is None
        assert reader.last_holder() == holder
