from itertools import product
from random import Random
from string import ascii_lowercase

import pytest

from dataagents.plugins.detection.misspellings import Misspellings
from dataagents.plugins.detection.typos import Typos


def column(*counted):
    """Rows of one column, from (value, how many)."""
    return [[value] for value, count in counted for _ in range(count)]


def values(found, rows):
    return {rows[row][0]: flag for (row, _), flag in found.items()}


@pytest.mark.parametrize(
    "slip",
    ["Hamurg", "Hambuurg", "Hmaburg", "Hanburg", "Hxxburg", "Hamburg***"[:8]],
    ids=["lost", "added", "swapped", "replaced", "masked", "sign"],
)
def test_a_rare_value_a_slip_from_a_common_one_is_flagged_with_what_was_meant(look, slip):
    rows = column(("Hamburg", 30), ("Berlin", 20), (slip, 1))
    found = look(Typos(), ["city"], rows)
    assert list(found) == [(50, "city")]
    assert found[50, "city"].confidence > 0.9
    assert found[50, "city"].suggestion == "Hamburg"
    assert found[50, "city"].reason == "1 cell says so; a slip away, 30 say 'Hamburg'"


def test_a_value_as_common_as_its_neighbour_is_none_of_its_slips(look):
    assert look(Typos(), ["name"], column(("Meyer", 10), ("Meier", 9))) == {}


def test_a_code_that_many_cells_have_is_no_slip_of_another(look):
    found = look(Typos(), ["answers"], column(("yn", 113), ("ny", 18), ("yy", 90), ("nn", 91)))
    assert all(flag.confidence < 0.5 for flag in found.values())
    found = look(Typos(), ["kind"], column(("171b", 228), ("171a", 49), ("221b", 84)))
    assert all(flag.confidence < 0.5 for flag in found.values())


def test_a_slip_that_somebody_makes_always_is_one_where_nearly_nobody_does(look):
    rows = column(("California", 600), ("Calfornia", 6))
    assert values(look(Typos(), ["state"], rows), rows)["Calfornia"].confidence > 0.9


def test_another_number_is_another_thing(look):
    rows = column(("Route 12", 30), ("Route 13", 1), ("Room A", 30), ("Room B", 1))
    assert look(Typos(), ["place"], rows) == {}


def test_a_letter_among_digits_is_a_slip(look):
    rows = column(("A-10432", 30), ("A-1x432", 1))
    assert values(look(Typos(), ["code"], rows), rows)["A-1x432"].suggestion == "A-10432"


def test_codes_that_all_lie_next_to_one_another_prove_nothing(look):
    rows = column(("CA", 60), ("CO", 30), ("GA", 30), ("MA", 25), ("MO", 24), ("IA", 3))
    assert all(flag.confidence < 0.5 for flag in look(Typos(), ["state"], rows).values())


def test_the_rarer_a_slip_the_surer(look):
    rows = column(("Hamburg", 30), ("Hamurg", 1), ("Dresden", 30), ("Dreseden", 10))
    found = values(look(Typos(), ["city"], rows), rows)
    assert found["Hamurg"].confidence > found["Dreseden"].confidence


def test_a_word_that_many_values_have_is_no_slip_of_another(look):
    parts = ("north", "south", "east", "west", "centre")
    rows = column(*((f"ak_{part}", 1) for part in parts), *((f"al_{part}", 30) for part in parts))
    assert look(Typos(), ["region"], rows) == {}


def test_a_misspelt_word_is_found_in_texts_that_are_all_different(look):
    rows = [[f"Impoundment of the {name} River"] for name in ("Green", "Black", "Long", "Broad")]
    rows += [["Impoundmnet of the Muddy River"]]
    found = look(Misspellings(), ["where"], rows)
    assert list(found) == [(4, "where")]
    assert found[4, "where"].confidence > 0.5
    assert found[4, "where"].suggestion == "Impoundment of the Muddy River"
    assert "'Impoundmnet' is used once" in found[4, "where"].reason


def test_a_short_word_beside_another_one_is_hardly_a_slip(look):
    rows = [
        ["Yanzhou Coal Mining"],
        *([f"{name} Cola"] for name in ("Pepsi", "Royal", "Red", "Old")),
    ]
    found = look(Misspellings(), ["firm"], rows)
    assert all(flag.confidence < 0.4 for flag in found.values())


def test_another_form_of_a_word_is_not_misspelt(look):
    rows = [[f"{name} Fund"] for name in ("Road", "Water", "School", "Park", "State")]
    found = look(Misspellings(), ["fund"], [*rows, ["All Funds"]])
    assert all(flag.confidence < 0.5 for flag in found.values())


def test_the_case_of_a_misspelt_word_is_kept(look):
    rows = [[f"{n} MARKET STREET"] for n in range(20)] + [["21 MARKTE STREET"]]
    assert look(Misspellings(), ["address"], rows)[20, "address"].suggestion == "21 MARKET STREET"


def test_codes_that_fill_the_room_there_is_are_no_slips_of_each_other(look):
    random = Random(4)
    codes = random.sample(["".join(letters) for letters in product("ABCD", repeat=4)], 120)
    rows = column(*((code, random.choice((1, 1, 2, 6))) for code in codes))
    found = look(Typos(), ["code"], rows)
    assert all(flag.confidence < 0.5 for flag in found.values())


def test_a_slip_of_a_name_that_is_like_no_other_is_found_among_many_names(look):
    random = Random(4)
    names = ["".join(random.choices(ascii_lowercase, k=8)) for _ in range(60)]
    rows = column(*((name, random.choice((1, 2, 6))) for name in names), ("Hamburg", 6))
    found = look(Typos(), ["name"], [*rows, ["Hambrg"]])
    assert {key: flag.suggestion for key, flag in found.items()} == {(len(rows), "name"): "Hamburg"}


def test_a_common_word_in_the_place_of_another_is_no_slip(look):
    first = ("Mary", "Mark", "Anna", "John")
    last = ("Young", "Carter", "Lee", "Hill", "Moore")
    rows = column(*((f"{one} {other}", 1) for one in first for other in last), ("Mark Young", 5))
    assert look(Typos(), ["name"], rows) == {}


def test_what_a_good_part_says_is_no_slip_of_what_more_say(look):
    rows = column(("user Mary logged in", 8), ("user Mark logged in", 19), ("backup done", 60))
    assert all(flag.confidence < 0.5 for flag in look(Typos(), ["message"], rows).values())
