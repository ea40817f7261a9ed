"""What `docs/voting.md` says of its profile is what the rules say."""

import re
from pathlib import Path

import pytest
from polls import RULES, ballot, motion, ranked, rule, tally

from dataagents.core.voting import Ballot, Motion, Tally


@pytest.fixture(scope="module")
def page(repository: Path) -> str:
    return (repository / "docs" / "voting.md").read_text(encoding="utf-8")


def rows(page: str, header: str) -> list[list[str]]:
    table = page.split(header)[1].split("\n\n")[0].strip().splitlines()[1:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table]


@pytest.fixture(scope="module")
def results(page: str) -> dict[str, Tally]:
    ballots: list[Ballot] = []
    weights: dict[str, float] = {}
    for voters, order, approved, scores, sure, known in rows(
        page, "| voters | ranking | approves | scores | confidence | reputation |\n"
    ):
        ranking = tuple(order.split(" > "))
        figures = [float(each) for each in scores.split(", ")]
        for _ in range(int(voters)):
            voter = f"voter-{len(ballots)}"
            weights[voter] = float(known)
            given = ballot(
                voter,
                ranking=ranking,
                approvals=tuple(approved.split(", ")),
                scores=dict(zip(ranking, figures, strict=True)),
                confidence=float(sure),
            )
            ballots.append(given)
    asked: Motion = motion(("avro", "csv", "json", "parquet"), ballots, weights=weights)
    return {name: rule(name).tally(asked, ballots) for name in RULES}


def test_every_rule_is_on_the_page_with_what_it_says(page: str, results: dict[str, Tally]):
    shown = {
        name.strip("`"): (decision, words)
        for name, decision, words in rows(page, "| rule | decides for | in its own words |\n")
    }
    assert shown == {
        name: (result.decision or "nothing", result.reason) for name, result in results.items()
    }


def test_the_page_explains_every_rule_and_every_option(page: str):
    for name in RULES:
        assert len(re.findall(f"`{name}`", page)) > 1, name


def test_what_the_page_says_of_ties_and_cycles():
    ballots = ranked([("a", "b", "c")] * 2 + [("b", "a", "c"), ("c", "b", "a")])
    assert tally("instant-runoff", ballots, "abc").leaders == ("a", "b")
    assert tally("instant-runoff", ballots, "abc", ties="simultaneous").decision == "a"
    cycle = ranked([("a", "b", "c")] * 35 + [("b", "c", "a")] * 33 + [("c", "a", "b")] * 32)
    leaders = {
        name: "".join(tally(name, cycle, "abc").leaders)
        for name in ("condorcet", "copeland", "minimax", "schulze")
    }
    assert leaders == {"condorcet": "abc", "copeland": "abc", "minimax": "a", "schulze": "a"}
