"""The simulated event loop: time, order and what it says of those who hang."""

import asyncio

import pytest

from dataagents.core.testing.simulation import Simulation, SimulationStuck, simulate


async def take_turns(simulation: Simulation) -> list[str]:
    async def work(name: str) -> None:
        for turn in range(3):
            simulation.note(f"{name}{turn}")
            await asyncio.sleep(0)

    await asyncio.gather(*(work(name) for name in "abc"))
    return simulation.trace


def test_the_order_comes_from_the_seed():
    orders = [tuple(simulate(take_turns, seed)) for seed in range(20)]
    assert orders == [tuple(simulate(take_turns, seed)) for seed in range(20)]
    assert len(set(orders)) > 10


def test_an_hour_passes_at_once_and_in_the_right_order():
    async def wait(simulation: Simulation) -> tuple[float, list[str]]:
        async def until(seconds: float) -> None:
            await simulation.clock.sleep(seconds)
            simulation.note("due")

        await asyncio.gather(until(3000), until(2), until(10.5))
        began = simulation.clock.now()
        with pytest.raises(TimeoutError):
            async with simulation.clock.limit(500):
                await asyncio.Event().wait()
        assert (simulation.clock.now() - began).total_seconds() == 500
        return simulation.clock.monotonic(), simulation.trace

    end, trace = simulate(wait, 1)
    assert end == 3500
    assert trace == ["2.000000 due", "10.500000 due", "3000.000000 due"]


def test_it_goes_on_where_another_ended():
    async def look(simulation: Simulation) -> float:
        await simulation.clock.sleep(1)
        return simulation.clock.monotonic()

    assert simulate(look, 1, begin=1000.0) == 1001.0


def test_whoever_waits_for_ever_is_named():
    async def hang(simulation: Simulation) -> None:
        async def forget() -> None:
            await asyncio.Event().wait()

        await asyncio.create_task(forget(), name="forgetful")

    with pytest.raises(SimulationStuck, match=r"nothing can happen any more\n(?s:.*)forgetful: "):
        simulate(hang, 1)


def test_whoever_waits_too_long_is_named():
    async def wait(simulation: Simulation) -> None:
        await simulation.clock.sleep(100)

    with pytest.raises(SimulationStuck, match=r"not over at 50 simulated seconds\n(?s:.*)sleep"):
        simulate(wait, 1, until=50)


def test_a_loop_without_end_is_found():
    async def spin(simulation: Simulation) -> None:
        while simulation.clock.monotonic() < 1:  # noqa: ASYNC110  # that is what it is about
            await asyncio.sleep(0)

    with pytest.raises(SimulationStuck, match="goes on and on"):
        simulate(spin, 1, steps=1_000)


def test_what_a_thread_would_do_is_done_at_once():
    async def hand_over(simulation: Simulation) -> tuple[int, float]:
        with pytest.raises(ZeroDivisionError):
            await asyncio.to_thread(lambda: 1 // 0)
        return await asyncio.to_thread(sum, (1, 2)), simulation.clock.monotonic()

    assert simulate(hand_over, 1) == (3, 0.0)


def test_who_ignores_being_cancelled_hangs_nobody_else():
    async def ignore(simulation: Simulation) -> None:
        async def stubborn() -> None:
            while True:
                try:
                    await asyncio.Event().wait()
                except asyncio.CancelledError:
                    simulation.note("no")

        await asyncio.create_task(stubborn())

    with pytest.raises(SimulationStuck):
        simulate(ignore, 1)
