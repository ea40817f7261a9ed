"""Shielding: what has to be on record is put there, however often the caller is cancelled."""

import asyncio
from collections.abc import Coroutine


async def to_the_end(work: "Coroutine[object, object, None]") -> None:
    """Wait for work that no cancellation ends; one that came meanwhile is raised afterwards.

    Raises:
        CancelledError: The caller was cancelled meanwhile; the work is done.
    """
    task = asyncio.ensure_future(work)
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.wait((task,))
        except asyncio.CancelledError as error:
            cancelled = error
    task.result()
    if cancelled is not None:
        raise cancelled
