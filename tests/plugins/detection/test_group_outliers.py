from random import Random

from dataagents.plugins.detection.group_outliers import GroupOutliers
from dataagents.plugins.detection.outliers import Outliers

USUAL = {"hatchling": 40.0, "juvenile": 900.0, "adult": 4_200.0}


def animals():
    random = Random(5)
    return [
        [stage, f"{random.gauss(weight, weight / 40):.1f}"]
        for _ in range(60)
        for stage, weight in USUAL.items()
    ]


def test_a_number_that_is_usual_elsewhere_is_flagged_in_its_own_group(look):
    rows = animals()
    rows[9][1] = "4150.0"  # an adult's weight, of a hatchling
    found = look(GroupOutliers(), ["stage", "weight"], rows)
    assert list(found) == [(9, "weight")]
    assert "where stage is 'hatchling'" in found[9, "weight"].reason
    assert found[9, "weight"].confidence >= 0.5
    assert look(Outliers(), ["stage", "weight"], rows) == {}


def test_nothing_is_flagged_where_the_label_settles_nothing(look):
    random = Random(5)
    rows = [[random.choice("abc"), f"{random.lognormvariate(3, 1):.2f}"] for _ in range(300)]
    assert look(GroupOutliers(), ["label", "amount"], rows) == {}


def test_nothing_is_flagged_in_clean_groups_nor_in_a_key(look):
    assert look(GroupOutliers(), ["stage", "weight"], animals()) == {}
    rows = animals()
    rows[9][1] = "4150.0"
    assert look(GroupOutliers(), ["stage", "weight"], rows, key=("weight",)) == {}


def test_codes_have_no_middle(look):
    rows = [["north", f"{10_000 + n % 50}"] for n in range(200)]
    rows += [["south", f"{90_000 + n % 50}"] for n in range(200)]
    rows[7][1] = "90001"
    assert look(GroupOutliers(), ["region", "postcode"], rows) == {}


def test_columns_named_like_what_it_calculates_do_no_harm(look):
    rows = animals()
    rows[9][1] = "4150.0"
    assert list(look(GroupOutliers(), ["label", "number"], rows)) == [(9, "number")]


def sales(rows=200):
    random = Random(6)
    priced = [(random.randrange(1, 9), n % 4) for n in range(rows)]
    return [
        [
            "abcd"[sku],
            f"{qty}",
            f"{(0.5, 4.77, 61, 800)[sku]}",
            f"{qty * (50, 477, 6100, 80000)[sku] / 100:.2f}",
        ]
        for qty, sku in priced
    ]


def test_what_the_rest_of_its_row_comes_to_is_no_outlier(look):
    rows = sales()
    rows[4][1:] = ["500", "0.5", "250.00"]
    found = look(GroupOutliers(), ["sku", "qty", "price", "total"], rows)
    assert (4, "total") not in found
    rows[4][1:] = ["5", "0.5", "250.00"]
    assert (4, "total") in look(GroupOutliers(), ["sku", "qty", "price", "total"], rows)
