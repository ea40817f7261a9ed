from dataagents.core import Agent, AgentCard, Desk, KernelConfig, Motion, Vote
from dataagents.core.testing import VotingRuleContract, kernel_for
from dataagents.core.testing.voting import ballots, motion
from dataagents.core.voting import Verdict, VotingRule

import dataagents_example
from dataagents_example.clear_lead import ClearLead, ClearLeadOptions


class TestClearLead(VotingRuleContract):
    """All that every voting rule has to hold to."""

    def rule(self) -> VotingRule:
        return ClearLead(ClearLeadOptions())


class Voter(Agent):
    """Votes for what it is told to."""

    def __init__(self, name: str, choice: str) -> None:
        super().__init__(AgentCard(name, "voter"))
        self._choice = choice

    async def vote(self, motion: Motion, desk: Desk) -> Vote:
        return Vote(self._choice, 0.9, "as I was told")


def test_fewer_than_half_of_the_votes_can_win() -> None:
    cast = ballots("accept", "accept", "amend", "reject")
    tally = ClearLead(ClearLeadOptions()).tally(motion(4), cast)
    assert tally.decision == "accept"
    assert tally.reason == "'accept' won with 2 votes to 1"


def test_a_lead_that_is_too_small_decides_nothing() -> None:
    cast = ballots("accept", "accept", "reject")
    tally = ClearLead(ClearLeadOptions(lead=2)).tally(motion(3), cast)
    assert tally.verdict is Verdict.UNDECIDED
    assert tally.reason == "2 votes to 1, a lead of 2 needed"


async def test_a_kernel_uses_it_when_the_configuration_says_so() -> None:
    config = KernelConfig.parse(
        {
            "agents": [],
            "strategies": {"voting_rule": "clear-lead"},
            "options": {"clear-lead": {"lead": 1}},
        }
    )
    async with kernel_for(dataagents_example, config=config) as kernel:
        for name, choice in (("a", "accept"), ("b", "accept"), ("c", "amend"), ("d", "reject")):
            await kernel.deploy(Voter(name, choice))
        election = await kernel.vote("Which way?", ("accept", "amend", "reject"))
    assert (election.rule, election.decision) == ("clear-lead", "accept")
