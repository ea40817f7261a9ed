"""Lineage as a graph: where a data set or a column came from, and what was made of it.

Pure functions over what was recorded. A record that names no columns passes each on under its own
name; one that names some passes on those alone.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from dataagents.core.messaging import Lineage

Node: TypeAlias = tuple[str, str | None]
"""A data set and a column of it; the data set as a whole when None."""


@dataclass(frozen=True, slots=True)
class Link:
    """One step from a source to what was made of it, and who did it."""

    source: str
    target: str
    operation: str
    at: datetime
    agent: str | None = None
    task: str | None = None
    run: str | None = None
    source_column: str | None = None
    target_column: str | None = None
    """Both None where a data set as a whole is meant."""
    distance: int = 1
    """Steps between this one's far end and what was asked about."""


def upstream(
    records: Iterable[Lineage], dataset: str, column: str | None = None
) -> tuple[Link, ...]:
    """Return every step that led to a data set or a column of it, the nearest first."""
    return _walk(tuple(records), (dataset, column), forwards=False)


def downstream(
    records: Iterable[Lineage], dataset: str, column: str | None = None
) -> tuple[Link, ...]:
    """Return every step that a data set or a column of it went into, the nearest first."""
    return _walk(tuple(records), (dataset, column), forwards=True)


def _walk(records: tuple[Lineage, ...], start: Node, *, forwards: bool) -> tuple[Link, ...]:
    beside: dict[str, list[Lineage]] = {}
    for record in records:
        for name in dict.fromkeys(record.sources) if forwards else (record.dataset,):
            beside.setdefault(name, []).append(record)
    found: dict[Link, None] = {}
    seen, waiting = {start}, deque([(start, 1)])
    while waiting:
        node, distance = waiting.popleft()
        for record in beside.get(node[0], ()):
            for source, target in _steps(record, node, forwards=forwards):
                link = _link(record, source, target, distance)
                found.setdefault(link)
                further = target if forwards else source
                if further not in seen:
                    seen.add(further)
                    waiting.append((further, distance + 1))
    return tuple(found)


def _steps(record: Lineage, node: Node, *, forwards: bool) -> Iterator[tuple[Node, Node]]:
    dataset, column = node
    if column is None:
        sources = (dataset,) if forwards else dict.fromkeys(record.sources)
        for source in sources:
            yield (source, None), (record.dataset, None)
        return
    for made, origins in _columns(record, column, forwards=forwards):
        for source, origin in origins:
            if not forwards or (source, origin) == node:
                yield (source, origin), (record.dataset, made)


def _columns(
    record: Lineage, column: str, *, forwards: bool
) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Return the columns of a record's data set that matter, each with those it was made of."""
    if not record.columns:
        yield column, [(source, column) for source in record.sources]
    for made, names in record.columns.items():
        if forwards or made == column:
            yield made, [origin for name in names for origin in _origins(record, name)]


def _origins(record: Lineage, name: str) -> list[tuple[str, str]]:
    """Return what a column's name means: `source.column`, or a column of each source."""
    for source in record.sources:
        if name.startswith(f"{source}."):
            return [(source, name.removeprefix(f"{source}."))]
    return [(source, name) for source in record.sources]


def _link(record: Lineage, source: Node, target: Node, distance: int) -> Link:
    return Link(
        source[0], target[0], record.operation, record.at, record.agent, record.task, record.run,
        source[1], target[1], distance,
    )  # fmt: skip
