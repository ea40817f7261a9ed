"""What correctors propose for wrong cells of small tables."""

import pytest

from dataagents.plugins.data.detection.table import open_table
from dataagents.plugins.data.engine import identifier, work_here
from dataagents.plugins.detection import register_correctors
from dataagents.plugins.detection.correctors import Encoding, Format, ValueMap


@pytest.fixture
def correct(tmp_path):
    """Return what a corrector proposes for cells that were found to be wrong."""

    def run(corrector, columns, rows, wrong):
        def work(session):
            listed = ", ".join(f"{identifier(name)} VARCHAR" for name in columns)
            session.rows(f"CREATE TEMP TABLE given (_row BIGINT, {listed})")
            cells = ", ".join(f"list_extract(cells, {n + 1})" for n in range(len(columns)))
            session.rows(
                f"INSERT INTO given SELECT number, {cells} FROM (SELECT unnest(?::BIGINT[]) AS "
                "number, unnest(?::VARCHAR[][]) AS cells)",
                [list(range(len(rows))), [list(row) for row in rows]],
            )
            session.rows(
                "CREATE TEMP TABLE wrong AS SELECT unnest(?::BIGINT[]) AS _row, "
                'unnest(?::VARCHAR[]) AS "column", 0.9 AS confidence',
                [[row for row, _ in wrong], [column for _, column in wrong]],
            )
            table = open_table(session, "things", "given", columns)
            found = {}
            for each in corrector.correct(table, "wrong"):
                names = 'SELECT _row, "column", value, confidence, rule, reason'
                for row, column, *rest in session.rows(
                    f"{names} FROM ({each.sql})", each.parameters
                ):
                    assert (row, column) not in found, "one corrector proposes one value for a cell"
                    found[row, column] = rest
            table.release()
            for _, confidence, rule, reason in found.values():
                assert 0 < confidence <= 1
                assert rule
                assert reason
            return {cell: value for cell, (value, *_) in found.items()}

        return work_here("correcting", work, folder=tmp_path, memory_bytes=1 << 29, threads=1)

    return run


@pytest.fixture
def last(correct):
    """Return what becomes of the last of a column's values, which is wrong."""

    def run(corrector, values):
        rows = [[str(number), value] for number, value in enumerate(values)]
        at = (len(rows) - 1, "it")
        found = correct(corrector, ["number", "it"], rows, [at])
        assert set(found) <= {at}
        return found.get(at)

    return run


PRICES = [f"{number}.5" for number in range(900, 1400, 10)]


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("$1020.5", "1020.5"),
        ("1,020.5", "1020.5"),
        ("1.020,5", "1020.5"),
        ("1 020,5", "1020.5"),
        ("1020,5", "1020.5"),
        ("1'020.5 CHF", "1020.5"),
        ("1020.5 EUR", "1020.5"),
        ("1020.50000000000011 EUR", "1020.5"),
        ("1.02 k", "1020"),
        ("0.00102 million", "1020"),
    ],
)
def test_a_number_is_written_as_the_numbers_of_its_column(last, wrong, right):
    assert last(Format(), [*PRICES, wrong]) == right


@pytest.mark.parametrize(
    "wrong", ["80 dozen", "(1020.5", "1,02,0.5", "about ten", "1000.12345678901234567"]
)
def test_what_is_not_known_to_be_that_number_stays(last, wrong):
    assert last(Format(), [*PRICES, wrong]) is None


EUROS = [f"{number},5" for number in range(900, 1400, 10)]


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("1020,5 €", "1020,5"),
        ("1.020,5", "1020,5"),
        ("1,020.5", "1020,5"),
        ("1020.5", "1020,5"),
        ("1 020,5 EUR", "1020,5"),
        ("1020,50000000000011 EUR", "1020,5"),
        ("1,02 k", "1020"),
        ("-910,5", None),
        ("985,5", None),
        ("1,234", None),
        ("1.234", "1234"),
    ],
)
def test_a_column_of_decimal_commas_keeps_them(last, wrong, right):
    assert last(Format(), [*EUROS, wrong]) == right


def test_a_comma_that_parts_whole_numbers_alone_is_no_decimal_one(last):
    values = [f"{number},500" for number in range(10, 70)]
    assert last(Format(), [*values, "$12,500"]) == "12,500"


def test_thousands_stay_parted_where_the_column_parts_them(last):
    values = [f"{number // 1000}.{number % 1000:03},50" for number in range(1000, 9000, 150)]
    assert last(Format(), [*values, "540,20", "1.310,83 €"]) == "1.310,83"
    assert last(Format(), [*values, "540,20", "2453,49 €"]) == "2453,49"
    swapped = [value.translate(str.maketrans(".,", ",.")) for value in values]
    assert last(Format(), [*swapped, "$1,310.83"]) == "1,310.83"
    assert last(Format(), [*PRICES, "1,020.5 kg"]) == "1020.5"


def test_a_percentage_is_worked_out_where_only_that_fits(last):
    shares = [f"0.{number:02}" for number in range(10, 90)]
    assert last(Format(), [*shares, "45%"]) == "0.45"
    assert last(Format(), [*shares, "0.45%"]) == "0.45"


def test_a_unit_in_several_spellings_is_dropped(last):
    units = ["oz", "oz.", "ounce"]
    values = [f"{8 + number % 9}.0 {units[number % 3]}" for number in range(60)]
    assert last(Format(), [*values, "12.0 OZ."]) == "12"


def test_a_unit_that_most_cells_have_is_the_form_of_the_column(last):
    assert last(Format(), [*[f"{number} kg" for number in range(60)], "12 kilo"]) is None


def test_a_word_behind_a_number_need_not_be_a_unit(last):
    streets = [
        f"{number} {'ABCDEFGHIJKLMNOPQRSTUVWXYZ'[number % 26]} Street" for number in range(60)
    ]
    assert last(Format(), [*streets, "12 Z Streeet"]) is None


def test_two_currencies_are_two_things(last):
    values = [*PRICES, *["€1000.5"] * 3, *["$1000.5"] * 3]
    assert last(Format(), values) is None


def test_a_whole_number_of_a_float_is_whole_again(last):
    assert last(Format(), [*map(str, range(100, 160)), "120.0"]) == "120"


def test_a_column_that_writes_a_point_keeps_it(last):
    assert last(Format(), [*[f"{n}.0" for n in range(60)], "$12.0"]) == "12.0"


DAYS = [f"2021-{month:02}-{day:02}" for month in (3, 7, 11) for day in range(1, 28)]


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("07/25/2021", "2021-07-25"),
        ("25.07.2021", "2021-07-25"),
        ("25 July 2021", "2021-07-25"),
        ("Jul 25, 2021", "2021-07-25"),
        ("2021-7-5", "2021-07-05"),
        ("20210725", "2021-07-25"),
        ("2021-07-25 00:00:00", "2021-07-25"),
        ("05/05/2021", "2021-05-05"),
        ("07/05/2021", None),
        ("2021-07-25 13:10:00", None),
        ("2021-02-30", None),
        ("2021-07-5", None),
    ],
)
def test_a_day_is_rewritten_where_it_can_be_read_in_one_way(last, wrong, right):
    assert last(Format(), [*DAYS, wrong]) == right


def test_the_order_of_days_and_months_is_the_columns(last):
    values = [f"{day:02}/{month:02}/2021" for month in (3, 11) for day in range(1, 28)]
    assert last(Format(), [*values, "7/5/2021"]) == "07/05/2021"


def test_a_year_of_two_digits_gets_no_century_and_a_full_one_keeps_it(last):
    assert last(Format(), [*DAYS, "5/14/68"]) is None
    short = [f"{month}/{day}/68" for month in (3, 11) for day in range(1, 29)]
    assert last(Format(), [*short, "5/14/1968"]) is None
    assert last(Format(), [*short, "05/14/71"]) == "5/14/71"


PHONES = [f"{200 + n}-555-{1000 + 7 * n}" for n in range(50)]


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("(212) 555-1234", "212-555-1234"),
        ("2125551234", "212-555-1234"),
        ("212.555.1234", "212-555-1234"),
        ("2125-55-1234", None),
        ("212-555-123", None),
        ("212-555-123x", None),
    ],
)
def test_a_code_gets_the_signs_of_its_column(last, wrong, right):
    assert last(Format(), [*PHONES, wrong]) == right


def test_a_code_gets_the_case_of_its_column(last):
    assert last(Format(), [*[f"AB-{n}" for n in range(100, 160)], "ab 123"]) == "AB-123"


def test_zeros_in_front_come_back_where_codes_begin_with_them(last):
    padded = [f"{n:05}" for n in range(1700, 12000, 150)]
    assert last(Format(), [*padded, "1830"]) == "01830"
    assert last(Format(), [*map(str, range(10000, 10060)), "1830"]) is None


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("berlin", "Berlin"),
        ("  Ber-lin", "Berlin"),
        ("'Hamburg'", "Hamburg"),
        ("Bad  Honnef,", "Bad Honnef"),
        ("Hamburk", None),
    ],
)
def test_a_label_is_spelt_as_its_column_spells_it(last, wrong, right):
    assert last(Format(), [*["Berlin", "Hamburg", "Bonn"] * 20, wrong]) == right


def test_numbers_in_a_label_are_not_joined(last):
    assert last(Format(), [*["Release 34", "Release 35"] * 20, "Release 3.4"]) is None


def test_the_case_of_a_column_is_that_of_a_rare_value_too(last):
    towns = ["berlin", "hamburg", "bonn"] * 20
    assert last(Format(), [*towns, "mainz", "MAINZ"]) == "mainz"
    assert last(Format(), [*map(str.upper, towns), "MAINZ", "Mainz"]) == "MAINZ"
    assert last(Format(), [*map(str.upper, towns), "MAINXZ", "MAINxZ"]) is None


def test_what_is_no_value_of_the_column_keeps_its_case(last):
    assert last(Format(), [*["M", "F"] * 30, "male"]) is None
    assert last(Format(), [*["berlin", "hamburg", "bonn"] * 20, "MAINZ"]) is None
    assert last(Format(), [*["berlin", "hamburg", "bonn"] * 20, "  MAINZ;"]) == "MAINZ"


def test_what_is_wrong_itself_is_no_value_of_the_column(correct):
    rows = [[str(n), "MF"[n % 2]] for n in range(60)] + [["60", "male"], ["61", "MALE"]]
    assert correct(Format(), ["n", "it"], rows, [(60, "it"), (61, "it")]) == {}


def test_marks_and_names_in_quotes_stay(last):
    assert last(Format(), [*["† note", "red"] * 20, "¥ note"]) is None
    assert last(Format(), [*["Cairn A", "Cairn B"] * 30, 'Cairn "C"']) is None


def test_a_word_for_nothing_becomes_the_empty_cell_that_others_have(last):
    assert last(Format(), [*["red", "blue", ""] * 5, "N/A"]) == ""
    assert last(Format(), [*["red", "blue", "N/A"] * 5, "N/A"]) is None


@pytest.mark.parametrize(
    "text", ["Café Zürich", "naïve — “quoted”", "Ærøskøbing", "東京", "Łódź"], ids=range(5)
)
@pytest.mark.parametrize("how", ["latin-1", "cp1252"])
@pytest.mark.parametrize("times", [1, 2])
def test_text_decoded_wrongly_is_what_it_was(last, text, how, times):
    broken = text
    for _ in range(times):
        broken = "".join(
            bytes([byte]).decode(how) if byte not in b"\x81\x8d\x8f\x90\x9d" else chr(byte)
            for byte in broken.encode()
        )
    assert last(Encoding(), ["one", "two", broken]) == text


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("Fish &amp; Chips", "Fish & Chips"),
        ("\ufeffone", "one"),
        ("Café", None),
        ("Caf\ufffd", None),
        ("Cafï¿½", None),
        ("A&B; C", None),
        ("plain", None),
    ],
)
def test_what_machines_left_goes_and_what_people_wrote_stays(last, wrong, right):
    assert last(Encoding(), ["one", "two", wrong]) == right


NAMES = ["Bern", "Genf", "Chur", "Brig", "Thun", "Biel", "Visp", "Sion"]
TOWNS = [(f"{place}0", name) for place, name in enumerate(NAMES, 1)]


def test_a_wrong_value_stands_for_the_same_where_nobody_tells(correct):
    rows = [[code, town] for code, town in TOWNS for _ in range(12)]
    wrong = []
    for code in ("20", "20", "20", "99"):
        wrong.append((len(rows), "town"))
        rows.append([code, "Geneva"])
    found = correct(ValueMap(), ["code", "town"], rows, wrong)
    assert found == dict.fromkeys(wrong, "Genf")


def test_once_may_be_a_chance(correct):
    rows = [[code, town] for code, town in TOWNS for _ in range(12)]
    rows += [["20", "Geneva"], ["99", "Geneva"]]
    assert correct(ValueMap(), ["code", "town"], rows, [(96, "town"), (97, "town")]) == {}


def test_what_stands_for_several_things_stands_for_none(correct):
    rows = [[code, town] for code, town in TOWNS for _ in range(12)]
    rows += [[code, "unclear"] for code in ("10", "10", "20", "20")]
    wrong = [(96 + number, "town") for number in range(4)]
    assert correct(ValueMap(), ["code", "town"], rows, wrong) == {}


def test_what_is_right_elsewhere_stands_for_itself(correct):
    rows = [[code, town] for code, town in TOWNS for _ in range(12)]
    rows += [["20", "Bern"], ["20", "Bern"]]
    assert correct(ValueMap(), ["code", "town"], rows, [(96, "town"), (97, "town")]) == {}


def test_columns_that_settle_nothing_teach_nothing(correct):
    rows = [[str(n % 7), f"town {n * n % 11}"] for n in range(80)]
    assert correct(ValueMap(), ["code", "town"], rows, [(3, "town"), (5, "town")]) == {}


@pytest.mark.parametrize("strategy", register_correctors(), ids=lambda each: each.name)
class TestEveryCorrector:
    def test_says_why_it_is_right(self, strategy):
        corrector = strategy.build(strategy.options())
        assert corrector.theory.endswith(".")
        assert corrector.reversible == (strategy.name != "value-map")

    def test_proposes_nothing_where_nothing_is_wrong(self, correct, strategy):
        rows = [["1", "$5"], ["2", "6"]]
        assert correct(strategy.build(strategy.options()), ["id", "it"], rows, []) == {}

    def test_takes_columns_of_any_name_and_cells_of_any_text(self, correct, strategy):
        names = ["value", "column", 'a "b" \' {x} $1', "place", "cells", "told"]
        odd = ["'; --", "{0} $1 \\1", "\n\t", "%s" * 30, "\U0001d518 \u017ftraße", "((("]
        rows = [odd[n:] + odd[:n] for n in range(6)] * 3 + [[None] * 6, [""] * 6]
        wrong = [(row, name) for row in range(20) for name in names]
        for cell in correct(strategy.build(strategy.options()), names, rows, wrong):
            assert cell in wrong
