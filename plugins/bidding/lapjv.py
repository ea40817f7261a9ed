"""Optimal assignment by lapx, the compiled Jonker-Volgenant algorithm (extra `assign`).

An agent that takes several lots becomes as many equal columns. Where a lot may be left over, each
one also gets a column of its own that costs more than all others together.
"""

from collections.abc import Sequence
from importlib.util import find_spec
from math import isfinite

from dataagents.core.errors import MissingExtraError
from dataagents.plugins.bidding.capacity import NOBODY, Costs


def is_installed() -> bool:
    """Return whether lapx is there, without loading it."""
    return find_spec("lap") is not None


def assign(costs: Costs, capacity: Sequence[int]) -> list[int]:
    """Return the agent of each lot: as many lots placed as possible, at the least total cost.

    Raises:
        MissingExtraError: lapx is not installed.
    """
    # Loaded late: the compiled module and numpy cost those who never allocate a batch nothing.
    try:
        import lap
        import numpy
    except ImportError as error:
        raise MissingExtraError("the method 'lapx'", "assign") from error
    lots = len(costs)
    columns = [agent for agent, room in enumerate(capacity) for _ in range(min(room, lots))]
    if not columns:
        return [NOBODY] * lots
    table = numpy.asarray(costs, dtype=float)[:, columns]
    present = numpy.isfinite(table)
    greatest = float(table.max(where=present, initial=0.0))
    if not isfinite(greatest * (lots + 2)):
        table, greatest = table / greatest, 1.0
    if not present.all() or len(columns) < lots:
        too_much = greatest * (lots + 1) + 1.0
        table = numpy.where(present, table, too_much * 2)
        table = numpy.hstack([table, numpy.full((lots, lots), too_much)])
    chosen: list[int] = lap.lapjv(table, extend_cost=True)[1].tolist()
    agents = (columns[column] if column < len(columns) else NOBODY for column in chosen)
    return [
        agent if agent != NOBODY and isfinite(costs[lot][agent]) else NOBODY
        for lot, agent in enumerate(agents)
    ]
