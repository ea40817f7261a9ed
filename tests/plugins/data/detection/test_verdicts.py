import pytest

from dataagents.core.detection import TallyExpression, Voice
from dataagents.core.detection.expression import (
    Confidence,
    Inverse,
    Least,
    Minus,
    Number,
    Product,
    Times,
    VoterWeight,
)
from dataagents.plugins.data.detection.flags import collect
from dataagents.plugins.data.detection.verdicts import (
    VERDICTS,
    WRONG,
    contributions,
    verdicts,
    vote,
)

NOISY_OR = TallyExpression(
    Inverse(Product(Minus(Number(1.0), Least(Times(Confidence(), VoterWeight()), Number(1.0))))),
    0.5,
)
NAMES = ("dashes", "rare")


@pytest.fixture
def voted(within, built, says, boundary):
    """Hold a vote on cells that two detectors flag, and return what a question gets."""

    def hold(ask, weights=None):
        def job(session, table):
            some = built(
                dashes=says((1, "a", 0.4, "a dash", None), (2, "b", 0.9, "a dash", "x")),
                rare=says(
                    (1, "a", 0.4, "seen once", "y"),
                    (2, "b", 0.1, "seen once", None),
                    (3, "a", 0.2, "seen once", None),
                ),
            )
            collect(session, table, some, boundary)
            return ask(session, vote(session, NAMES, NOISY_OR, weights))

        return within(["a", "b"], [["1", "2"], ["3", "4"], ["5", "6"]], job)

    return hold


def test_every_flagged_cell_is_decided_and_no_other(voted):
    def ask(session, wrong):
        return wrong, session.rows(f"SELECT * FROM {VERDICTS} ORDER BY ALL")

    wrong, cells = voted(ask)
    assert wrong == 2
    assert cells == [(1, 0, 0.64, True), (2, 1, 0.91, True), (3, 0, 0.2, False)]


def test_weights_change_what_confidences_are_worth(voted):
    def ask(session, wrong):
        return session.rows(f"SELECT _row, support FROM {VERDICTS} ORDER BY ALL")

    everywhere = {("rare", None): 0.5}
    assert voted(ask, everywhere) == [(1, 0.52), (2, 0.905), (3, 0.1)]
    in_one_column = {("rare", None): 0.5, ("rare", "b"): 0.0, ("dashes", "b"): 2.0}
    assert voted(ask, in_one_column) == [(1, 0.52), (2, 1.0), (3, 0.1)]


def test_correctors_get_the_cells_that_are_wrong(voted):
    def ask(session, wrong):
        return session.rows(f'SELECT _row, "column", confidence FROM {WRONG} ORDER BY ALL')

    assert voted(ask) == [(1, "a", 0.64), (2, "b", 0.91)]


def test_a_cell_is_explained_by_those_who_flagged_it_the_weightiest_first(voted):
    def ask(session, wrong):
        return verdicts(session, NAMES, [(2, "b"), (1, "a"), (3, "b")])

    first, second = voted(ask, {("dashes", "a"): 0.1})
    assert (first.row, first.column, first.wrong) == (1, "a", False)
    assert first.voices == (
        Voice("rare", 0.4, 1.0, "seen once", "y"),
        Voice("dashes", 0.4, 0.1, "a dash", None),
    )
    assert (second.row, second.column, second.wrong) == (2, "b", True)
    assert [each.detector for each in second.voices] == ["dashes", "rare"]


def test_what_each_detector_added_is_counted(voted):
    def ask(session, wrong):
        return contributions(session, (*NAMES, "silent"), NOISY_OR)

    dashes, rare, silent = voted(ask)
    assert (dashes.cells, dashes.upheld, dashes.alone, dashes.decisive) == (2, 2, 0, 2)
    assert (rare.cells, rare.upheld, rare.alone, rare.decisive) == (3, 2, 0, 1)
    assert (silent.cells, silent.upheld, silent.alone, silent.decisive) == (0, 0, 0, 0)
