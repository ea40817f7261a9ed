from random import Random

from dataagents.plugins.detection.sources import Sources

COLUMNS = ("site", "flight", "leaves", "arrives")


def claims(accuracy, flights=40, seed=9):
    """What sites say of flights, and where they are wrong."""
    random = Random(seed)
    rows, wrong = [], set()
    for flight in range(flights):
        truth = [f"{random.randrange(24)}:{random.randrange(60):02}" for _ in range(2)]
        for site, right in accuracy.items():
            said = list(truth)
            for place in (0, 1):
                if random.random() > right:
                    said[place] = f"{random.randrange(24)}:{random.randrange(60):02}"
                    if said[place] != truth[place]:
                        wrong.add((len(rows), COLUMNS[2 + place]))
            rows.append([site, f"AB{flight}", *said])
    return rows, wrong


def sure(found):
    return {key for key, flag in found.items() if flag.confidence > 0.5}


def test_claims_that_others_contradict_are_flagged(look):
    rows, wrong = claims({"a": 0.95, "b": 0.9, "c": 0.9, "d": 0.85, "e": 0.5})
    found = look(Sources(), COLUMNS, rows)
    hit = sure(found) & wrong
    assert len(hit) >= 0.95 * len(wrong)
    assert len(hit) >= 0.95 * len(sure(found))


def test_two_good_sources_outvote_three_bad_ones(look):
    rows, wrong = claims({"a": 1.0, "b": 0.98, "c": 0.3, "d": 0.3, "e": 0.3}, flights=60)
    for row in range(2, 5):
        rows[row][2] = "13:37"
        wrong.add((row, "leaves"))
    truth = rows[0][2]
    found = look(Sources(), COLUMNS, rows)
    assert {(2, "leaves"), (3, "leaves"), (4, "leaves")} <= sure(found)
    assert (0, "leaves") not in sure(found)
    assert found[2, "leaves"].suggestion == truth


def test_what_one_source_leaves_out_is_missing(look):
    rows, _ = claims({"a": 0.95, "b": 0.9, "c": 0.9, "d": 0.8})
    said, rows[7][2] = rows[7][2], ""
    found = look(Sources(), COLUMNS, rows)
    assert found[7, "leaves"].confidence > 0.5
    assert found[7, "leaves"].suggestion in {said, rows[4][2]}


def test_a_measure_of_each_year_is_no_claim_of_a_source(look):
    random = Random(10)
    rows = [
        [f"{year}", f"place {place}", f"{random.randrange(1000)}", f"{random.randrange(1000)}"]
        for place in range(30)
        for year in range(2015, 2021)
    ]
    assert look(Sources(), ("year", "place", "births", "deaths"), rows) == {}


def test_where_sources_hardly_differ_there_is_nothing_to_weigh(look):
    rows, _ = claims({"a": 1.0, "b": 1.0, "c": 1.0, "d": 1.0})
    rows[7][2] = "13:37"
    assert look(Sources(), COLUMNS, rows) == {}


def test_one_row_for_each_entity_leaves_nothing_to_compare(look):
    rows = [["a", f"AB{i}", f"{i}:00", f"{i}:30"] for i in range(24)]
    assert look(Sources(), COLUMNS, rows) == {}
