"""The trace as a tree: opening, closing, leaving out what matters little, groups of equal rows."""

from datetime import UTC, datetime

from dataagents.console.view import Mark, TraceRow
from dataagents.console.view.glyphs import ASCII
from dataagents.console.view.moment import Moment
from dataagents.console.view.trace_tree import (
    Importance,
    TreeState,
    importance,
    next_trouble,
    visible_rows,
)

NOW = Moment(datetime(2026, 3, 2, 14, tzinfo=UTC))


def row(depth, kind, name, mark=Mark.OK, detail="", **more):
    return TraceRow(depth, kind, name, detail, mark, f"run:r/{kind}:{name}", **more)


def sample():
    return (
        row(0, "plan", "plan", Mark.NOTE),
        row(1, "method", "clean", Mark.NOTE),
        row(1, "phase", "root", Mark.NOTE),
        row(0, "task", "load"),
        row(1, "auction", "auction"),
        row(2, "bid", "a"),
        row(2, "bid", "b", Mark.NOTE),
        row(1, "step", "1 read"),
        row(0, "task", "parse", Mark.FAIL),
        row(1, "step", "1 parse", Mark.FAIL, "no"),
        row(0, "messages", "messages", Mark.NOTE),
        row(0, "outcome", "failed", Mark.FAIL),
    )


def names(rows, state):
    return [each.row.label for each in visible_rows(rows, state)]


def test_plans_and_auctions_are_closed_until_they_are_opened():
    rows, state = sample(), TreeState()

    assert names(rows, state) == [
        "plan", "load", "auction", "1 read", "parse", "1 parse", "messages", "failed",
    ]  # fmt: skip
    plan, _, auction, *_ = visible_rows(rows, state)
    assert (plan.open, plan.below) == (False, 2)
    assert "bid" not in auction.title
    opened = state.toggled(auction)
    assert names(rows, opened)[2:5] == ["auction", "a", "b"]
    again = next(each for each in visible_rows(rows, opened) if each.row.label == "auction")
    assert again.open is True
    assert names(rows, opened.toggled(again)) == names(rows, state)


def test_a_row_without_anything_below_can_not_be_toggled():
    rows, state = sample(), TreeState()
    leaf = next(each for each in visible_rows(rows, state) if each.row.label == "1 read")

    assert leaf.open is None
    assert state.toggled(leaf) is state


def test_what_a_closed_row_hides_is_counted_and_alarms_when_it_failed():
    rows = sample()
    closed = TreeState(closed=frozenset({"run:r/task:parse"}))
    parse = next(each for each in visible_rows(rows, closed) if each.row.label == "parse")

    assert (parse.below, parse.trouble) == (1, True)
    assert parse.cell(NOW).text == "▸ ✖ task parse +1"
    assert parse.cell(Moment(NOW.now, glyphs=ASCII)).text == "> X task parse +1"


def test_quieter_leaves_out_what_matters_little_then_all_but_trouble():
    rows, state = sample(), TreeState().all_open()
    main = state.quieter()
    trouble = main.quieter()

    assert (main.least, trouble.least) == (Importance.MAIN, Importance.TROUBLE)
    assert {"clean", "root", "b", "messages"}.isdisjoint(names(rows, main))
    assert {"load", "auction", "a", "1 read"} <= set(names(rows, main))
    assert names(rows, trouble) == ["parse", "1 parse", "failed"]
    assert trouble.quieter().least is Importance.ALL


def test_a_row_is_shown_for_the_sake_of_what_is_below_it():
    rows = (row(0, "method", "clean", Mark.NOTE), row(1, "task", "load", Mark.FAIL))

    assert names(rows, TreeState(least=Importance.TROUBLE)) == ["clean", "load"]


def test_all_closed_leaves_the_outermost_rows():
    rows = sample()

    assert names(rows, TreeState().all_closed(rows)) == [
        "plan", "load", "parse", "messages", "failed",
    ]  # fmt: skip
    assert len(names(rows, TreeState().all_open())) == len(rows)


def test_equal_steps_in_a_row_are_one_until_it_is_opened():
    steps = [row(1, "step", f"{n} look", detail="120 rows", agent="a") for n in range(1, 6)]
    rows = (row(0, "task", "load"), *steps, row(1, "step", "6 look", detail="other"))
    _, group, last = visible_rows(rows, TreeState())

    assert (group.times, group.title, last.times) == (5, "steps look", 1)
    assert group.cell(NOW).text == "  ▸ steps look x5"
    opened = visible_rows(rows, TreeState().toggled(group))
    assert [each.row.label for each in opened[2:7]] == [f"{n} look" for n in range(1, 6)]
    assert opened[1].open is True
    assert [each.extra for each in opened[2:7]] == [1] * 5
    assert len(visible_rows(rows, TreeState().toggled(group).toggled(opened[1]))) == 3


def test_retries_are_equal_whatever_their_number():
    rows = tuple(
        TraceRow(0, "execution", "retried", f"attempt {n} in 1 s: busy", Mark.WARN, f"e:{n}")
        for n in range(3)
    )

    (group,) = visible_rows(rows, TreeState())
    assert (group.times, group.title) == (3, "execution retried")


def test_steps_that_failed_are_not_one_with_those_that_worked():
    rows = (row(0, "step", "1 a"), row(0, "step", "2 a", Mark.FAIL), row(0, "step", "3 a"))

    assert len(visible_rows(rows, TreeState())) == 3


def test_revealing_opens_whatever_hides_a_row():
    steps = [row(2, "step", f"{n} look", agent="a") for n in range(1, 4)]
    rows = (row(0, "plan", "plan"), row(1, "task", "load"), *steps, row(1, "phase", "p", Mark.NOTE))
    state = TreeState(closed=frozenset({"run:r/task:load"}), least=Importance.TROUBLE)

    shown = state.revealing(rows, "run:r/step:3 look")
    assert "run:r/step:3 look" in {each.row.address for each in visible_rows(rows, shown)}
    low = state.revealing(rows, "run:r/phase:p")
    assert "p" in names(rows, low)
    assert state.revealing(rows, "run:r/none") is state


def test_trouble_is_found_forwards_and_backwards_even_where_it_is_hidden():
    rows = sample()

    assert next_trouble(rows, "run:r/plan:plan") == "run:r/task:parse"
    assert next_trouble(rows, "run:r/task:parse") == "run:r/step:1 parse"
    assert next_trouble(rows, "run:r/outcome:failed") == ""
    assert next_trouble(rows, "run:r/outcome:failed", back=True) == "run:r/step:1 parse"
    assert next_trouble(rows, "nowhere") == "run:r/task:parse"


def test_a_ballot_matters_unless_it_abstains():
    assert importance(row(0, "ballot", "a", Mark.NOTE, score=0.9)) is Importance.MAIN
    assert importance(row(0, "ballot", "a", Mark.NOTE)) is Importance.ALL


def test_however_deep_a_trace_is_it_stays_in_sight():
    rows = tuple(row(n, "task", str(n)) for n in range(3_000))
    shown = visible_rows(rows, TreeState())

    assert len(shown) == 3_000
    assert shown[-1].cell(NOW).text.startswith(" " * 16 + "  task")
