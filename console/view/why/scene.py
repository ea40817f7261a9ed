"""The scene: everything of a run, found by the addresses that the rows of its trace have."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from dataagents.console.view.plan_tree import plan_address, plans_of, tasks_of
from dataagents.console.view.plans import (
    DecompositionView,
    PlannedTaskView,
    PlanView,
    ReplanView,
)
from dataagents.console.view.runs import (
    AuctionView,
    ElectionView,
    HierarchyView,
    ReasoningView,
    RunView,
    StepView,
    TaskPart,
    TaskView,
)


@dataclass(frozen=True, slots=True)
class StepPlace:
    """A step, and what it is a part of."""

    step: StepView
    before: StepView | None
    """The step before it in the same reasoning."""
    reasoning: ReasoningView
    task: TaskView | None
    """None for a reasoning outside of a plan."""
    address: str


@dataclass(slots=True)
class Scene:
    """A run, indexed."""

    run: RunView
    root: str
    tasks: dict[str, TaskView]
    plans: tuple[PlanView, ...]
    replans: dict[str, ReplanView]
    """Id of a plan → the change that brought it."""
    hierarchies: tuple[HierarchyView, ...]
    steps: dict[str, StepPlace] = field(default_factory=dict)
    elections: dict[str, tuple[ElectionView, TaskView | None]] = field(default_factory=dict)
    auctions: dict[str, tuple[AuctionView, TaskView | None]] = field(default_factory=dict)

    def plan_of(self, task: str, *, before: TaskView | None = None) -> PlanView | None:
        """Return the plan under which a task was done: the latest that has it and was made by then.

        Args:
            task: Its id.
            before: The task as it was done; None for the latest plan that has it.
        """
        begun = before.tries[-1].at if before is not None and before.tries else None
        having = [plan for plan in self.plans if task in plan.tasks]
        made = [plan for plan in having if begun is None or plan.at is None or plan.at <= begun]
        return next(reversed(made or having), None)

    def address_of(self, plan: PlanView) -> str:
        """Return the address of a plan."""
        return plan_address(self.run, plan)

    def task_address(self, task: str) -> str:
        """Return the address of a task."""
        return f"{self.root}/task:{task}"

    def steps_of(self, task: TaskView) -> list[StepPlace]:
        """Return the steps of a task, in order."""
        return [place for place in self.steps.values() if place.task is task]


def scene_of(run: RunView) -> Scene:
    """Return a run, indexed by the addresses of its trace."""
    parts = run.parts
    scene = Scene(
        run,
        f"run:{run.id}",
        dict(tasks_of(run)),
        plans_of(run),
        {part.plan.id: part for part in parts if isinstance(part, ReplanView)},
        tuple(part for part in parts if isinstance(part, HierarchyView)),
    )
    for part in parts:
        if isinstance(part, TaskView):
            _add(scene, part.parts, scene.task_address(part.id), part)
        elif isinstance(part, AuctionView | ElectionView | ReasoningView):
            _add(scene, [part], scene.root, None)
    return scene


def _add(scene: Scene, parts: list[TaskPart], at: str, task: TaskView | None) -> None:
    taken = 0
    for part in parts:
        match part:
            case AuctionView():
                scene.auctions[f"{at}/auction:{part.id}"] = (part, task)
            case ElectionView():
                scene.elections[f"{at}/vote:{part.id}"] = (part, task)
            case ReasoningView():
                for place in _steps(part, at, task, taken):
                    scene.steps.setdefault(place.address, place)
                # The rows of a trace count on where a task reasoned more than once.
                taken += len(part.steps) if task is not None else 0
            case _:
                pass


def _steps(
    reasoning: ReasoningView, at: str, task: TaskView | None, taken: int
) -> Iterator[StepPlace]:
    before: StepView | None = None
    for number, step in enumerate(reasoning.steps, taken + 1):
        yield StepPlace(step, before, reasoning, task, f"{at}/step:{number}")
        before = step


def planned(plan: PlanView, task: str) -> PlannedTaskView | None:
    """Return a task as a plan has it; None in plans of which only the ids are on record."""
    return next((each for each in plan.details if each.id == task), None)


def above(plan: PlanView, task: str) -> Iterator[DecompositionView]:
    """Yield the decompositions that a task comes from, the nearest first.

    Where a plan does not say what a task is a part of, it is what was broken into it.
    """
    here = planned(plan, task)
    known = {each.id: each for each in plan.decompositions if each.id}
    parent = here.parent if here is not None else ""
    if not parent:
        into = (each.id for each in reversed(plan.decompositions) if task in each.into)
        parent = next(into, "")
    while parent in known:
        # Taken out, so that one which is its own parent ends it.
        found = known.pop(parent)
        yield found
        parent = found.parent
