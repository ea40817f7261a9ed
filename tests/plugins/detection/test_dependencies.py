from random import Random

import pytest

from dataagents.plugins.detection.dependencies import Dependencies

PLACES = [("10115", "Berlin"), ("20095", "Hamburg"), ("80331", "Munich"), ("50667", "Cologne")]
PLACES += [("70173", "Stuttgart"), ("01067", "Dresden"), ("04109", "Leipzig")]


def people(each=6):
    return [[f"{i}", *PLACES[i % len(PLACES)]] for i in range(each * len(PLACES))]


def flagged(look, rows, columns=("id", "zip", "city")):
    return look(Dependencies(), columns, rows)


def test_a_table_that_keeps_its_dependencies_has_no_flag(look):
    assert flagged(look, people()) == {}


def test_the_minority_of_a_group_is_flagged_with_what_most_hold(look):
    rows = people()
    rows[7][2] = "Paris"
    found = flagged(look, rows)
    assert list(found) == [(7, "city")]
    flag = found[7, "city"]
    assert flag.confidence > 0.5
    assert flag.suggestion == "Berlin"
    assert flag.reason == "5 of 6 rows with zip '10115' hold 'Berlin'"


def test_a_slip_on_the_left_is_found_by_the_dependency_the_other_way(look):
    rows = people()
    rows[7][1] = "1011S"
    found = flagged(look, rows)
    assert list(found) == [(7, "zip")]
    assert found[7, "zip"].suggestion == "10115"


def test_slips_that_differ_each_time_do_not_hide_a_dependency(look):
    rows = people()
    for at, slip in ((0, "Brlin"), (7, "Berlni"), (14, "Berliin"), (2, "Munch"), (9, "Muniich")):
        rows[at][2] = slip
    found = flagged(look, rows)
    assert {at for at, _ in found} == {0, 7, 14, 2, 9}
    assert all(flag.confidence > 0.7 for flag in found.values())


def test_another_number_is_no_slip_of_the_usual_one(look):
    models = ["737-824"] * 4 + [f"737-{number}" for number in (832, 823, 890, 85, 924, 724, 821)]
    rows = [[f"{n}", "149", model] for n, model in enumerate(models)]
    rows += [[f"{n}", f"{seats}", f"A{seats}"] for n in range(100, 190) for seats in (100 + n % 9,)]
    found = flagged(look, rows, ("id", "seats", "model"))
    assert all(flag.confidence < 0.5 for flag in found.values())


def test_what_is_missing_where_the_rest_of_the_group_agrees_is_flagged(look):
    rows = people()
    rows[3][2] = ""
    found = flagged(look, rows)
    assert list(found) == [(3, "city")]
    assert found[3, "city"].suggestion == "Cologne"


def test_a_column_that_is_often_empty_is_not_incomplete_where_it_is(look):
    random = Random(1)
    rows = people(each=20)
    for row in rows:
        if random.random() < 0.6:
            row[2] = ""
    found = flagged(look, rows)
    assert max((flag.confidence for flag in found.values()), default=0.0) < 0.5


def test_columns_that_have_nothing_to_do_with_each_other_have_no_dependency(look):
    random = Random(2)
    rows = [[random.choice("abcdef"), random.choice("uvwxyz")] for _ in range(300)]
    assert look(Dependencies(), ("one", "other"), rows) == {}


def test_a_second_value_that_a_group_repeats_is_no_error_of_note(look):
    rows = [[zip_code, city] for zip_code, city in PLACES for _ in range(6)]
    for at in range(0, len(rows), 6):
        rows[at][1] = rows[at + 1][1] = f"Old {rows[at][1]}"
    found = look(Dependencies(), ("zip", "city"), rows)
    assert all(flag.confidence < 0.5 for flag in found.values())


def test_near_keys_and_near_constants_settle_nothing(look):
    rows = [[f"{i}", "same" if i else "other", f"{i // 2}"] for i in range(60)]
    found = look(Dependencies(), ("id", "constant", "pair"), rows)
    assert {column for _, column in found} <= {"pair"}
    assert found == {}


def test_a_wrong_value_on_the_left_is_not_blamed_on_all_that_it_should_settle(look):
    rows = [[*place, place[1][:3].upper(), f"+{place[0][:2]}"] for place in PLACES * 6]
    rows[0][0] = PLACES[3][0]
    found = look(Dependencies(), ("zip", "city", "short", "dial"), rows)
    sure = {key for key, flag in found.items() if flag.confidence > 0.5}
    assert sure == {(0, "zip")}


def test_a_cell_that_differs_as_another_of_its_row_does_is_hardly_suspect(look):
    codes = [f"m-{n}" for n in range(10)]
    states = ["ak", *["al"] * 7]
    rows = [[state, code, f"{state}_{code}"] for code in codes for state in states]
    rows[1][2] = "ax_m-0"
    found = look(Dependencies(), ("state", "measure", "both"), rows)
    assert found[1, "both"].confidence > 0.7
    others = [key for key in found if key[1] == "both" and key[0] != 1]
    assert all(found[key].confidence < 0.3 for key in others)


@pytest.mark.parametrize("rows", [[], [["1", "a", "b"]], [["1", None, None], ["2", None, None]]])
def test_tables_with_nothing_to_compare_are_fine(look, rows):
    assert flagged(look, rows) == {}


def test_text_from_the_data_is_never_read_as_sql(look):
    rows = [[zip_code + "'; DROP", city + '"{}%'] for zip_code, city in PLACES for _ in range(6)]
    rows[0][1] = "'); --"
    found = look(Dependencies(), ("z'ip", 'ci"ty'), rows)
    assert found[0, 'ci"ty'].suggestion == 'Berlin"{}%'


def test_of_a_code_and_its_name_the_one_that_fits_the_rest_of_the_row_is_right(look):
    airports = [(f"C{i}", f"Place {chr(65 + i)}", f"Country {i % 4}") for i in range(12)]
    rows = [[f"{n}", *airports[n % 12]] for n in range(240)]
    rows[24][2] = "Place F"  # of another country than that of its code
    found = flagged(look, rows, ("id", "code", "name", "country"))
    assert {key for key, flag in found.items() if flag.confidence > 0.5} == {(24, "name")}
    assert found[24, "name"].suggestion == "Place A"


def test_wrong_values_that_are_common_elsewhere_come_again_by_chance(look):
    random = Random(3)
    firms = [("AA", "American"), ("UA", "United"), ("DL", "Delta"), ("B6", "JetBlue")]
    rows, wrong = [], set()
    for n in range(2000):
        code, name = firms[n % 4]
        if random.random() < 0.02:
            name = random.choice([other for _, other in firms if other != name])
            wrong.add((n, "firm"))
        rows.append([f"{n}", code, name, f"{n % 40}", f"seat {n % 40}"])
    found = flagged(look, rows, ("id", "code", "firm", "row", "seat"))
    assert wrong == {key for key, flag in found.items() if flag.confidence > 0.5}


def test_one_cell_that_explains_all_that_its_row_breaks_is_blamed_instead_of_the_others(look):
    paid = [(dept, grade) for dept in ("it", "hr", "law", "ops") for grade in "12345"]
    rows = [[f"{n}", *key, f"{100 + paid.index(key)}"] for n, key in enumerate(paid * 12)]
    rows[20][3] = "111"
    found = flagged(look, rows, ("id", "dept", "grade", "pay"))
    assert list(found) == [(20, "pay")]
    assert found[20, "pay"].confidence > 0.5
    assert found[20, "pay"].suggestion == "100"
    assert found[20, "pay"].reason == (
        "goes with none of 2 other cells of the row, which all go with '100'"
    )


def test_where_no_other_value_goes_with_the_rest_of_the_row_each_rule_has_its_own_culprit(look):
    rows = [[f"{n}", *place, f"land {place[0][0]}"] for n, place in enumerate(PLACES * 8)]
    rows[7][2], rows[7][3] = "Bonn", "land x"
    found = flagged(look, rows, ("id", "zip", "city", "land"))
    assert set(found) == {(7, "city"), (7, "land")}
