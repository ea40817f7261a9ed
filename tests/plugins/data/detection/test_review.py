"""A vote that is amended by answers, and the sheet that says what to ask about."""

import pytest

from dataagents.core.detection.review import Label
from dataagents.core.detection.sheet import Sheet
from dataagents.core.values import from_json, to_json
from dataagents.plugins.data.detection.amending import amend
from dataagents.plugins.data.detection.flags import FLAGS, collect
from dataagents.plugins.data.detection.reviewing import EXAMPLES, MOST_GROUPS, write_sheet
from dataagents.plugins.data.detection.verdicts import BALLOTS, VERDICTS, vote
from dataagents.plugins.voting.evidence import EvidenceOptions, weighted_noisy_or

RULE = weighted_noisy_or(EvidenceOptions()).bulk()
ROWS = [("ab", "1"), ("ab", "1"), ("cd", "n/a"), ("ef", "2"), ("", "3"), ("gh", "n/a")]


def label(row, column, value, *, by=(), shape="a", support=0.01, wrong=True, correction=None):
    return Label(row, column, value, by, shape, support, wrong, correction)


def wrong(session):
    return session.rows(f"SELECT _row, place FROM {VERDICTS} WHERE wrong ORDER BY ALL")


@pytest.fixture
def held(within, built, says, boundary):
    """Hold a vote with two detectors, then do something with it."""

    def run(job, rows=ROWS):
        one = says((1, "name", 0.6, "odd", "xy"), (2, "name", 0.6, "odd", None))
        two = says((1, "name", 0.3, "rare", None), (4, "count", 0.4, "high", None))

        def work(session, table):
            collect(session, table, built(one=one, two=two), boundary)
            vote(session, ("one", "two"), RULE)
            return job(session, table)

        return within(("name", "count"), rows, work, null_tokens=())

    return run


def test_without_answers_the_vote_stays_as_it_was(held):
    def job(session, table):
        before = session.rows(f"SELECT * FROM {VERDICTS} ORDER BY ALL")
        amend(session, table, ("one", "two"), RULE, ())
        return before, session.rows(f"SELECT * FROM {VERDICTS} ORDER BY ALL")

    before, after = held(job)
    assert before == after


def test_a_cell_that_was_answered_is_decided_by_that(held):
    labels = (
        label(1, "name", "ab", by=("one", "two"), support=0.72, wrong=False),
        label(4, "count", "2", by=("two",), shape="9", support=0.4, correction="20"),
        label(5, "name", "", shape=""),
    )

    def job(session, table):
        amend(session, table, ("one", "two"), RULE, labels)
        own = session.rows(
            f"SELECT _row, confidence, reason, suggestion FROM {FLAGS} WHERE detector = 2 "
            "ORDER BY _row"
        )
        return wrong(session), own

    cells, own = held(job)
    assert (1, 0) not in cells
    assert {(4, 1), (5, 0)} <= set(cells)
    assert own == [
        (4, 1.0, "a person called it wrong", "20"),
        (5, 1.0, "a person called it wrong", None),
    ]


def test_an_answer_about_a_row_that_says_something_else_now_is_not_taken_for_it(held):
    labels = (label(4, "count", "999", by=("two",), shape="9", support=0.4),)

    def job(session, table):
        amend(session, table, ("one", "two"), RULE, labels)
        return dict(session.rows(f"SELECT _row, support FROM {VERDICTS} WHERE place = 1"))

    assert 0.4 < held(job)[4] < 1.0


def test_answers_speak_for_cells_that_nobody_flagged(held):
    labels = tuple(
        label(row, "count", "n/a", shape="a/a", wrong=True) for row in range(101, 109)
    ) + tuple(label(row, "count", "1", shape="9", wrong=False) for row in range(109, 113))

    def job(session, table):
        amend(session, table, ("one", "two"), RULE, labels)
        return wrong(session)

    cells = held(job)
    assert {(3, 1), (6, 1)} <= set(cells)
    assert not {(1, 1), (2, 1), (5, 1)} & set(cells)


def test_answers_against_a_detector_make_its_ballots_weigh_less(held):
    labels = tuple(
        label(row, "name", f"v{row}", by=("one",), support=0.6, wrong=False)
        for row in range(101, 111)
    )

    def job(session, table):
        amend(session, table, ("one", "two"), RULE, labels)
        return wrong(session), session.rows(
            f"SELECT _row, detector, weight FROM {BALLOTS} ORDER BY ALL"
        )

    cells, ballots = held(job)
    assert (2, 0) not in cells
    weights = {(row, detector): weight for row, detector, weight in ballots}
    assert weights[2, 0] < 0.5
    assert weights[4, 1] > 2 * weights[2, 0]
    assert all(0 <= weight <= 1.0 + 1e-9 for weight in weights.values())


def test_the_sheet_has_what_can_be_asked_about_and_fits_the_journal(held):
    sheet = held(lambda session, table: write_sheet(session, table, ("one", "two")))
    assert from_json(Sheet, to_json(sheet)) == sheet
    assert sheet.columns == ("name", "count")
    flagged = {
        (each.row, each.column): each
        for group in sheet.groups
        for each in group.examples
        if each.detectors
    }
    assert set(flagged) == {(1, "name"), (2, "name"), (4, "count")}
    assert [each.detector for each in flagged[1, "name"].said] == ["one", "two"]
    assert flagged[1, "name"].support == pytest.approx(0.72)
    assert len(sheet.rows) == len(ROWS)
    assert all(len(row) == 2 for row in sheet.rows)
    assert dict(sheet.context)[1] == ("ab", "1")


def test_the_sheet_leaves_out_what_was_answered(held):
    labels = (label(1, "name", "ab", by=("one", "two"), support=0.72),)
    sheet = held(lambda session, table: write_sheet(session, table, ("one", "two"), labels))
    asked = {(each.row, each.column) for group in sheet.groups for each in group.examples}
    assert (1, "name") not in asked
    assert 1 not in {row[0].row for row in sheet.rows}


def test_the_sheet_of_a_long_table_stays_short(held):
    rows = [(chr(65 + row % 26) * (row % 7) + "-" * (row % 50), str(row)) for row in range(2_000)]
    sheet = held(lambda session, table: write_sheet(session, table, ("one", "two")), rows)
    assert len(sheet.groups) <= MOST_GROUPS
    assert all(len(group.examples) <= EXAMPLES for group in sheet.groups)
    assert len(sheet.rows) == 20
