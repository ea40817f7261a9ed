"""Faults 27 and 28: voters that leave in the middle, and figures that are none."""

import asyncio
from math import inf, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sample_agents import Voter, card

from dataagents.core import Agent, Desk, Kernel, KernelConfig, Lot, Motion, Offer, Vote
from dataagents.core.errors import InputError
from dataagents.core.planning import PlannedTask
from dataagents.core.testing import FakeClock
from dataagents.core.values import from_json


class Absent(Agent):
    """Never comes back from a question."""

    def __init__(self, id: str) -> None:
        super().__init__(card(id))
        self.asked = asyncio.Event()

    async def vote(self, motion: Motion, desk: Desk) -> Vote:
        self.asked.set()
        await asyncio.Event().wait()
        raise AssertionError


@pytest.mark.parametrize(("quorum", "decided"), [(2, True), (3, False)])
async def test_an_agent_that_leaves_in_the_middle_of_a_vote_is_noted_and_quorum_applies(
    clock: FakeClock, quorum: int, decided: bool
):
    config = KernelConfig(agents=(), monitoring=False, seed=1)
    async with Kernel(config, clock=clock) as kernel:
        gone = Absent("gone")
        for agent in (Voter("a", "yes"), Voter("b", "yes"), gone):
            await kernel.deploy(agent)
        voting = asyncio.create_task(kernel.vote("Go?", ["yes", "no"], quorum=quorum, deadline=9))
        await gone.asked.wait()
        assert await kernel.remove("gone")
        await clock.advance(10)
        election = await voting
        assert (election.decision == "yes") is decided
        assert [each.voter for each in election.ballots if each.choice] == ["a", "b"]
        assert "gone" in str(election)


class Offering(Agent):
    """Bids what it is made to."""

    def __init__(self, id: str, offer: object) -> None:
        super().__init__(card(id, work=1.0))
        self.offer = offer

    async def bid(self, lot: Lot, desk: Desk) -> Offer | None:
        return self.offer  # type: ignore[return-value]


NO_FIGURES = [nan, inf, -inf, -1.0, 0.0, "1", None, [1], 10**400]


@pytest.mark.parametrize("cost", NO_FIGURES, ids=lambda each: repr(each)[:12])
async def test_a_bid_that_is_no_figure_is_refused_and_another_wins(clock: FakeClock, cost: object):
    async with Kernel(KernelConfig(agents=(), monitoring=False), clock=clock) as kernel:
        await kernel.deploy(Offering("odd", Offer(cost, 0.9)))  # type: ignore[arg-type]
        await kernel.deploy(Offering("fair", Offer(5.0, 0.9)))
        award = await kernel.auction(PlannedTask("work", "work"))
        assert award.winner == "fair"
        assert "odd" in award.rejected


@pytest.mark.parametrize("quality", [nan, inf, -0.1, 1.1, "1", [1]], ids=repr)
async def test_a_quality_outside_its_range_is_refused(clock: FakeClock, quality: object):
    async with Kernel(KernelConfig(agents=(), monitoring=False), clock=clock) as kernel:
        await kernel.deploy(Offering("odd", Offer(1.0, quality)))  # type: ignore[arg-type]
        await kernel.deploy(Offering("fair", Offer(5.0, 0.9)))
        award = await kernel.auction(PlannedTask("work", "work"))
        assert award.winner == "fair"
        assert "odd" in award.rejected


@given(
    st.one_of(
        st.floats().filter(lambda each: not 0 <= each <= 1), st.text(), st.none(),
        st.lists(st.integers(), max_size=2), st.integers().filter(lambda each: each not in (0, 1)),
    )
)  # fmt: skip
def test_a_confidence_that_is_none_is_refused_with_its_field(confidence: object):
    with pytest.raises(InputError, match="confidence"):
        from_json(Vote, {"choice": "yes", "confidence": confidence, "reason": ""})


@pytest.mark.parametrize("figure", [True, "0.5", None, -0.5, float("nan"), [0.5]], ids=repr)
@pytest.mark.parametrize(
    ("type_", "values"),
    [(Vote, {"choice": "yes", "confidence": 0.5}), (Offer, {"cost": 1.0, "quality": 0.5})],
    ids=["vote", "offer"],
)
def test_a_figure_from_another_process_is_a_number_or_refused(
    type_: type, values: dict[str, object], figure: object
):
    from_json(type_, values)
    field = list(values)[-1]
    with pytest.raises(InputError, match=field):
        from_json(type_, {**values, field: figure})
