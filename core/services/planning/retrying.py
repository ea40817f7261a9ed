"""Retrying: does a task again when it failed in a way that may pass.

This is about when, not about who. Within one attempt the contract may already have gone to the
runner-ups, as the award says; only when all of them failed, and the last failure was declared
transient, is the whole tried again: a new auction, after a pause.
"""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from itertools import count
from typing import cast

from tenacity import AsyncRetrying, RetryCallState, retry_if_result

from dataagents.core.clock import Clock
from dataagents.core.errors import InputError
from dataagents.core.planning import FailureKind, TaskResult
from dataagents.core.services.backoff import Backoff
from dataagents.core.suggestions import did_you_mean

Told = Callable[[TaskResult, int, float], Awaitable[None]]
"""Called before a pause: the result, the number of the next attempt, the seconds until then."""


class Retrying:
    """Retries what failed, after a pause; a task that pauses keeps its stream and its resources.

    Args:
        clock: Where time comes from.
        backoff: How long each pause is.
        attempts: How often a task is tried at most.
    """

    def __init__(self, clock: Clock, backoff: Backoff, *, attempts: int) -> None:
        self._clock = clock
        self._attempts = attempts
        self._backoff = backoff
        self._given_up = False
        self._pauses: dict[str, asyncio.Event] = {}
        """Task that pauses → what ends its pause."""

    def give_up(self) -> None:
        """Try nothing again from now on: pauses end, and what failed last stands."""
        self._given_up = True
        for pause in self._pauses.values():
            pause.set()

    def hurry(self, task: str) -> None:
        """End the pause of a task now.

        Raises:
            InputError: It does not pause; names the nearest one that does.
        """
        if task not in self._pauses:
            hint = did_you_mean(task, self._pauses).strip() or "No task waits for another attempt."
            raise InputError(f"task {task!r}", "it does not wait for its next attempt", hint=hint)
        self._pauses[task].set()

    async def run(
        self, task: str, attempt: Callable[[int], Awaitable[TaskResult]], told: Told
    ) -> TaskResult:
        """Return the first result that is no transient failure, or the last one.

        Args:
            task: Its id.
            attempt: Does the task; gets the number of the attempt, from 1.
            told: Gets to know of each retry, before the pause.
        """
        results = [await attempt(1)]
        if not _transient(results[0]):
            return results[0]  # nearly always: what follows costs more than many a task

        async def again() -> TaskResult:
            number = next(numbers)
            if number > 1 and not self._given_up:
                results.append(await attempt(number))
            return results[-1]

        async def tell(state: RetryCallState) -> None:
            await told(results[-1], state.attempt_number + 1, state.upcoming_sleep)

        numbers = count(1)
        retrying = AsyncRetrying(
            retry=retry_if_result(_transient),
            stop=self._is_over,
            wait=self._backoff,
            sleep=partial(self._sleep, task),
            before_sleep=tell,
            retry_error_callback=lambda state: results[-1],
        )
        result: TaskResult = await retrying(again)
        return result

    def _is_over(self, state: RetryCallState) -> bool:
        return self._given_up or state.attempt_number >= self._attempts

    async def _sleep(self, task: str, seconds: float) -> None:
        if self._given_up:
            return
        pause = self._pauses[task] = asyncio.Event()
        try:
            async with self._clock.limit(seconds):
                await pause.wait()
        except TimeoutError:
            return
        finally:
            del self._pauses[task]


def _transient(result: object) -> bool:
    found = cast("TaskResult", result)
    return not found.success and found.failure is FailureKind.TRANSIENT
