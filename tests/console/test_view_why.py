"""Why something happened: from an error back to the goal, across agents; and what isn't known."""

import pytest

from dataagents.console.view import Mark, RunsFold, fold, trace_rows
from dataagents.console.view.why import open_questions, why
from dataagents.console.view.why.link import MOST_LINKS
from dataagents.core.errors import InputError
from dataagents.core.events import EventKind
from dataagents.core.goals import RunStatus
from dataagents.core.messaging import Message, MessageType
from dataagents.core.planning import (
    Decomposition,
    ExecutionStep,
    Failure,
    FailureKind,
    Goal,
    Plan,
    PlanDiff,
    PlannedTask,
    Replan,
    StepKind,
    TaskResult,
    Trigger,
)
from dataagents.core.reflection import Adaptation, Lesson, LessonKind

PARSE = "run:run-1/task:parse_csv(prices)"
READ = PlannedTask("read(a)", "read", parent="clean(a)")
DECIDE = PlannedTask("decide(a)", "decide", question="Adopt it?", parent="clean(a)",
                     depends_on=("read(a)",))  # fmt: skip
WRITE = PlannedTask("write(a)", "write", parent="clean(a)", depends_on=("decide(a)", "read(a)"))
WAYS = (Decomposition("clean(a)", "by vote", ("read(a)", "decide(a)", "write(a)"),
                      {"copy": "a is dirty"}, "the first that fits", "clean(a)"),)  # fmt: skip


def run_of(events):
    return fold(RunsFold(), events).runs["run-1"]


def whole(story, *before, after=()):
    return run_of([*before, *story.kernel(), *story.whole(), *after])


def kinds(links):
    return [link.kind for link in links]


def of_kind(links, kind):
    return [link for link in links if link.kind == kind]


def asked(story, task, sender="kernel", recipient="transformer"):
    message = Message("m-1", sender, recipient, story.now, MessageType.TASK_REQUEST, run=story.run,
                      task=task)  # fmt: skip
    return story.event(EventKind.MESSAGE_SENT, "m-1", message, task=task, agent=sender)


def test_from_a_failed_step_back_to_the_goal(story):
    links = why(whole(story), f"{PARSE}/step:2")

    assert kinds(links)[:5] == ["error", "action", "thought", "observation", "task"]
    assert kinds(links)[-1] == "goal"
    error, action, thought, seen, task = links[:5]
    assert error.sentence == "step 2 parse_csv: KeyError 'price'"
    assert error.mark is Mark.FAIL
    assert (action.because, action.agent) == ("it is the action that failed", "transformer")
    assert "so parse_csv comes next" in thought.sentence
    assert seen.sentence.startswith("profile had shown: 120 rows")
    assert seen.address == f"{PARSE}/step:1"
    assert task.address == PARSE


def test_each_link_but_the_first_says_what_it_explains_and_why(story):
    links = why(whole(story), f"{PARSE}/step:2")

    assert links[0].because == ""
    assert links[0].of == -1
    assert all(link.because for link in links[1:])
    assert all(0 <= link.of < place for place, link in enumerate(links) if place)


def test_every_address_of_a_link_of_the_run_can_be_opened(story):
    run = whole(story)
    known = {row.address for row in trace_rows(run)} | {"run:run-1"}

    for row in trace_rows(run):
        for link in why(run, row.address):
            assert not link.address.startswith("run:run-1") or link.address in known


def test_a_failed_task_is_explained_by_the_step_it_failed_at(story):
    links = why(whole(story), PARSE)

    assert kinds(links)[:4] == ["error", "action", "thought", "observation"]
    (auction,) = of_kind(links, "auction")
    assert "transformer won it against 1 other" in auction.sentence
    assert "next was validator-valid" in auction.sentence
    (risk,) = of_kind(links, "risk")
    assert "rows could be lost" in risk.sentence
    assert [link.sentence.partition(" was")[0] for link in of_kind(links, "method")] == [
        "parse(prices)", "clean(prices)",
    ]  # fmt: skip
    assert "by_copy did not fit: prices is not clean" in of_kind(links, "method")[1].sentence


def test_a_plan_that_replaced_another_leads_to_what_failed_before(story):
    links = why(whole(story), "run:run-1/task:release(prices)")

    (replan,) = of_kind(links, "replan")
    assert replan.sentence == "the plan before was given up, failed task: it is a sheet, not csv"
    failed = next(link for link in links if link.address == PARSE)
    assert failed.because == "its failure made the plan change"
    actions = [link for link in of_kind(links, "action") if link.mark is Mark.FAIL]
    assert [link.address for link in actions] == [f"{PARSE}/step:2"]


def test_a_vote_is_explained_by_its_ballots_the_outvoted_first(story):
    events = [story.started(), *story.election()]
    ballot = {"voter": "profiler", "choice": "withhold", "confidence": 0.8, "reason": "4 nulls"}
    events.insert(3, story.event(EventKind.BALLOT_CAST, "motion-run-1", ballot))
    run = run_of(events)
    (address,) = [row.address for row in trace_rows(run) if row.kind == "vote"]
    links = why(run, address)
    ballots = of_kind(links, "ballot")

    assert ballots[0].sentence == "profiler voted withhold, 80% sure: 4 nulls"
    assert (ballots[0].because, ballots[0].mark) == ("it was outvoted", Mark.WARN)
    assert ballots[1].because == "it won"
    assert ballots[2].sentence == "1 voter abstained"
    assert ballots[3].sentence == "no ballot of profiler (expired)"


def decided_run(story, *more):
    plan = Plan("p", Goal("clean", {"a": "/in/a.csv"}), (READ, DECIDE, WRITE), WAYS)
    return run_of(
        [
            story.started(),
            story.event(EventKind.PLAN_MADE, "p", plan, agent="coordinator"),
            *story.work(READ),
            *story.election(DECIDE.id),
            *more,
            *story.work(WRITE, "disk is full"),
        ]
    )


def test_what_a_task_waited_for_is_a_vote_and_what_it_worked_with_is_an_input(story):
    links = why(decided_run(story), "run:run-1/task:write(a)")

    (vote,) = of_kind(links, "vote")
    assert vote.because == "write(a) waited for this decision"
    assert vote.sentence.startswith("Release prices? → release: 'release' has 1 of 1")
    (given,) = of_kind(links, "input")
    assert given.sentence == "transformer did read(a): 120 rows are in"
    (plan,) = of_kind(links, "plan")
    assert plan.sentence == "coordinator planned 3 tasks, 100% sure of it"


def test_the_message_that_asked_for_it_is_named(story):
    run = decided_run(story, asked(story, WRITE.id, "lead-1"))
    (request,) = of_kind(why(run, "run:run-1/task:write(a)"), "request")

    assert request.sentence == "lead-1 asked transformer for write(a)"
    assert (request.address, request.agent, request.known) == ("message:m-1", "lead-1", True)


def test_what_is_not_on_record_is_said_to_be_so(story):
    links = why(decided_run(story), "run:run-1/task:write(a)")
    unknown = {link.kind: link.sentence for link in links if not link.known}

    assert unknown == {
        "auction": "no record of how transformer was chosen",
        "request": "no record of who asked transformer for it",
    }


def test_a_lookup_fills_in_what_the_run_does_not_tell(story):
    run, message = decided_run(story), asked(story, WRITE.id)
    address = "run:run-1/task:write(a)"

    assert open_questions(run, address, {}) == ("conversation:run-1:write(a)",)
    known = {"conversation:run-1:write(a)": ((7, message),)}
    assert open_questions(run, address, known) == ()
    (request,) = of_kind(why(run, address, lambda each: known.get(each, ())), "request")
    assert request.sentence == "kernel asked transformer for write(a)"


def test_a_lesson_that_shaped_the_run_leads_to_what_taught_it(story):
    lesson = story.lesson("an earlier one")
    run = whole(story, lesson, after=[story.experience("foresight:parse_csv@prices")])
    links = why(run, PARSE, lambda address: ((1, lesson),) if "foresight" in address else ())

    (applied,) = of_kind(links, "lesson")
    assert applied.address == "lesson:foresight:parse_csv@prices"
    (origin,) = of_kind(links, "reflection")
    assert origin.sentence == "the reflection on run an earlier one learned it: it failed"
    assert origin.because == "it taught the lesson"
    silent = of_kind(why(run, PARSE), "reflection")[0]
    assert (silent.known, silent.sentence) == (False, "no record of what taught it")


def test_a_reputation_is_a_cause_of_who_won(story):
    lesson = Lesson("reputation:transformer", LessonKind.REPUTATION, "transformer", 0.5, 0.0, 1.0,
                    "kept half of its promises", 2, story.now)  # fmt: skip
    changed = story.event(EventKind.LESSON_CHANGED, lesson.id, Adaptation("learned", lesson, "x"))
    run = whole(story, changed, after=[story.experience(lesson.id)])
    (link,) = of_kind(why(run, PARSE), "lesson")

    assert link.because == "it changed how much the bid of transformer counted"
    assert link.sentence == "reputation transformer: kept half of its promises"


def test_a_delegation_stands_where_there_was_no_auction(story):
    body = {
        "coordinator": "head", "levels": 2, "span": 2, "reason": "3 tasks",
        "leaders": {"group-1": "lead"},
        "delegations": {"write(a)": {"agent": "writer", "group": "group-1"}},
    }  # fmt: skip
    run = decided_run(story, story.event(EventKind.HIERARCHY_FORMED, "p", body))
    (link,) = of_kind(why(run, "run:run-1/task:write(a)"), "delegation")

    assert link.sentence == (
        "lead delegated it to writer in group-1, in whose place transformer did it: 3 tasks"
    )


def test_what_had_been_tried_before_is_told(story):
    step = ExecutionStep(StepKind.RETRIED, "write(a)", 0.5, "attempt 1 in 0.5 s: busy")
    run = decided_run(story, story.event(EventKind.PLAN_STEP, "p", step))
    (link,) = of_kind(why(run, "run:run-1/task:write(a)"), "retry")

    assert link.sentence == "retried: attempt 1 in 0.5 s: busy"


def test_the_end_of_a_run_is_explained_by_what_failed_last(story):
    aborted = ExecutionStep(StepKind.ABORTED, "", 1.5, "nothing helps")
    events = [story.event(EventKind.PLAN_STEP, "p", aborted), story.ended(RunStatus.FAILED, "full")]
    plan = Plan("p", Goal("clean"), (WRITE,))
    run = run_of([story.started(), story.event(EventKind.PLAN_MADE, "p", plan),
                  *story.work(WRITE, "disk is full"), *events])  # fmt: skip
    links = why(run, "run:run-1/outcome")

    assert kinds(links)[:4] == ["outcome", "execution", "error", "action"]
    assert links[1].sentence == "aborted: nothing helps"
    assert links[2].sentence == "transformer failed at write(a): disk is full"


def test_the_end_of_a_withheld_run_is_explained_by_the_last_decision(story):
    run = run_of([story.started(), *story.election(), story.ended(RunStatus.WITHHELD, "no")])
    links = why(run, "run:run-1/outcome")

    assert kinds(links)[:3] == ["outcome", "vote", "ballot"]
    assert links[1].because == "it is what was decided last"


def test_replans_are_followed_back_to_the_first_plan_and_no_circle_goes_on(story):
    failure = Failure("", FailureKind.RECOVERABLE, "drift", Trigger.DRIFT)
    events = [story.started()]
    for number in range(1, 9):
        plan = Plan(f"p{number}", Goal("clean"), (WRITE,))
        replan = Replan(plan, f"p{number - 1 or 8}", failure, PlanDiff(), story.now)
        events.append(story.event(EventKind.PLAN_REPLACED, plan.id, replan))
    run = run_of([*events, *story.work(WRITE, "no")])
    links = why(run, "run:run-1/task:write(a)")

    assert len(of_kind(links, "replan")) == 5
    assert of_kind(links, "goal")


def test_a_chain_ends_somewhere(story):
    tasks = tuple(PlannedTask(f"t{n}", "t", parent=f"c{n}") for n in range(100))
    ways = tuple(
        Decomposition(f"c{n}", "m", (f"t{n}", f"c{n + 1}"), {}, "", f"c{n}", f"c{n - 1}")
        for n in range(100)
    )
    plan = Plan("p", Goal("clean"), tasks, ways)
    run = run_of([story.started(), story.event(EventKind.PLAN_MADE, "p", plan),
                  *story.work(tasks[99], "no")])  # fmt: skip

    assert len(why(run, "run:run-1/task:t99")) <= MOST_LINKS


def test_every_row_of_a_trace_can_be_explained(story):
    run = whole(story)

    for row in trace_rows(run):
        links = why(run, row.address)
        assert links[0].address == row.address
        assert kinds(links)[-1] == "goal"


def test_an_address_that_is_no_row_names_the_nearest(story):
    with pytest.raises(InputError, match="Did you mean 'run:run-1/task:load") as caught:
        why(whole(story), "run:run-1/task:laod(prices)")
    assert "nothing that is called so" in str(caught.value)


def test_what_agents_said_can_not_act_on_a_terminal(story):
    result = TaskResult(READ.id, success=False, error="\x1b]52;c;aGk=\x07 [@click=app.quit]x[/]")
    plan = Plan("p", Goal("clean"), (READ,), WAYS)
    ended = story.event(EventKind.TASK_ENDED, READ.id, result, task=READ.id, agent="\x1b[2Jevil")
    run = run_of([story.started(), story.event(EventKind.PLAN_MADE, "p", plan), ended])

    for link in why(run, "run:run-1/task:read(a)"):
        assert "\x1b" not in link.sentence + link.because + link.agent + link.address
