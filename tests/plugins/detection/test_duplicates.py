from random import Random

from dataagents.plugins.detection.duplicates import Duplicates

COLUMNS = ("id", "name", "street", "town", "phone", "kind")


def shops(copies=3, shops=30):
    random = Random(16)
    rows = []
    for shop in range(shops):
        one = [f"shop {shop}", f"street {random.randrange(20)}", f"town {random.randrange(8)}"]
        one += [f"{random.randrange(10**6)}", random.choice(("a", "b", "c"))]
        rows += [[f"{len(rows) + copy}", *one] for copy in range(copies)]
    return rows


def test_rows_that_are_the_same_throughout_have_no_wrong_cell(look):
    assert look(Duplicates(), COLUMNS, shops()) == {}


def test_the_cell_that_differs_is_flagged_with_what_the_others_hold(look):
    rows = shops()
    right, rows[4][4] = rows[4][4], "unlisted"
    found = look(Duplicates(), COLUMNS, rows)
    assert list(found) == [(4, "phone")]
    assert found[4, "phone"].suggestion == right
    assert found[4, "phone"].reason == f"2 of 3 rows that are otherwise the same hold '{right}'"


def test_a_column_that_tells_rows_apart_is_no_mistake(look):
    rows = shops()
    for number, row in enumerate(rows):
        row[5] = "abc"[number % 3]
    assert look(Duplicates(), COLUMNS, rows) == {}


def test_rows_of_few_columns_may_be_about_different_things(look):
    rows = [["x", "1"], ["x", "1"], ["x", "2"]] * 10
    assert look(Duplicates(), ("a", "b"), rows) == {}


def offers(rows=240):
    random = Random(17)
    fees = {"basic": "9", "plus": "19", "pro": "49"}
    towns = ("Bath", "York")
    return [
        [f"{n}", random.choice(towns), random.choice("abc"), random.choice("xyz"), plan, fees[plan]]
        for n in range(rows)
        for plan in (random.choice(tuple(fees)),)
    ]


def test_cells_of_which_either_may_be_wrong_share_the_blame(look):
    rows = offers()
    rows[7][4:] = ["basic", "49"]
    found = look(Duplicates(), ("id", "town", "kind", "size", "plan", "fee"), rows)
    assert set(found) == {(7, "plan"), (7, "fee")}
    assert all(flag.confidence < 0.5 for flag in found.values())


def test_of_cells_that_may_be_wrong_the_one_of_a_column_that_errs_is_blamed(look):
    rows = offers()
    rows[7][4:] = ["basic", "49"]
    for at, slip in ((40, "1"), (90, "2"), (120, "3"), (150, "4")):
        rows[at][5] = slip
    found = look(Duplicates(), ("id", "town", "kind", "size", "plan", "fee"), rows)
    assert found[7, "fee"].confidence > 0.5 > found[7, "plan"].confidence
