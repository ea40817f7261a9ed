from dataagents.core.detection.reliability import Answer, Pattern, weight_of
from dataagents.plugins.data.detection.flags import collect
from dataagents.plugins.data.detection.learning import answers, patterns, weights_by_agreement

NAMES = ("dashes", "rare")
ROWS = [[str(n), "x"] for n in range(8)]


def flagging(built, says):
    return built(
        dashes=says((1, "a", 0.25, "", None), (2, "a", 0.75, "", None), (3, "a", 0.5, "", None)),
        rare=says((1, "a", 0.5, "", None), (2, "a", 1.0, "", None), (2, "b", 0.5, "", None)),
    )


def test_cells_that_the_same_detectors_flag_are_counted_together(within, built, says, boundary):
    def job(session, table):
        collect(session, table, flagging(built, says), boundary)
        return set(patterns(session, NAMES))

    assert within(["a", "b"], ROWS, job) == {
        Pattern("a", (("dashes", 0.5), ("rare", 0.75)), 2),
        Pattern("a", (("dashes", 0.5),), 1),
        Pattern("b", (("rare", 0.5),), 1),
    }


def test_a_detector_that_claims_most_of_a_column_alone_weighs_less_there(
    within, built, says, boundary
):
    def job(session, table):
        claims = [(row, "a", 0.6, "odd", None) for row in range(1, 8)]
        some = built(
            dashes=says(*claims, (1, "b", 0.6, "odd", None)), rare=says((8, "a", 1.0, "", None))
        )
        collect(session, table, some, boundary)
        return weights_by_agreement(session, NAMES, table.rows)

    weights = within(["a", "b"], ROWS, job)
    assert weight_of(weights, "dashes", "a") < 0.9 < weight_of(weights, "dashes", "b")
    assert weight_of(weights, "rare", "b") == 1.0


def test_cells_that_somebody_judged_are_answers_about_whoever_flagged_them(
    within, built, says, boundary
):
    def job(session, table):
        collect(session, table, flagging(built, says), boundary)
        session.rows(
            "CREATE TEMP TABLE judged AS SELECT * FROM (VALUES (1, 0, true), (2, 1, false), "
            "(8, 0, true)) AS t(_row, place, wrong)"
        )
        return answers(session, NAMES, "judged")

    assert within(["a", "b"], ROWS, job) == (
        Answer("dashes", "a", 0.25, True),
        Answer("rare", "a", 0.5, True),
        Answer("rare", "b", 0.5, False),
    )


def test_without_flags_nothing_is_learned(within, built, says, boundary):
    def job(session, table):
        collect(session, table, [], boundary)
        return weights_by_agreement(session, (), table.rows)

    assert within(["a", "b"], ROWS, job) == {}
