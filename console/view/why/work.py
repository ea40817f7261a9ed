"""Why a step or a task came out as it did: action, thought, what was seen, who did it and how."""

from dataagents.console.view.fields import Fields
from dataagents.console.view.marks import Mark
from dataagents.console.view.parts import request_of
from dataagents.console.view.plans import PlanStepView
from dataagents.console.view.row import count, figure
from dataagents.console.view.runs import AuctionView, RequestView, TaskView
from dataagents.console.view.why.lessons import reputation
from dataagents.console.view.why.link import Chain
from dataagents.console.view.why.scene import Scene, StepPlace
from dataagents.core.events import EventKind
from dataagents.core.messaging import MessageType
from dataagents.core.reasoning import FINAL_RESULT

_RULES = "rules"


def explain_step(chain: Chain, of: int, place: StepPlace) -> int:
    """Add the action of a step, the thought behind it and what it had seen; returns the last."""
    step = place.step
    agent = step.agent or "somebody"
    failed = "it is the action that failed" if step.error else "it is what was done"
    did = f"{agent} did {step.action} {step.input}".rstrip()
    of = chain.add(
        of, "action", f"{agent} gave its result" if step.action == FINAL_RESULT else did, failed,
        address=place.address, at=step.at, agent=step.agent,
        mark=Mark.FAIL if step.error else Mark.OK,
    )  # fmt: skip
    by = f" ({step.by} decided)" if step.by and step.by != _RULES else ""
    if step.thought:
        of = chain.add(
            of, "thought", f"{agent} thought{by}: {step.thought}", "it led to the action",
            address=place.address, at=step.at, agent=step.agent,
        )  # fmt: skip
    else:
        chain.unknown(of, "thought", "no thought is on record", "one may have led to the action")
    before = place.before
    if before is not None:
        seen = before.error or before.observation
        of = chain.add(
            of, "observation", f"{before.action} had shown: {seen}",
            "it is what was known when it was thought",
            address=place.address.rpartition(":")[0] + f":{_number(place) - 1}", at=before.at,
            agent=before.agent, mark=Mark.FAIL if before.error else Mark.NOTE,
        )  # fmt: skip
    _analysis(chain, of, place)
    return of


def _number(place: StepPlace) -> int:
    return int(place.address.rpartition(":")[2])


def _analysis(chain: Chain, of: int, place: StepPlace) -> None:
    analysis = place.reasoning.analysis
    if analysis is None:
        return
    for circle in analysis.circles:
        if place.step.number in circle.steps:
            chain.add(
                of, "analysis", f"it went round in a circle: {circle.reason}",
                "the analyst saw it in this step", agent=place.reasoning.agent, mark=Mark.WARN,
            )  # fmt: skip
    for advice in analysis.recommendations:
        if advice.step == place.step.number:
            chain.add(
                of, "analysis", f"it should have been otherwise: {advice.change}",
                "the analyst says so of this step", agent=place.reasoning.agent,
            )  # fmt: skip


def failing_step(scene: Scene, task: TaskView) -> StepPlace | None:
    """Return the step that a task failed at; its last one when none has an error."""
    steps = scene.steps_of(task)
    failed = [place for place in steps if place.step.error]
    return next(reversed(failed or steps), None)


def explain_attempts(chain: Chain, of: int, scene: Scene, task: TaskView) -> None:
    """Add that a task was tried more than once, and what went wrong before."""
    address = scene.task_address(task.id)
    for part in task.parts:
        if isinstance(part, PlanStepView):
            chain.add(
                of, "retry", f"{part.step}: {part.detail}", "it had been tried before",
                address=f"{address}/execution:{part.number}", at=part.at, mark=Mark.WARN,
            )  # fmt: skip


def explain_worker(chain: Chain, of: int, scene: Scene, task: TaskView) -> None:
    """Add how the agent of a task came to do it, and who asked for it."""
    if not task.agent:
        return
    got = f"so {task.agent} came to do it"
    auctions = [part for part in task.parts if isinstance(part, AuctionView)]
    won = [auction for auction in auctions if auction.winner == task.agent]
    given = next(
        (
            (hierarchy, each)
            for hierarchy in reversed(scene.hierarchies)
            for each in hierarchy.assignments
            if each.task == task.id
        ),
        None,
    )
    if won:
        here = chain.add(
            of, "auction", _award(won[-1]), got,
            address=f"{scene.task_address(task.id)}/auction:{won[-1].id}",
            at=won[-1].until or won[-1].at, agent=task.agent, mark=Mark.OK,
        )  # fmt: skip
        reputation(chain, here, scene, task.agent)
    elif given is not None:
        hierarchy, each = given
        leader = hierarchy.leaders.get(each.group, "")
        instead = "" if each.agent == task.agent else f", in whose place {task.agent} did it"
        chain.add(
            of, "delegation",
            f"{leader or hierarchy.coordinator} delegated it to {each.agent} in {each.group}"
            f"{instead}: {hierarchy.reason}",
            got, address=f"{scene.root}/hierarchy", at=hierarchy.at, agent=leader,
        )  # fmt: skip
    else:
        chain.unknown(of, "auction", f"no record of how {task.agent} was chosen", got)
    _request(chain, of, scene, task)


def _award(auction: AuctionView) -> str:
    bid = next((each for each in auction.bids if each.bidder == auction.winner), None)
    promised = ""
    if bid is not None:
        promised = f"; promised quality {figure(bid.quality)} at cost {figure(bid.cost)}"
        if bid.reputation is not None and bid.reputation != 1:
            promised += f", counted {figure(bid.reputation)} times by its reputation"
    others = f"; next was {auction.runner_up}" if auction.runner_up else ""
    many = len(auction.bids)
    won = f"{auction.winner} won it against {count(many - 1, 'other')}"
    if many <= 1:
        won = f"{auction.winner} was the only one that bid for it"
    return f"{won}: {auction.reason}{promised}{others}"


def _request(chain: Chain, of: int, scene: Scene, task: TaskView) -> None:
    because = "so the work was asked for"
    asked = task.request or _looked_up(chain, scene, task)
    if asked is None:
        chain.unknown(of, "request", f"no record of who asked {task.agent} for it", because)
        return
    chain.add(
        of, "request", f"{asked.sender} asked {asked.recipient} for {task.id}", because,
        address=f"message:{asked.message}", at=asked.at, agent=asked.sender,
    )  # fmt: skip


def _looked_up(chain: Chain, scene: Scene, task: TaskView) -> RequestView | None:
    """Return who asked for a task, as its conversation has it."""
    for _, event in reversed(chain.lookup(f"conversation:{scene.run.id}:{task.id}")):
        body = Fields(event.body)
        if event.kind == EventKind.MESSAGE_SENT and body.name("type") == MessageType.TASK_REQUEST:
            return request_of(event, body)
    return None
