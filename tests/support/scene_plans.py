"""The plans of recorded scenes."""

from collections.abc import Sequence

from dataagents.core.planning import (
    Decomposition,
    Goal,
    Phase,
    Plan,
    PlannedTask,
    Risk,
    Schedule,
    Slot,
)

QUESTIONS = {
    "decide_schema": "Adopt this schema? Rows that break it will be quarantined.",
    "decide_drift": (
        "These files drifted from what was agreed on. What is to become of the drift?"
    ),
    "decide_release": "Release the clean rows?",
}
"""Task → what is voted on, as the bundled planner asks it."""
OPTIONS = {
    "decide_schema": ("accept", "reject"),
    "decide_drift": ("evolve", "freeze", "discard_row", "discard_value"),
    "decide_release": ("accept", "reject"),
}
_SECONDS = {"analyze_schema": 0.4, "validate_data": 0.7, "transform_data": 1.1}
DOERS = {
    "analyze_schema": ("@{profiler}", "@{rival}", "profile"),
    "decide_schema": ("@{coordinator}", "@{router}", "coordinate"),
    "decide_drift": ("@{coordinator}", "@{router}", "coordinate"),
    "validate_data": ("@{valid}", "@{unique}", "validate"),
    "transform_data": ("@{transformer}", "@{rival}", "transform"),
    "transform_leniently": ("@{rival}", "@{transformer}", "transform"),
    "decide_release": ("@{coordinator}", "@{router}", "coordinate"),
    "route_pipeline": ("@{router}", "@{transformer}", "route"),
}
"""Task → who does it, who else bids, and the capability that it needs."""
_METHODS = {
    "ingest": ("analyze_schema", "decide_drift", "decide_schema"),
    "improve": ("validate_data", "transform_data", "transform_leniently"),
    "publish": ("decide_release", "route_pipeline"),
}


def task_id(name: str, dataset: str) -> str:
    """Return the id of a task of a plan."""
    return f"{name}({dataset})"


def planned(id: str, goal: Goal, dataset: str, names: Sequence[str]) -> Plan:
    """Return a plan of tasks, one after another."""
    tasks, slots, ways, begun = [], [], [], 0.0
    before: tuple[str, ...] = ()
    for name in names:
        parent = next(method for method, parts in _METHODS.items() if name in parts)
        seconds = _SECONDS.get(name, 0.2)
        task = PlannedTask(
            task_id(name, dataset), name, {"dataset": dataset}, {DOERS[name][2]: 0.5},
            tools=(name,), depends_on=before, question=QUESTIONS.get(name, ""), seconds=seconds,
            parent=task_id(parent, dataset), writes=(f"{name}:{dataset}",),
            success_probability=0.98,
        )  # fmt: skip
        tasks.append(task)
        slots.append(Slot(task.id, begun, begun + seconds))
        before, begun = (task.id,), begun + seconds
    for method, parts in _METHODS.items():
        into = tuple(task.id for task in tasks if task.name in parts)
        if into:
            ways.append(
                Decomposition(
                    task_id(method, dataset), f"{method}_step_by_step", into,
                    {f"{method}_at_once": f"{dataset} has no contract"},
                    "first that fits", task_id(method, dataset), f"clean({dataset})",
                )
            )  # fmt: skip
    risk = Risk(
        tasks[-1].id, 0.08, "rows could be lost", "rejects are kept", "route them again", 0.04
    )
    phases = (
        Phase("root task", f"clean {dataset}", 0.001),
        Phase("decomposition", f"{len(ways)} methods, {len(tasks)} tasks", 0.002),
    )
    return Plan(
        id, goal, tuple(tasks), tuple(ways), (risk,), round(0.98 ** len(tasks), 4), begun,
        begun, schedule=Schedule(tuple(slots), tuple(task.id for task in tasks), begun),
        phases=phases,
    )  # fmt: skip
