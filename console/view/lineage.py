"""Lineage as a tree: the steps that led to a data set, or that it went into."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from dataagents.console.view.fields import name
from dataagents.core.lineage import Link, Node

_DEEPEST = 100


@dataclass(frozen=True, slots=True)
class Step:
    """What lies one step further, and how one gets there."""

    dataset: str
    operation: str
    agent: str
    task: str
    at: datetime
    """When it happened last."""
    times: int
    """How often it is on record: once for each run that did it."""
    steps: tuple["Step", ...]
    again: bool = False
    """Whether it was told above, so that what lies behind it is left out."""


def written(node: Node) -> str:
    """Return a data set, or a column of it, as one reads it."""
    dataset, column = node
    return name(dataset if column is None else f"{dataset}.{column}")


def steps_of(links: Sequence[Link], start: Node, *, forwards: bool) -> tuple[Step, ...]:
    """Return links as a tree.

    Args:
        links: What leads on from the start, in any order.
        start: The data set or column that was asked about.
        forwards: Whether the links lead to what was made of it, rather than back.
    """
    beside: dict[Node, list[Link]] = {}
    for link in links:
        beside.setdefault(near(link, forwards=forwards), []).append(link)
    return _steps(beside, start, (start,), set(), forwards=forwards)


def near(link: Link, *, forwards: bool) -> Node:
    """Return the end of a link that lies nearer to the start."""
    return _source(link) if forwards else _target(link)


def far(link: Link, *, forwards: bool) -> Node:
    """Return the end of a link that lies further from the start."""
    return _target(link) if forwards else _source(link)


def _steps(
    beside: dict[Node, list[Link]],
    node: Node,
    way: tuple[Node, ...],
    told: set[Node],
    *,
    forwards: bool,
) -> tuple[Step, ...]:
    groups: dict[tuple[Node, str, str, str], list[Link]] = {}
    for link in beside.get(node, ()):
        key = (far(link, forwards=forwards), link.operation, link.agent or "", link.task or "")
        groups.setdefault(key, []).append(link)
    steps: list[Step] = []
    for (end, operation, agent, task), alike in groups.items():
        again = end in way or end in told or len(way) > _DEEPEST
        told.add(end)
        inner = () if again else _steps(beside, end, (*way, end), told, forwards=forwards)
        steps.append(
            Step(
                written(end), name(operation), name(agent), name(task),
                max(link.at for link in alike), len(alike), inner, again and end in beside,
            )
        )  # fmt: skip
    return tuple(steps)


def _source(link: Link) -> Node:
    return link.source, link.source_column


def _target(link: Link) -> Node:
    return link.target, link.target_column
