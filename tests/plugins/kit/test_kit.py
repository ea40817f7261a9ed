import asyncio
from itertools import repeat

import pytest
from pydantic import BaseModel

from dataagents.core import Agent, AgentCard, KernelConfig, Strategy, hookimpl
from dataagents.core.bidding import Award, AwardOutcome, CallForBids
from dataagents.core.errors import DataAgentsError, DuplicateNameError, ModelError
from dataagents.core.meta_analysis import Circle, HistoryAnalysis, Recommendation
from dataagents.core.models import Completion, Prompt
from dataagents.core.plugin_manager import OURS, PluginState
from dataagents.core.testing import (
    AnalystContract,
    AuctionContract,
    MemoryStore,
    ModelContract,
    RecordingObserver,
    RouterContract,
    ScriptedModel,
    VotingRuleContract,
    kernel_for,
)
from dataagents.core.testing.operation import event
from dataagents.core.voting import Tally, Verdict


class Choice(BaseModel):
    option: str


FIRST, SECOND = Prompt("be brief", "first?"), Prompt("be brief", "second?")


async def test_a_scripted_model_says_what_was_written_in_order():
    model = ScriptedModel(["one", Completion("two", tokens=7)])
    assert await model.complete(FIRST) == Completion("one")
    assert (await model.complete(SECOND)).tokens == 7
    assert model.prompts == [FIRST, SECOND]


async def test_a_script_that_is_over_names_the_prompt():
    model = ScriptedModel(["one"])
    await model.complete(FIRST)
    with pytest.raises(AssertionError, match=r"over after 1 replies; asked: .*'second\?'"):
        await model.complete(SECOND)


async def test_a_decision_is_what_was_written_and_validated_by_nobody():
    model = ScriptedModel(['{"option": "accept"}', "no JSON at all"])
    assert (await model.decide(FIRST, Choice)).text == '{"option": "accept"}'
    assert (await model.decide(FIRST, Choice)).text == "no JSON at all"


async def test_a_script_may_have_errors_in_it():
    model = ScriptedModel([ModelError("scripted", "too many requests", retryable=True), "one"])
    with pytest.raises(ModelError, match="too many requests"):
        await model.complete(FIRST)
    assert (await model.complete(FIRST)).text == "one"


async def test_a_kernel_opens_a_scripted_model_by_name_and_closes_it():
    model = ScriptedModel([])
    config = KernelConfig(agents=(), model="scripted:any")
    async with kernel_for(model, config=config):
        assert not model.closed
    assert model.closed


async def test_a_memory_store_keeps_each_event_once():
    store = MemoryStore()
    await store.commit([event(1), event(2, "other")])
    await store.commit([event(2, "other"), event(3)])
    assert [each.id for each in store.events] == ["event-1", "event-2", "event-3"]
    assert [each.id for each in store.of("other")] == ["event-2"]


@pytest.mark.parametrize(("limit", "ids"), [(0, []), (1, ["event-3"]), (9, ["event-1", "event-3"])])
async def test_a_memory_store_returns_the_newest_oldest_first(limit, ids):
    store = MemoryStore()
    await store.commit([event(1), event(2, "other"), event(3)])
    assert [each.id for each in await store.recent("task.ended", limit)] == ids


async def test_a_kernel_for_tests_has_what_it_is_given_and_what_is_bundled():
    observer, store = RecordingObserver(), MemoryStore()
    async with kernel_for(observer, config=KernelConfig(agents=()), store=store) as kernel:
        loaded = [each for each in kernel.plugins if each.state is PluginState.LOADED]
        await kernel.deploy(Agent(AgentCard("a", "agent")))
    assert {each.distribution for each in loaded} == {OURS, ""}
    assert loaded[-1].provides == {"observers": ("recording",)}
    assert observer.events == store.events
    assert store.events[-1].kind == "kernel.stopped"


async def test_two_kernels_for_tests_make_the_same_ids():
    assert kernel_for().id == kernel_for().id
    assert kernel_for().id != kernel_for(config=KernelConfig(seed=7)).id


async def test_a_broken_plugin_is_not_passed_over():
    class Taken:
        @hookimpl
        def register_observers(self):
            return (Strategy("log", lambda options: RecordingObserver()),)

    with pytest.raises(DuplicateNameError, match="'log' is already provided"):
        await kernel_for(Taken()).__aenter__()


def refuted(contract):
    """Run a contract; return the names of the tests that do not pass."""
    failed = []
    for name in (each for each in dir(contract) if each.startswith("test_")):
        try:
            outcome = getattr(contract, name)()
            if outcome is not None:
                asyncio.run(outcome)
        except (AssertionError, DataAgentsError, TypeError, ValueError, ZeroDivisionError):
            failed.append(name)
    return failed


class FirstVoterRules:
    """Decides as the first ballot does, which breaks nearly every promise."""

    def tally(self, motion, ballots):
        most = sum(ballot.choice is not None for ballot in ballots)
        choice = ballots[0].choice if ballots else motion.options[0]
        verdict = Verdict.DECIDED if choice else Verdict.UNDECIDED
        return Tally(verdict, choice, (), {}, most, 0, most / len(ballots), "1", "")


class FirstBidderWins:
    """Awards to whoever is heard first, whatever the figures."""

    def open(self, lot):
        return CallForBids(lot)

    def advance(self, call, bids):
        winner = bids[0].bidder if bids else "nobody"
        return Award(call.lot.id, AwardOutcome.AWARDED, "", winner, 1.0)


class EchoToAll:
    """Routes to the recipient, known or not, and back to the sender."""

    def route(self, message, roster, traffic):
        return (message.recipient, message.sender)


def test_a_contract_finds_a_rule_that_breaks_it():
    class Broken(VotingRuleContract):
        def rule(self):
            return FirstVoterRules()

    assert set(refuted(Broken())) >= {
        "test_nothing_is_decided_without_a_choice",
        "test_too_few_ballots_are_no_quorum",
        "test_the_order_of_the_ballots_does_not_matter",
        "test_the_figures_add_up",
    }


def test_a_contract_finds_an_auction_that_breaks_it():
    class Broken(AuctionContract):
        def auction(self):
            return FirstBidderWins()

    assert set(refuted(Broken())) >= {
        "test_a_figure_that_makes_no_sense_never_wins",
        "test_a_tie_is_settled_the_same_way_in_any_order",
        "test_without_bids_there_is_no_winner",
    }


def test_a_contract_finds_a_router_that_breaks_it():
    class Broken(RouterContract):
        def router(self):
            return EchoToAll()

    assert set(refuted(Broken())) >= {
        "test_it_names_known_agents_only_and_each_once",
        "test_everyone_leaves_out_the_sender",
        "test_an_empty_roster_has_no_recipients",
    }


class MoodyAnalyst:
    """Says something else each time, about steps that there are not."""

    moods = 0

    def analyze(self, steps):
        MoodyAnalyst.moods += 1
        score = sum(step.score for step in steps) + MoodyAnalyst.moods
        advice = tuple(Recommendation(0, step.thought + (step.error or "")) for step in steps)
        return HistoryAnalysis(
            score, score, circles=(Circle((), (99,), ""),), recommendations=advice
        )


class VagueModel:
    """Says nothing, for less than nothing, and closes once."""

    closed = False

    async def complete(self, prompt):
        return Completion("", tokens=-1, cost=float("nan"))

    async def decide(self, prompt, into):
        return into.model_construct(option="accept")

    async def close(self):
        if self.closed:
            raise ValueError("closed twice")
        self.closed = True


def test_a_contract_finds_an_analyst_that_breaks_it():
    class Broken(AnalystContract):
        def analyst(self):
            return MoodyAnalyst()

    assert refuted(Broken()) == [each for each in dir(Broken) if each.startswith("test_")]


def test_a_contract_finds_a_model_that_breaks_it():
    class Broken(ModelContract):
        def model(self):
            return VagueModel()

    assert set(refuted(Broken())) == {
        "test_it_closes",
        "test_it_completes_with_text",
        "test_it_decides_with_text",
        "test_what_it_says_can_be_recorded",
    }


class TestScriptedModel(ModelContract):
    def model(self):
        return ScriptedModel(repeat(Completion('{"option": "accept"}', tokens=3, cost=0.1)))
