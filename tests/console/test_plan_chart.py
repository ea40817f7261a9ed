"""A plan as rows, bars and a flowchart."""

import re

from hypothesis import example, given
from hypothesis import strategies as st
from rich.cells import cell_len

from dataagents.console.view.flowchart import flowchart, mermaid_text
from dataagents.console.view.plan_chart import gantt, plan_rows
from dataagents.core.planning import Decomposition, Goal, Plan, PlannedTask, Schedule, Slot


def task(name, *after, parent="", **more):
    return PlannedTask(name, name, depends_on=after, parent=parent, **more)


def plan(*tasks, decompositions=(), schedule=None):
    return Plan("", Goal("go"), tasks, tuple(decompositions), schedule=schedule or Schedule())


def timed(*slots, critical=()):
    made = tuple(Slot(*slot) for slot in slots)
    makespan = max(slot.finish for slot in made)
    return plan(
        *(task(slot.task) for slot in made),
        schedule=Schedule(made, tuple(critical), makespan),
    )


def test_rows_are_in_the_order_of_the_subtasks_not_of_the_tasks():
    made = plan(
        task("b", parent="part"), task("c", parent="go"), task("a", parent="part"),
        decompositions=[
            Decomposition("part", "m2", ("a", "b"), id="part", parent="go"),
            Decomposition("go", "m1", ("part", "c"), {"m0": "no"}, "fits", id="go"),
        ],
    )  # fmt: skip

    rows = [(row.depth, row.title, row.method) for row in plan_rows(made)]
    assert rows == [(0, "go", "m1"), (1, "part", "m2"), (2, "a", ""), (2, "b", ""), (1, "c", "")]


def test_equal_subtasks_are_told_apart_by_their_order():
    made = plan(
        task("x", parent="go"), task("y", parent="go"), task("x#2", parent="go"),
        decompositions=[Decomposition("go", "m", ("x", "y", "x"), id="go")],
    )  # fmt: skip

    assert [row.title for row in plan_rows(made)] == ["go", "x", "y", "x#2"]


def test_a_method_that_leaves_nothing_to_do_says_so():
    made = plan(decompositions=[Decomposition("go", "done", (), id="go")])

    (row,) = plan_rows(made)
    assert row.nothing


def test_whatever_the_parents_say_each_is_shown_once_or_not_at_all():
    made = plan(
        task("a", parent="gone"),
        decompositions=[
            Decomposition("one", "m", (), id="one", parent="two"),
            Decomposition("two", "m", (), id="two", parent="one"),
            Decomposition("old", "m", ()),
        ],
    )

    assert sorted(row.title for row in plan_rows(made)) == ["a", "old"]


def test_a_plan_as_deep_as_it_is_long_is_no_recursion():
    depth = 20_000
    decompositions = [
        Decomposition(f"go{n}", "m", (f"go{n + 1}",), id=f"go{n}", parent=f"go{n - 1}" if n else "")
        for n in range(depth)
    ]

    assert sum(1 for _ in plan_rows(plan(decompositions=decompositions))) == depth


def test_bars_are_as_long_as_tasks_take_and_aligned():
    chart = gantt(timed(("long", 0, 60), ("b", 0, 30), ("last", 60, 120), critical=["long"]), 39)

    assert chart.timed
    assert chart.critical == (False, True, False)
    assert chart.lines == (
        "b     ▒▒▒▒▒···············  0s-30s",
        "long  ██████████··········  0s-1m00s",
        "last  ··········▒▒▒▒▒▒▒▒▒▒  1m00s-2m00s",
    )
    assert max(map(len, chart.lines)) <= 39


def test_without_estimates_there_are_steps():
    chart = gantt(plan(task("a"), task("b", "a"), task("c")), 40, ascii_only=True)

    assert not chart.timed
    assert [line.split()[0] for line in chart.lines] == ["a", "c", "b"]
    assert [line.rpartition("  ")[2] for line in chart.lines] == ["step 1", "step 1", "step 2"]
    assert re.fullmatch(r"a  =+\.+  step 1", chart.lines[0])


def test_a_chart_is_bounded_and_says_so():
    chart = gantt(plan(*(task(f"t{n}") for n in range(100))), 60, most=10)

    assert (len(chart.lines), chart.hidden) == (10, 90)


def test_an_empty_plan_has_an_empty_chart():
    assert gantt(plan(), 40).lines == ()


@given(
    st.lists(st.tuples(st.text(max_size=60), st.floats(0, 1e6), st.floats(0, 1e6)), min_size=1),
    st.integers(20, 200),
)
@example([("load", 999_999.0, 999_999.0)], 30)
def test_lines_fit_whatever_tasks_are_called(tasks, width):
    made = timed(*((name, start, start + length) for name, start, length in tasks))
    for line in gantt(made, width).lines:
        assert cell_len(line) <= width
        assert "\n" not in line
        assert "\x1b" not in line


def test_a_flowchart_has_nodes_arrows_and_the_critical_path():
    made = plan(
        task("load", seconds=2.0), task("decide", "load", question="Really?"),
        schedule=Schedule(critical_path=("load",)),
    )  # fmt: skip

    assert list(flowchart(made)) == [
        "flowchart TD",
        '  t0["load<br/>2.0s"]',
        '  t1{"decide"}',
        "  t0 --> t1",
        "  classDef critical stroke-width:3px",
        "  class t0 critical",
    ]


@given(st.text())
def test_no_text_ends_its_quotes_or_its_line(text):
    written = mermaid_text(text)

    assert not re.search(r"[\"'`<>\[\]{}|\\\n\r&%*]", written)
    assert re.sub(r"#(\d+);", lambda found: chr(int(found[1])), written) == text
