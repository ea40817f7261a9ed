import pytest

from dataagents.core.detection import Flags
from dataagents.core.errors import InputError
from dataagents.plugins.data.detection.flags import FLAGS, collect

CELLS = f"SELECT detector, _row, place, confidence, reason, suggestion FROM {FLAGS} ORDER BY ALL"


class Raises:
    theory = "it breaks"

    def __init__(self, error, *before):
        self.error, self.before = error, before

    def detect(self, table):
        yield from self.before
        raise self.error


def test_what_detectors_flag_is_collected_by_their_numbers(within, built, says, boundary):
    def job(session, table):
        some = built(
            one=says((2, "b", 0.9, "it is odd", "x")),
            other=says((1, "a", 0.5, "it is rare", None), (2, "b", 0.25, "it is long", None)),
        )
        looked = collect(session, table, some, boundary)
        return [(each.detector, each.cells, each.problem) for each in looked], session.rows(CELLS)

    looked, cells = within(["a", "b"], [["1", "2"], ["3", "4"]], job)
    assert looked == [("one", 1, ""), ("other", 2, "")]
    assert cells == [
        (0, 2, 1, 0.9, "it is odd", "x"),
        (1, 1, 0, 0.5, "it is rare", None),
        (1, 2, 1, 0.25, "it is long", None),
    ]


def test_who_is_looking_is_told(within, built, says, boundary):
    told = []

    def job(session, table):
        session.tell = lambda *how_far: told.append(how_far)
        some = built(one=says((1, "a", 0.5, "odd", None)), other=says((1, "a", 0.5, "odd", None)))
        return collect(session, table, some, boundary)

    within(["a"], [["1"]], job)
    assert told == [("looking for errors: one", 0, 2), ("looking for errors: other", 1, 2)]


@pytest.mark.parametrize("error", [RuntimeError("lost my way"), InputError("b", "is no column")])
def test_one_that_raises_costs_its_own_flags_only(within, built, says, boundary, error):
    half = Flags("SELECT 1 AS _row, 'a' AS \"column\", 0.5 AS confidence, '' AS reason, "
                 "NULL AS suggestion")  # fmt: skip

    def job(session, table):
        some = built(bad=Raises(error, half), good=says((1, "a", 0.5, "odd", None)))
        looked = collect(session, table, some, boundary)
        return looked, session.rows(CELLS)

    (bad, good), cells = within(["a"], [["1"]], job)
    assert str(error.args[0]) in bad.problem
    assert (bad.cells, good.cells, good.problem) == (0, 1, "")
    assert cells == [(1, 1, 0, 0.5, "odd", None)]


def test_a_query_that_the_engine_refuses_is_a_problem_of_its_detector(
    within, built, says, boundary
):
    def job(session, table):
        some = built(bad=says(sql="SELECT nothing"), good=says((1, "a", 0.5, "odd", None)))
        return collect(session, table, some, boundary)

    bad, good = within(["a"], [["1"]], job)
    assert "nothing" in bad.problem
    assert (good.cells, good.problem) == (1, "")


def test_cells_that_are_not_there_and_confidences_that_are_none_are_passed_over(
    within, built, says, boundary
):
    def job(session, table):
        some = built(
            wild=says(
                (9, "a", 0.9, "no such row", None),
                (1, "z", 0.9, "no such column", None),
                (1, "a", "'nan'::DOUBLE", "no figure", None),
                (2, "a", "NULL", "nothing", None),
                (3, "a", 0.0, "not at all", None),
                (4, "a", 7.5, "very", None),
            )
        )
        collect(session, table, some, boundary)
        return session.rows(f"SELECT _row, confidence FROM {FLAGS}")

    assert within(["a"], [["1"], ["2"], ["3"], ["4"]], job) == [(4, 1.0)]


def test_of_two_flags_of_one_detector_for_a_cell_the_surer_counts(within, built, boundary):
    class Twice:
        theory = "it looks twice"

        def detect(self, table):
            for sure, reason in ((0.3, "perhaps"), (0.8, "surely"), (0.5, "likely")):
                yield Flags(
                    "SELECT 1 AS _row, 'a' AS \"column\", ?::DOUBLE AS confidence, ? AS reason, "
                    "NULL AS suggestion",
                    (sure, reason),
                )

    def job(session, table):
        collect(session, table, built(twice=Twice()), boundary)
        return session.rows(f"SELECT confidence, reason FROM {FLAGS}")

    assert within(["a"], [["1"]], job) == [(0.8, "surely")]


def test_what_a_detector_keeps_is_gone_once_it_is_done(within, built, boundary):
    class Keeps:
        theory = "it keeps things"

        def detect(self, table):
            kept = table.keep(f"SELECT _row FROM {table.relation}")
            yield Flags(f"SELECT _row, 'a', 0.5, 'kept', NULL FROM {kept}".replace(
                "'a', 0.5, 'kept', NULL",
                "'a' AS \"column\", 0.5 AS confidence, 'kept' AS reason, NULL AS suggestion",
            ))  # fmt: skip

    def job(session, table):
        (looked,) = collect(session, table, built(keeps=Keeps()), boundary)
        left = session.rows("SELECT table_name FROM duckdb_tables() WHERE table_name LIKE '%kept%'")
        return looked.cells, left

    assert within(["a"], [["1"], ["2"]], job) == (2, [])


def test_stopped_work_ends_all_of_it(within, built, says, boundary):
    class Stops:
        theory = "somebody else stops it"

        def __init__(self, session):
            self.session = session

        def detect(self, table):
            self.session.stop()
            table.query("SELECT 1")
            return ()

    def job(session, table):
        some = built(stops=Stops(session), good=says((1, "a", 0.5, "odd", None)))
        with pytest.raises(InputError, match="stopped"):
            collect(session, table, some, boundary)

    within(["a"], [["1"]], job)
