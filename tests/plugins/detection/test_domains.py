import pytest

from dataagents.plugins.detection.domains import Domains

ISBN = (
    "9780131103627", "9780596007126", "9781449355739", "9780134685991", "9780201633610",
    "9780262033848", "9781491950357", "9780735619678", "9780132350884", "9780321125217",
    "9781617294136", "9780137081073",
)  # fmt: skip
IBAN = (
    "GB29NWBK60161331926819", "DE89370400440532013000", "FR1420041010050500013M02606",
    "NL91ABNA0417164300", "FI2112345600000785", "ES9121000418450200051332",
    "CH9300762011623852957", "AT611904300234573201", "IT60X0542811101000000123456",
    "PT50000201231234567890154", "DK5000400440116243", "SE4550000000058398257466",
)  # fmt: skip


def slipped(code):
    """The code with its last digit one on."""
    return code[:-1] + str((int(code[-1]) + 1) % 10)


@pytest.mark.parametrize(("codes", "name"), [(ISBN, "ISBN"), (IBAN, "IBAN")])
def test_a_broken_check_digit_is_flagged_in_a_column_of_such_identifiers(look, codes, name):
    rows = [[code] for code in codes]
    rows[3][0] = slipped(codes[3])
    found = look(Domains(), ["code"], rows)
    assert list(found) == [(3, "code")]
    assert found[3, "code"].confidence > 0.8
    assert f"is no {name}" in found[3, "code"].reason


def test_an_address_without_a_host_is_flagged_among_addresses(look):
    rows = [[f"someone.{n}@example.org"] for n in range(20)] + [["someone.example.org"]]
    assert list(look(Domains(), ["mail"], rows)) == [(20, "mail")]


def test_numbers_of_which_few_have_the_right_check_digit_are_no_identifiers(look):
    assert look(Domains(), ["number"], [[str(9780000000000 + 7 * n)] for n in range(200)]) == {}


def test_a_few_values_say_nothing_about_their_domain(look):
    assert look(Domains(), ["code"], [[code] for code in (*ISBN[:5], "9780131103628")]) == {}


STATES = (
    "AL", "AK", "AZ", "AR", "CA", "CO", "CT", "DE", "FL", "GA", "HI", "ID", "IL", "IN", "IA", "KS",
)  # fmt: skip
COUNTRIES = ("AT", "BE", "BR", "CH", "CN", "DE", "ES", "FR", "GB", "IT", "JP", "NL", "SE", "ZA")
CURRENCIES = ("AUD", "BRL", "CAD", "CHF", "CNY", "EUR", "GBP", "INR", "JPY", "SEK", "USD", "ZAR")


@pytest.mark.parametrize(
    ("codes", "wrong", "name"),
    [
        (STATES, "XQ", "code of a part of US"),
        (COUNTRIES, "QX", "country code"),
        (CURRENCIES, "EUX", "currency code"),
        ([code.lower() for code in COUNTRIES], "qx", "country code"),
    ],
)
def test_a_code_that_stands_in_no_list_is_flagged_among_codes_that_do(look, codes, wrong, name):
    rows = [[code] for code in codes for _ in range(6)] + [[wrong]]
    found = look(Domains(), ["code"], rows)
    assert list(found) == [(len(rows) - 1, "code")]
    assert f"is no {name}" in found[len(rows) - 1, "code"].reason


def test_many_slips_each_of_its_own_are_found_among_few_codes(look):
    slips = [f"{first}{second}" for first in "XQ" for second in "QXYJKBFGHPSU"]
    rows = [[code] for code in STATES for _ in range(20)] + [[slip] for slip in slips]
    found = look(Domains(), ["state"], rows)
    assert {rows[row][0] for row, _ in found} == set(slips)


def test_codes_of_no_list_are_left_alone(look):
    airlines = ("AA", "B6", "DL", "EK", "LH", "QF", "TK", "UA", "WN", "XQ", "QX", "JQ", "KL", "OZ")
    assert look(Domains(), ["airline"], [[code] for code in airlines for _ in range(6)]) == {}


def test_small_numbers_are_no_codes(look):
    assert look(Domains(), ["month"], [[f"{n:02d}"] for n in range(1, 96) for _ in range(4)]) == {}


def test_text_that_is_of_no_domain_is_left_alone(look):
    assert look(Domains(), ["name"], [[f"name {n}"] for n in range(40)]) == {}
