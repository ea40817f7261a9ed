from datetime import date, timedelta
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
    assert all(len(each.parts) == 1 for each in equations(columns("a", "b", "c"), rows, [0] * 3))


def test_each_equation_is_told_once():
    random = Random(15)
    rows = [(a, b, a + b) for a, b in ((random.random(), random.random()) for _ in range(60))]
    (found,) = equations(columns("a", "b", "c"), rows, [6] * 3)
    assert {found.total.name, *(each.name for each in found.parts)} == {"a", "b", "c"}


def orders(rows=120):
    random = Random(16)
    pairs = [(random.randrange(1, 20), random.randrange(100, 9_000)) for _ in range(rows)]
    return [[f"{qty}", f"{cents / 100:.2f}", f"{qty * cents / 100:.2f}"] for qty, cents in pairs]


ORDER = ("qty", "price", "total")


def test_products_that_come_out_are_fine(look):
    assert look(Rules(), ORDER, orders()) == {}


def test_a_product_is_rounded_to_the_decimals_of_its_column(look):
    random = Random(17)
    pairs = [(random.randrange(100, 9_000) / 100, random.random()) for _ in range(120)]
    rows = [[f"{net:.2f}", f"{rate:.3f}", f"{net * round(rate, 3):.1f}"] for net, rate in pairs]
    assert look(Rules(), ("net", "rate", "tax"), rows) == {}
    rows[7][2] = f"{float(rows[7][2]) + 0.3:.1f}"
    assert {row for row, _ in look(Rules(), ("net", "rate", "tax"), rows)} == {7}


def test_of_a_product_the_cell_is_blamed_whose_change_alone_mends_the_row(look):
    rows = orders()
    rows[9] = ["13", "41.07", "543.91"]  # neither a whole number nor cents come to that
    found = look(Rules(), ORDER, rows)
    assert {key for key, flag in found.items() if flag.confidence > 0.5} == {(9, "total")}
    assert found[9, "total"].suggestion == "533.91"
    assert found[9, "price"].suggestion is None
    assert "'total' is 'qty' times 'price'" in found[9, "total"].reason


def test_a_sign_too_many_is_where_the_column_has_none(look):
    rows = orders()
    rows[9] = ["-3", "60.00", "180.00"]
    found = look(Rules(), ORDER, rows)
    assert {key for key, flag in found.items() if flag.confidence > 0.5} == {(9, "qty")}
    assert found[9, "qty"].suggestion == "3"


def test_the_blame_is_shared_where_nothing_tells_which_cell_is_wrong(look):
    rows = orders()
    rows[9] = ["1", "41.07", "51.07"]
    found = look(Rules(), ORDER, rows)
    assert all(flag.confidence < 0.5 for flag in found.values())
    assert found[9, "price"].confidence == pytest.approx(found[9, "total"].confidence, rel=0.2)
    assert found[9, "qty"].confidence < found[9, "price"].confidence / 5


def test_a_product_counts_where_its_second_factor_mostly_is_one():
    random = Random(18)
    rows = [
        (cents / 100, 1.0 if n % 13 else 3.0, cents * (1 if n % 13 else 3) / 100)
        for n, cents in enumerate(random.sample(range(100, 9_000), 400))
    ]
    (found,) = equations(columns("price", "qty", "total"), rows, [2, 0, 2])
    assert found.product
    assert [each.name for each in found.parts] == ["price", "qty"]


def test_small_numbers_that_come_out_by_chance_are_no_product(look):
    random = Random(19)
    rows = [[random.choice("234"), random.choice("234"), random.choice("68")] for _ in range(200)]
    assert look(Rules(), ("a", "b", "c"), rows) == {}
    tenths = [tuple(random.random() / 3 for _ in range(3)) for _ in range(200)]
    assert equations(columns("a", "b", "c"), tenths, [0] * 3) == []


def stages(rows=120):
    """Orders that are shipped some days later, and delivered some days after that."""
    random = Random(19)
    table = []
    for _ in range(rows):
        day = date(2024, 1, 1) + timedelta(days=random.randrange(600))
        row = [day]
        for most in (5, 9):
            row.append(row[-1] + timedelta(days=random.randrange(1, most)))
        table.append([each.isoformat() for each in row])
    return table


def test_of_two_orders_that_a_row_breaks_the_cell_that_is_in_both_is_blamed(look):
    rows = stages()
    rows[9][2] = (date.fromisoformat(rows[9][0]) - timedelta(days=30)).isoformat()
    found = look(Rules(), ("ordered", "shipped", "delivered"), rows)
    assert {key for key, flag in found.items() if flag.confidence > 0.5} == {(9, "delivered")}
    reason = found[9, "delivered"].reason
    assert rows[9][2] in reason
    assert "which it is in hardly any other row" in reason


def test_where_one_order_alone_is_broken_both_cells_share_the_blame(look):
    rows = stages()
    rows[9][1] = (date.fromisoformat(rows[9][0]) - timedelta(days=1)).isoformat()
    found = look(Rules(), ("ordered", "shipped", "delivered"), rows)
    assert {column for row, column in found if row == 9} == {"ordered", "shipped"}
