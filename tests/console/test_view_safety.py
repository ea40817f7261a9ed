"""The view in hostile hands."""

from dataclasses import asdict, replace

import pytest

from dataagents.console.view import Mark, RunsFold, Standing, fold, trace_json, trace_rows
from dataagents.console.view.fields import Fields, name
from dataagents.core.events import EventKind
from dataagents.core.goals import RunStatus
from dataagents.core.planning import PlannedTask


def texts(value):
    match value:
        case dict():
            return [text for pair in value.items() for text in texts(list(pair))]
        case list() | tuple():
            return [text for item in value for text in texts(item)]
        case _:
            return [str(value)]


def test_texts_of_the_store_are_made_safe_wherever_they_are_shown(story, find):
    evil = "\x1b]52;c;ZXZpbA==\x07\u202e"
    task = PlannedTask(f"load({evil})", "load")
    events = [
        story.started(),
        story.step(task.id, 1, evil, thought=evil, observation=evil, action_input={evil: evil}),
        *story.auction(task, winner=evil),
        *story.work(task, error=evil),
        story.ended(RunStatus.FAILED, evil),
    ]
    view, standing = fold(RunsFold(), events), Standing()
    standing.take(events)
    run = view.runs["run-1"]
    rows = trace_rows(run)

    agents = [asdict(agent) for agent in standing.agents.values()]
    shown = [*texts([asdict(row) for row in rows]), *texts(trace_json(run)), *texts(agents)]
    assert not [text for text in shown if set(evil) - set("]52;cZXZpbA=") & set(text)]
    assert find(rows, "run:run-1/outcome").mark is Mark.FAIL


@pytest.mark.parametrize("kind", list(EventKind))
@pytest.mark.parametrize("body", [{}, {"task": 3, "tasks": {}, "at": "soon", "score": "x"}])
def test_a_body_that_does_not_fit_is_no_reason_to_fail(story, kind, body):
    event = story.event(kind, "subject", body, agent="a", task="t")
    view = fold(RunsFold(), [event])
    Standing().take([event])

    for run in view.runs.values():
        trace_rows(run)
        trace_json(run)


def test_kinds_that_nobody_knows_are_passed_over(story):
    event, standing = story.event("plugin.thing", "x", {"a": 1}), Standing()
    standing.take([event])

    assert standing.latest == event.at
    assert not standing.agents
    assert not fold(RunsFold(), [event]).runs


def test_texts_of_plans_and_lessons_are_made_safe_too(story):
    evil = "\x1b]52;c;ZXZpbA==\x07\u202e\n"

    def spoiled(value):
        match value:
            case dict():
                return {key: spoiled(inner) for key, inner in value.items()}
            case list() | tuple():
                return [spoiled(inner) for inner in value]
            case str():
                return value + evil
            case _:
                return value

    told = [story.plan(), story.replan(), story.lesson(), story.reflection()]
    told.append(story.event(EventKind.PLAN_STEP, "p", {"kind": "retried", "detail": "x"}))
    told.append(story.experience("foresight:parse_csv@prices", evil))
    run = fold(RunsFold(), [replace(each, body=spoiled(each.body)) for each in told]).runs["run-1"]
    rows = trace_rows(run)

    assert {"plan", "phase", "method", "risk", "replan", "applied", "lesson", "execution"} <= {
        row.kind for row in rows
    }
    shown = [*texts([asdict(row) for row in rows]), *texts(trace_json(run))]
    assert not [text for text in shown if set("\x1b\x07\u202e") & set(text)]
    assert not [row for row in rows if "\n" in row.label + row.detail + row.address]


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (3, 3.0),
        (-2.5, -2.5),
        (True, None),
        (None, None),
        ("3", None),
        ([3], None),
        (float("nan"), None),
        (float("-inf"), None),
        (2**1024, None),
        (-(10**400), None),
        (10**300, 1e300),
    ],
)
def test_a_number_is_one_that_can_be_shown_or_none(value, number):
    assert Fields({"x": value}).number("x") == number


def test_a_name_is_safe_and_short_however_often_it_is_asked_for():
    for _ in range(2):
        assert name("a\x1bb") == "a\N{REPLACEMENT CHARACTER}b"
        assert name(None) == name("") == ""
        assert len(name("x" * 5_000)) == 200
