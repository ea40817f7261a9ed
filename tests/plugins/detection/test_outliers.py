from random import Random

from dataagents.plugins.detection.constants import NearConstants
from dataagents.plugins.detection.outliers import Outliers


def test_numbers_beyond_a_gap_on_both_sides_are_flagged(look):
    random = Random(3)
    rows = [[f"{random.gauss(1013, 6):.1f}"] for _ in range(200)]
    for row, number in ((5, "1517.4"), (50, "646.9"), (70, "1301.2"), (90, "800.5")):
        rows[row][0] = number
    found = look(Outliers(), ["pressure"], rows)
    sure = {row for (row, _), flag in found.items() if flag.confidence >= 0.5}
    assert sure == {5, 50, 70, 90}
    assert "times as far from the median" in found[5, "pressure"].reason


def test_a_long_tail_is_no_outlier(look):
    random = Random(3)
    rows = [[f"{random.lognormvariate(5, 1.5):.2f}"] for _ in range(400)]
    assert all(flag.confidence < 0.5 for flag in look(Outliers(), ["amount"], rows).values())


def test_a_second_series_of_identifiers_is_no_outlier(look):
    rows = [[f"{n}"] for n in range(1000, 1200)] + [[f"{n}"] for n in range(900_000, 900_050)]
    assert look(Outliers(), ["id"], rows) == {}


def test_what_is_repeated_is_less_of_an_error(look):
    rows = [[f"{100 + n % 40}"] for n in range(200)] + [["900"]]
    once = look(Outliers(), ["size"], rows)[200, "size"].confidence
    often = look(Outliers(), ["size"], [*rows, *[["900"]] * 4])
    assert once > max((flag.confidence for flag in often.values()), default=0)


def test_scattered_deviations_from_a_constant_are_flagged_with_it(look):
    rows = [["2016"]] * 40 + [["1741"], ["2946"], ["3007"], ["1999"], ["1500"], ["2100"]]
    found = look(NearConstants(), ["year"], rows)
    assert sorted(row for row, _ in found) == list(range(40, 46))
    assert all(flag.confidence > 0.5 for flag in found.values())
    assert found[40, "year"].suggestion == "2016"


def test_one_other_value_is_a_class_of_its_own(look):
    rows = [["2016"]] * 80 + [["2015"]] * 10 + [["2017"]] * 10
    found = look(NearConstants(), ["year"], rows)
    assert all(flag.confidence < 0.5 for flag in found.values())


def test_counts_are_zero_mostly_and_deviate_to_one_side(look):
    rows = [["0"]] * 80 + [[f"{n}"] for n in range(1, 21)]
    found = look(NearConstants(), ["deaths"], rows)
    assert all(flag.confidence <= 0.5 for flag in found.values())


def test_a_column_that_varies_has_no_constant(look):
    assert look(NearConstants(), ["n"], [["1"], ["1"], ["2"], ["3"], ["4"], ["1"]]) == {}


def test_one_number_far_off_needs_no_large_table(look):
    random = Random(3)
    for many in (10, 20, 60, 150):
        rows = [[f"{random.randrange(10, 200)}"] for _ in range(many - 1)] + [["120960"]]
        found = look(Outliers(), ["amount"], rows)
        assert found[many - 1, "amount"].confidence > 0.5
    rows = [[f"{n}"] for n in (11, 18, 19, 22, 25, 31, 33, 40, 41, 90)]
    assert all(flag.confidence < 0.5 for flag in look(Outliers(), ["amount"], rows).values())


def test_a_salary_of_five_digits_may_be_off_though_codes_may_not(look):
    random = Random(3)
    rows = [[f"{random.randrange(28_000, 96_000)}"] for _ in range(300)]
    rows += [["4500000"], ["310000"]]
    found = look(Outliers(), ["salary"], rows)
    assert {row for (row, _), flag in found.items() if flag.confidence >= 0.5} == {300, 301}
    rows = [[f"{random.randrange(10_001, 10_400)}"] for _ in range(300)] + [["94107"]]
    assert look(Outliers(), ["zip"], rows) == {}


def test_what_is_typical_is_what_most_cells_say(look):
    random = Random(3)
    rows = [[f"{5000 * random.randrange(1, 20)}"] for _ in range(400)]
    rows += [[f"{500_000 * n}"] for n in range(1, 11)]
    found = look(Outliers(), ["salary"], rows)
    assert {row for (row, _), flag in found.items() if flag.confidence >= 0.5} == {*range(400, 410)}


def test_what_is_repeated_as_often_as_regular_values_is_not_excused(look):
    rows = [[f"{100 + n % 40}"] for n in range(800)] + [["900"]] * 3
    found = look(Outliers(), ["size"], rows)
    assert {row for (row, _), flag in found.items() if flag.confidence >= 0.5} == {800, 801, 802}


def test_a_count_below_zero_is_flagged_and_a_temperature_is_not(look):
    random = Random(3)
    rows = [[f"{random.randrange(1, 9)}"] for _ in range(300)] + [["-3"], ["-5"]]
    found = look(Outliers(), ["pieces"], rows)
    assert sorted(row for row, _ in found) == [300, 301]
    assert all(flag.confidence > 0.5 for flag in found.values())
    assert found[300, "pieces"].reason == "is below zero, as 2 of 302 numbers are"
    rows = [[f"{random.gauss(14, 6):.1f}"] for _ in range(400)]
    assert any(cell.startswith("-") for (cell,) in rows)
    found = look(Outliers(), ["degrees"], rows)
    assert all(flag.confidence < 0.5 for flag in found.values())


def test_a_number_with_the_unit_of_its_column_is_measured(look):
    random = Random(3)
    rows = [[f"{random.randrange(75, 190)} min"] for _ in range(300)] + [["1020 min"], ["2 h"]]
    found = look(Outliers(), ["duration"], rows)
    assert list(found) == [(300, "duration")]
    assert found[300, "duration"].confidence > 0.5
    assert " min) as is typical" in found[300, "duration"].reason


def test_a_day_far_from_all_others_is_flagged(look):
    random = Random(3)
    rows = [[f"202{random.randrange(1, 4)}-0{random.randrange(1, 10)}-15"] for _ in range(200)]
    rows += [["2203-10-22"], ["1900-01-01"], ["1900-01-01"], ["9999-12-31"]]
    found = look(Outliers(), ["day"], rows)
    assert sorted(row for row, _ in found) == [200, 201, 202, 203]
    assert all(flag.confidence > 0.5 for flag in found.values())
    rows = [[f"{2024 - int(random.expovariate(0.1))}-05-05"] for _ in range(300)]
    assert all(flag.confidence < 0.5 for flag in look(Outliers(), ["founded"], rows).values())
