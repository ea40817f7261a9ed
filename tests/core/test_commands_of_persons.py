"""A person elsewhere: answers, ballots and vetoes that come as commands."""

import asyncio

from commanding import INTERVAL, answered, command, commanded
from sample_agents import Voter, card

from dataagents.core import Kernel
from dataagents.core.commands import (
    Command,
)
from dataagents.core.commands.person import Person
from dataagents.core.events import Event


async def ask(kernel: Kernel, options=("yes", "no"), **rest: object):
    return await kernel.vote("Adopt?", options, about="orders", **rest)


async def test_a_person_answers_from_elsewhere():
    async with commanded(strategy_timeout=3600, consensus_timeout=600) as (kernel, store, clock):
        await kernel.deploy(Person(card("anna"), clock))
        await kernel.deploy(Voter("a", "no"))
        kernel.roster.arm("anna")
        async with asyncio.TaskGroup() as group:
            work = group.create_task(ask(kernel))
            await clock.settle()
            (asked,) = kernel.elections.booth.asked
            target = f"question:{asked.motion.id}"
            wrong, right, late = await answered(
                store, clock,
                command("answer", target, id="1", arguments={"choice": "yess"}),
                command("answer", target, id="2", arguments={"choice": "yes"}),
                command("answer", target, id="3", arguments={"choice": "no"}),
            )  # fmt: skip
            await clock.advance(2 * INTERVAL)
            election = await work
    assert "Did you mean 'yes'?" in wrong.message
    assert right.message == "anna votes 'yes' on 'orders'"
    assert {ballot.voter: ballot.choice for ballot in election.ballots} == {
        "anna": "yes",
        "a": "no",
    }
    assert next(b for b in election.ballots if b.voter == "anna").reason == "anna: why not"
    assert "does not wait for a person" in late.message


class AtTerminal(Person):
    """Is asked at a terminal that nobody looks at."""

    withdrawn = False

    async def vote(self, motion, desk):
        try:
            return await super().vote(motion, desk)
        finally:
            self.withdrawn = True


async def test_a_question_at_a_terminal_is_withdrawn_when_it_is_answered_elsewhere():
    async with commanded(strategy_timeout=3600) as (kernel, store, clock):
        person = AtTerminal(card("operator"), clock)
        await kernel.deploy(person)
        kernel.roster.arm("operator")
        async with asyncio.TaskGroup() as group:
            work = group.create_task(ask(kernel))
            await clock.settle()
            assert not person.withdrawn
            target = f"question:{kernel.elections.booth.asked[0].motion.id}"
            await answered(store, clock, command("answer", target, arguments={"choice": "no"}))
            assert person.withdrawn
            assert (await work).decision == "no"


async def test_the_answer_decides_about_a_step_that_may_have_happened():
    async with commanded() as (_, store, clock):
        context = {"run": "pay"}
        started = {"n": 1, "input": "x", "external": True, "policy": "ask"}
        for number, (kind, subject, body) in enumerate(
            [("run.started", "pay", {"task": "pay"}), ("step.started", "charge", started)]
        ):
            await store.commit([Event(str(number), clock.now(), kind, subject, body, **context)])

        def said(target: str, **arguments: str) -> Command:
            return command("answer", target, id=str(arguments), arguments=arguments)

        wrong, late, done = await answered(
            store, clock,
            said("question:pay/charge", choice="perhaps"),
            said("question:pay/chrge", choice="skip"),
            said("question:pay/charge", choice="done", result='{"eur": 5}'),
        )  # fmt: skip
        await clock.advance(INTERVAL)
    assert "Known: done, repeat, skip." in wrong.message
    assert "charge" in late.message
    assert done.executed, done.message
    (decided,) = store.of("step.decided")
    assert (decided.body["verdict"], decided.body["by"]) == ("done", "anna")
    assert decided.body["result"] == {"eur": 5}


async def test_a_person_vetoes_where_the_rule_lets_them():
    options = {"supermajority": {"veto": ["anna"], "threshold": 0.4}}
    settings = {"strategy_timeout": 3600, "options": options}
    async with commanded(**settings) as (kernel, store, clock):
        for agent in (Person(card("anna"), clock), Voter("a", "yes"), Voter("b", "yes")):
            await kernel.deploy(agent)
        kernel.roster.arm("anna")
        async with asyncio.TaskGroup() as group:
            work = group.create_task(ask(kernel))
            await clock.settle()
            target = f"election:{kernel.elections.booth.asked[0].motion.id}"
            (empty,) = await answered(store, clock, command("cast", target))
            veto = command("cast", target, id="veto", arguments={"veto": "yes"})
            (answer,) = await answered(store, clock, veto)
            election = await work
    assert "says nothing" in empty.message
    assert answer.executed
    assert election.decision is None
    assert "anna vetoed it: anna: why not" in election.tally.reason


async def test_nobody_votes_for_an_agent_or_for_a_person_who_is_not_armed():
    async with commanded(strategy_timeout=3600) as (kernel, store, clock):
        for agent in (Person(card("anna"), clock), Person(card("bert"), clock), Voter("a", "yes")):
            await kernel.deploy(agent)
        kernel.roster.arm("anna")
        kernel.roster.arm("bert")
        async with asyncio.TaskGroup() as group:
            work = group.create_task(ask(kernel))
            await clock.settle()
            target = f"election:{kernel.elections.booth.asked[0].motion.id}"

            def ballot(voter: str) -> Command:
                said = {"choice": "yes", "voter": voter}
                return command("cast", target, id=f"as {voter}", arguments=said)

            answers = [
                (await answered(store, clock, ballot(voter)))[0] for voter in ("", "a", "bert")
            ]
            kernel.roster.arm("anna", False)
            answers += await answered(store, clock, ballot("anna"))
            await clock.advance(60)
            election = await work
    said = [answer.message for answer in answers]
    assert "several people are asked. Say whose ballot it is: anna, bert." in said[0]
    assert "nobody waits for this one's ballot" in said[1]
    assert said[2] == "bert votes 'yes' on 'orders'"
    assert "no operator is armed" in said[3]
    reasons = {ballot.voter: ballot.reason for ballot in election.ballots}
    assert reasons["anna"] == "nobody answered"


async def test_a_person_who_does_not_answer_is_no_failure():
    async with commanded(strategy_timeout=3600) as (kernel, _, clock):
        await kernel.deploy(Person(card("anna"), clock))
        kernel.roster.arm("anna")
        for _ in range(7):
            async with asyncio.TaskGroup() as group:
                work = group.create_task(ask(kernel))
                await clock.advance(31)
                election = await work
            assert election.ballots[0].reason == "nobody answered"
        assert kernel.elections.booth.asked == ()
