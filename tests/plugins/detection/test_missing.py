from dataagents.plugins.detection.missing import Missing
from dataagents.plugins.detection.swallowed import Swallowed

STATES = ("OR", "CA", "CO", "NY")
CITIES = ("Portland", "San Diego", "Boulder", "Brooklyn")


def test_an_empty_cell_of_a_full_column_is_flagged(look):
    rows = [[f"name {n}"] for n in range(40)]
    rows[5][0], rows[6][0] = "", None
    found = look(Missing(), ["name"], rows)
    assert sorted(found) == [(5, "name"), (6, "name")]
    assert found[5, "name"].confidence > 0.5
    assert found[5, "name"].reason == "is empty, as 2 of 40 cells are"


def test_a_column_that_is_often_empty_may_be(look):
    assert look(Missing(), ["fax"], [["1"], [""], ["2"], [""], ["3"], ["4"]]) == {}


def test_a_word_for_nothing_is_wrong_in_a_table_that_leaves_cells_empty(look):
    rows = [[f"{n}", ""] for n in range(10)] + [["N/A", "x"]] * 5
    found = look(Missing(), ["size", "note"], rows)
    assert {(row, name) for row, name in found} == {(row, "size") for row in range(10, 15)}
    assert found[10, "size"].confidence == 0.9


def test_a_word_for_nothing_that_the_whole_table_uses_is_its_way_to_say_so(look):
    rows = [["empty", "red"], ["a b", "empty"], ["empty", "blue"], ["c d", "green"]] * 5
    assert look(Missing(), ["where", "colour"], rows) == {}


def test_a_word_for_nothing_among_numbers_is_flagged(look):
    rows = [[f"{n}"] for n in range(10)] + [["N/A"]] * 5
    assert (
        look(Missing(), ["size"], rows)[10, "size"].reason
        == "'N/A' stands for nothing among numbers"
    )


def test_signs_alone_say_nothing(look):
    rows = [["yes"], ["no"]] * 20 + [["***"]]
    assert list(look(Missing(), ["answer"], rows)) == [(40, "answer")]


def test_nines_far_from_the_rest_stand_for_nothing(look):
    rows = [[f"{n}"] for n in range(40)] + [["999"], ["999"]]
    found = look(Missing(), ["age"], rows)
    assert sorted(found) == [(40, "age"), (41, "age")]
    assert "from 0.0 to 39.0" in found[40, "age"].reason


def test_nines_within_the_range_are_numbers(look):
    rows = [[f"{n * 50}"] for n in range(40)] + [["999"], ["999"]]
    assert look(Missing(), ["age"], rows) == {}


def test_a_swallowed_neighbour_is_found_in_both_cells(look):
    rows = [[CITIES[n % 4], STATES[n % 4]] for n in range(40)]
    for row in (3, 10, 20):
        rows[row] = [f"{rows[row][0]} {rows[row][1]}", ""]
    found = look(Swallowed(), ["city", "state"], rows)
    assert {row for row, _ in found} == {3, 10, 20}
    assert found[3, "city"].suggestion == "Brooklyn"
    assert found[3, "state"].suggestion == "NY"
    assert found[3, "state"].confidence > 0.5
    assert "city ends in 'NY'" in found[3, "state"].reason


def test_a_column_that_always_ends_so_swallowed_nothing(look):
    rows = [[f"{CITIES[n % 4]} {STATES[n % 4]}", STATES[n % 4]] for n in range(40)]
    for row in (3, 10, 20):
        rows[row][1] = ""
    assert look(Swallowed(), ["city", "state"], rows) == {}
