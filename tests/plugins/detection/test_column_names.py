"""A column may be called anything, also what a detector calls its own."""

from random import Random

import pytest

from dataagents.plugins.detection.dependencies import Dependencies
from dataagents.plugins.detection.duplicates import Duplicates
from dataagents.plugins.detection.keys import Keys
from dataagents.plugins.detection.order import Order
from dataagents.plugins.detection.rules import Rules
from dataagents.plugins.detection.sources import Sources

PLAIN = ("site", "thing", "low", "high", "total", "city", "code", "serial", "licence")
TAKEN = [
    ("source", "entity", "value", "votes", "n", "usual", "reason", "confidence", "suggestion"),
    ("trust", "belief", "other", "k", "rest", "whole", "said", "place", "number"),
    ("cell", "found", "rows", "known", "best", "claim", "typical", "column", "row"),
    ("h0", "v0", "o1", "g0", "u1", "odd0", "told0", "broken", "dissent"),
    ("everywhere", "surest", "here", "there", "part", "left", "right", "agreeing", "last"),
    ("SELECT", 'a "quoted" one', "it's", "{}", "%s", "?", "$1", "ü", "a;b"),
]
CITIES = ("Berlin", "Hamburg", "Munich", "Cologne", "Dresden")


def rows():
    """A table with something wrong for each detector."""
    random = Random(17)
    answer = []
    for thing in range(40):
        low, more = random.randrange(100, 500), random.randrange(100, 500)
        city = CITIES[thing % len(CITIES)]
        licences = random.sample(range(10_000, 99_999), 5)
        for at, site in enumerate(("a", "b", "c", "d", "e")):
            row = [site, f"thing {thing}", f"{low}", f"{more}", f"{low + more}", city]
            answer.append([*row, f"{city}-{thing}", f"{len(answer)}", f"{licences[at]}"])
    answer[3][5], answer[50][2], answer[60][4], answer[71][6] = "Berlni", "9999", "1", "x"
    answer[90][7] = "7000"
    for row in (10, 20, 30, 40):
        answer[row][8] = answer[0][8]
    return answer


@pytest.mark.parametrize("kind", [Dependencies, Duplicates, Keys, Order, Rules, Sources])
def test_what_columns_are_called_makes_no_difference(look, kind):
    table = rows()
    if kind is Duplicates:
        table = [["a", *row[1:]] for row in table]
    if kind is Sources:
        table = [[*row[:5], row[5] if n % 5 else "Paris", *row[6:]] for n, row in enumerate(table)]
    plain = look(kind(), PLAIN, table)
    assert plain
    for names in TAKEN:
        found = look(kind(), names, table)
        back = {(row, PLAIN[names.index(name)]): flag for (row, name), flag in found.items()}
        assert {key: flag.confidence for key, flag in back.items()} == {
            key: pytest.approx(flag.confidence) for key, flag in plain.items()
        }
