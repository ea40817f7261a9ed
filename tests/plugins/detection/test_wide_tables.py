"""What is asked of the engine grows with the columns of a table, and not with their square."""

from random import Random

import pytest

from dataagents.core.detection import TableColumn
from dataagents.plugins.detection.characters import Characters
from dataagents.plugins.detection.closeness import CANDIDATES, candidates
from dataagents.plugins.detection.duplicates import Duplicates
from dataagents.plugins.detection.group_outliers import GroupOutliers
from dataagents.plugins.detection.missing import Missing
from dataagents.plugins.detection.rules import Rules
from dataagents.plugins.detection.swallowed import Swallowed


class Watched:
    """A detector, and how much it asks of its table."""

    def __init__(self, detector):
        self.detector = detector
        self.theory = detector.theory
        self.asked = 0
        self.pairs = 0
        self.longest = 0

    def detect(self, table):
        self.table = table
        return self.detector.detect(self)

    def __getattr__(self, name):
        return getattr(self.table, name)

    def query(self, sql, parameters=()):
        self._count(sql, parameters)
        return self.table.query(sql, parameters)

    def keep(self, sql, parameters=()):
        self._count(sql, parameters)
        return self.table.keep(sql, parameters)

    def _count(self, sql, parameters):
        self.asked += 1
        self.longest = max(self.longest, len(sql))
        if len(parameters) == 2:
            self.pairs += len(parameters[0])


def columns(count):
    return [TableColumn(f"c{place}", place, "text", 50, 5) for place in range(count)]


def survey(width, rows=40):
    """Labels and numbers by turns, which have nothing to do with each other."""
    random = Random(width)
    return [
        [random.choice("ABCD") if n % 2 else f"{random.gauss(50, 9):.1f}" for n in range(width)]
        for _ in range(rows)
    ]


def asked(look, detector, width, rows=None):
    watched = Watched(detector)
    look(watched, [f"c{n}" for n in range(width)], rows or survey(width))
    return watched


def test_every_other_column_is_tried_unless_there_are_too_many():
    some = columns(CANDIDATES + 1)
    assert candidates(some[7], some) == [each for each in some if each.place != 7]


def test_of_too_many_the_first_and_the_nearest_are_tried():
    many = columns(400)
    places = [each.place for each in candidates(many[300], many)]
    half = CANDIDATES // 2
    assert places[:half] == list(range(half))
    assert places[half:] == sorted(places[half:])
    assert {299, 301} <= set(places)
    assert 300 not in places
    assert max(abs(place - 300) for place in places[half:]) <= half
    assert sum(len(candidates(each, many)) for each in many) == 400 * CANDIDATES


@pytest.mark.parametrize("detector", [GroupOutliers, Rules])
def test_pairs_of_columns_grow_with_the_columns(look, detector):
    narrow, wide = (asked(look, detector(), width) for width in (240, 480))
    assert 0 < wide.pairs <= 2.1 * narrow.pairs


@pytest.mark.parametrize("detector", [GroupOutliers, Duplicates, Missing, Characters])
def test_queries_do_not_grow_with_pairs_of_columns(look, detector):
    narrow, wide = (asked(look, detector(), width) for width in (60, 240))
    assert wide.asked <= 4 * narrow.asked
    assert wide.longest <= 4.2 * narrow.longest


def test_what_a_cell_took_in_is_looked_for_in_a_bounded_number_of_columns(look):
    def half_empty(width):
        return [
            ["" if (n + row) % 3 == 0 else f"a {n % 2}" for n in range(width)] for row in range(30)
        ]

    narrow, wide = (asked(look, Swallowed(), n, half_empty(n)) for n in (55, 110))
    assert wide.asked <= 2.1 * narrow.asked
    assert wide.longest <= 1.1 * narrow.longest


def test_a_label_still_explains_a_number_in_a_wide_table(look):
    random = Random(3)
    rows = survey(160, rows=120)
    for number, row in enumerate(rows):
        row[0] = "young" if number % 2 else "old"
        row[150] = f"{random.gauss(40 if number % 2 else 4_000, 1):.1f}"
    rows[9][150] = "3990.0"
    assert list(look(GroupOutliers(), [f"c{n}" for n in range(160)], rows)) == [(9, "c150")]


def test_near_duplicates_are_found_in_more_columns_than_an_expression_may_be_deep(look):
    random = Random(4)
    rows = [[random.choice("abcdefgh") for _ in range(1_100)] for _ in range(12)]
    rows = [list(rows[n % 12]) for n in range(36)]
    rows[5][700] = "wrong"
    assert (5, "c700") in look(Duplicates(), [f"c{n}" for n in range(1_100)], rows)
