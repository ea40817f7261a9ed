from dataclasses import replace

from dataagents.core import Agent, AgentCard, KernelConfig, PlannedTask, TaskResult
from dataagents.core.testing import AuctionContract, kernel_for
from dataagents.core.testing.bidding import award, bid
from dataagents.plugins.bidding.contract_net import ContractNet, ContractNetOptions


def contract_net(**options):
    return ContractNet(ContractNetOptions(**options))


class TestContractNet(AuctionContract):
    def auction(self):
        return contract_net()


def test_it_awards_as_the_sealed_bid_auction_does(first_price):
    bids = [bid("dear", 4.0, 1.0), bid("fair", 2.0, 0.8), bid("poor", 1.0, 0.3)]
    assert award(contract_net(max_retries=0), bids) == award(first_price, bids)


def test_the_award_says_how_often_it_may_be_made_anew():
    assert award(contract_net(), [bid("a")]).retries == 2
    assert award(contract_net(max_retries=0), [bid("a")]).retries == 0


def test_the_winner_is_held_to_the_time_it_promised():
    bids = [replace(bid("a"), seconds=10.0)]
    assert award(contract_net(slack=1.5), bids).seconds_allowed == 15
    assert award(contract_net(), bids).seconds_allowed is None
    assert award(contract_net(slack=1.5), [bid("silent")]).seconds_allowed is None


class Worker(Agent):
    """Bids its cost; works, or crashes."""

    def __init__(self, id, cost, able, fails):
        super().__init__(AgentCard(id, "worker", {"work": 0.9 if able else 0.1}, cost))
        self.fails = fails

    async def execute(self, task, desk):
        if self.fails:
            raise RuntimeError(f"{self.card.id} crashed")
        return TaskResult(task.id, success=True)


async def contract_with(case, fails):
    config = KernelConfig.parse({"agents": [], "strategies": {"auction": "contract-net"}})
    task = PlannedTask("work(x)", "work", requires={"work": 0.5})
    async with kernel_for(config=config) as kernel:
        for who, cost in case["bids"].items():
            await kernel.deploy(Worker(who, cost, who in case["eligible"], who in fails))
        return await kernel.contract(task)


async def test_case_a05_the_next_best_takes_over_until_somebody_succeeds(auction_case):
    case = auction_case("A05")
    expected = case["expected"]
    contract = await contract_with(case["input"], case["input"]["fails"])
    assert [each.award.winner for each in contract.attempts] == expected["order"]
    assert contract.award.winner == contract.result.agent == expected["winner"]
    assert contract.result.success
    assert set(contract.award.ineligible) == {"cheap_ineligible"}


async def test_case_a05_after_the_last_retry_the_task_failed_with_its_attempts(auction_case):
    case = auction_case("A05")
    expected = case["expected"]["all_fail"]
    contract = await contract_with(case["input"], case["input"]["eligible"])
    attempts = [each.award.winner for each in contract.attempts]
    assert attempts == expected["attempts"]
    assert not contract.result.success
    assert contract.result.error.startswith("3 agents failed: a: ")
    assert all(f"{who}: " in contract.result.error for who in attempts)
