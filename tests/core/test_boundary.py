import asyncio

import pytest

from dataagents.core.boundary import Boundary
from dataagents.core.errors import (
    InputError,
    QuarantinedError,
    StrategyError,
    StrategyTimeoutError,
)
from dataagents.core.testing import FakeClock


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def boundary(clock: FakeClock) -> Boundary:
    return Boundary(clock, quarantine_after=3, grace=1.0)


async def returns(value: object) -> object:
    return value


async def raises(error: BaseException) -> None:
    raise error


async def forever() -> None:
    await asyncio.Event().wait()


async def test_a_value_passes_through(boundary: Boundary):
    assert await boundary.call("p", "w", lambda: returns(3), limit=1, returns=int) == 3


class Fatal(BaseException):
    """What no `except Exception` catches."""


@pytest.mark.parametrize(
    "error",
    [
        ValueError("no"),
        SystemExit(3),
        KeyboardInterrupt(),
        TimeoutError("mine"),
        MemoryError(),
        Fatal("on purpose"),
        GeneratorExit(),
    ],
    ids=lambda error: type(error).__name__,
)
async def test_whatever_plugin_code_raises_becomes_one_typed_error(
    boundary: Boundary, error: BaseException
):
    with pytest.raises(StrategyError, match=type(error).__name__) as caught:
        await boundary.call("plug", "what", lambda: raises(error), limit=1)
    assert caught.value.plugin == "plug"
    assert caught.value.__cause__ is not None
    assert not isinstance(caught.value, StrategyTimeoutError)


async def test_our_own_errors_are_answers_and_are_not_counted(boundary: Boundary):
    for _ in range(5):
        with pytest.raises(InputError):
            await boundary.call("p", "w", lambda: raises(InputError("f", "empty")), limit=1)
    assert boundary.records[0].failures == 0


async def test_a_wrong_return_is_an_error_that_names_both_types(boundary: Boundary):
    with pytest.raises(StrategyError, match="returned str, not int"):
        await boundary.call("p", "w", lambda: returns("3"), limit=1, returns=int)


async def test_something_that_can_not_be_awaited_is_an_error(boundary: Boundary):
    with pytest.raises(StrategyError, match="not something to await"):
        await boundary.call("p", "w", lambda: 3, limit=1)  # type: ignore[arg-type,return-value]


async def test_a_call_that_hangs_ends_at_its_limit(boundary: Boundary, clock: FakeClock):
    call = asyncio.create_task(boundary.call("p", "w", forever, limit=5))
    await clock.advance(4.9)
    assert not call.done()
    await clock.advance(0.2)
    with pytest.raises(StrategyTimeoutError, match="within 5 s"):
        await call
    assert boundary.strays == ()


async def test_a_call_that_refuses_to_stop_is_left_behind_and_named(
    boundary: Boundary, clock: FakeClock
):
    release = asyncio.Event()

    async def stubborn() -> None:
        while not release.is_set():
            try:
                await release.wait()
            except asyncio.CancelledError:
                continue

    call = asyncio.create_task(boundary.call("plug", "stubborn", stubborn, limit=5))
    await clock.advance(5.1)
    await clock.advance(1.1)
    with pytest.raises(StrategyTimeoutError):
        await call
    assert boundary.strays == ("plug: stubborn",)
    release.set()
    await clock.settle()
    assert boundary.strays == ()


async def test_cancelling_the_caller_cancels_the_call_and_is_no_failure(
    boundary: Boundary, clock: FakeClock
):
    ended = asyncio.Event()

    async def work() -> None:
        try:
            await forever()
        finally:
            ended.set()

    call = asyncio.create_task(boundary.call("p", "w", work, limit=None))
    await clock.settle()
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    assert ended.is_set()
    assert boundary.records[0].failures == 0


async def test_a_call_that_cancels_itself_is_a_failure_not_a_cancellation(boundary: Boundary):
    async def cancels() -> None:
        raise asyncio.CancelledError

    with pytest.raises(StrategyError, match="cancelled itself"):
        await boundary.call("p", "w", cancels, limit=1)


async def test_failures_in_a_row_quarantine_and_name_the_last_error(boundary: Boundary):
    for _ in range(3):
        with pytest.raises(StrategyError):
            await boundary.call("p", "w", lambda: raises(ValueError("again")), limit=1)
    with pytest.raises(QuarantinedError, match="again"):
        await boundary.call("p", "w", lambda: returns(1), limit=1)
    assert await boundary.call("p", "other", lambda: returns(1), limit=1) == 1


async def test_a_success_in_between_keeps_out_of_quarantine(boundary: Boundary):
    for _ in range(4):
        for _ in range(2):
            with pytest.raises(StrategyError):
                await boundary.call("p", "w", lambda: raises(ValueError()), limit=1)
        await boundary.call("p", "w", lambda: returns(1), limit=1)
    assert not boundary.records[0].quarantined


def test_synchronous_code_is_contained_and_measured_too():
    class Stepping(FakeClock):
        def monotonic(self) -> float:
            self.ticks = getattr(self, "ticks", 0.0) + 2.0
            return self.ticks

    boundary = Boundary(Stepping(), quarantine_after=3, grace=1)
    with pytest.raises(StrategyError, match="ZeroDivisionError"):
        boundary.call_now("p", "w", lambda: 1 / 0)
    with pytest.raises(StrategyError, match="SystemExit"):
        boundary.call_now("p", "w", lambda: (_ for _ in ()).throw(SystemExit(1)))
    assert boundary.call_now("p", "w", lambda: 1, returns=int) == 1
    assert boundary.records[0].slowest == 2.0


def test_each_call_has_a_record_until_its_plugin_is_forgotten(boundary: Boundary):
    for plugin, what in (("p", "a"), ("q", "a"), ("p", "b"), ("p", "c"), ("p", "b")):
        boundary.call_now(plugin, what, int)
    counted = [(each.plugin, each.what, each.calls) for each in boundary.records]
    assert counted == [("p", "a", 1), ("p", "b", 2), ("p", "c", 1), ("q", "a", 1)]
    boundary.forget("p")
    boundary.forget("nobody")
    assert [each.plugin for each in boundary.records] == ["q"]


class MuteError(Exception):
    def __str__(self) -> str:
        raise RuntimeError("I won't tell")


@pytest.mark.parametrize(
    "error",
    [Fatal("on purpose"), MuteError(), asyncio.CancelledError(), TimeoutError(), GeneratorExit()],
    ids=lambda error: type(error).__name__,
)
async def test_whatever_is_raised_on_any_way_of_calling_is_contained(
    boundary: Boundary, error: BaseException
):
    def now() -> None:
        raise error

    with pytest.raises(StrategyError):
        boundary.call_now("p", "now", now)
    if not isinstance(error, GeneratorExit):  # in the caller's own task it may be the caller's end
        with pytest.raises(StrategyError):
            await boundary.here("p", "here", lambda: raises(error))
    with pytest.raises(StrategyError):
        await boundary.call("p", "call", lambda: raises(error), limit=1)


async def test_what_is_kept_of_an_error_is_bounded(boundary: Boundary):
    with pytest.raises(StrategyError) as caught:
        await boundary.call("p", "w", lambda: raises(ValueError("x" * 10_000_000)), limit=1)
    assert len(str(caught.value)) < 3_000
    assert len(boundary.records[0].last_error) < 3_000


async def test_nested_limits_are_told_apart_however_times_are_rounded(
    boundary: Boundary, clock: FakeClock
):
    for _ in range(50):
        await clock.advance(0.1)
        call = asyncio.create_task(boundary.here("p", "w", forever, limit=5.1, quarantine=False))
        await clock.advance(5.1)
        with pytest.raises(StrategyTimeoutError, match=r"within 5\.1 s"):
            await call
