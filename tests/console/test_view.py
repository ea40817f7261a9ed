"""The fold, without a terminal."""

import json

from dataagents.console.view import Mark, RunsFold, Standing, fold, trace_json, trace_rows
from dataagents.core.events import EventKind
from dataagents.core.goals import RunStatus
from dataagents.core.planning import PlannedTask


def test_a_run_has_its_goal_and_its_end(whole):
    run = whole.runs["run-1"]

    assert (run.goal, run.inputs) == ("clean", {"prices": "/data/in/prices.csv"})
    assert (run.status, run.seconds, run.summary) == ("done", 3.2, {"rows": "120", "clean": "116"})
    assert (run.messages, run.failed_messages) == (2, 1)


def test_a_kernel_that_ends_takes_its_runs_with_it(story):
    view = fold(RunsFold(), [*story.kernel(), story.started()])
    assert view.runs["run-1"].status == "running"

    view.apply(story.event(EventKind.KERNEL_STOPPED, "kernel-1", {}, run=None))

    assert view.runs["run-1"].status == "interrupted"


def test_a_crashed_kernels_runs_are_interrupted_when_the_next_one_starts(story):
    view = fold(RunsFold(), [*story.kernel(), story.started(), story.kernel()[0]])

    assert trace_rows(view.runs["run-1"])[-1].label == "interrupted"


def test_the_trace_tells_the_story_in_order(rows):
    assert [row.title for row in rows if row.depth == 0] == [
        "plan",
        "task load(prices)",
        "task parse_csv(prices)",
        "task release(prices)",
        "replan failed task",
        "task parse_sheet(prices)",
        "reflection",
        "messages",
        "outcome done",
    ]


def test_addresses_are_unique_and_lead_to_the_steps(rows, find):
    addresses = [row.address for row in rows]
    assert len(set(addresses)) == len(addresses)

    step = find(rows, "run:run-1/task:parse_csv(prices)/step:2")
    assert (step.title, step.mark, step.detail) == (
        "step 2 parse_csv",
        Mark.FAIL,
        "KeyError 'price'",
    )
    sections = dict(step.sections)
    assert sections["thought"] == "prices has 120 rows, so parse_csv comes next"
    assert sections["action"] == 'parse_csv {"dataset": "prices"}'


def test_the_trace_as_json_is_plain_and_complete(whole):
    trace = json.loads(json.dumps(trace_json(whole.runs["run-1"])))

    assert trace["status"] == "done"
    kinds = [part["kind"] for part in trace["parts"]]
    assert kinds == ["plan", "task", "task", "task", "replan", "task", "reflection"]
    steps = trace["parts"][1]["parts"][1]["steps"]
    assert steps[0]["observation"] == "120 rows, 3 columns\nnulls: price 4"
    assert steps[0]["quality"] == 0.97


LOAD = PlannedTask("load(prices)", "load")


def test_progress_is_the_stage_of_its_task_and_no_row_of_its_own(story, find):
    events = [*story.kernel(), story.started(), story.plan()]
    began, *_, ended = story.work(LOAD)
    told = story.event(
        EventKind.TASK_PROGRESS, LOAD.id, {"stage": "reading", "done": 5, "total": 10},
        task=LOAD.id, agent="transformer",
    )  # fmt: skip
    view, standing = fold(RunsFold(), [*events, began]), Standing()
    standing.take([*events, began, told, told])
    before = len(trace_rows(view.runs["run-1"]))
    fold(view, [told, told])

    rows = trace_rows(view.runs["run-1"])
    assert len(rows) == before
    assert find(rows, f"run:run-1/task:{LOAD.id}").detail == "reading, 50% (5 of 10)"
    assert standing.agents["transformer"].doing == f"{LOAD.id}, reading"
    fold(view, [ended, told])
    standing.take([ended, told])
    row = find(trace_rows(view.runs["run-1"]), f"run:run-1/task:{LOAD.id}")
    assert row.detail == "120 rows are in"
    assert standing.agents["transformer"].doing == ""


def test_a_run_that_is_paused_says_so_and_goes_on(story):
    def happens(kind):
        return story.event(kind, "run-1", {"reason": "anna: lunch"})

    runs = fold(RunsFold(), [story.started(), happens("run.paused")])
    assert runs.runs["run-1"].status == "paused"
    assert not [row for row in trace_rows(runs.runs["run-1"]) if row.kind == "outcome"]
    assert fold(runs, [happens("run.continued")]).runs["run-1"].status == "running"
    gone = fold(runs, [happens("run.paused"), happens("kernel.stopped")])
    assert gone.runs["run-1"].status == "interrupted", "no kernel is there to go on with it"


def test_a_run_that_waits_for_a_decision_is_marked(story, find):
    view = fold(RunsFold(), [story.started(), story.ended(RunStatus.UNDECIDED, "`x` was added")])
    row = find(trace_rows(view.runs["run-1"]), "run:run-1/outcome")
    assert (row.label, row.mark, row.detail) == ("undecided", Mark.WARN, "`x` was added")
