"""The boundary: the one place where plugin code is called, and where its failures end.

A strategy that raises, hangs or returns nonsense costs its caller one typed error. Errors of our
own tree pass through as they are: they are answers ("this file is empty"), not failures.
Cancellation passes through too; one that plugin code raises by itself is a failure.

Who is being called stands in the local variable `record` of the functions here, where a watchdog
finds it in the stack of a thread: keeping a list of it would cost every call.
"""

import asyncio
import inspect
from asyncio.tasks import _unregister_task  # pyright: ignore[reportPrivateUsage]  # see `stop`
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from types import FrameType
from typing import TypeVar, cast

from dataagents.core.clock import Clock
from dataagents.core.errors import (
    DataAgentsError,
    QuarantinedError,
    StrategyError,
    StrategyTimeoutError,
)

T = TypeVar("T")

_ROUNDING = 1e-6
"""Seconds by which the sum and the difference of two times may miss each other."""
_LONGEST_PROBLEM = 2_000
"""Characters of what plugin code raised that are kept."""


@dataclass(slots=True)
class CallRecord:
    """How the calls of one strategy went."""

    plugin: str
    what: str
    calls: int = 0
    failures: int = 0
    failures_in_a_row: int = 0
    slowest: float = 0.0
    """Seconds of the longest call."""
    last_error: str = ""
    quarantined: bool = False
    further: "CallRecord | None" = None
    """The next one of the same plugin: of thousands of agents each has two or three."""


class Boundary:
    """Calls plugin code under a time limit, keeps count, and stops calling what keeps failing.

    Args:
        clock: Where times and limits come from.
        quarantine_after: Failures in a row after which a strategy is not called any more.
        grace: Seconds that a call gets to stop when it is told to.
        redact: Takes secrets out of what plugin code raised: that gets into logs and answers.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        quarantine_after: int,
        grace: float,
        redact: Callable[[str], str] = str,
    ) -> None:
        self.clock = clock
        self._now = clock.monotonic
        self._quarantine_after = quarantine_after
        self._grace = grace
        self._redact = redact
        self._records: dict[str, CallRecord] = {}
        """Plugin → the first of its records."""
        self._strays: dict[asyncio.Task[object], str] = {}

    @property
    def records(self) -> tuple[CallRecord, ...]:
        """How the calls went, one record for each strategy that was called."""
        return tuple(each for first in self._records.values() for each in _chain(first))

    def records_of(self, plugin: str) -> Iterator[CallRecord]:
        """Return how the calls of one plugin or agent went."""
        return _chain(self._records.get(plugin))

    @property
    def strays(self) -> tuple[str, ...]:
        """Calls that did not stop when they were told to, and were left behind."""
        return tuple(name for task, name in self._strays.items() if not task.done())

    async def call(
        self,
        plugin: str,
        what: str,
        start: Callable[[], Awaitable[T]],
        *,
        limit: float | None,
        returns: type | tuple[type, ...] = object,
        quarantine: bool = True,
    ) -> T:
        """Await plugin code.

        Args:
            plugin: Whose code it is.
            what: Which strategy or behaviour; counts and quarantine go by it.
            start: Calls it and returns what is to be awaited.
            limit: Seconds that it may take; None for no limit.
            returns: What it has to return an instance of.
            quarantine: Whether failures in a row stop it from being called; not where calling it
                is how one learns that it works again.

        Raises:
            QuarantinedError: It failed too often in a row and was not called.
            StrategyTimeoutError: It did not come back in time.
            StrategyError: It raised, or returned something else.
        """
        record = self._admit(plugin, what, quarantine=quarantine)
        began = self._now()
        task = asyncio.create_task(_contain(start, record), name=f"{plugin}: {what}")
        try:
            async with self.clock.limit(limit):
                value = await asyncio.shield(task)
        except asyncio.CancelledError as error:
            if task.cancelled() and not _is_being_cancelled():
                raise self._failed(record, "cancelled itself") from error
            if not task.done():
                await self.stop(task)
            raise
        except TimeoutError as error:
            if task.done():
                raise self._failed(record, describe(error)) from error
            await self.stop(task)
            problem = f"did not return within {limit:g} s"
            raise self._failed(record, problem, StrategyTimeoutError) from error
        except DataAgentsError as error:
            self._clean(error)
            raise
        except BaseException as error:
            if not task.done():
                raise  # this call itself is being closed
            raise self._failed(record, describe(error)) from error
        finally:
            record.slowest = max(record.slowest, self._now() - began)
        return self._accept(record, value, returns)

    async def here(
        self,
        plugin: str,
        what: str,
        start: Callable[[], Awaitable[T]],
        *,
        limit: float | None = None,
        returns: type | tuple[type, ...] = object,
        quarantine: bool = True,
    ) -> T:
        """Await plugin code in the task of the caller, which is cheaper than `call`.

        At its limit it is told to stop, and waited for. For what may refuse to, the caller's task
        has to be one that can be stopped, and left behind: see `overran` and `stop`.

        Raises:
            QuarantinedError: It failed too often in a row and was not called.
            StrategyTimeoutError: It did not come back in time.
            StrategyError: It raised, or returned something else.
        """
        record = self._admit(plugin, what, quarantine=quarantine)
        began, failures = self._now(), record.failures
        try:
            if limit is None:
                value = await start()
            else:
                async with self.clock.limit(limit):
                    value = await start()
        except asyncio.CancelledError as error:
            if _is_being_cancelled():
                raise
            raise self._failed(record, "cancelled itself") from error
        except DataAgentsError as error:
            self._clean(error)
            raise
        except GeneratorExit:
            raise  # the caller's task is being closed
        except BaseException as error:
            late = limit is not None and self._now() - began >= limit - _ROUNDING
            if late and isinstance(error, TimeoutError):
                problem = f"did not return within {limit:g} s"
                raise self._failed(record, problem, StrategyTimeoutError) from error
            raise self._failed(record, describe(error)) from error
        finally:
            seconds = self._now() - began
            if seconds > record.slowest:
                record.slowest = seconds
        if record.failures != failures and isinstance(value, returns):
            return value  # it overran, and was counted as that
        return self._accept(record, value, returns)

    def overran(self, plugin: str, what: str, limit: float) -> StrategyError:
        """Count a call by `here` that exceeded a limit; whoever made it stops its task."""
        record = self._record(plugin, what)
        record.slowest = max(record.slowest, limit)
        return self._failed(record, f"did not return within {limit:g} s", StrategyTimeoutError)

    def call_now(
        self,
        plugin: str,
        what: str,
        function: Callable[[], T],
        *,
        returns: type | tuple[type, ...] = object,
    ) -> T:
        """Call synchronous plugin code; it can't be interrupted, so its time is only measured.

        Raises:
            QuarantinedError: It failed too often in a row and was not called.
            StrategyError: It raised, or returned something else.
        """
        record = self._admit(plugin, what)
        began = self._now()
        try:
            value = function()
        except DataAgentsError as error:
            self._clean(error)
            raise
        except BaseException as error:
            raise self._failed(record, describe(error)) from error
        finally:
            seconds = self._now() - began
            if seconds > record.slowest:
                record.slowest = seconds
        return self._accept(record, value, returns)

    def forget(self, plugin: str) -> None:
        """Forget how the calls of one plugin or agent went; it is gone."""
        self._records.pop(plugin, None)

    def _admit(self, plugin: str, what: str, *, quarantine: bool = True) -> CallRecord:
        record = self._record(plugin, what)
        if record.quarantined and quarantine:
            problem = f"quarantined after {record.failures_in_a_row} failures in a row"
            raise QuarantinedError(plugin, what, f"{problem}; the last one: {record.last_error}")
        record.calls += 1
        return record

    def _record(self, plugin: str, what: str) -> CallRecord:
        record = self._records.get(plugin)
        if record is None:
            record = self._records[plugin] = CallRecord(plugin, what)
        while record.what != what:
            if record.further is None:
                record.further = CallRecord(record.plugin, what)
            record = record.further
        return record

    def _accept(self, record: CallRecord, value: T, returns: type | tuple[type, ...]) -> T:
        if not isinstance(value, returns):
            expected = returns if isinstance(returns, tuple) else (returns,)
            names = " or ".join(type_.__name__ for type_ in expected)
            raise self._failed(record, f"returned {type(value).__name__}, not {names}")
        if record.failures_in_a_row:
            record.failures_in_a_row, record.quarantined = 0, False
        return value

    def _failed(
        self, record: CallRecord, problem: str, error: type[StrategyError] = StrategyError
    ) -> StrategyError:
        problem = self._redact(problem)
        record.failures += 1
        record.failures_in_a_row += 1
        record.last_error = problem
        record.quarantined = record.failures_in_a_row >= self._quarantine_after
        return error(record.plugin, record.what, problem)

    def _clean(self, error: DataAgentsError) -> None:
        """Take secrets out of the text of an error that passes through as it is."""
        error.args = (self._redact(str(error)),)

    async def stop(self, task: "asyncio.Task[T]") -> None:
        """Cancel a call and give it the grace period to end; leave it behind if it does not.

        What was left behind goes on if it likes, and the exit of the loop doesn't wait for it.
        """
        task.cancel()
        try:
            async with self.clock.limit(self._grace):
                await asyncio.wait({task})
        except TimeoutError:
            stray = cast("asyncio.Task[object]", task)
            self._strays[stray] = task.get_name()
            stray.add_done_callback(self._stray_ended)
            # Otherwise `asyncio.run` would wait for it for ever, when everything else has ended.
            _unregister_task(stray)
            return
        _look_at(task)

    def _stray_ended(self, task: "asyncio.Task[object]") -> None:
        self._strays.pop(task, None)
        _look_at(task)


def _chain(record: CallRecord | None) -> Iterator[CallRecord]:
    while record is not None:
        yield record
        record = record.further


def _look_at(task: "asyncio.Task[T]") -> None:
    """Look at how a task ended, so that asyncio doesn't complain that nobody did."""
    if not task.cancelled():
        task.exception()


def _is_being_cancelled() -> bool:
    current = asyncio.current_task()
    return current is not None and current.cancelling() > 0


def caller_in(frame: FrameType | None) -> tuple[CallRecord, FrameType] | None:
    """Return the innermost call of plugin code in a stack, and its frame; None when there is none.

    Args:
        frame: The innermost frame of a thread that runs, as `sys._current_frames` has it.
    """
    while frame is not None:
        if frame.f_code in _CALLING:
            record = frame.f_locals.get("record")
            if isinstance(record, CallRecord):
                return record, frame
        frame = frame.f_back
    return None


async def _contain(start: Callable[[], Awaitable[T]], record: CallRecord) -> T:
    """Turn an exit that plugin code asks for into an error: in a task it would end the loop.

    The record is here to be seen, see `caller_in`.
    """
    try:
        awaitable = start()
        if not inspect.isawaitable(awaitable):
            raise TypeError(f"returned {type(awaitable).__name__}, not something to await")
        return await awaitable
    except (SystemExit, KeyboardInterrupt) as error:
        raise RuntimeError(describe(error)) from error


def describe(error: BaseException) -> str:
    """Return what was raised as a text of bounded length, whatever it does when it is asked."""
    name = type(error).__name__
    try:
        text = str(error)[:_LONGEST_PROBLEM].strip()
    except BaseException:  # noqa: BLE001  # it is the plugin's own `__str__`
        return name
    return f"{name}: {text}" if text else name


_CALLING = frozenset(function.__code__ for function in (Boundary.here, Boundary.call_now, _contain))
