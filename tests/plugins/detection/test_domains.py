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


def test_text_that_is_of_no_domain_is_left_alone(look):
    assert look(Domains(), ["name"], [[f"name {n}"] for n in range(40)]) == {}
