"""What detectors of values share: any name of a column, any text, tables without anything."""

import pytest

from dataagents.plugins.detection.characters import Characters
from dataagents.plugins.detection.constants import NearConstants
from dataagents.plugins.detection.days import Days
from dataagents.plugins.detection.domains import Domains
from dataagents.plugins.detection.group_outliers import GroupOutliers
from dataagents.plugins.detection.missing import Missing
from dataagents.plugins.detection.misspellings import Misspellings
from dataagents.plugins.detection.outliers import Outliers
from dataagents.plugins.detection.shapes import Shapes
from dataagents.plugins.detection.swallowed import Swallowed
from dataagents.plugins.detection.types import Types
from dataagents.plugins.detection.typos import Typos
from dataagents.plugins.detection.units import Units
from dataagents.plugins.detection.variants import Variants

DETECTORS = [Characters, NearConstants, Missing, Misspellings, Outliers, Shapes, Swallowed, Types]
DETECTORS += [Typos, Units, Variants, Domains, GroupOutliers, Days]
PLAIN = ("city", "state", "size", "year", "note")
TAKEN = [
    ("place", "value", "cells", "confidence", "reason"),
    ("cell", "column", "suggestion", "verdict", "given"),
    ("word", "lost", "said", "row", "raw"),
    ("SELECT", 'a "quoted" one', "it's", "{}", "$1"),
]


def rows():
    """A table with something wrong for each detector."""
    cities = ("Portland", "San Diego", "Boulder", "Brooklyn")
    states = ("OR", "CA", "CO", "NY")
    many = [[cities[n % 4], states[n % 4], f"{n}.5", "2016", f"A-{n:03}"] for n in range(60)]
    for row, place, text in (
        (3, 0, "Brooklyn NY"), (3, 1, ""), (7, 0, "brooklyn"), (9, 0, "San Deigo"),
        (12, 2, "7%"), (13, 2, "9999999"), (14, 2, "n/a"), (20, 3, "1741"), (21, 3, "2946"),
        (22, 3, "2001"), (30, 4, "A-1"), (31, 4, "caf\ufffd"),
    ):  # fmt: skip
        many[row][place] = text
    return many


@pytest.mark.parametrize("detector", DETECTORS)
@pytest.mark.parametrize("names", TAKEN)
def test_a_column_may_be_called_anything(look, detector, names):
    plain = look(detector(), PLAIN, rows())
    renamed = look(detector(), names, rows())
    back = dict(zip(names, PLAIN, strict=True))
    assert {(row, back[name]) for row, name in renamed} == set(plain)


def test_the_table_has_something_for_most_of_them(look):
    found = {detector.__name__ for detector in DETECTORS if look(detector(), PLAIN, rows())}
    assert found >= {"Characters", "NearConstants", "Missing", "Typos", "Types", "Swallowed"}
    assert found >= {"Shapes", "Variants", "Misspellings"}


@pytest.mark.parametrize("detector", DETECTORS)
@pytest.mark.parametrize("given", [[], [["", None]], [["x", "1"]]], ids=["none", "empty", "one"])
def test_a_table_of_next_to_nothing_has_nothing_wrong(look, detector, given):
    assert look(detector(), ["a", "b"], given) == {}


@pytest.mark.parametrize("detector", DETECTORS)
def test_each_says_why_in_one_sentence(detector):
    assert detector.theory.endswith(".")
    assert ". " not in detector.theory


@pytest.mark.parametrize("detector", DETECTORS)
def test_every_flag_is_sure_to_a_degree_and_has_a_reason(look, detector):
    for flag in look(detector(), PLAIN, rows()).values():
        assert 0 < flag.confidence < 1
        assert flag.reason
