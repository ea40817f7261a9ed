"""The page: its pictures of votes and auctions, in hostile hands too."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dataagents.core.bidding import Award, AwardOutcome, Bid
from dataagents.core.goals import Goal, RunOutcome, RunResult, RunStatus
from dataagents.core.planning import Execution
from dataagents.core.voting import Ballot, Election, Motion, Tally, Verdict
from dataagents.plugins.reporting.html import page
from tests.support.pages import HOSTILE, Shape

AT = datetime(2026, 1, 1, tzinfo=UTC)


def a_run(name="ann", auctions=1):
    option = f"take {name}"
    election = Election(
        motion=Motion("e1", f"Adopt {name}?", (option, "reject"), (name, "zoe"), AT, about=name),
        rule=name,
        ballots=(Ballot(name, option, 0.9, f"fits {name}", AT),),
        missing={"zoe": f"late: {name}"},
        tally=Tally(
            Verdict.DECIDED,
            option,
            (option,),
            {option: 1, "reject": 0},
            1,
            0,
            1.0,
            "67/100",
            f"1 of 1 for {name}",
        ),
        closed=AT,
        recalled=f"recalled {name}",
    )
    award = Award(
        lot="l1",
        outcome=AwardOutcome.AWARDED,
        reason=f"the best: {name}",
        winner=name,
        price=1.0,
        runner_up="zoe",
        bids=(Bid(name, 1.0, 0.9, AT, reason=name), Bid("zoe", 2.0, 0.8, AT)),
        ineligible={f"out {name}": f"lacks {name}"},
        rejected={f"late {name}": f"too late {name}"},
        scores={name: 0.9, "zoe": 0.4},
        task=f"task {name}",
        failed=(f"failed {name}",),
    )
    return RunResult(
        outcome=RunOutcome("r1", RunStatus.DONE, 1.5),
        goal=Goal("clean", {"orders": "orders.csv"}),
        started=AT,
        ended=AT,
        workspace=Path("/tmp/run"),
        execution=Execution("p1", True, (), (), {}),
        elections=(election,),
        awards=(award,) * auctions,
    )


def test_a_vote_is_a_picture_with_its_text_beside_it():
    shape, text = Shape(page(a_run())), page(a_run())
    pictures = [each for each in shape.named("svg") if each.get("role") == "img"]
    assert len(pictures) >= 3
    assert "take ann: 1 of 1 (100.0%)" in text
    assert "67% needed" in text
    assert "quorum: 1 ballot" in text
    assert "1 voted, 0 abstained, 1 gave no ballot, of 2 enrolled" in text
    assert "late: ann" in text
    assert "fits ann" in text


def test_an_auction_is_a_row_with_a_sign_for_each_bidder():
    text = page(a_run())
    assert "winner, rank 1: cost 1, quality 0.90, score 0.9" in text
    assert "runner-up, rank 2" in text
    assert "could not take part" in text
    assert "lacks ann" in text
    assert "too late ann" in text
    assert "paid 1" in text


def test_every_picture_is_named_or_hidden_and_elements_close():
    text = page(a_run(HOSTILE))
    shape = Shape(text)
    assert shape.open == []
    for each in shape.named("svg"):
        assert each.get("role") == "img" or each.get("aria-hidden") == "true"
    for picture in re.findall(r'<svg[^>]*role="img"[^>]*>', text):
        assert text[text.index(picture) + len(picture) :].startswith("<title>")


def test_hostile_names_are_text_everywhere():
    text = page(a_run(HOSTILE))
    plain, hostile = Shape(page(a_run())), Shape(text)
    tags = [tag for tag, _ in plain.elements]
    assert [tag for tag, _ in hostile.elements] == tags
    assert not {"script", "img"} & set(tags)
    for tag, attributes in hostile.elements:
        assert not [name for name in attributes if name.startswith("on") or name in ("src", "href")]
        assert re.fullmatch(r"[a-z:;\-0-9.% ]*", attributes.get("style", "")), tag
        assert "alert" not in attributes.get("class", "")
    assert "\u202e" not in text
    assert "\x1b" not in text
    assert "49" not in re.sub(r"\d+\.\d+", "", text[text.index("<body") :])


def test_styles_are_not_escaped():
    text = page(a_run())
    style = text[text.index("<style>") : text.index("</style>")]
    assert "&" not in style
    assert "details > *" in style


def test_a_page_is_the_same_each_time():
    assert page(a_run(auctions=9)) == page(a_run(auctions=9))


@pytest.mark.parametrize(("auctions", "is_open"), [(6, True), (50, False)])
def test_bids_of_many_auctions_are_folded_away(auctions, is_open):
    text = page(a_run(auctions=auctions))
    assert (f"<details open><summary>Every bid ({auctions} auctions)" in text) is is_open
    assert text.count('<th scope="row">') == auctions
    assert text.count('<figure class="lot">') == auctions
