"""The rows of a reasoning: steps, who decided them, what the analyst makes of it."""

from dataclasses import replace

import pytest

from dataagents.console.view import RunsFold, fold, trace_json, trace_rows
from dataagents.console.view.usage import ModelUse, figures, model_use, reasonings_of
from dataagents.core.events import EventKind
from dataagents.core.meta_analysis import Circle, HistoryAnalysis, Recommendation, ScorePattern
from dataagents.core.planning import PlannedTask
from dataagents.core.reasoning import Answer, StopReason


def test_a_second_reasoning_of_a_task_counts_its_steps_on(story):
    task = PlannedTask("load(a)", "load")
    again = [
        replace(event, subject="another") if event.kind == EventKind.STEP_TAKEN else event
        for event in story.work(task)
    ]
    view = fold(RunsFold(), [story.started(), *story.work(task), *again])
    steps = [row for row in trace_rows(view.runs["run-1"]) if row.kind == "step"]

    assert [row.address.rpartition("/")[2] for row in steps] == [
        f"step:{number}" for number in (1, 2, 3, 4)
    ]
    assert [row.label[0] for row in steps] == ["1", "2", "1", "2"]


def test_an_observation_keeps_its_lines_in_the_detail_and_loses_them_in_the_row(rows, find):
    step = find(rows, "run:run-1/task:load(prices)/step:1")

    assert step.detail == "120 rows, 3 columns↵nulls: price 4"
    assert dict(step.sections)["observation"] == "120 rows, 3 columns\nnulls: price 4"
    assert (step.score, step.seconds, step.agent) == (0.91, 0.61, "transformer")


ANALYSIS = HistoryAnalysis(
    0.31, 0.5, ScorePattern.FALLING,
    (Circle(("profile", "parse"), (2, 3, 4, 5), "a cycle of 2 actions shows"),),
    (Recommendation(5, "take another action than profile"), Recommendation(3, "use step 2")),
)  # fmt: skip


def answered(story, analysis=ANALYSIS, **more):
    """A reasoning of two steps, and its end."""
    task = PlannedTask("load(a)", "load")
    began, first, second, *_ = story.work(task)
    answer = Answer(
        first.subject, StopReason.MAX_TOKENS, {}, "went wrong", 0.3, (), 1.0, analysis=analysis
    )
    ended = story.event(
        EventKind.REASONING_ENDED, first.subject, replace(answer, **more), task=task.id
    )
    run = fold(RunsFold(), [story.started(), began, first, second, ended]).runs["run-1"]
    return run, next(row for row in trace_rows(run) if row.kind == "reasoning")


def test_a_step_says_who_decided_it_and_what_the_model_took(story):
    taken = [
        story.step("t", 1, "profile", by="openai:x", model_seconds=1.25, tokens=1200, cost=0.0004),
        story.step("t", 2, "parse", by="rules, for openai:x: HTTP 500"),
        story.step("t", 3, "parse", by="rules"),
    ]
    rows = trace_rows(fold(RunsFold(), [story.started(), *taken]).runs["run-1"])
    told = [dict(row.sections) for row in rows if row.kind == "step"]

    assert [each["decided by"] for each in told] == [
        "openai:x", "rules, for openai:x: HTTP 500", "rules",
    ]  # fmt: skip
    assert told[0]["model"] == "1,200 tokens, $0.0004, 1.2s"
    assert "model" not in told[1] | told[2]
    # While it goes on, what its steps took is what it took.
    assert dict(rows[1].sections)["model"] == "1,200 tokens, $0.0004"


def test_a_reasoning_shows_what_its_analyst_makes_of_it(story):
    run, row = answered(story, tokens=1, cost=2.5)
    sections = dict(row.sections)

    assert row.detail.endswith("(stopped at max_tokens)")
    assert sections["model"] == "1 token, $2.50"
    assert sections["analysis"] == "score 0.31, progress 0.50, scores falling"
    assert sections["circles"] == (
        "high: profile → parse (steps 2, 3, 4, 5): a cycle of 2 actions shows"
    )
    assert sections["recommendations"].splitlines() == [
        "step 5: take another action than profile", "step 3: use step 2",
    ]  # fmt: skip
    (task,) = trace_json(run)["parts"]
    (reasoning,) = task["parts"]
    assert reasoning["analysis"]["circles"][0]["steps"] == [2, 3, 4, 5]
    assert reasoning["steps"][0]["tokens"] is None


@pytest.mark.parametrize(
    ("analysis", "told"),
    [
        (HistoryAnalysis(), "too few steps to judge"),
        (HistoryAnalysis(0.8, None, ScorePattern.RISING),
         "score 0.80, progress not measured, scores rising, no circles"),
        (None, None),
    ],
)  # fmt: skip
def test_what_an_analyst_could_not_judge_is_called_so(story, analysis, told):
    _, row = answered(story, analysis)
    sections = dict(row.sections)
    assert sections.get("analysis") == told
    assert "circles" not in sections
    assert "model" not in sections


def test_the_use_of_models_is_summed_up_and_unknown_prices_stay_unknown(story):
    taken = [
        story.step("a", 1, "profile", by="openai:x", model_seconds=1.0, tokens=100, cost=0.00005),
        story.step("a", 2, "parse", by="ollama:y", model_seconds=2.0, tokens=10),
        story.step("b", 1, "parse", by="rules, for openai:x: HTTP 500: busy", model_seconds=0.5),
        story.step("b", 2, "parse", by="rules"),
    ]
    run = fold(RunsFold(), [story.started(), *taken]).runs["run-1"]
    used = model_use(reasonings_of(run))

    assert used == ModelUse(
        ("openai:x", "ollama:y"), 4, 2, 1, "HTTP 500: busy", 110, 0.00005, 1, 3.5
    )
    told = figures(used.tokens, used.cost, used.seconds, unpriced=used.unpriced)
    assert told == "110 tokens, less than $0.0001 as far as prices are known, 3.5s"
    ruled = fold(RunsFold(), [story.started(), story.step("a", 1, "look", by="rules")])
    assert model_use(reasonings_of(ruled.runs["run-1"])) is None
