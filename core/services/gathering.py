"""Gathering: work that belongs together, and ends together."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


async def gathered(*works: Coroutine[Any, Any, T]) -> tuple[T, ...]:
    """Return what all works return, in their order; one that raises ends the others.

    `asyncio.gather` would leave these behind, at work for nobody, and beyond the end of a kernel.

    Raises:
        BaseException: What the first of them raised, once the others have ended.
    """
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(work) for work in works]
    except BaseExceptionGroup as errors:
        raise errors.exceptions[0] from None
    return tuple(task.result() for task in tasks)
