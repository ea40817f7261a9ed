import itertools
from random import Random

from dataagents.plugins.detection.characters import Characters
from dataagents.plugins.detection.shapes import Shapes
from dataagents.plugins.detection.types import Types
from dataagents.plugins.detection.units import Units
from dataagents.plugins.detection.variants import Variants


def phones(count=40):
    random = Random(5)
    return [[f"{random.randrange(200, 999)}-{random.randrange(1000, 9999)}"] for _ in range(count)]


def test_a_value_of_another_shape_is_flagged(look):
    rows = phones()
    rows[7][0] = "call us"
    found = look(Shapes(), ["phone"], rows)
    assert list(found) == [(7, "phone")]
    assert found[7, "phone"].confidence > 0.5
    assert "most are like '9-9'" in found[7, "phone"].reason


def test_a_digit_too_few_is_found_in_a_code(look):
    rows = phones()
    rows[7][0] = "555-123"
    found = look(Shapes(), ["phone"], rows)
    assert list(found) == [(7, "phone")]
    assert "'999-9999'" in found[7, "phone"].reason


def test_quantities_have_as_many_digits_as_they_need(look):
    random = Random(5)
    rows = [[f"{10 ** random.randrange(5)} patients"] for _ in range(60)] + [["7777777 patients"]]
    assert look(Shapes(), ["sample"], rows) == {}


def test_how_many_words_a_name_has_is_free(look):
    rows = [["Springfield"]] * 20 + [["Grand Rapids"]] * 20 + [["Rancho Santa Fe"]]
    assert look(Shapes(), ["city"], rows) == {}


def test_a_small_letter_among_capitals_is_found_in_free_text(look):
    random = Random(5)
    words = ("GREEN", "LONG", "BLACK", "ROAD", "4", "77", "OF", "A", "B-C", "D.E.")
    rows = [[" ".join(random.choices(words, k=random.randrange(2, 7)))] for _ in range(90)]
    rows[3][0] = "GREEN ROaD OF LONG"
    found = look(Shapes(), ["text"], rows)
    assert found[3, "text"].confidence > 0.5
    assert all(flag.confidence < 0.5 for cell, flag in found.items() if cell[0] != 3)


def test_a_word_in_a_column_of_numbers_is_flagged(look):
    rows = [[f"{n}.5"] for n in range(30)] + [["n. a. this year"]]
    found = look(Types(), ["rate"], rows)
    assert list(found) == [(30, "rate")]
    assert found[30, "rate"].reason == "is no number, as 96 % of the column are"


def test_a_column_of_dates_may_not_hold_a_place(look):
    rows = [[f"2020-01-{n:02}"] for n in range(1, 29)] + [["Springfield"]]
    assert list(look(Types(), ["day"], rows)) == [(28, "day")]


def test_a_column_of_all_sorts_has_no_type_to_break(look):
    rows = [["1"], ["x"], ["2020-01-01"], ["y"], ["2"], ["z"]]
    assert look(Types(), ["mixed"], rows) == {}


def test_a_unit_spelt_in_several_ways_is_wrong_everywhere(look):
    rows = [[f"{n}.0 oz"] for n in range(1, 9)] + [[f"{n}.0 oz."] for n in range(1, 8)]
    rows += [[f"{n}.0 ounce"] for n in range(1, 6)]
    found = look(Units(), ["size"], rows)
    assert len(found) == 20
    assert all(flag.confidence >= 0.5 for flag in found.values())
    assert found[0, "size"].suggestion == "1"


def test_the_unit_that_few_numbers_carry_is_wrong_there_only(look):
    rows = [[f"0.0{n}"] for n in range(1, 9)] * 2 + [["0.05%"], ["0.06%"], ["0.07%"]]
    found = look(Units(), ["share"], rows)
    assert sorted(found) == [(16, "share"), (17, "share"), (18, "share")]
    assert found[16, "share"].suggestion == "0.05"


def test_the_noise_of_a_double_is_not_suggested(look):
    rows = [[f"0.0{n}"] for n in range(1, 9)] * 2 + [["0.055999999999999994%"], ["0.06%"]]
    assert look(Units(), ["share"], rows)[16, "share"].suggestion == "0.056"


def test_one_unit_throughout_is_how_a_column_is_written(look):
    assert look(Units(), ["score"], [[f"{n}%"] for n in range(50, 100)]) == {}


def test_letters_behind_numbers_may_be_part_of_a_code(look):
    rows = [[f"{n}"] for n in range(1, 20)] + [[f"{n}A"] for n in range(1, 5)]
    assert look(Units(), ["house"], rows) == {}


def test_the_rarer_spelling_of_a_label_is_flagged_with_the_usual_one(look):
    rows = [["St. Paul"]] * 9 + [["ST PAUL"], ["St.  Paul"], ["São Paulo"]]
    found = look(Variants(), ["city"], rows)
    assert sorted(found) == [(9, "city"), (10, "city")]
    assert {flag.suggestion for flag in found.values()} == {"St. Paul"}


def test_a_stop_between_digits_is_no_spelling(look):
    assert look(Variants(), ["version"], [["v3.4"]] * 9 + [["v34"]]) == {}


def test_traces_of_a_wrong_encoding_are_flagged(look):
    cafe = "caf\u00e9".encode().decode("cp1252")
    rows = [["Caf\u00e9"], [cafe], ["caf\ufffd"], ["zero\u200bwidth"], ["\u0430pple"], ["plain"]]
    rows += [["bell\x07"], ["Na\u00efve \u201cquote\u201d \u2013 \u20ac 5"], ["who?"]]
    found = look(Characters(), ["text"], rows)
    assert sorted(row for row, _ in found) == [1, 2, 3, 4, 6]
    assert "another encoding" in found[1, "text"].reason
    assert "lost character" in found[2, "text"].reason
    assert "invisible" in found[3, "text"].reason
    assert "two scripts" in found[4, "text"].reason


def test_names_that_are_written_otherwise_now_and_then_are_hardly_suspect(look):
    firsts = ("Anna", "Bert", "Cara", "Dora", "Emil", "Fritz", "Gero", "Hanna", "Ida")
    lasts = ("Abel", "Brun", "Cohn", "Duda", "Eich", "Funk")
    rows = [[f"{first} {last}"] for first in firsts for last in lasts]
    rows += [["Cote d'Ivoire"], ["St. Croix"], ["Nord-Pas"], ["Anna (Berlin)"], ["D. Dumas"]]
    rows += [["O'Hara"], ["Emil A. Duda"]]
    found = look(Shapes(), ["name"], rows)
    assert found
    assert all(flag.confidence < 0.5 for flag in found.values())


def test_suspicion_falls_gradually_with_the_share_of_another_format(look):
    random = Random(5)
    sure = []
    for wrong in (5, 10, 15, 20, 30, 50, 80):
        rows = [[f"{random.randrange(60, 200)} min"] for _ in range(1000 - wrong)]
        rows += [[f"{random.randrange(1, 4)}h {random.randrange(10, 60)}m"] for _ in range(wrong)]
        found = look(Shapes(), ["duration"], rows)
        flags = [found[row, "duration"].confidence for row in range(1000 - wrong, 1000)]
        sure.append(min(flags))
        assert max(found)[0] - min(found)[0] >= wrong - 1
    assert sure == sorted(sure, reverse=True)
    assert sure[-2] > 0.5 > sure[-1]
    assert all(one - other < 0.15 for one, other in itertools.pairwise(sure))


def test_a_rare_format_is_hardly_suspect_where_there_are_several(look):
    rows = [[f"{n} min"] for n in range(100, 700)] + [[f"{n}h"] for n in range(100, 400)]
    rows += [[f"{n}:30"] for n in range(10, 60)] + [[f"{n} hours"] for n in range(10, 60)]
    found = look(Shapes(), ["duration"], rows)
    assert all(flag.confidence < 0.5 for flag in found.values())


def test_the_same_digits_parted_otherwise_are_another_format(look):
    random = Random(5)
    rows = [[f"{int(10 ** random.uniform(1, 6)):,}"] for _ in range(600)]
    wrong = [row for row, (cell,) in enumerate(rows) if len(cell) == 5][:4]
    for row in wrong:
        rows[row][0] = rows[row][0].replace(",", "")
    found = look(Shapes(), ["votes"], rows)
    assert sorted(row for (row, _), flag in found.items() if flag.confidence >= 0.5) == wrong
    assert look(Shapes(), ["version"], [[f"{a}.{b}.1"] for a in range(9) for b in range(40)]) == {}


def test_the_joints_of_a_language_are_no_format_but_signs_are(look):
    random = Random(5)
    words = [
        "".join(random.choices("abdeiklmnorstu", k=random.randrange(4, 10))) for _ in range(40)
    ]
    rows = [[f"{random.choice(words).title()}"] for _ in range(500)]
    natural = ("O'Hara", "Baden-Baden", "Trinidad and Tobago", "Korea, South", "St. Croix", "US")
    signs = ("Lowell*", "Lyon  Sud", "LINCOLN", "mainz", "Kobe (", "Oslo1")
    rows += [[each] for each in (*natural, *signs)]
    found = look(Shapes(), ["place"], rows)
    sure = {row - 500 for (row, _), flag in found.items() if flag.confidence >= 0.5}
    assert sure == set(range(6, 12))


def test_counters_and_quantities_start_with_fewer_digits(look):
    random = Random(5)
    assert look(Shapes(), ["id"], [[f"C{n}"] for n in range(800)]) == {}
    rows = [[f"${random.uniform(5, 900):.2f}"] for _ in range(500)]
    assert look(Shapes(), ["cost"], rows) == {}
    rows = [[f"{random.randrange(1, 999)} {random.choice('ABC')}b St"] for _ in range(400)]
    assert look(Shapes(), ["street"], rows) == {}
    assert look(Shapes(), ["lake"], [[f"L{n}"] for n in range(990, 1004)]) == {}


def test_a_code_has_all_its_digits(look):
    random = Random(5)
    rows = [[f"P{random.randrange(200, 1000)}"] for _ in range(400)] + [["P77"]]
    assert look(Shapes(), ["part"], rows)[400, "part"].confidence > 0.5
    rows = [[f"2020-{random.randrange(1, 13):02}"] for _ in range(40)] + [["2020-7"]]
    assert look(Shapes(), ["month"], rows)[40, "month"].confidence > 0.5


def test_letters_and_digits_are_mixed_in_keys_and_names_are_joined(look):
    random = Random(5)
    rows = [["".join(random.choices("0123456789abcdef", k=12))] for _ in range(500)]
    assert all(flag.confidence < 0.5 for flag in look(Shapes(), ["key"], rows).values())
    rows = [[f"{random.choice('ABC')}{'lpha' * (n % 7 + 1)} Beta"] for n in range(300)]
    rows += [["GlaxoSmithKline"], ["Alpha GmbH"], ["Al9pha Beta"], ["aLpha Eeta"]]
    found = look(Shapes(), ["firm"], rows)
    assert {row for (row, _), flag in found.items() if flag.confidence >= 0.5} == {302, 303}
