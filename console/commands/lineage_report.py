"""What `dataagents lineage` shows: a tree for each direction."""

from collections.abc import Sequence

from rich.console import Group as Lines
from rich.console import RenderableType
from rich.text import Text
from rich.tree import Tree

from dataagents.console.commands.origins import Traced
from dataagents.console.view.lineage import Step, steps_of, written
from dataagents.core.lineage import Link
from dataagents.core.values import Json, to_json


def lineage_report(traced: Traced) -> RenderableType:
    """Return the lineage of a data set as people read it."""
    parts: list[RenderableType] = []
    for links, forwards, told, nothing in (
        (traced.backwards, False, "comes from", "nothing on record led to it"),
        (traced.forwards, True, "went into", "nothing on record was made of it"),
    ):
        if links is None:
            continue
        if parts:
            parts.append("")
        parts.append(_tree(traced, links, told, nothing, forwards=forwards))
    return Lines(*parts)


def lineage_json(traced: Traced) -> dict[str, Json]:
    """Return the lineage of a data set as JSON."""
    dataset, column = traced.start
    return {
        "dataset": dataset,
        "column": column,
        "backwards": _links(traced.backwards),
        "forwards": _links(traced.forwards),
    }


def _links(links: Sequence[Link] | None) -> Json:
    return None if links is None else [to_json(link) for link in links]


def _tree(
    traced: Traced, links: Sequence[Link], told: str, nothing: str, *, forwards: bool
) -> Tree:
    head = Text.assemble((written(traced.start), "bold"), (f" {told}", "dim"))
    tree = Tree(head, guide_style="dim")
    steps = steps_of(links, traced.start, forwards=forwards)
    if not steps:
        tree.add(Text(nothing, "dim"))
    waiting = [(tree, step) for step in reversed(steps)]
    while waiting:
        branch, step = waiting.pop()
        inner = branch.add(_line(step))
        waiting += [(inner, each) for each in reversed(step.steps)]
    return tree


def _line(step: Step) -> Text:
    by = f" by {step.agent}" if step.agent else ""
    often = f", {step.times} times, last" if step.times > 1 else ","
    return Text.assemble(
        (step.dataset, "bold"),
        f"  {step.operation}",
        (by, "cyan"),
        (f"{often} {step.at:%Y-%m-%d %H:%M:%S}", "dim"),
        ("  (as above)" if step.again else "", "dim"),
    )
