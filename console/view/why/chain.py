"""The chain: from a row of a trace back through everything that led to it."""

from collections.abc import Mapping, Sequence

from dataagents.console.view.marks import Mark
from dataagents.console.view.plans import PlanStepView
from dataagents.console.view.row import TraceRow
from dataagents.console.view.rows import trace_rows
from dataagents.console.view.runs import RunView, TaskView
from dataagents.console.view.why.decisions import explain_ballots, explain_vote, votes_of
from dataagents.console.view.why.link import Chain, Lookup, WhyLink, nothing
from dataagents.console.view.why.planning import (
    explain_change,
    explain_goal,
    explain_needs,
    explain_place,
    explain_plan,
)
from dataagents.console.view.why.scene import Scene, scene_of
from dataagents.console.view.why.work import (
    explain_attempts,
    explain_step,
    explain_worker,
    failing_step,
)
from dataagents.core.errors import InputError
from dataagents.core.events import Event
from dataagents.core.planning import StepKind
from dataagents.core.suggestions import nearest


def why(run: RunView, address: str, lookup: Lookup = nothing) -> tuple[WhyLink, ...]:
    """Return why something in a run happened, the thing itself first, then cause after cause.

    What is told comes from what is on record: a cause that isn't is a link that says so.

    Args:
        run: The run.
        address: That of a row of its trace.
        lookup: What else is on record, such as the history of a lesson; it is asked for events
            about things that the run's own do not tell.

    Raises:
        InputError: The run has no such row; names the nearest.
    """
    rows = trace_rows(run)
    row = next((each for each in rows if each.address == address), None)
    if row is None:
        close = nearest(address, [each.address for each in rows])
        hint = f"Did you mean {close!r}?" if close else ""
        raise InputError(f"address {address!r}", "the run has nothing that is called so", hint=hint)
    chain, scene = Chain(lookup), scene_of(run)
    kind = "error" if row.mark is Mark.FAIL and row.kind in ("step", "task") else row.kind
    at = row.spans[-1][1] or row.spans[-1][0] if row.spans else None
    chain.add(
        -1, kind, f"{row.title}: {row.detail}", "", address=row.address, at=at, agent=row.agent,
        mark=row.mark,
    )  # fmt: skip
    _explain(chain, scene, row)
    return tuple(chain.links)


def open_questions(
    run: RunView, address: str, known: Mapping[str, Sequence[tuple[int, Event]]]
) -> tuple[str, ...]:
    """Return the addresses that `why` would look up and that are not among the known ones.

    A caller whose store answers later asks for these first, until there are none.

    Args:
        run: The run.
        address: That of a row of its trace.
        known: What was looked up so far; what is not on record has no events.
    """
    asked: dict[str, None] = {}

    def note(wanted: str) -> Sequence[tuple[int, Event]]:
        if wanted not in known:
            asked[wanted] = None
        return known.get(wanted, ())

    why(run, address, note)
    return tuple(asked)


def _explain(chain: Chain, scene: Scene, row: TraceRow) -> None:
    address = row.address
    if address in scene.steps:
        place = scene.steps[address]
        last = explain_step(chain, 0, place)
        if place.task is None:
            explain_goal(chain, last, scene)
        else:
            _task(chain, last, scene, place.task, "the step was taken for this task")
        return
    match row.kind:
        case "plan" | "replan":
            _plan(chain, scene, address)
        case "vote" | "ballot":
            _vote(chain, scene, row)
        case "outcome":
            _outcome(chain, scene)
        case _:
            owner = _owner(scene, address)
            if owner is None:
                explain_goal(chain, 0, scene)
            elif row.kind == "task":
                _work(chain, 0, scene, owner)
            else:
                _task(chain, 0, scene, owner, "it belongs to this task")


def _owner(scene: Scene, address: str) -> TaskView | None:
    """Return the task that an address is that of, or lies below."""
    found = [
        task
        for task in scene.tasks.values()
        if f"{address}/".startswith(f"{scene.task_address(task.id)}/")
    ]
    return max(found, key=lambda task: len(task.id), default=None)


def _task(chain: Chain, of: int, scene: Scene, task: TaskView, because: str) -> None:
    """Add a task as a cause, and everything that led to it."""
    outcome = task.error or task.summary or task.status
    of = chain.add(
        of, "task", f"{task.agent or 'nobody'} had {task.id}: {outcome}", because,
        address=scene.task_address(task.id), at=task.tries[-1].at if task.tries else None,
        agent=task.agent, mark=Mark.FAIL if task.status == "failed" else Mark.NOTE,
    )  # fmt: skip
    _surroundings(chain, of, scene, task)


def _work(chain: Chain, of: int, scene: Scene, task: TaskView) -> None:
    """Explain a task: by the step it failed at, or by the vote that it was, then the rest."""
    votes = votes_of(scene, task)
    for address, election in votes:
        explain_vote(chain, of, scene, address, election, "the task was to decide this")
    place = failing_step(scene, task) if task.status == "failed" else None
    if place is not None:
        explain_step(chain, of, place)
    elif task.status == "failed" and not votes:
        chain.unknown(of, "action", "no step of it is on record", "some action failed")
    _surroundings(chain, of, scene, task)


def _surroundings(chain: Chain, of: int, scene: Scene, task: TaskView) -> None:
    explain_attempts(chain, of, scene, task)
    explain_worker(chain, of, scene, task)
    explain_needs(chain, of, scene, task)
    explain_place(chain, of, scene, task)


def _plan(chain: Chain, scene: Scene, address: str) -> None:
    plan = next((each for each in scene.plans if scene.address_of(each) == address), None)
    if plan is None:
        explain_goal(chain, 0, scene)
    elif plan.id in scene.replans:
        explain_change(chain, 0, scene, plan.id)
        explain_goal(chain, 0, scene)
    else:
        explain_plan(chain, 0, scene, plan)


def _vote(chain: Chain, scene: Scene, row: TraceRow) -> None:
    address = row.address.rpartition("/ballot:")[0] if row.kind == "ballot" else row.address
    election, task = scene.elections[address]
    if row.kind == "ballot":
        explain_vote(chain, 0, scene, address, election, "the ballot was cast in this vote")
    else:
        explain_ballots(chain, 0, scene, address, election)
    if task is None:
        explain_goal(chain, 0, scene)
    else:
        _task(chain, 0, scene, task, "it was voted on for this task")


def _outcome(chain: Chain, scene: Scene) -> None:
    """Explain how a run ended: by what failed last, or else by what was decided last."""
    run = scene.run
    for part in run.parts:
        if isinstance(part, PlanStepView) and part.step != StepKind.RETRIED:
            chain.add(
                0, "execution", f"{part.step}: {part.detail}", "the execution ended with it",
                address=f"{scene.root}/execution:{part.number}", at=part.at, mark=Mark.FAIL,
            )  # fmt: skip
    failed = [task for task in scene.tasks.values() if task.status == "failed"]
    if failed:
        latest = max(failed, key=lambda task: task.tries[-1].at if task.tries else run.started)
        because = "it is the task that failed last"
        of = chain.add(
            0, "error", f"{latest.agent or 'nobody'} failed at {latest.id}: {latest.error}",
            because, address=scene.task_address(latest.id),
            at=latest.tries[-1].until if latest.tries else None, agent=latest.agent,
            mark=Mark.FAIL,
        )  # fmt: skip
        _work(chain, of, scene, latest)
        return
    decided = [(address, *pair) for address, pair in scene.elections.items()]
    decided.sort(key=lambda each: each[1].at or run.started)
    if decided and run.status != "done":
        address, election, task = decided[-1]
        because = "it is what was decided last"
        of = explain_vote(chain, 0, scene, address, election, because)
        if task is not None:
            _task(chain, of, scene, task, "it was voted on for this task")
            return
    explain_goal(chain, 0, scene)
