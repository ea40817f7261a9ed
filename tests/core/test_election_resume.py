"""Elections after a crash: go on under their id, with the ballots already cast."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from crashes import CONFIG, Member, crashed, kernel_on, survivors
from hypothesis import given, settings
from hypothesis import strategies as st
from sample_agents import Voter
from volume import amount

from dataagents.core import Kernel
from dataagents.core.events import Event, EventKind
from dataagents.core.plugin_manager import PluginManager
from dataagents.core.services.durability.past import after_failures, latest_attempt
from dataagents.core.services.voting.replay import replay_election
from dataagents.core.testing import FakeClock, MemoryStore
from dataagents.core.testing.clock import START
from dataagents.core.tracing import TraceContext
from dataagents.core.values import Json, from_json
from dataagents.core.voting import Ballot, Election, Motion

PLACE = TraceContext(run="run-1", task="decide")
OPTIONS = ("keep", "drop")
_REGISTRY = PluginManager().load()


def team(*choices: str | None) -> list[Member]:
    return [Member(f"voter-{n}", choice=choice) for n, choice in enumerate(choices)]


async def vote(kernel: Kernel, **changes: object) -> Election:
    asked: dict[str, object] = {"question": "Keep it?", "options": OPTIONS, "context": PLACE}
    return await kernel.elections.vote(**(asked | changes))  # type: ignore[arg-type]


def ballots_of(store: MemoryStore) -> dict[str, Ballot]:
    cast = [from_json(Ballot, event.body) for event in store.of(EventKind.BALLOT_CAST)]
    assert len({ballot.voter for ballot in cast}) == len(cast), "nobody's ballot is cast twice"
    return {ballot.voter: ballot for ballot in cast}


def replayed(store: MemoryStore, election: Election) -> None:
    about = [each for each in store.events if each.subject == election.motion.id]
    again = replay_election(about, _REGISTRY)
    assert again.same
    assert again.tally == election.tally


async def resumed(crashes: Sequence[int], voters: int) -> None:
    """Crash an election at each of some commits, then finish it."""
    events: Sequence[Event] = ()
    cast: dict[str, Ballot] = {}
    for crash in crashes:
        members = team(*["keep"] * voters)
        store, _ = await crashed(crash, members, vote, before=events)
        kept = ballots_of(store)
        assert cast.items() <= kept.items(), "no ballot is lost or changed"
        events, cast = tuple(store.events), kept
    closed = [event for event in events if event.kind == EventKind.ELECTION_CLOSED]
    members = team(*["drop"] * voters)
    store = survivors(MemoryStore())
    store, election = await crashed(10_000, members, vote, before=events)
    assert election is not None
    final = ballots_of(store)
    assert {ballot.voter: ballot for ballot in election.ballots} == final
    assert cast.items() <= final.items(), "no ballot is lost or changed"
    for member in members:
        asked = member.asked["vote"]
        assert asked == (0 if member.card.id in cast or closed else 1), "asked at most once"
    assert len(store.of(EventKind.ELECTION_OPENED)) == 1
    assert len(store.of(EventKind.ELECTION_CLOSED)) == 1
    if closed:
        recorded = from_json(Election, closed[0].body)
        assert election.tally == recorded.tally, "what was decided stays decided"
    replayed(store, election)


@settings(max_examples=amount(8))
@given(st.lists(st.integers(0, 40), max_size=3), st.integers(1, 5))
def test_wherever_it_is_cut_off_no_ballot_is_lost_or_counted_twice(crashes: list[int], voters: int):
    asyncio.run(resumed(crashes, voters))


@pytest.mark.parametrize("crash", range(22))
async def test_it_goes_on_from_every_commit(crash: int):
    await resumed([crash], 3)


async def test_ballots_already_cast_decide_with_those_that_follow():
    first = team("keep", "keep", "keep")
    store, outcome = await crashed(8, first, vote)
    assert outcome is None
    cast = ballots_of(store)
    assert 0 < len(cast) < 3
    store, election = await crashed(999, team("drop", "drop", "drop"), vote, before=store.events)
    assert election is not None
    assert election.tally.counts == {"keep": len(cast), "drop": 3 - len(cast)}
    opened = from_json(Motion, store.of(EventKind.ELECTION_OPENED)[0].body)
    assert election.motion.id == opened.id


async def test_a_conversation_with_voters_goes_on_under_its_id():
    store, _ = await crashed(8, team("keep", "keep", "keep"), vote)
    motion = store.of(EventKind.ELECTION_OPENED)[0].subject
    before = [each.subject for each in await store.said(motion, 100)]
    assert before
    second = survivors(store)
    async with kernel_on(second, *team("drop", "drop", "drop")) as kernel:
        await vote(kernel)
        talk = kernel.hub.conversation(motion)
        assert talk is not None
        assert list(talk.messages[: len(before)]) == before
        assert len(await kernel.hub.history(motion)) > len(before)


async def test_who_has_not_voted_has_the_whole_time_again():
    clock = FakeClock(START + timedelta(days=1))
    store, _ = await crashed(8, team("keep", "keep", "keep"), vote)
    cast = ballots_of(store)

    class Silent(Member):
        async def vote(self, motion, desk):
            await asyncio.Event().wait()

    silent = [Silent(f"voter-{n}") for n in range(3)]
    second = survivors(store)
    async with kernel_on(second, *silent, clock=clock) as kernel:
        began = clock.monotonic()
        voting = asyncio.create_task(vote(kernel))
        while not voting.done():
            await clock.advance(1)
        election = await voting
        assert clock.monotonic() - began == pytest.approx(CONFIG.consensus_timeout, abs=2)
    assert {ballot.voter for ballot in election.ballots} == set(cast)
    assert set(election.missing) == {f"voter-{n}" for n in range(3)} - set(cast)


async def test_who_has_left_the_team_keeps_the_ballot_and_is_not_waited_for():
    store, _ = await crashed(8, team("keep", "keep", "keep"), vote)
    cast = ballots_of(store)
    store, election = await crashed(999, [Member("new", choice="drop")], vote, before=store.events)
    assert election is not None
    assert {ballot.voter for ballot in election.ballots} == set(cast)
    assert "new" not in election.motion.voters, "the voters were fixed when it opened"


@pytest.mark.parametrize(
    "change",
    [
        {"question": "Keep all of it?"},
        {"options": ("keep", "drop", "ask")},
        {"about": "orders"},
        {"rule": "borda"},
        {"quorum": 2},
        {"voters": ["voter-0"]},
        {"context": TraceContext(run="run-1", task="other")},
        {"context": TraceContext(run="run-2", task="decide")},
        {"context": TraceContext()},
    ],
    ids=str,
)
async def test_another_question_is_another_election(change: dict[str, object]):
    store, _ = await crashed(8, team("keep", "keep", "keep"), vote)

    async def ask(kernel: Kernel) -> Election:
        return await vote(kernel, **change)

    store, election = await crashed(999, team("drop", "drop", "drop"), ask, before=store.events)
    assert election is not None
    assert election.tally.decision == "drop"
    assert len(store.of(EventKind.ELECTION_OPENED)) == 2


async def test_changed_options_of_the_rule_open_another_election_unless_it_was_decided():
    strict = CONFIG.model_copy(
        update={"options": {CONFIG.strategies.voting_rule: {"turnout": 1.0}}}
    )
    open_, _ = await crashed(8, team("keep", "keep", "keep"), vote)
    closed, decided = await crashed(999, team("keep", "keep", "keep"), vote)
    for before, expected in ((open_, "drop"), (closed, "keep")):
        _, election = await crashed(
            999, team("drop", "drop", "drop"), vote, before=before.events, config=strict
        )
        assert election is not None
        assert election.decision == expected
    assert decided is not None


async def test_a_run_that_is_cancelled_and_resumed_in_the_same_kernel_keeps_its_ballots(
    store: MemoryStore,
):
    class Pondering(Member):
        async def vote(self, motion, desk):
            if self.asked["vote"] == 0:
                self.asked["vote"] += 1
                await asyncio.Event().wait()
            return await super().vote(motion, desk)

    quick, slow = Member("quick", choice="keep"), Pondering("slow", choice="keep")
    async with kernel_on(store, quick, slow) as kernel:
        voting = asyncio.create_task(vote(kernel))
        for _ in range(1000):
            if store.of(EventKind.BALLOT_CAST):
                break
            await asyncio.sleep(0)
        voting.cancel()
        await asyncio.gather(voting, return_exceptions=True)
        recorder = kernel._open.recorder
        await recorder.record(EventKind.RUN_RESUMED, "run-1", {}, TraceContext(run="run-1"))
        election = await vote(kernel)
        assert len(election.ballots) == 2
        assert quick.asked["vote"] == 1
        assert len(store.of(EventKind.ELECTION_OPENED)) == 1


async def test_the_same_question_put_twice_is_two_elections_then_and_later():
    async def twice(kernel: Kernel) -> tuple[Election, Election]:
        return await vote(kernel), await vote(kernel)

    store, both = await crashed(999, team("keep"), twice)
    assert both is not None
    assert both[0].motion.id != both[1].motion.id
    members = team("drop")
    store, again = await crashed(999, members, twice, before=store.events)
    assert again is not None
    assert [each.motion.id for each in again] == [each.motion.id for each in both]
    assert members[0].asked["vote"] == 0


async def test_proposals_on_record_are_not_asked_for_again():
    async def propose(kernel: Kernel) -> Election:
        return await vote(kernel, options=(), voters=["voter-0"])

    member = team("keep")
    store, election = await crashed(999, member, propose)
    assert election is not None
    cut = [e for e in store.events if e.kind not in (EventKind.ELECTION_CLOSED,)]
    store, again = await crashed(999, team("keep"), propose, before=cut)
    assert again is not None
    assert again.motion == replace(election.motion)


async def test_a_recalled_decision_is_made_anew():
    async def recall(kernel: Kernel) -> Election:
        election = await vote(kernel)
        return await kernel.elections.recall(election.motion.id, "the data was wrong")

    store, _ = await crashed(999, team("keep"), recall)
    _, election = await crashed(999, team("drop"), vote, before=store.events)
    assert election is not None
    assert election.decision == "drop"


async def test_a_closed_election_is_among_those_that_are_remembered():
    store, before = await crashed(999, team("keep", "keep"), vote)
    second = survivors(store)
    async with kernel_on(second, *team("drop", "drop")) as kernel:
        assert await vote(kernel) == before
        assert kernel.votes == (before,)
        recalled = await kernel.elections.recall(kernel.votes[0].motion.id, "it was wrong")
        assert recalled.decision is None


async def test_a_store_without_runs_asks_everybody(store: MemoryStore):
    async with kernel_on(store, Voter("a", "keep")) as kernel:
        assert (await vote(kernel)).decision == "keep"


def happened(what: str, task: str | None = None, **body: Json) -> Event:
    return Event(f"{what}-{task}-{body}", START, what, "x", body, "run", task)


def test_what_was_decided_before_the_plan_changed_is_over():
    early, late = happened("election.opened", "t"), happened("ballot.cast", "t")
    assert latest_attempt([early, late], "t") == (early, late)
    assert latest_attempt([early, late], None) == ()
    for boundary in (
        happened("plan.replaced"),
        happened("plan.made"),
        happened("plan.step", "t", kind="retried"),
    ):
        assert latest_attempt([early, boundary, late], "t") == (late,)
    for other in (
        happened("plan.made", "t"),
        happened("plan.step", "u", kind="retried"),
        happened("plan.step", "t", kind="stopped"),
    ):
        assert latest_attempt([early, other, late], "t") == (early, late)


def test_what_was_decided_before_a_failure_is_used_up():
    early, late = happened("election.opened", "t"), happened("ballot.cast", "t")
    failed, done = happened("task.ended", "t", success=False), happened("task.ended", success=True)
    assert after_failures([early, failed, late]) == (late,)
    assert after_failures([early, done, late]) == (early, done, late)
    assert after_failures([]) == ()
