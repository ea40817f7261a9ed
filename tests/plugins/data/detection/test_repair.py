import pytest

from dataagents.core.detection import Suggestion, TallyExpression
from dataagents.core.detection.expression import Confidence, Inverse, Minus, Number, Product
from dataagents.plugins.data.detection.flags import collect
from dataagents.plugins.data.detection.repair import PROPOSALS, REPAIRS, propose
from dataagents.plugins.data.detection.verdicts import vote

NOISY_OR = TallyExpression(Inverse(Product(Minus(Number(1.0), Confidence()))), 0.5)
COLUMNS = f"SELECT _row, place, value, support, decided, reversible, proposers FROM {REPAIRS}"


class Corrects:
    theory = "somebody said so"

    def __init__(self, sql, *, reversible=False, error=None):
        self.sql, self.reversible, self.error = sql, reversible, error

    def correct(self, table, wrong):
        yield Suggestion(self.sql.format(wrong=wrong, relation=table.relation))
        if self.error:
            raise self.error


UNIT = (
    "SELECT _row, \"column\", '12' AS value, 0.3 AS confidence, 'unit' AS rule, 'oz' AS reason "
    "FROM {wrong}"
)


@pytest.fixture
def repaired(within, built, says, boundary):
    """Vote on cells and on repairs of them, and return what was asked of the session."""

    def run(ask, **correctors):
        def job(session, table):
            some = built(
                rare=says((1, "a", 0.9, "rare", "12"), (2, "a", 0.9, "rare", "13")),
                units=says((1, "a", 0.4, "a unit", "12"), (2, "a", 0.6, "a unit", "12")),
                shy=says((3, "a", 0.2, "perhaps", "14"), (4, "a", 0.9, "surely", "x")),
            )
            collect(session, table, some, boundary)
            vote(session, ("rare", "units", "shy"), NOISY_OR)
            names = ("rare", "units", "shy")
            asked = propose(session, table, names, built(**correctors), NOISY_OR, boundary)
            return asked, ask(session)

        return within(["a"], [["12 oz"], ["12.oz"], ["15"], ["x"]], job)

    return run


def winners(session):
    return session.rows(f"{COLUMNS} ORDER BY ALL")


def test_the_value_with_the_most_support_wins_and_names_who_is_for_it(repaired):
    _, cells = repaired(winners)
    assert cells == [
        (1, 0, "12", 0.94, True, False, ["rare", "units"]),
        (2, 0, "13", 0.9, True, False, ["rare"]),
    ]


def test_what_a_cell_says_already_is_no_repair_and_a_cell_that_is_right_gets_none(repaired):
    _, cells = repaired(winners)
    assert {row for row, *_ in cells} == {1, 2}


def test_a_corrector_adds_its_weight_and_says_whether_it_can_be_undone(repaired):
    (asked,), cells = repaired(winners, plain=Corrects(UNIT, reversible=True))
    assert (asked.corrector, asked.cells, asked.problem) == ("plain", 3, "")
    assert cells[0] == (1, 0, "12", 0.958, True, True, ["rare", "units", "plain"])
    assert cells[2] == (4, 0, "12", 0.3, False, True, ["plain"])


def test_a_corrector_that_raises_costs_its_own_proposals_only(repaired):
    def ask(session):
        return session.rows(f"SELECT DISTINCT proposer FROM {PROPOSALS} ORDER BY ALL")

    broken = Corrects(UNIT, error=RuntimeError("lost the table"))
    asked, proposers = repaired(ask, broken=broken, plain=Corrects(UNIT))
    assert [(each.cells, "lost the table" in each.problem) for each in asked] == [
        (0, True),
        (3, False),
    ]
    assert proposers == [("plain",), ("rare",), ("shy",), ("units",)]


def test_a_query_that_the_engine_refuses_is_a_problem_of_its_corrector(repaired):
    (asked,), cells = repaired(winners, bad=Corrects("SELECT nothing FROM {wrong}"))
    assert "nothing" in asked.problem
    assert len(cells) == 2
