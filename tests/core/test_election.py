import asyncio
from dataclasses import replace

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
    Strategy,
    Vote,
    hookimpl,
)
from dataagents.core.cards import AgentCard
from dataagents.core.errors import UnknownStrategyError
from dataagents.core.reflection import Lessons, Reflection
from dataagents.core.testing import FakeClock, MemoryStore, kernel_for
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
    assert "broken on purpose" in election.missing["c"]
    assert election.motion.without_proposal == {"c": "proposed nothing"}


class Proposer(Agent):
    """Proposes what it is made to, whatever that is."""

    def __init__(self, id: str, proposal: object) -> None:
        super().__init__(AgentCard(id, "proposer"))
        self.proposal = proposal

    async def propose(self, motion: Motion, desk: Desk) -> Proposal | None:
        if isinstance(self.proposal, Exception):
            raise self.proposal
        if self.proposal is asyncio.Event:
            await asyncio.Event().wait()
        return self.proposal  # type: ignore[return-value]

    async def vote(self, motion: Motion, desk: Desk):
        return Vote(motion.options[0])


async def test_who_makes_no_proposal_is_left_out_with_the_reason_and_still_votes(
    kernel: Kernel, clock: FakeClock
):
    await deploy(
        kernel,
        Proposer("good", Proposal("csv", 0.9, "smaller")),
        Proposer("failed", ValueError("no idea")),
        Proposer("late", asyncio.Event),
        Proposer("nameless", Proposal("")),
        Proposer("odd", Proposal("parquet", float("nan"))),
    )
    voting = asyncio.create_task(kernel.vote("Which format?", deadline=3))
    await clock.advance(3.1)
    election = await voting
    without = election.motion.without_proposal
    assert set(without) == {"failed", "late", "nameless", "odd"}
    assert "no idea" in without["failed"]
    assert "within 3 s" in without["late"]
    assert without["nameless"].startswith("refused: option:")
    assert without["odd"].startswith("refused: score:")
    assert election.motion.proposals == (Proposal("csv", 0.9, "smaller", "good"),)
    assert (election.decision, election.tally.cast) == ("csv", 5)


async def test_when_nobody_proposes_anything_nobody_is_asked_to_vote(kernel: Kernel):
    await deploy(kernel, Proposer("a", None), Proposer("b", ValueError("no idea")))
    election = await kernel.vote("Which format?")
    assert election.tally.verdict is Verdict.NO_QUORUM
    assert election.tally.reason == "nobody proposed an option"
    assert election.missing["a"] == "proposed nothing"
    assert "no idea" in election.missing["b"]


async def test_a_vote_can_rank_approve_and_score(kernel: Kernel):
    class Ranker(Voter):
        async def vote(self, motion: Motion, desk: Desk):
            return self.said

        def __init__(self, id: str, **said: object) -> None:
            super().__init__(id, None)
            self.said = Vote(**said)  # type: ignore[arg-type]

    await deploy(
        kernel,
        Ranker("a", ranking=("x", ("y", "z"))),
        Ranker("b", approvals=("y", "z")),
        Ranker("c", scores={"x": 0.2, "y": 0.9}),
        Ranker("d", ranking=("x", "x")),
        Ranker("e", choice="y", ranking=("x",)),
    )
    election = await kernel.vote("?", ("x", "y", "z"), rule="borda")
    assert (election.rule, election.motion.rule) == ("borda", "borda")
    assert [each.choice for each in election.ballots] == ["x", None, "y"]
    assert election.ballots[0].ranking == ("x", ("y", "z"))
    assert election.decision == "y"
    assert "ranking.1: 'x' occurs twice" in election.missing["d"]
    assert "choice: 'y' is not what the ranking puts first" in election.missing["e"]


async def test_a_rule_that_nobody_provides_is_named(kernel: Kernel):
    with pytest.raises(UnknownStrategyError, match=r"'bordaa'.*Did you mean 'borda'"):
        await kernel.vote("?", ("a", "b"), rule="bordaa")


async def test_options_of_a_rule_are_those_that_are_configured(clock: FakeClock):
    config = KernelConfig.parse({"agents": [], "options": {"majority": {"tie_break": "order"}}})
    async with Kernel(config, clock=clock) as kernel:
        await deploy(kernel, Voter("a", "yes"), Voter("b", "no"))
        election = await kernel.vote("?", ("no", "yes"), rule="majority")
    assert election.motion.rule_options["tie_break"] == "order"
    assert election.tally.reason.startswith("'no' leads with 1 of 2 votes")


async def test_voters_weigh_what_reflection_learned(clock: FakeClock):
    class Learned:
        async def reflect(self, experiences, lessons, desk):
            return Reflection("r", desk.now(), "learned")

        def recall(self, task, lessons, seed):
            return Lessons({"a": 0.25, "b": float("nan"), "c": -1.0, "stranger": 5.0})

        @hookimpl
        def register_reflectors(self):
            return [Strategy("learned", lambda options: self)]

    config = KernelConfig.parse({"agents": [], "strategies": {"reflector": "learned"}})
    async with kernel_for(Learned(), config=config, clock=clock) as kernel:
        await deploy(kernel, Voter("a", "yes"), Voter("b", "no"), Voter("c", None))
        election = await kernel.vote("?", ("yes", "no"), rule="reputation-weighted")
        given = await kernel.elections.vote(
            "?", ("yes", "no"), rule="reputation-weighted", weights={"a": 3.0}
        )
    assert (election.motion.weights, election.decision) == ({"a": 0.25}, "no")
    assert given.decision == "yes"


@pytest.mark.parametrize(
    ("settings", "path"),
    [
        ({"quorum": 0}, "quorum"),
        ({"quorum": -1}, "quorum"),
        ({"deadline": 0.0}, "deadline_seconds"),
        ({"deadline": float("nan")}, "deadline_seconds"),
        ({"deadline": 1e300}, "deadline_seconds"),
        ({"weights": {"voter": float("inf")}}, "weights.voter"),
        ({"weights": {"voter": -1.0}}, "weights.voter"),
        ({"weights": {"voter": 1e9}}, "weights.voter"),
        ({"weights": {"stranger": 1.0}}, "no agent 'stranger'"),
        ({"options": ("",)}, "options.0"),
    ],
)
async def test_a_figure_that_makes_no_sense_is_refused_by_its_field(
    kernel: Kernel, store: MemoryStore, settings: dict[str, object], path: str
):
    await deploy(kernel, Voter("voter", "a"))
    with pytest.raises(InputError, match=path):
        await kernel.elections.vote("?", **{"options": ("a", "b"), **settings})
    assert not store.of("election.opened")


def person(id: str, choice: str) -> Voter:
    voter = Voter(id, choice)
    voter.card = replace(voter.card, human=True)
    return voter


async def test_a_person_may_vote_while_armed_and_nobody_waits_for_an_empty_chair(kernel: Kernel):
    await deploy(kernel, Voter("a", "yes"), person("operator", "no"))
    alone = await kernel.vote("?", ("yes", "no"))
    assert (alone.motion.voters, alone.decision) == (("a",), "yes")
    assert alone.missing == {"operator": "not eligible: no operator is armed"}
    kernel.roster.arm("operator")
    both = await kernel.vote("?", ("yes", "no"))
    assert (both.motion.voters, both.missing) == (("a", "operator"), {})
    assert (await kernel.vote("?", ("yes", "no"), voters=("operator",))).decision == "no"
    kernel.roster.arm("operator", armed=False)
    empty = await kernel.vote("?", ("yes", "no"), voters=("operator",))
    assert empty.tally.verdict is Verdict.NO_QUORUM


async def test_a_decision_is_recalled_on_record_and_its_voters_are_told(
    kernel: Kernel, store: MemoryStore, clock: FakeClock
):
    heard: list[JsonObject] = []

    class Listener(Voter):
        async def handle(self, message: Message, desk: Desk) -> None:
            heard.append(message.payload)

    await deploy(kernel, Listener("a", "yes"))
    election = await kernel.vote("Adopt?", ("yes", "no"))
    recalled = await kernel.elections.recall(election.motion.id, "the file was replaced")
    await clock.settle()
    assert (recalled.decision, recalled.tally.decision) == (None, "yes")
    assert kernel.votes == (recalled,)
    assert [each["decision"] for each in heard] == ["yes", None]
    assert heard[-1]["recalled"] == "the file was replaced"
    (event,) = store.of("election.recalled")
    assert (event.subject, event.body["reason"]) == (election.motion.id, "the file was replaced")
    assert recalled.sentence.endswith("; recalled: the file was replaced")
    with pytest.raises(InputError, match="was recalled before: the file was replaced"):
        await kernel.elections.recall(election.motion.id, "again")


async def test_only_what_is_remembered_can_be_recalled_and_for_a_reason(kernel: Kernel):
    await deploy(kernel, Voter("a", "yes"))
    election = await kernel.vote("?", ("yes", "no"))
    with pytest.raises(InputError, match="'unknown': is not among those"):
        await kernel.elections.recall("unknown", "why not")
    with pytest.raises(InputError, match="reason: is empty"):
        await kernel.elections.recall(election.motion.id, " ")


async def test_a_question_is_voted_on_again_by_those_who_are_still_there(
    kernel: Kernel, store: MemoryStore
):
    await deploy(kernel, Voter("a", "yes"), Voter("b", "yes"), Voter("gone", "no"))
    before = await kernel.vote("?", ("yes", "no"), rule="majority", evidence={"rows": 3}, quorum=2)
    await kernel.remove("gone")
    await deploy(kernel, Voter("newcomer", "no"))
    again = await kernel.elections.revote(before.motion.id)
    assert again.motion.recalls == before.motion.id
    assert again.motion.voters == ("a", "b")
    assert (again.rule, again.motion.context, again.motion.quorum) == ("majority", {"rows": 3}, 2)
    assert [each.recalled for each in kernel.votes] == ["put to the vote again", None]
    await kernel.elections.recall(again.motion.id, "a mistake")
    third = await kernel.elections.revote(again.motion.id)
    assert third.motion.recalls == again.motion.id
    assert len(store.of("election.recalled")) == 2


async def test_the_result_reads_in_one_sentence(kernel: Kernel):
    await deploy(kernel, Voter("a", "yes"), Voter("b", None), Voter("c", "perhaps"))
    election = await kernel.vote("Adopt?", ("yes", "no"))
    assert election.sentence == (
        "By supermajority, 'yes' won with 1 of 1 votes (100.0%), 67.0% needed; "
        "1 of 3 enrolled voted, 1 abstained, "
        "1 gave no ballot: c (refused: choice: 'perhaps' is no option)"
    )


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
