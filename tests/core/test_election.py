import asyncio

import pytest
from sample_agents import Broken, Held, Voter, card

from dataagents.core import (
    Agent,
    Desk,
    InputError,
    Kernel,
    KernelConfig,
    Message,
    MessageType,
    Motion,
)
from dataagents.core.cards import AgentCard
from dataagents.core.testing import FakeClock, MemoryStore
from dataagents.core.tracing import TraceContext
from dataagents.core.values import JsonObject
from dataagents.core.voting import Proposal, Verdict


async def deploy(kernel: Kernel, *agents: Agent) -> None:
    for agent in agents:
        assert (await kernel.deploy(agent)).agent == agent.card.id


async def test_the_leading_option_wins_and_everybodys_reason_is_kept(kernel: Kernel):
    await deploy(kernel, Voter("a", "yes"), Voter("b", "yes"), Voter("c", "yes"), Voter("d", "no"))
    election = await kernel.vote("Adopt?", ("yes", "no"), about="orders")
    assert election.decision == "yes"
    assert election.tally.counts == {"yes": 3, "no": 1}
    assert election.tally.confidence == 0.75
    assert {ballot.voter: ballot.reason for ballot in election.ballots}["d"] == "d says so"
    assert kernel.votes == (election,)


async def test_voters_that_fail_or_vote_wrongly_are_left_out_with_the_reason(kernel: Kernel):
    await deploy(kernel, Voter("a", "yes"), Broken("b"), Voter("c", "perhaps"), Voter("d", None))
    election = await kernel.vote("Adopt?", ("yes", "no"))
    assert election.decision == "yes"
    assert election.tally.confidence == 1.0
    assert election.tally.abstained == 1
    assert set(election.missing) == {"b", "c"}
    assert "broken on purpose" in election.missing["b"]
    assert "'perhaps' is no option" in election.missing["c"]


async def test_a_confidence_that_is_no_number_in_its_range_is_refused(kernel: Kernel):
    await deploy(kernel, Voter("a", "yes", float("nan")), Voter("b", "no", 7.0))
    election = await kernel.vote("Adopt?", ("yes", "no"))
    assert election.tally.verdict is Verdict.NO_QUORUM
    assert all("confidence" in reason for reason in election.missing.values())


async def test_a_voter_that_does_not_answer_is_late_and_nobody_waits_longer(
    kernel: Kernel, clock: FakeClock
):
    class Slow(Voter):
        async def vote(self, motion: Motion, desk: Desk):
            await asyncio.Event().wait()

    await deploy(kernel, Voter("a", "yes"), Slow("slow", "no"))
    voting = asyncio.create_task(kernel.vote("Adopt?", ("yes", "no"), deadline=3))
    await clock.advance(3.1)
    election = await voting
    assert election.decision == "yes"
    assert "within 3 s" in election.missing["slow"]


async def test_nobody_to_vote_is_no_quorum(kernel: Kernel):
    election = await kernel.vote("Adopt?", ("yes", "no"))
    assert election.tally.verdict is Verdict.NO_QUORUM
    assert election.decision is None
    assert election.tally.confidence == 0


async def test_quorum_counts_ballots(kernel: Kernel):
    await deploy(kernel, Voter("a", "yes"), Voter("b", None))
    assert (await kernel.vote("?", ("yes", "no"), quorum=2)).decision == "yes"
    missed = await kernel.vote("?", ("yes", "no"), quorum=3)
    assert missed.tally.verdict is Verdict.NO_QUORUM
    assert "2 of 3" in missed.tally.reason


async def test_without_options_the_agents_propose_them(kernel: Kernel):
    class Proposer(Agent):
        def __init__(self, id: str, option: str) -> None:
            super().__init__(AgentCard(id, "proposer"))
            self.option = option

        async def propose(self, motion: Motion, desk: Desk) -> Proposal:
            return Proposal(self.option)

        async def vote(self, motion: Motion, desk: Desk):
            return await Voter(self.card.id, sorted(motion.options)[0]).vote(motion, desk)

    await deploy(kernel, Proposer("a", "csv"), Proposer("b", "parquet"), Broken("c"))
    election = await kernel.vote("Which format?")
    assert election.motion.options == ("csv", "parquet")
    assert [each.proposer for each in election.motion.proposals] == ["a", "b"]
    assert {each.score for each in election.motion.proposals} == {0.5}
    assert election.decision == "csv"


@pytest.mark.parametrize(
    ("options", "voters", "says"),
    [
        (("a", "a"), None, "options occur twice"),
        (("a", "b"), ("x", "x"), "voters occur twice"),
        (("a", "b"), ("voterr",), "Did you mean 'voter'"),
    ],
)
async def test_a_motion_that_makes_no_sense_is_refused(
    kernel: Kernel, options: tuple[str, ...], voters: tuple[str, ...] | None, says: str
):
    await deploy(kernel, Voter("voter", "a"))
    with pytest.raises(InputError, match=says):
        await kernel.vote("?", options, voters=voters)


async def test_voters_hear_the_result_and_everything_is_recorded(
    kernel: Kernel, store: MemoryStore, clock: FakeClock
):
    heard: list[JsonObject] = []

    class Listener(Voter):
        async def handle(self, message: Message, desk: Desk) -> None:
            heard.append(message.payload)

    await deploy(kernel, Listener("a", "yes"))
    election = await kernel.vote("Adopt?", ("yes", "no"))
    await clock.settle()
    assert heard[0]["decision"] == "yes"
    kinds = [event.kind for event in store.events if event.subject == election.motion.id]
    assert kinds == ["election.opened", "ballot.cast", "election.closed"]


async def test_an_agent_in_the_middle_of_a_task_still_votes(kernel: Kernel):
    class HeldVoter(Held):
        async def vote(self, motion: Motion, desk: Desk):
            return await Voter(self.card.id, "yes").vote(motion, desk)

    busy = HeldVoter("busy")
    await deploy(kernel, busy)
    work = kernel.hub.compose(
        "application", "busy", MessageType.DATA_REQUEST, {}, context=TraceContext()
    )
    working = asyncio.create_task(kernel.hub.send(work))
    await busy.started.wait()
    assert (await kernel.vote("?", ("yes", "no"))).decision == "yes"
    busy.release.set()
    await working


async def test_the_history_is_bounded(clock: FakeClock):
    config = KernelConfig(agents=(), history=2)
    async with Kernel(config, clock=clock) as kernel:
        await deploy(kernel, Voter("a", "yes"))
        for number in range(3):
            await kernel.vote(f"question {number}", ("yes", "no"))
        assert [each.motion.question for each in kernel.votes] == ["question 1", "question 2"]


def test_a_card_is_what_others_know():
    assert card("x", profile=0.5).capabilities == {"profile": 0.5}
