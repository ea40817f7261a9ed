from random import Random

import pytest

from dataagents.plugins.detection.keys import Keys

COLORS = ("red", "green", "blue", "black")


def licences(copied=(), rows=60):
    """Rows with a number each, of which some were copied from the first row."""
    random = Random(3)
    numbers = random.sample(range(10_000, 99_999), rows)
    for at in copied:
        numbers[at] = numbers[0]
    return [[f"{number}", random.choice(COLORS)] for number in numbers]


def test_numbers_that_differ_are_fine(look):
    assert look(Keys(), ("licence", "color"), licences()) == {}


def test_all_rows_of_a_copied_number_are_suspect_but_for_one(look):
    found = look(Keys(), ("licence", "color"), licences(copied=(5, 9, 30)))
    assert set(found) == {(row, "licence") for row in (0, 5, 9, 30)}
    assert all(0.5 < flag.confidence < 0.75 for flag in found.values())
    assert "is in 4 rows" in found[5, "licence"].reason


def test_rows_of_one_number_that_are_about_one_thing_are_fine(look):
    random = Random(4)
    rows = [[f"{10_000 + 7 * i}", f"street {i}", f"town {random.randrange(30)}"] for i in range(60)]
    rows += [list(rows[at]) for at in range(0, 24, 2)]
    found = look(Keys(), ("licence", "street", "town"), rows)
    assert not any(flag.confidence > 0.3 for flag in found.values())


def test_a_column_of_labels_is_no_key(look):
    random = Random(5)
    rows = [[random.choice(COLORS), f"{random.random()}"] for _ in range(60)]
    assert look(Keys(), ("color", "measure"), rows) == {}


def test_names_of_which_some_have_families_are_no_key(look):
    large = [f"country {n}" for n in range(6) for _ in range(12 + 3 * n)]
    names = [*large, *(f"island {n}" for n in range(160))]
    Random(8).shuffle(names)
    rows = [[name, f"province {n}"] for n, name in enumerate(names)]
    assert look(Keys(), ("country", "province"), rows) == {}


def test_measures_repeat_as_often_as_they_must(look):
    random = Random(6)
    rows = [[f"{random.gauss(500, 120):.0f}", random.choice(COLORS)] for _ in range(150)]
    assert len({row[0] for row in rows}) < 150
    assert look(Keys(), ("weight", "color"), rows) == {}


def test_one_default_among_measures_is_no_copy(look):
    random = Random(7)
    rows = [[f"{random.random():.6f}" if i % 4 else "0", random.choice(COLORS)] for i in range(80)]
    assert look(Keys(), ("amount", "color"), rows) == {}


def test_a_key_of_the_contract_is_taken_at_its_word(look):
    rows = [["a", "1"], ["b", "2"], ["b", "3"]]
    found = look(Keys(), ("id", "n"), rows, key=("id",))
    assert {key: flag.confidence for key, flag in found.items()} == {(1, "id"): 0.5, (2, "id"): 0.5}


def test_shares_of_small_numbers_are_equal_by_nature(look):
    random = Random(6)
    shares = [f"{random.random():.6f}" for _ in range(200)]
    shares += [
        f"{part / whole:.6f}" for whole in (7, 11, 13) for part in range(1, 7) for _ in range(3)
    ]
    random.shuffle(shares)
    rows = [[share, random.choice(COLORS)] for share in shares]
    assert look(Keys(), ("share", "color"), rows) == {}


def test_a_measure_that_is_nowhere_the_same_was_copied_where_it_is(look):
    random = Random(6)
    rows = [[f"{random.random():.6f}", random.choice(COLORS)] for _ in range(200)]
    rows[20][0] = rows[90][0] = rows[4][0]
    assert set(look(Keys(), ("area", "color"), rows)) == {(row, "area") for row in (4, 20, 90)}


def names(random, rows):
    first = [f"{a}{b}an" for a in "BDFGHJKLMN" for b in "aeiou"]
    last = [f"{a}{b}son" for a in "BDFGHJKLMNPRSTVWXZ" for b in "aeiou"]
    return [f"{random.choice(first)} {random.choice(last)}" for _ in range(rows)]


def test_namesakes_are_as_many_as_chance_has_it(look):
    random = Random(9)
    rows = [[name, random.choice(COLORS)] for name in names(random, 600)]
    assert len({row[0] for row in rows}) < 590
    assert look(Keys(), ("name", "color"), rows) == {}


def test_a_name_that_is_nowhere_the_same_was_copied_where_it_is(look):
    random = Random(9)
    rows = [[f"Lot {number}a of {number * 7}", random.choice(COLORS)] for number in range(100, 300)]
    rows[20][0] = rows[90][0] = rows[4][0]
    assert set(look(Keys(), ("lot", "color"), rows)) == {(row, "lot") for row in (4, 20, 90)}


def test_days_come_again_by_chance_in_whatever_form(look):
    random = Random(10)
    days = [random.randrange(2800) for _ in range(400)]
    rows = [
        [f"{1 + d % 12}/{1 + d // 12 % 28}/{15 + d // 336}", random.choice(COLORS)] for d in days
    ]
    assert look(Keys(), ("joined", "color"), rows) == {}


def test_counts_with_separators_come_again_by_chance(look):
    random = Random(11)
    counts = [f"{int(10 ** random.uniform(1, 6)):,}" for _ in range(300)]
    rows = [[count, random.choice(COLORS)] for count in counts]
    assert look(Keys(), ("votes", "color"), rows) == {}


def test_beside_a_key_a_second_one_is_less_likely(look):
    alone = look(Keys(), ("licence", "color"), licences(copied=(5, 9)))
    rows = [[*row, f"{number}"] for number, row in enumerate(licences(copied=(5, 9)))]
    beside = look(Keys(), ("licence", "color", "id"), rows)
    assert all(beside[key].confidence < 0.5 < flag.confidence for key, flag in alone.items())


@pytest.mark.parametrize("times", [3, 8, 20])
def test_a_value_that_stands_out_among_numbers_that_differ_stands_for_none(look, times):
    random = Random(12)
    phones = [
        f"{number // 10**4}-{number % 10**4:04}" for number in random.sample(range(10**7), 80)
    ]
    rows = [[f"C{n}", phone, COLORS[n % 4]] for n, phone in enumerate(phones)]
    for at in range(times):
        rows[3 * at][1] = "000-0000"
    found = look(Keys(), ("id", "phone", "color"), rows)
    assert set(found) == {(3 * at, "phone") for at in range(times)}
    assert all(flag.confidence > 0.5 for flag in found.values())
    assert f"'000-0000' is in {times} rows, and no other" in found[0, "phone"].reason


def test_a_phrase_that_comes_again_among_texts_stands_for_itself(look):
    texts = [f"{''.join(Random(n).choices('abcdefgh', k=12))} fine" for n in range(60)]
    rows = [[f"C{n}", "good" if n % 8 == 0 else text] for n, text in enumerate(texts)]
    assert not any(flag.confidence > 0.5 for flag in look(Keys(), ("id", "note"), rows).values())


def test_many_amounts_are_nothing(look):
    random = Random(13)
    rows = [
        [f"C{n}", "$0.00" if n % 4 == 0 else f"${random.uniform(1, 10**6):,.2f}"] for n in range(90)
    ]
    assert look(Keys(), ("id", "paid"), rows) == {}
