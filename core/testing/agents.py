"""The contract of agents."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from copy import deepcopy

from dataagents.core.agents import Agent
from dataagents.core.bidding import AwardOutcome
from dataagents.core.cards import SAMPLE
from dataagents.core.config import KernelConfig
from dataagents.core.deployment import Deployed
from dataagents.core.kernel import Kernel
from dataagents.core.messaging import MessageType, ReceiptStatus
from dataagents.core.planning import PlannedTask
from dataagents.core.testing.kernels import kernel_for
from dataagents.core.tracing import TraceContext
from dataagents.core.values import JsonObject

_EVIDENCE: tuple[JsonObject, ...] = (
    {},
    {"facts": None, "dataset": 3},
    {"decision": "decide_schema", "dataset": "x", "facts": {"schema:x": [1], "quality:x": "good"}},
)


class AgentContract:
    """What every agent holds to, tried in a kernel: agents are reached by messages alone."""

    def agent(self) -> Agent:
        """Return the agent under test."""
        raise NotImplementedError

    async def test_it_passes_its_health_check(self) -> None:
        """It answers, and processes the sample, which stays as it was."""
        before = deepcopy(SAMPLE)
        async with kernel_for(config=KernelConfig(agents=())) as kernel:
            outcome = await kernel.deploy(self.agent())
        assert isinstance(outcome, Deployed), outcome
        assert outcome.report.processing
        assert before == SAMPLE

    async def test_it_is_well_without_rows(self) -> None:
        """An empty sample is a sample."""
        async with kernel_for(config=KernelConfig(agents=())) as kernel:
            assert isinstance(await kernel.deploy(self.agent(), ()), Deployed)

    async def test_it_votes_for_an_option_or_abstains(self) -> None:
        """Whatever the question and the evidence are, there is a valid ballot."""
        for evidence in _EVIDENCE:
            async with self._deployed() as (kernel, agent):
                election = await kernel.vote(
                    "Accept?", ("accept", "reject"), voters=(agent,), evidence=evidence
                )
            assert election.missing == {}, election.missing
            assert len(election.ballots) == 1

    async def test_it_bids_for_what_it_can_do_and_nothing_else(self) -> None:
        """It takes part where its card fits, and stays out where a capability is lacking."""
        async with self._deployed() as (kernel, agent):
            able = PlannedTask("work(x)", "work", requires=dict(self.agent().card.capabilities))
            unable = PlannedTask("work(y)", "work", requires={"unheard-of": 0.1})
            answered = await kernel.auction(able, bidders=(agent,))
            refused = await kernel.auction(unable, bidders=(agent,))
            letters = tuple(kernel.hub.dead_letters)
        assert answered.winner in (agent, None)
        assert refused.outcome is AwardOutcome.NO_ELIGIBLE
        assert letters == (), letters

    async def test_a_message_that_says_nothing_costs_nothing(self) -> None:
        """An empty request is handled, with a reply or without."""
        async with self._deployed() as (kernel, agent):
            asked = kernel.hub.compose(
                "tester", agent, MessageType.DATA_REQUEST, {}, context=TraceContext()
            )
            receipt = await kernel.hub.send(asked)
        assert receipt.status is ReceiptStatus.DELIVERED, receipt.reason

    async def test_a_task_has_a_result(self) -> None:
        """Even when there is nothing to do it with: the result is about that task."""
        async with self._deployed() as (kernel, agent):
            result = await kernel.delegate(PlannedTask("idle(x)", "idle", {"dataset": "x"}), agent)
        assert (result.task, result.agent) == ("idle(x)", agent)
        assert result.success or result.error

    @asynccontextmanager
    async def _deployed(self) -> AsyncIterator[tuple[Kernel, str]]:
        agent = self.agent()
        async with kernel_for(config=KernelConfig(agents=())) as kernel:
            outcome = await kernel.deploy(agent)
            assert isinstance(outcome, Deployed), outcome
            yield kernel, agent.card.id
