"""A plan as a Mermaid flowchart; nothing that comes from a domain draws or links anything."""

from collections.abc import Iterator

from dataagents.console.view.row import line
from dataagents.console.view.words import duration
from dataagents.core.planning import Plan

_PLAIN = " _(),:=/"
"""Signs that mean nothing to Mermaid within quotes, beside letters and digits."""


def flowchart(plan: Plan) -> Iterator[str]:
    """Yield the lines of a flowchart: a node for each task, an arrow for each dependency.

    Tasks that are decisions are rhombs; those on the critical path have a thick border.
    """
    names = {task.id: f"t{number}" for number, task in enumerate(plan.tasks)}
    yield "flowchart TD"
    for task in plan.tasks:
        label = mermaid_text(line(task.id))
        if task.seconds:
            label += f"<br/>{duration(task.seconds)}"
        opening, closing = ("{", "}") if task.question else ("[", "]")
        yield f'  {names[task.id]}{opening}"{label}"{closing}'
    for task in plan.tasks:
        for earlier in task.depends_on:
            if earlier in names:
                yield f"  {names[earlier]} --> {names[task.id]}"
    critical = [names[task] for task in plan.schedule.critical_path if task in names]
    if critical:
        yield "  classDef critical stroke-width:3px"
        yield f"  class {','.join(critical)} critical"


def mermaid_text(text: str) -> str:
    """Return a text that Mermaid shows as it is, within quotes: signs are written by number."""
    return "".join(each if each.isalnum() or each in _PLAIN else f"#{ord(each)};" for each in text)
