"""Every bundled rule holds to the contract that those of others hold to."""

from polls import RULES, rule

from dataagents.core.testing import VotingRuleContract
from dataagents.core.voting import VotingRule


class TestMajority(VotingRuleContract):
    def rule(self) -> VotingRule:
        return rule("majority")


class TestSupermajority(VotingRuleContract):
    def rule(self) -> VotingRule:
        return rule("supermajority")


class TestAbsoluteSupermajority(VotingRuleContract):
    def rule(self) -> VotingRule:
        return rule("supermajority", threshold=1.0, share_of="enrolled")


class TestUnanimity(VotingRuleContract):
    def rule(self) -> VotingRule:
        return rule("unanimity")


class TestPlurality(VotingRuleContract):
    def rule(self) -> VotingRule:
        return rule("plurality")


class TestPluralityThatBreaksTies(VotingRuleContract):
    def rule(self) -> VotingRule:
        return rule("plurality", tie_break="seeded", turnout=0.5)


class TestApproval(VotingRuleContract):
    def rule(self) -> VotingRule:
        return rule("approval", tie_break="order")


class TestScore(VotingRuleContract):
    def rule(self) -> VotingRule:
        return rule("score")


class TestBorda(VotingRuleContract):
    def rule(self) -> VotingRule:
        return rule("borda")


class TestInstantRunoff(VotingRuleContract):
    def rule(self) -> VotingRule:
        return rule("instant-runoff")


class TestSimultaneousRunoff(VotingRuleContract):
    def rule(self) -> VotingRule:
        return rule("instant-runoff", ties="simultaneous")


class TestCondorcet(VotingRuleContract):
    def rule(self) -> VotingRule:
        return rule("condorcet")


class TestCopeland(VotingRuleContract):
    def rule(self) -> VotingRule:
        return rule("copeland")


class TestMinimax(VotingRuleContract):
    def rule(self) -> VotingRule:
        return rule("minimax")


class TestSchulze(VotingRuleContract):
    def rule(self) -> VotingRule:
        return rule("schulze")


class TestConfidenceWeighted(VotingRuleContract):
    def rule(self) -> VotingRule:
        return rule("confidence-weighted")


class TestReputationWeighted(VotingRuleContract):
    def rule(self) -> VotingRule:
        return rule("reputation-weighted")


class TestWeighted(VotingRuleContract):
    def rule(self) -> VotingRule:
        return rule("weighted", threshold="2/3")


class TestUnion(VotingRuleContract):
    def rule(self) -> VotingRule:
        return rule("union")


class TestUnionOfTheSure(VotingRuleContract):
    def rule(self) -> VotingRule:
        return rule("union", miss_cost=0.5)


class TestNoisyOr(VotingRuleContract):
    def rule(self) -> VotingRule:
        return rule("noisy-or")


class TestWeightedNoisyOr(VotingRuleContract):
    def rule(self) -> VotingRule:
        return rule("weighted-noisy-or", miss_cost=0.2)


def test_every_bundled_rule_is_among_them():
    classes = {name.removeprefix("Test").lower() for name in globals() if name.startswith("Test")}
    assert {name.replace("-", "") for name in RULES} <= classes
