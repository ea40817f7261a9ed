import pytest
from pydantic import BaseModel

from dataagents.core import Agent, AgentCard, KernelConfig, Strategy, hookimpl
from dataagents.core.bidding import Award, AwardOutcome, CallForBids
from dataagents.core.errors import DuplicateNameError, InputError
from dataagents.core.plugin_manager import OURS, PluginState
from dataagents.core.reasoning import Completion
from dataagents.core.testing import (
    AuctionContract,
    MemoryStore,
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


async def test_a_scripted_model_says_what_was_written_in_order():
    model = ScriptedModel(["one", Completion("two", tokens=7)])
    assert await model.complete("first?") == Completion("one")
    assert (await model.complete("second?")).tokens == 7
    assert model.prompts == ["first?", "second?"]


async def test_a_script_that_is_over_names_the_prompt():
    model = ScriptedModel(["one"])
    await model.complete("first?")
    with pytest.raises(AssertionError, match=r"over after 1 replies; asked: 'second\?'"):
        await model.complete("second?")


async def test_a_decision_is_validated():
    model = ScriptedModel(['{"option": "accept"}', '{"choice": 1}', "no JSON at all"])
    assert await model.decide("?", Choice) == Choice(option="accept")
    with pytest.raises(InputError, match="option: Field required"):
        await model.decide("?", Choice)
    with pytest.raises(InputError, match="reply of the model"):
        await model.decide("?", Choice)


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
            getattr(contract, name)()
        except (AssertionError, ZeroDivisionError):
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

    def route(self, message, roster):
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
