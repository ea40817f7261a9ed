from random import Random

import pytest

from dataagents.core.detection import TableColumn
from dataagents.plugins.detection.equations import equations
from dataagents.plugins.detection.rules import Rules


def accounts(rows=60):
    random = Random(11)
    parts = [(random.randrange(100, 900), random.randrange(100, 900)) for _ in range(rows)]
    return [[f"{net}", f"{tax}", f"{net + tax}"] for net, tax in parts]


def test_rows_that_add_up_are_fine(look):
    assert look(Rules(), ("net", "tax", "gross"), accounts()) == {}


def test_of_a_sum_that_does_not_add_up_the_odd_number_is_blamed(look):
    rows = accounts()
    right, rows[4][0] = rows[4][0], "90000"
    found = look(Rules(), ("net", "tax", "gross"), rows)
    assert {key for key, flag in found.items() if flag.confidence > 0.5} == {(4, "net")}
    assert found[4, "net"].suggestion == right
    assert "'gross' is 'net' + 'tax'" in found[4, "net"].reason


def test_a_constant_factor_is_a_rule(look):
    random = Random(12)
    rows = [[f"{miles}", f"{miles * 1.609344:.6f}"] for miles in random.sample(range(1, 900), 60)]
    rows[9][1] = "31.5"
    found = look(Rules(), ("miles", "km"), rows)
    assert {row for row, _ in found} == {9}


def test_an_end_before_its_start_is_flagged(look):
    random = Random(13)
    rows = []
    for _ in range(120):
        start = random.randrange(1, 300)
        rows.append([f"2020-{1 + start // 28:02}-{1 + start % 28:02}"] * 2)
        end = start + random.randrange(1, 15)
        rows[-1][1] = f"2020-{1 + end // 28:02}-{1 + end % 28:02}"
    rows[50] = ["2020-06-10", "2020-01-03"]
    found = look(Rules(), ("start", "end"), rows)
    assert {row for row, _ in found} == {50}
    assert sum(flag.confidence for flag in found.values()) == pytest.approx(0.93, abs=0.05)


def test_a_code_that_does_not_hold_what_it_is_made_of_is_flagged(look):
    codes = [f"m{n:02}" for n in range(25)]
    rows = [[code, f"al_{code}"] for code in codes for _ in range(4)]
    rows[10][1] = "al_mx2"
    found = look(Rules(), ("measure", "both"), rows)
    assert found[10, "both"].confidence > 0.5 > found[10, "measure"].confidence


def test_numbers_of_chance_keep_no_rule(look):
    random = Random(14)
    rows = [[f"{random.randrange(1000)}" for _ in range(4)] for _ in range(80)]
    assert look(Rules(), ("a", "b", "c", "d"), rows) == {}


def test_columns_that_are_seldom_there_together_are_fine(look):
    rows = [[f"{n}" if n % 9 else "", f"{n + 500}" if n % 9 < 2 else ""] for n in range(90)]
    assert look(Rules(), ("early", "late"), rows) == {}


def columns(*names):
    return [TableColumn(name, place, "integer", 50, 50) for place, name in enumerate(names)]


def test_a_total_that_is_one_part_because_the_other_is_nothing_is_no_sum():
    rows = [(float(n), 0.0, float(n)) for n in range(1, 60)]
    assert all(len(each.parts) == 1 for each in equations(columns("a", "b", "c"), rows))


def test_each_equation_is_told_once():
    random = Random(15)
    rows = [(a, b, a + b) for a, b in ((random.random(), random.random()) for _ in range(60))]
    (found,) = equations(columns("a", "b", "c"), rows)
    assert {found.total.name, *(each.name for each in found.parts)} == {"a", "b", "c"}
