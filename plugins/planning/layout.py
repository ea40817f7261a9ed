"""Layout: from a sequence of actions to planned tasks that know what they wait for."""

import json
from collections import Counter
from collections.abc import Iterable, Sequence

from dataagents.core.planning import Decomposition, Domain, PlannedTask, Risk, Task


def label(task: Task) -> str:
    """Return a task as one readable word: `transform_data(orders)`."""
    values = (
        value if isinstance(value, str) else json.dumps(value) for value in task.args.values()
    )
    return f"{task.name}({', '.join(values)})"


def lay_out(actions: Sequence[Task], domain: Domain) -> tuple[PlannedTask, ...]:
    """Return actions as planned tasks, in the same order.

    A task waits for the latest one before it that makes a fact which it reads or makes itself;
    tasks that share no fact may run at the same time.
    """
    operators = {operator.name: operator for operator in domain.operators}
    makers: dict[str, str] = {}
    planned: dict[str, PlannedTask] = {}
    occurrences: Counter[str] = Counter()
    for action in actions:
        operator = operators[action.name]
        name = label(action)
        occurrences[name] += 1
        reads, writes = _facts(operator.reads, action), _facts(operator.writes, action)
        needed = (makers[fact] for fact in (*reads, *writes) if fact in makers)
        task = PlannedTask(
            id=name if occurrences[name] == 1 else f"{name}#{occurrences[name]}",
            name=action.name,
            args=action.args,
            requires=operator.requires,
            tools=operator.tools,
            depends_on=tuple(dict.fromkeys(needed)),
            reads=reads,
            writes=writes,
            question=operator.question,
            seconds=operator.seconds,
            priority=operator.priority,
        )
        planned[task.id] = task
        makers.update(dict.fromkeys(writes, task.id))
    return tuple(planned.values())


def critical_path(tasks: Iterable[PlannedTask]) -> float:
    """Return the length of the longest chain of tasks that wait for one another, in seconds."""
    ends: dict[str, float] = {}
    for task in tasks:
        start = max((ends.get(earlier, 0.0) for earlier in task.depends_on), default=0.0)
        ends[task.id] = start + task.seconds
    return max(ends.values(), default=0.0)


def risks(choices: Iterable[Decomposition], domain: Domain) -> tuple[Risk, ...]:
    """Return a risk for each method that may not succeed, with the ways that are left then."""
    found: list[Risk] = []
    for choice in choices:
        name = choice.task.partition("(")[0]
        methods = [method for method in domain.methods if method.task == name]
        used = next(method for method in methods if method.name == choice.method)
        if used.success_probability < 1:
            others = [method.name for method in methods if method is not used]
            found.append(
                Risk(
                    task=choice.task,
                    probability=1 - used.success_probability,
                    impact=f"{len(choice.into)} tasks have to be replaced",
                    mitigation=f"replan by {' or '.join(others)}" if others else "none",
                )
            )
    return tuple(found)


def _facts(templates: Iterable[str], action: Task) -> tuple[str, ...]:
    """Fill the arguments into names of facts; braces in an argument's value stay as they are."""
    return tuple(template.format_map(dict(action.args)) for template in templates)
