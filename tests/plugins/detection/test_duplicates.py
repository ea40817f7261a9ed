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
