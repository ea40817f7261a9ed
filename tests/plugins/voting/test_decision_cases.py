"""The voting cases of `decisions.json`; V10, which is a time, is measured in `benchmarks/`."""

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from polls import ballot, motion, ranked, rule, tally
from sample_agents import Broken

from dataagents.core import KernelConfig
from dataagents.core.testing import kernel_for
from dataagents.core.voting import Ballot, Verdict

RANKED_CASES = ("V04", "V06")
EXPECTED_BY = {
    "plurality": ("plurality", {}),
    "borda": ("borda", {}),
    "copeland": ("copeland", {}),
    "minimax": ("minimax", {}),
    "schulze": ("schulze", {}),
    "irv_simultaneous": ("instant-runoff", {"ties": "simultaneous"}),
    "irv_put": ("instant-runoff", {"ties": "parallel"}),
}


@pytest.fixture(scope="session")
def cases(shared: Path) -> dict[str, Any]:
    file = shared / "data" / "cases" / "decisions.json"
    if not file.is_file():
        pytest.skip(f"NOT TESTED: there is no {file}")
    return {case["id"]: case for case in json.loads(file.read_text(encoding="utf-8"))}


def profile(rankings: list[tuple[list[str], int]]) -> tuple[Ballot, ...]:
    return ranked([tuple(order) for order, times in rankings for _ in range(times)])


def test_v01_four_of_six_are_below_two_thirds_and_a_hundredth(cases: dict[str, Any]):
    given, expected = cases["V01"]["input"], cases["V01"]["expected"]
    ballots = tuple(
        ballot(f"v{n}", "yes" if n < given["yes"] else "no")
        for n in range(given["yes"] + given["no"])
    )
    result = tally("supermajority", ballots, ("yes", "no"), threshold=given["threshold"])
    assert (result.decision == "yes") == expected["accepted"]
    assert result.confidence == expected["ratio"]
    assert tally("supermajority", ballots, ("yes", "no")) == result, "0.67 is the default"
    exact = tally("supermajority", ballots, ("yes", "no"), threshold="2/3")
    assert (exact.decision == "yes") == expected["also"]["threshold_2/3_exact_fraction"]
    assert Fraction(exact.threshold) == Fraction(2, 3)


async def test_v03_a_vote_in_which_all_fail_accepts_nothing(cases: dict[str, Any]):
    given, expected = cases["V03"]["input"], cases["V03"]["expected"]
    async with kernel_for(config=KernelConfig(agents=())) as kernel:
        for number in range(given["enrolled"]):
            await kernel.deploy(Broken(f"broken-{number}"))
        election = await kernel.vote("Accept?", ("accept", "reject"))
    assert (election.decision == "accept") == expected["accepted"]
    assert election.tally.verdict == Verdict(expected["status"])
    assert len(election.missing) == given["failed"]


@pytest.mark.parametrize("case", RANKED_CASES)
@pytest.mark.parametrize("key", EXPECTED_BY)
def test_v04_and_v06_each_rule_has_its_own_winners(cases: dict[str, Any], case: str, key: str):
    ballots, (name, options) = profile(cases[case]["input"]), EXPECTED_BY[key]
    listed = sorted(cases[case]["input"][0][0])
    result = rule(name, **options).tally(motion(listed, ballots), ballots)
    assert list(result.leaders) == sorted(cases[case]["expected"][key])
    assert (result.verdict is Verdict.DECIDED) == (len(result.leaders) == 1)


@pytest.mark.parametrize("case", RANKED_CASES)
def test_v04_and_v06_there_is_a_condorcet_winner_or_none(cases: dict[str, Any], case: str):
    ballots = profile(cases[case]["input"])
    listed = sorted(cases[case]["input"][0][0])
    result = rule("condorcet").tally(motion(listed, ballots), ballots)
    assert result.decision == cases[case]["expected"]["condorcet"]
