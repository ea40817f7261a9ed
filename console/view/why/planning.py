"""Why a task was to be done: methods, the plan, what the plan took the place of, and the goal."""

from dataagents.console.view.marks import Mark
from dataagents.console.view.plans import PlanView
from dataagents.console.view.row import count
from dataagents.console.view.runs import TaskView
from dataagents.console.view.why.decisions import explain_vote, votes_of
from dataagents.console.view.why.lessons import foresight, method
from dataagents.console.view.why.link import Chain
from dataagents.console.view.why.scene import Scene, above, planned
from dataagents.console.view.why.work import explain_step, failing_step

_MOST_INPUTS = 5
_MOST_REPLANS = 5


def explain_needs(chain: Chain, of: int, scene: Scene, task: TaskView) -> None:
    """Add the decisions that a task waited for, and the tasks whose results it worked with."""
    plan = scene.plan_of(task.id, before=task)
    here = planned(plan, task.id) if plan is not None else None
    for needed in (here.depends_on if here is not None else ())[:_MOST_INPUTS]:
        other = scene.tasks.get(needed)
        if other is None:
            continue
        votes = votes_of(scene, other)
        for address, election in votes:
            because = f"{task.id} waited for this decision"
            explain_vote(chain, of, scene, address, election, because)
        if not votes:
            outcome = other.error or other.summary or other.status
            because = (
                f"{task.id} needs what it did not make"
                if other.status == "failed"
                else f"{task.id} worked with what it made"
            )
            chain.add(
                of, "input", f"{other.agent or 'somebody'} did {other.id}: {outcome}", because,
                address=scene.task_address(other.id),
                at=other.tries[-1].until if other.tries else None, agent=other.agent,
                mark=Mark.FAIL if other.status == "failed" else Mark.NOTE,
            )  # fmt: skip


def explain_place(chain: Chain, of: int, scene: Scene, task: TaskView) -> None:
    """Add the methods that put a task into the plan, then the plan and what led to it."""
    plan = scene.plan_of(task.id, before=task)
    if plan is None:
        chain.unknown(of, "plan", f"no plan on record has {task.id}", "something asked for it")
        explain_goal(chain, of, scene)
        return
    at = scene.address_of(plan)
    for risk in plan.risks:
        if risk.task == task.id:
            chain.add(
                of, "risk", f"the plan had seen it coming: {risk.impact}; against it: "
                f"{risk.mitigation}", "it was a known risk", address=f"{at}/risk:{task.id}",
                mark=Mark.WARN,
            )  # fmt: skip
    foresight(chain, of, scene, plan, task.id)
    for each in above(plan, task.id):
        why = f" ({each.why})" if each.why else ""
        others = "; ".join(f"{name} did not fit: {no}" for name, no in each.rejected.items())
        of = chain.add(
            of, "method", f"{each.task} was broken down by the method {each.method}{why}"
            + (f"; {others}" if others else ""),
            "so the task came into the plan", address=f"{at}/method:{each.id}",
        )  # fmt: skip
        method(chain, of, scene, each.task, each.method)
    explain_plan(chain, of, scene, plan)


def explain_plan(chain: Chain, of: int, scene: Scene, plan: PlanView) -> None:
    """Add a plan, the changes that led to it, and the goal."""
    by = plan.by or "the kernel"
    sure = "" if plan.confidence is None else f", {plan.confidence:.0%} sure of it"
    of = chain.add(
        of, "plan", f"{by} planned {count(len(plan.tasks), 'task')}{sure}",
        "it is the plan that had the task", address=scene.address_of(plan), at=plan.at,
        agent=plan.by,
    )  # fmt: skip
    explain_change(chain, of, scene, plan.id)
    explain_goal(chain, of, scene)


def explain_change(chain: Chain, of: int, scene: Scene, plan: str) -> None:
    """Add why a plan took the place of the one before, and so on back to the first."""
    for _ in range(_MOST_REPLANS):
        change = scene.replans.get(plan)
        if change is None:
            return
        trigger = f"{change.trigger}: " if change.trigger else ""
        of = chain.add(
            of, "replan", f"the plan before was given up, {trigger}{change.reason}",
            "the plan took its place", address=f"{scene.root}/replan:{plan}",
            key=f"change:{plan}", at=change.at, mark=Mark.WARN,
        )  # fmt: skip
        failed = scene.tasks.get(change.task)
        if failed is not None:
            _failure(chain, of, scene, failed)
        before = next((each for each in scene.plans if each.id == change.replaces), None)
        if before is not None:
            foresight(chain, of, scene, before, change.task, change.trigger)
        plan = change.replaces


def _failure(chain: Chain, of: int, scene: Scene, failed: TaskView) -> None:
    """Add the task that made a plan change, and the step that it failed at."""
    of = chain.add(
        of, "task", f"{failed.agent or 'somebody'} failed at {failed.id}: "
        f"{failed.error or failed.status}", "its failure made the plan change",
        address=scene.task_address(failed.id),
        at=failed.tries[-1].until if failed.tries else None, agent=failed.agent, mark=Mark.FAIL,
    )  # fmt: skip
    place = failing_step(scene, failed)
    if place is not None and place.step.error and not chain.was_told("action", place.address):
        explain_step(chain, of, place)


def explain_goal(chain: Chain, of: int, scene: Scene) -> None:
    """Add what the run was for."""
    run = scene.run
    data = ", ".join(f"{name} ({path})" for name, path in run.inputs.items())
    goal = f"{run.goal} {data}".strip() or "what for is not on record"
    chain.add(
        of, "goal", f"the run was begun: {goal}", "all of it was done for this goal",
        address=scene.root, at=run.started,
    )  # fmt: skip
