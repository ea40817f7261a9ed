"""What a person's answers teach, and which cells are asked about."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from dataagents.core.detection.answers import review_lesson, reviewed
from dataagents.core.detection.review import (
    FOLDS,
    MOST_LABELS,
    Kind,
    Label,
    compare,
    learn,
    merged,
)
from dataagents.core.detection.sheet import SheetCell, SheetGroup, select_cells, select_rows
from dataagents.core.reflection import Lesson, LessonState
from dataagents.core.values import from_json, to_json

AT = datetime(2026, 1, 1, tzinfo=UTC)


def label(row, *, column="city", by=("typos",), support=0.5, wrong=True, value="x", shape="a"):
    return Label(row, column, value, by, shape, support, wrong)


def cell(row, *, column="city", by=("typos",), support=0.5, value="x", shape="a"):
    return SheetCell(row, column, value, by, shape, support, support)


@pytest.mark.parametrize("support", [0.0, 0.01, 0.4, 0.9])
def test_without_answers_the_vote_stands(support):
    kind = Kind("city", ("typos",), "a")
    assert learn([]).chance(kind, support) == pytest.approx(max(support, 0.001))


def test_an_answer_moves_what_is_like_it_most():
    effects = learn([label(1, wrong=False), label(2, wrong=False)])
    same = effects.chance(Kind("city", ("typos",), "a"), 0.5, "x")
    other_value = effects.chance(Kind("city", ("typos",), "a"), 0.5, "y")
    other_shape = effects.chance(Kind("city", ("typos",), "9"), 0.5)
    other_column = effects.chance(Kind("name", ("typos",), "a"), 0.5)
    other_detector = effects.chance(Kind("name", ("shapes",), "a"), 0.5)
    unflagged = effects.chance(Kind("name", (), "a"), 0.5)
    chances = [same, other_value, other_shape, other_column, other_detector, unflagged]
    assert chances == sorted(chances)
    assert same < 0.2
    assert unflagged == 0.5


def test_many_answers_outweigh_a_sure_detector():
    surely = Kind("zip", ("shapes",), "9")
    few, many = (
        learn(
            [
                label(row, column="zip", by=("shapes",), support=0.95, wrong=False, value=str(row))
                for row in range(rows)
            ]
        )
        for rows in (1, 12)
    )
    assert many.chance(surely, 0.95) < 0.5 < few.chance(surely, 0.95)


def test_answers_about_both_kinds_tell_detectors_apart():
    labels = [label(row, by=("good",), support=0.4, value=str(row)) for row in range(6)]
    labels += [
        label(row, by=("bad",), support=0.6, wrong=False, value=str(row)) for row in range(6, 12)
    ]
    effects = learn(labels)
    assert effects.chance(Kind("city", ("good",), "a"), 0.4) > 0.7
    assert effects.chance(Kind("city", ("bad",), "a"), 0.6) < 0.3


def test_the_gain_is_measured_on_rows_that_taught_nothing():
    labels = [
        label(row, by=("bad",), support=0.6, wrong=False, value=str(row)) for row in range(10)
    ]
    labels += [
        label(row, column="name", by=("good",), support=0.4, value=str(row)) for row in range(10)
    ]
    found = compare(labels)
    assert found is not None
    assert (found.before, found.after, found.answers) == (0.0, 1.0, 20)


@pytest.mark.parametrize(
    "labels",
    [
        [],
        [label(row) for row in range(FOLDS - 1)],
        [label(1, column=str(column)) for column in range(20)],
        [label(row, wrong=False) for row in range(20)],
    ],
)
def test_nothing_is_claimed_of_answers_that_cannot_tell(labels):
    assert compare(labels) is None


def test_the_newer_answer_about_a_cell_counts_and_the_oldest_go():
    assert merged([label(1)], [label(1, wrong=False)]) == (label(1, wrong=False),)
    both = merged([label(1, value="old")], [label(1, value="new")])
    assert [each.value for each in both] == ["old", "new"]
    many = merged([label(row) for row in range(MOST_LABELS)], [label(-1)])
    assert len(many) == MOST_LABELS
    assert many[-1].row == -1


def test_answers_are_kept_in_a_pinned_lesson_and_read_back():
    labels = (label(1, value="a\x1bb"), label(2, wrong=False))
    lesson = from_json(Lesson, to_json(review_lesson("o", labels, AT)))
    assert lesson.state is LessonState.PINNED
    assert "1 wrong, 1 right" in lesson.evidence
    assert reviewed([lesson], "o") == labels
    assert reviewed([lesson], "other") == ()


@pytest.mark.parametrize("state", [LessonState.DISABLED, LessonState.FORGOTTEN])
def test_answers_that_somebody_took_back_teach_nothing(state):
    assert reviewed([replace(review_lesson("o", [label(1)], AT), state=state)], "o") == ()


def test_lessons_of_names_that_look_alike_are_told_apart():
    ids = {review_lesson(name, (), AT).id for name in ("a b", "a-b", "a/b", "a" * 60, "a" * 61)}
    assert len(ids) == 5
    assert all(" " not in each and len(each) < 70 for each in ids)


def test_cells_are_asked_about_where_most_are_open():
    doubtful = SheetGroup(100, (cell(1),))
    certain = SheetGroup(100, (cell(2, support=0.99, column="zip"),))
    few = SheetGroup(2, (cell(3, column="name"),))
    chosen = select_cells([certain, few, doubtful], count=2)
    assert [each.row for each in chosen] == [1, 3]


def test_every_column_gets_its_turn():
    groups = [
        SheetGroup(100, tuple(cell(row, shape=shape) for row in range(3))) for shape in "abc"
    ] + [SheetGroup(60, (cell(9, column="zip"),))]
    assert "zip" in {each.column for each in select_cells(groups, count=2)}


def test_what_was_answered_is_not_asked_again():
    groups = [SheetGroup(10, (cell(1), cell(2)))]
    assert [each.row for each in select_cells(groups, [label(1)], 5)] == [2]
    assert select_cells([], count=5) == ()


def test_rows_cover_what_is_open_before_they_repeat_it():
    rows = [(1, [0, 1]), (2, [0, 1]), (3, [2]), (4, [3, 3, 3])]
    assert select_rows(rows, [5.0, 4.0, 3.0, 1.0], 3) == (1, 3, 2)
    assert select_rows(rows, [5.0, 4.0, 3.0, 1.0], 9) == (1, 3, 2, 4)
