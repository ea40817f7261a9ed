"""The fold, without a terminal."""

import json
from dataclasses import asdict, replace
from datetime import timedelta

import pytest

from dataagents.console.view import Mark, ViewState, fold, trace_json, trace_rows
from dataagents.console.view.usage import ModelUse, figures, model_use, reasonings_of
from dataagents.console.view.words import duration, health_word
from dataagents.core.events import EventKind
from dataagents.core.goals import RunStatus
from dataagents.core.health import Health
from dataagents.core.meta_analysis import Circle, HistoryAnalysis, Recommendation, ScorePattern
from dataagents.core.planning import PlannedTask
from dataagents.core.reasoning import Answer, StopReason
from dataagents.core.voting import Recall


@pytest.fixture
def whole(story):
    return fold(ViewState(), [*story.kernel(), *story.whole()])


@pytest.fixture
def rows(whole):
    return trace_rows(whole.runs["run-1"])


def find(rows, address):
    (row,) = [row for row in rows if row.address == address]
    return row


def test_a_kernel_brings_its_agents(story):
    view = fold(ViewState(), story.kernel(pid=77))

    assert (view.pid, view.version, view.stopped) == (77, "0.1.0", False)
    transformer = view.agents["transformer"]
    assert (transformer.role, transformer.health) == ("transformer", "healthy")
    assert (transformer.seconds, transformer.capabilities) == (0.012, "work 0.9")


def test_a_new_kernel_begins_with_no_agents_and_no_alerts(story):
    view = fold(ViewState(), [*story.kernel(), story.alert()])
    assert view.alerts
    first = story.kernel()[0]

    view.apply(first)

    assert not view.agents
    assert not view.alerts


def test_a_health_check_is_a_beat_and_two_make_an_interval(story):
    view = fold(ViewState(), [*story.kernel(), story.health("profiler"), story.health("profiler")])

    profiler = view.agents["profiler"]
    assert profiler.beat == story.now
    assert profiler.interval == pytest.approx(10.0)
    assert (profiler.seconds, profiler.queue) == (0.031, 2)


def test_an_agent_is_shown_at_its_task_while_it_works(story):
    work = list(story.work(PlannedTask("load(a)", "load")))
    view = fold(ViewState(), [*story.kernel(), work[0]])
    agent = view.agents["transformer"]
    assert agent.doing == "load(a)"

    view.apply(work[1])
    assert agent.doing == "load(a), after profile"

    fold(view, work[2:])
    assert (agent.doing, agent.done, agent.failed, agent.run) == ("", 1, 0, "run-1")


def test_failures_are_counted_apart(whole):
    assert (whole.agents["transformer"].done, whole.agents["transformer"].failed) == (2, 1)


@pytest.mark.parametrize(
    ("health", "after", "live", "word", "mark"),
    [
        (Health.HEALTHY, 1, True, "healthy", Mark.OK),
        (Health.HEALTHY, 31, True, "late", Mark.WARN),
        (Health.UNHEALTHY, 1, True, "unhealthy", Mark.FAIL),
        (Health.UNHEALTHY, 31, True, "unhealthy", Mark.FAIL),
        (Health.HEALTHY, 1, False, "ended", Mark.IDLE),
    ],
)
def test_the_word_for_an_agent(story, health, after, live, word, mark):
    checks = [story.health("profiler"), story.health("profiler", health)]
    view = fold(ViewState(), [*story.kernel(), *checks])
    now = story.now + timedelta(seconds=after)

    assert health_word(view.agents["profiler"], now, live=live) == (word, mark)


def test_refused_and_removed_agents_stay_with_the_reason(story):
    view = fold(ViewState(), story.kernel())
    body = {"agent": "x", "reason": "unhealthy", "detail": "raised KeyError"}
    view.apply(story.event(EventKind.AGENT_REFUSED, "x", body, run=None))
    view.apply(story.event(EventKind.AGENT_REMOVED, "profiler", {"reason": "asked to"}, run=None))

    assert (view.agents["x"].health, view.agents["x"].detail) == (
        "refused",
        "unhealthy: raised KeyError",
    )
    assert view.agents["profiler"].detail == "asked to"
    assert health_word(view.agents["x"], story.now, live=True) == ("refused", Mark.FAIL)


def test_a_run_has_its_goal_and_its_end(whole):
    run = whole.runs["run-1"]

    assert (run.goal, run.inputs) == ("clean", {"prices": "/data/in/prices.csv"})
    assert (run.status, run.seconds, run.summary) == ("done", 3.2, {"rows": "120", "clean": "116"})
    assert (run.messages, run.failed_messages) == (2, 1)


def test_a_kernel_that_ends_takes_its_runs_with_it(story):
    view = fold(ViewState(), [*story.kernel(), story.started()])
    assert view.runs["run-1"].status == "running"

    view.apply(story.event(EventKind.KERNEL_STOPPED, "kernel-1", {}, run=None))

    assert view.runs["run-1"].status == "interrupted"
    assert view.stopped


def test_a_crashed_kernels_runs_are_interrupted_when_the_next_one_starts(story):
    view = fold(ViewState(), [*story.kernel(), story.started(), story.kernel()[0]])

    assert trace_rows(view.runs["run-1"])[-1].label == "interrupted"


def test_the_trace_tells_the_story_in_order(rows):
    assert [row.title for row in rows if row.depth == 0] == [
        "plan",
        "task load(prices)",
        "task parse_csv(prices)",
        "task release(prices)",
        "replan",
        "task parse_sheet(prices)",
        "reflection",
        "messages",
        "outcome done",
    ]


def test_addresses_are_unique_and_lead_to_the_steps(rows):
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


def test_a_second_reasoning_of_a_task_counts_its_steps_on(story):
    task = PlannedTask("load(a)", "load")
    again = [
        replace(event, subject="another") if event.kind == EventKind.STEP_TAKEN else event
        for event in story.work(task)
    ]
    view = fold(ViewState(), [story.started(), *story.work(task), *again])
    steps = [row for row in trace_rows(view.runs["run-1"]) if row.kind == "step"]

    assert [row.address.rpartition("/")[2] for row in steps] == [
        f"step:{number}" for number in (1, 2, 3, 4)
    ]
    assert [row.label[0] for row in steps] == ["1", "2", "1", "2"]


def test_an_observation_keeps_its_lines_in_the_detail_and_loses_them_in_the_row(rows):
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
    run = fold(ViewState(), [story.started(), began, first, second, ended]).runs["run-1"]
    return run, next(row for row in trace_rows(run) if row.kind == "reasoning")


def test_a_step_says_who_decided_it_and_what_the_model_took(story):
    taken = [
        story.step("t", 1, "profile", by="openai:x", model_seconds=1.25, tokens=1200, cost=0.0004),
        story.step("t", 2, "parse", by="rules, for openai:x: HTTP 500"),
        story.step("t", 3, "parse", by="rules"),
    ]
    rows = trace_rows(fold(ViewState(), [story.started(), *taken]).runs["run-1"])
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
    run = fold(ViewState(), [story.started(), *taken]).runs["run-1"]
    used = model_use(reasonings_of(run))

    assert used == ModelUse(
        ("openai:x", "ollama:y"), 4, 2, 1, "HTTP 500: busy", 110, 0.00005, 1, 3.5
    )
    told = figures(used.tokens, used.cost, used.seconds, unpriced=used.unpriced)
    assert told == "110 tokens, less than $0.0001 as far as prices are known, 3.5s"
    ruled = fold(ViewState(), [story.started(), story.step("a", 1, "look", by="rules")])
    assert model_use(reasonings_of(ruled.runs["run-1"])) is None


def test_a_plan_shows_its_methods_and_risks(rows):
    plan, method, risk = rows[:3]

    assert plan.detail == "3 tasks, confidence 0.81"
    assert method.detail == "by by_parsing: load(prices), parse_csv(prices), release(prices)"
    assert dict(method.sections)["methods that did not fit"] == "by_copy: prices is not clean"
    assert (risk.label, risk.score) == ("risk in parse_csv(prices)", 0.2)


def test_an_auction_shows_the_winner_the_runner_up_and_every_bid(rows):
    at = "run:run-1/task:load(prices)/auction:lot-run-1-load(prices)"
    auction = find(rows, at)

    assert auction.detail == "transformer of 2 bids, runner-up validator-valid"
    assert dict(auction.sections)["could not take part"] == "profiler: lacks 'transform'"
    assert find(rows, f"{at}/bid:transformer").mark is Mark.OK
    assert find(rows, f"{at}/bid:validator-valid").detail == "cost 1.5, quality 0.6: I could"


def test_a_vote_shows_every_ballot_and_the_tally_in_words(rows):
    at = "run:run-1/task:release(prices)/vote:motion-run-1"
    vote = find(rows, at)

    assert vote.detail == "Release prices? → release"
    assert dict(vote.sections)["result"] == "'release' has 1 of 1 votes, above 67/100."
    assert dict(vote.sections)["no ballot"] == "profiler: expired"
    ballot = find(rows, f"{at}/ballot:validator-valid")
    assert (ballot.detail, ballot.score) == ("release: 97% of the prices are valid", 0.9)
    assert find(rows, f"{at}/ballot:validator-unique").detail.startswith("abstains")


def test_a_decision_that_was_recalled_says_so(story):
    recall = Recall("motion-run-1", "the file was replaced", story.now)
    recalled = story.event(EventKind.ELECTION_RECALLED, recall.motion, recall)
    view = fold(ViewState(), [*story.election(task=None), recalled])
    (vote,) = (row for row in trace_rows(view.runs["run-1"]) if row.kind == "vote")

    assert vote.detail == "Release prices? → recalled"
    assert dict(vote.sections)["result"].endswith("; recalled: the file was replaced")


def test_a_replan_says_why_and_what_changed(rows):
    replan = find(rows, "run:run-1/replan:plan-2")

    assert replan.detail == ("+parse_sheet(prices) -parse_csv(prices): it is a sheet, not csv")
    assert dict(replan.sections)["kept"] == "release(prices)"


def test_a_planned_task_that_a_replan_removes_is_dropped(story):
    view = fold(ViewState(), [story.started(), story.plan(), story.replan()])
    tasks = {row.label: row.detail for row in trace_rows(view.runs["run-1"]) if row.kind == "task"}

    assert tasks["parse_csv(prices)"] == "dropped"
    assert tasks["parse_sheet(prices)"] == "planned"


def test_a_reflection_shows_patterns_and_what_changes(rows):
    sections = dict(find(rows, "run:run-1/reflection:reflection-1").sections)

    assert sections["patterns"] == "recurring_failure: parse_csv, 3 times: it is a sheet"
    assert sections["what changes"] == "reputation of transformer: 0.92, 2 of 3 delivered"
    assert sections["trends"] == "quality up: 0.8 → 0.97 over 4"


def test_what_is_under_way_is_shown_as_such(story):
    lot = list(story.auction(PlannedTask("load(a)", "load")))
    vote = list(story.election(task=None))
    view = fold(ViewState(), [story.started(), *lot[:2], *vote[:2]])
    rows = {row.kind: row for row in trace_rows(view.runs["run-1"])}

    assert (rows["auction"].mark, rows["auction"].detail) == (Mark.BUSY, "1 bid so far")
    assert rows["vote"].detail == "Release prices? → 1 of 3 ballots"
    assert "outcome" not in rows


def test_a_vote_outside_of_a_run_is_shown_too(story):
    story.run = None
    view = fold(ViewState(), story.election(task=None))

    assert view.runs["-"].goal == "outside of a run"
    assert [row.kind for row in trace_rows(view.runs["-"])] == ["vote", "ballot", "ballot"]


def test_the_trace_as_json_is_plain_and_complete(whole):
    trace = json.loads(json.dumps(trace_json(whole.runs["run-1"])))

    assert trace["status"] == "done"
    kinds = [part["kind"] for part in trace["parts"]]
    assert kinds == ["plan", "task", "task", "task", "replan", "task", "reflection"]
    steps = trace["parts"][1]["parts"][1]["steps"]
    assert steps[0]["observation"] == "120 rows, 3 columns\nnulls: price 4"
    assert steps[0]["quality"] == 0.97


def texts(value):
    match value:
        case dict():
            return [text for pair in value.items() for text in texts(list(pair))]
        case list() | tuple():
            return [text for item in value for text in texts(item)]
        case _:
            return [str(value)]


def test_texts_of_the_store_are_made_safe_wherever_they_are_shown(story):
    evil = "\x1b]52;c;ZXZpbA==\x07\u202e"
    task = PlannedTask(f"load({evil})", "load")
    events = [
        story.started(),
        story.step(task.id, 1, evil, thought=evil, observation=evil, action_input={evil: evil}),
        *story.auction(task, winner=evil),
        *story.work(task, error=evil),
        story.ended(RunStatus.FAILED, evil),
    ]
    view = fold(ViewState(), events)
    run = view.runs["run-1"]
    rows = trace_rows(run)

    agents = [asdict(agent) for agent in view.agents.values()]
    shown = [*texts([asdict(row) for row in rows]), *texts(trace_json(run)), *texts(agents)]
    assert not [text for text in shown if set(evil) - set("]52;cZXZpbA=") & set(text)]
    assert find(rows, "run:run-1/outcome").mark is Mark.FAIL


@pytest.mark.parametrize("kind", list(EventKind))
@pytest.mark.parametrize("body", [{}, {"task": 3, "tasks": {}, "at": "soon", "score": "x"}])
def test_a_body_that_does_not_fit_is_no_reason_to_fail(story, kind, body):
    view = fold(ViewState(), [story.event(kind, "subject", body, agent="a", task="t")])

    for run in view.runs.values():
        trace_rows(run)
        trace_json(run)


def test_kinds_that_nobody_knows_are_passed_over(story):
    view = fold(ViewState(), [story.event("plugin.thing", "x", {"a": 1})])

    assert view.events == 1
    assert not view.runs


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(None, ""), (0.0, "0ms"), (0.0314, "31ms"), (0.9996, "1.0s"), (9.94, "9.9s"), (9.96, "10s"),
     (59.6, "1m00s"), (130, "2m10s"), (3600, "1h00m"), (360_000, "4d"), (-3, "0ms")],
)  # fmt: skip
def test_durations_fit_a_narrow_column(seconds, shown):
    assert duration(seconds) == shown


LOAD = PlannedTask("load(prices)", "load")


def test_progress_is_the_stage_of_its_task_and_no_row_of_its_own(story):
    events = [*story.kernel(), story.started(), story.plan()]
    began, *_, ended = story.work(LOAD)
    told = story.event(
        EventKind.TASK_PROGRESS, LOAD.id, {"stage": "reading", "done": 5, "total": 10},
        task=LOAD.id, agent="transformer",
    )  # fmt: skip
    view = fold(ViewState(), [*events, began])
    before = len(trace_rows(view.runs["run-1"]))
    fold(view, [told, told])

    rows = trace_rows(view.runs["run-1"])
    assert len(rows) == before
    assert find(rows, f"run:run-1/task:{LOAD.id}").detail == "reading, 50% (5 of 10)"
    assert view.agents["transformer"].doing == f"{LOAD.id}, reading"
    fold(view, [ended, told])
    row = find(trace_rows(view.runs["run-1"]), f"run:run-1/task:{LOAD.id}")
    assert row.detail == "120 rows are in"
    assert view.agents["transformer"].doing == ""


def test_a_run_that_waits_for_a_decision_is_marked(story):
    view = fold(ViewState(), [story.started(), story.ended(RunStatus.UNDECIDED, "`x` was added")])
    row = find(trace_rows(view.runs["run-1"]), "run:run-1/outcome")
    assert (row.label, row.mark, row.detail) == ("undecided", Mark.WARN, "`x` was added")


def test_a_hierarchy_is_a_part_of_the_trace(story):
    body = {
        "coordinator": "head",
        "levels": 3,
        "span": 4,
        "score": 9.5,
        "reason": "a score of 9.5 asks for 3 levels",
        "on_failure": "redelegate",
        "leaders": {"top": "head", "top/1": "lead"},
        "delegations": {"load(a)": {"agent": "worker", "group": "top/1"}},
        "unassigned": {},
    }
    formed = story.event(EventKind.HIERARCHY_FORMED, "plan-1", body)
    lost = story.event(EventKind.HIERARCHY_FORMED, "plan-2", {**body, "unassigned": {"x": "no"}})
    view = fold(ViewState(), [*story.kernel(), formed, lost])

    first, second = [row for row in trace_rows(view.runs["run-1"]) if row.kind == "hierarchy"]
    assert first.detail == "head over 2 groups on 3 levels, 1 task delegated"
    assert dict(first.sections)["leaders"] == "top: head\ntop/1: lead"
    assert "worker" in dict(first.sections)["delegations"]
    assert (first.mark, second.mark) == (Mark.NOTE, Mark.WARN)
