"""`dataagents replay`: what a store has of votes and auctions, decided again."""

import asyncio
import json
import re
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest
from sample_agents import Broken, card

from dataagents.core import Agent, KernelConfig, PlannedTask, Vote
from dataagents.core.bidding import Weights
from dataagents.core.clock import SystemClock
from dataagents.core.plugin_manager import PluginManager
from dataagents.core.testing import kernel_for
from dataagents.storage import SqliteStore

STORE = Path(".dataagents/store.db")
REGISTRY = PluginManager().load()
TASK = PlannedTask("dig(hole)", "dig", requires={"dig": 0.5}, seconds=3)
VOTES = (
    Vote("a", 0.9, "as I see it"),
    Vote(ranking=("b", ("a", "c")), confidence=0.31),
    Vote(approvals=("a", "c"), confidence=0.7, vetoes=("c",)),
    Vote(scores={"a": 0.1, "b": 0.35, "c": 0.7}, confidence=1 / 3),
    Vote(reason="no view"),
    Vote("nonsense"),
)


class Saying(Agent):
    """Votes as it is made to."""

    def __init__(self, id, said):
        super().__init__(card(id))
        self.said = said

    async def vote(self, motion, desk):
        return self.said


@pytest.fixture
def recorded(home):
    """Have a kernel that writes to a store decide, and return the id of what it decided."""

    async def conduct(decide, config):
        STORE.parent.mkdir(exist_ok=True)
        async with (
            SqliteStore(STORE) as store,
            kernel_for(config=KernelConfig.parse(config), store=store, clock=SystemClock()) as each,
        ):
            return await decide(each)

    return lambda decide, **config: asyncio.run(conduct(decide, {"agents": [], **config}))


def voting(rule, **options):
    async def decide(kernel):
        for number, said in enumerate(VOTES):
            await kernel.deploy(Saying(f"voter-{number}", said))
        weights = {"voter-1": 0.3}
        election = await kernel.elections.vote(
            "Which?", ("c", "b", "a"), rule=rule, weights=weights, quorum=2, about="letters"
        )
        return election.motion.id

    return decide


async def deploy_diggers(kernel):
    for name, cost, level in (("a", 4.0, 0.9), ("b", 5.0, 0.7), ("c", 7.5, 1.0)):
        await kernel.deploy(Agent(card(name, cost, dig=level)))
    await kernel.deploy(Broken("broken", dig=1.0))
    await kernel.deploy(Agent(card("weak", dig=0.2)))


def auctioning(auction):
    async def decide(kernel):
        await deploy_diggers(kernel)
        weights = Weights(quality=1.5, seconds=0.5)
        return (await kernel.auction(TASK, auction=auction, reserve=20.0, weights=weights)).lot

    return decide


async def allocating(kernel):
    await deploy_diggers(kernel)
    tasks = [replace(TASK, id=f"dig({number})") for number in range(5)]
    return (await kernel.allocate(tasks, budget=100)).id


def change(statement, *values):
    """Change a record, which the store itself never does."""
    with sqlite3.connect(STORE) as store:
        store.execute("DROP TRIGGER journal_keeps_values")
        store.execute(f"UPDATE journal SET {statement}", values)
    store.close()


@pytest.mark.parametrize("rule", REGISTRY.voting_rules)
def test_every_rule_comes_to_the_same_result(cli, recorded, rule):
    options = {rule: {"tie_break": "seeded", "turnout": 0.3, "veto": ["voter-2"]}}
    vote = recorded(voting(rule), options=options)

    done = cli("replay", vote)
    assert done.exit_code == 0
    assert done.stdout.endswith("Decided again from the record: the same result.\n")
    assert f"By {rule}, " in done.stdout
    assert re.search(r"^  voter-1 +b > a = c ", done.stdout, re.MULTILINE)
    told = json.loads(cli("replay", vote, "--json").stdout)
    assert (told["kind"], told["same"], told["differences"]) == ("vote", True, [])
    assert len(told["recorded"]["ballots"]) == 5
    assert set(told["recorded"]["missing"]) == {"voter-5"}


@pytest.mark.parametrize("auction", REGISTRY.auctions)
def test_every_auction_comes_to_the_same_award(cli, recorded, auction):
    lot = recorded(auctioning(auction))

    done = cli("replay", lot)
    assert done.exit_code == 0
    assert done.stdout.endswith("Decided again from the record: the same result.\n")
    assert f"By {auction}, dig(hole) goes to " in done.stdout
    assert "can't take part: weak ('dig' at 0.2, needs 0.5)" in done.stdout
    told = json.loads(cli("replay", lot, "--json").stdout)
    assert (told["kind"], told["same"], told["about"]) == ("auction", True, "dig(hole)")
    assert told["recorded"]["winner"]


@pytest.mark.parametrize("allocator", REGISTRY.allocators)
def test_every_allocation_comes_to_the_same_awards(cli, recorded, allocator):
    batch = recorded(allocating, strategies={"allocator": allocator})

    done = cli("replay", batch)
    assert done.exit_code == 0
    assert "5 of 5 lots are awarded" in done.stdout
    assert done.stdout.endswith("Decided again from the record: the same result.\n")
    told = json.loads(cli("replay", batch, "--json").stdout)
    assert (told["kind"], told["same"]) == ("allocation", True)
    assert len(told["recorded"]["awards"]) == 5
    listed = json.loads(cli("replay", "--json").stdout)["decisions"]
    assert [(each["id"], each["same"]) for each in listed] == [(batch, True)]


def test_the_decisions_of_a_run_are_listed_with_their_ids(cli, ran):
    done = cli("replay")
    told = json.loads(cli("replay", "--json").stdout)["decisions"]
    assert done.exit_code == 0
    assert {each["run"] for each in told} == {ran}
    assert {each["kind"] for each in told} == {"vote", "auction"}
    assert f"{len(told)} of {len(told)} come to the same result from the record." in done.stdout
    for each in told:
        assert re.search(rf"^ {each['id']} +{each['kind']} .* same$", done.stdout, re.MULTILINE)
        assert cli("replay", each["id"]).exit_code == 0
    assert json.loads(cli("replay", "--run", ran, "--json").stdout)["decisions"] == told
    assert cli("replay", "--run", "-").stdout == "No votes and no auctions in this run.\n"


def test_a_decision_is_found_by_the_beginning_of_its_id(cli, recorded):
    lot = recorded(auctioning("vickrey"))

    assert cli("replay", lot[:-3]).exit_code == 0
    assert cli("replay", lot[3:]).exit_code == 0


def test_a_vote_on_record_that_was_changed_is_another_result_and_1(cli, recorded):
    vote = recorded(voting("plurality"))
    change(
        "body = json_set(body, '$.choice', 'b') WHERE kind = 'ballot.cast' AND agent = 'voter-0'"
    )

    done = cli("replay", vote)
    assert done.exit_code == 1
    assert "Decided again from the record: ANOTHER result." in done.stdout
    assert re.search(r"counts\.a +1 +0", done.stdout)
    told = json.loads(cli("replay", "--json").stdout)["decisions"]
    assert {"field": "counts.b", "recorded": "1", "now": "2"} in told[0]["differences"]
    listed = cli("replay")
    assert (listed.exit_code, "DIFFERENT" in listed.stdout) == (1, True)
    assert "0 of 1 come to the same result" in listed.stdout


def test_an_award_on_record_that_was_changed_is_another_result(cli, recorded):
    lot = recorded(auctioning("vickrey"))
    change("body = json_set(body, '$.cost', 99.0) WHERE kind = 'bid.made' AND agent = 'b'")

    done = cli("replay", lot)
    assert done.exit_code == 1
    assert re.search(r"price +5\.0 +7\.5", done.stdout)


def test_a_share_on_record_that_was_changed_is_another_result(cli, recorded):
    batch = recorded(allocating)
    change("body = json_set(body, '$.winner', 'c') WHERE kind = 'auction.closed'")

    done = cli("replay", batch)
    assert done.exit_code == 1
    assert re.search(r"awards\.0\.winner +c +[ab]", done.stdout)


def test_a_record_that_makes_no_sense_any_more_is_told(cli, recorded):
    vote = recorded(voting("plurality"))
    change(
        "body = json_set(body, '$.choice', 'z') WHERE kind = 'ballot.cast' AND agent = 'voter-0'"
    )

    done = cli("replay", vote)
    assert (done.exit_code, done.stdout) == (2, "")
    assert "ballots.0.choice: 'z' is no option" in done.stderr
    listed = cli("replay")
    assert (listed.exit_code, "failed" in listed.stdout) == (1, True)
    (told,) = json.loads(cli("replay", "--json").stdout)["decisions"]
    assert told["same"] is None
    assert "is no option" in told["error"]


def test_a_rule_that_is_gone_is_named(cli, recorded):
    vote = recorded(voting("plurality"))
    change("body = json_set(body, '$.rule', 'pluralty') WHERE kind = 'election.opened'")

    done = cli("replay", vote)
    assert done.exit_code == 2
    assert "no voting rule named 'pluralty' is installed. Did you mean 'plurality'?" in done.stderr


def test_what_was_never_closed_is_neither_the_same_nor_different(cli, recorded):
    lot = recorded(auctioning("vickrey"))
    change("kind = 'forgotten' WHERE kind = 'auction.closed'")

    listed = cli("replay")
    assert listed.exit_code == 0
    assert re.search(rf"{lot} +auction +dig\(hole\) +never closed +-$", listed.stdout, re.M)
    assert json.loads(cli("replay", "--json").stdout)["decisions"][0]["error"] == "never closed"
    alone = cli("replay", lot)
    assert (alone.exit_code, "the auction was never closed" in alone.stderr) == (2, True)


def test_a_recalled_decision_says_so(cli, recorded):
    async def decide(kernel):
        vote = await voting("plurality")(kernel)
        await kernel.elections.recall(vote, "the data was wrong")
        return vote

    vote = recorded(decide)
    assert "recalled: the data was wrong" in cli("replay", vote).stdout
    assert "(recalled: the data was wrong)" in cli("replay").stdout


def test_an_unknown_decision_is_one_line_and_2(cli, recorded):
    async def decide(kernel):
        await voting("plurality")(kernel)
        return await allocating(kernel)

    recorded(decide)
    unknown, many = cli("replay", "zzz"), cli("replay", "1")
    assert (unknown.exit_code, many.exit_code) == (2, 2)
    assert "decision 'zzz': there is no such vote or auction. Known: " in unknown.stderr
    assert "it fits 2 of them. It may be " in many.stderr


def test_a_missing_store_is_one_line_and_2(cli, home):
    for arguments in ((), ("x",)):
        done = cli("replay", *arguments)
        assert (done.exit_code, done.stdout) == (2, "")
        assert "there is no such file" in done.stderr
    assert list(home.iterdir()) == []


def test_an_empty_store_has_nothing_to_decide(cli, recorded):
    async def nothing(kernel):
        return None

    recorded(nothing)
    assert cli("replay").stdout == "No votes and no auctions in this run.\n"
    assert "no votes and no auctions yet" in cli("replay", "x").stderr


@pytest.mark.parametrize("columns", ["80", "160"])
def test_nothing_is_wider_than_the_terminal(cli, recorded, columns):
    lot = recorded(auctioning("english"))
    for arguments in ((), (lot,)):
        told = cli("replay", *arguments, COLUMNS=columns).stdout
        assert max(map(len, told.splitlines())) <= int(columns)
