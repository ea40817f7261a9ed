import json

import pytest

from dataagents.plugins.bidding.scoring import AuctionOptions
from dataagents.plugins.bidding.sealed_bid import SealedBid


@pytest.fixture(scope="session")
def auction_case(shared):
    """Find a case of `decisions.json` by its id."""
    path = shared / "data" / "cases" / "decisions.json"
    if not path.is_file():
        pytest.skip(f"NOT TESTED: no decision cases at {path}")
    cases = json.loads(path.read_text(encoding="utf-8"))

    def find(id):
        (case,) = (each for each in _flat(cases) if each.get("id") == id)
        return case

    return find


def _flat(cases):
    if isinstance(cases, list):
        return [case for each in cases for case in _flat(each)]
    if "id" in cases:
        return [cases]
    return [
        case for each in cases.values() if isinstance(each, list | dict) for case in _flat(each)
    ]


@pytest.fixture
def first_price():
    return SealedBid(AuctionOptions())
