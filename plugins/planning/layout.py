"""Layout: from a sequence of actions to planned tasks that know what they wait for."""

import json
from collections import Counter
from collections.abc import Collection, Iterable, Sequence

from dataagents.core.planning import Domain, Operator, PlannedTask, Task
from dataagents.plugins.planning.dependencies import Step, waits


def label(task: Task) -> str:
    """Return a task as one readable word: `transform_data(orders)`."""
    if not task.args:
        return f"{task.name}()"
    values = (
        value if isinstance(value, str) else json.dumps(value) for value in task.args.values()
    )
    return f"{task.name}({', '.join(values)})"


def names(actions: Iterable[Task]) -> list[str]:
    """Return an id for each action: its label, with `#2` and so on when it occurs again."""
    occurrences: Counter[str] = Counter()
    found: list[str] = []
    for action in actions:
        name = label(action)
        occurrences[name] += 1
        times = occurrences[name]
        found.append(name if times == 1 else f"{name}#{times}")
    return found


def filled(templates: Sequence[str], task: Task) -> tuple[str, ...]:
    """Fill the arguments into names of facts; braces in an argument's value stay as they are."""
    if not templates:
        return ()
    args = dict(task.args)
    return tuple(template.format_map(args) for template in templates)


def step(operator: Operator, task: Task, before: tuple[int, ...] = ()) -> Step:
    """Return what a task's place depends on."""
    return Step(
        filled(operator.reads, task),
        filled(operator.uses, task),
        filled(operator.writes, task),
        before,
    )


def lay_out(
    actions: Sequence[Task],
    domain: Domain,
    *,
    ids: Sequence[str] | None = None,
    steps: Sequence[Step] | None = None,
    parents: Sequence[str] | None = None,
    known: Collection[str] = (),
) -> tuple[PlannedTask, ...]:
    """Return actions as planned tasks, in the same order.

    Args:
        actions: In an order that respects what they need.
        domain: Has their operators.
        ids: What to call them; their labels when None.
        steps: What their places depend on; their facts alone when None.
        parents: Ids of the decompositions that they come from; none when None.
        known: Facts that are true before the first one: of what an operator uses, a task reads
            what is known or was made before.
    """
    operators = {operator.name: operator for operator in domain.operators}
    if steps is None:
        steps = [step(operators[action.name], action) for action in actions]
    called = ids or names(actions)
    made: set[str] = set()
    planned: list[PlannedTask] = []
    for place, (action, own, earlier) in enumerate(zip(actions, steps, waits(steps), strict=True)):
        operator = operators[action.name]
        used = (fact for fact in own.uses if fact in made or fact in known)
        task = PlannedTask(
            id=called[place],
            name=action.name,
            args=action.args,
            requires=operator.requires,
            tools=operator.tools,
            depends_on=tuple(called[each] for each in earlier),
            reads=tuple(dict.fromkeys((*own.reads, *used))),
            writes=own.writes,
            question=operator.question,
            seconds=operator.seconds,
            priority=operator.priority,
            success_probability=operator.success_probability,
            cost=operator.cost,
            resources=operator.resources,
            parent=parents[place] if parents else "",
        )
        planned.append(task)
        made.update(own.writes)
    return tuple(planned)
