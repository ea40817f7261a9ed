"""Durable steps: done once, however often the program begins, and however it ends."""

import asyncio
from collections.abc import Sequence

import pytest

from dataagents.core import Event, Kernel, KernelConfig
from dataagents.core.durability import AfterCrash, Intent, Verdict
from dataagents.core.errors import (
    ClosedError,
    InputError,
    StepChangedError,
    StepUndecidedError,
    StoreError,
)
from dataagents.core.messaging import MessageType
from dataagents.core.testing import FakeClock, MemoryStore
from dataagents.core.tracing import TraceContext
from dataagents.core.values import Json

CONFIG = KernelConfig(agents=(), monitoring=False, resume="never")


class DyingStore(MemoryStore):
    """Loses power after so many commits: what was committed before is there."""

    def __init__(self, events: Sequence[Event] = (), commits: int | None = None) -> None:
        super().__init__()
        self.left = commits
        for event in events:
            self._ids.add(event.id)
            self.events.append(event)

    async def commit(self, unit: Sequence[Event]) -> None:
        if self.left is not None:
            if self.left <= 0:
                raise StoreError("memory", "the power is out")
            self.left -= 1
        await super().commit(unit)


class World:
    """What steps do outside, by key."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.tried: list[str] = []

    async def charge(self, key: str) -> Json:
        """Do something that knows its key."""
        self.tried.append(key)
        if key not in self.done:
            self.done.append(key)
        return {"charged": key}


def kernel_on(store: MemoryStore) -> Kernel:
    return Kernel(CONFIG, store=store, discover=True, clock=FakeClock())


async def say(text: Json) -> Json:
    return text


async def test_a_step_on_record_gives_its_result_without_work(store: MemoryStore):
    calls: list[str] = []

    async def work(key: str) -> Json:
        calls.append(key)
        return {"rows": 3, "pair": (1, 2)}

    for _ in range(3):
        async with kernel_on(store) as kernel, kernel.steps.open("import-1") as run:
            assert await run.step("count", {"file": "a.csv"}, work) == {"rows": 3, "pair": [1, 2]}
            assert run.position == 1
    assert calls == ["import-1/1/count"]


@pytest.mark.parametrize(
    ("name", "inputs", "problem"),
    [("other", {"a": 1}, "step 1 is 'first' on record"), ("first", {"a": 2}, "its inputs")],
)
async def test_another_step_in_its_place_is_refused_by_name(
    store: MemoryStore, name: str, inputs: object, problem: str
):
    async with kernel_on(store) as kernel:
        async with kernel.steps.open("r") as run:
            await run.step("first", {"a": 1}, lambda key: say(1))
        with pytest.raises(StepChangedError, match=problem) as error:
            async with kernel.steps.open("r") as run:
                await run.step(name, inputs, lambda key: say(1))
    assert (error.value.run, error.value.step) == ("r", name)


async def test_the_order_of_keys_makes_no_other_input(store: MemoryStore):
    async with kernel_on(store) as kernel:
        for inputs in ({"a": 1, "b": [1]}, {"b": [1], "a": 1}):
            async with kernel.steps.open("r") as run:
                assert await run.step("s", inputs, lambda key: say("x")) == "x"


async def a_program(run, world: World, policy: AfterCrash, verify=None) -> list[Json]:
    """Four steps, of which the second and the third act on the world."""
    options = {"external": True, "policy": policy, "verify": verify}
    then = Intent("second", 2, external=True, policy=policy)
    first = await run.step(
        "read",
        "in",
        lambda key: say("read"),
        following=Intent("first", 1, external=True, policy=policy),
    )
    return [
        first,
        await run.step("first", 1, world.charge, following=then, **options),
        await run.step("second", 2, world.charge, **options),
        await run.step("write", "out", lambda key: say("written")),
    ]


async def until_done(policy: AfterCrash, commits: int, verify=None):
    """Run the program on a store that dies after some commits; then again until it ends."""
    world, store = World(), DyingStore(commits=commits)
    try:
        async with kernel_on(store) as kernel, kernel.steps.open("pay") as run:
            results = await a_program(run, world, policy, verify)
    except (StoreError, ExceptionGroup):
        pass
    else:
        return world, store, results
    store = DyingStore(store.events)
    async with kernel_on(store) as kernel, kernel.steps.open("pay") as run:
        return world, store, await a_program(run, world, policy, verify)


WHOLE = ["read", {"charged": "pay/2/first"}, {"charged": "pay/3/second"}, "written"]


@pytest.mark.parametrize("commits", range(12))
async def test_wherever_the_power_goes_a_keyed_effect_happens_once(commits: int):
    world, store, results = await until_done(AfterCrash.REPEAT, commits)
    assert results == WHOLE
    assert world.done == ["pay/2/first", "pay/3/second"]
    ended = [event for event in store.events if event.kind == "run.ended"]
    assert ended[-1].body["status"] == "done"


@pytest.mark.parametrize("commits", range(12))
async def test_wherever_the_power_goes_what_may_not_be_repeated_is_tried_once(commits: int):
    world, _, results = await until_done(AfterCrash.SKIP, commits)
    assert len(world.tried) == len(set(world.tried))
    assert [each for each in results if each is not None] == [
        each for each in WHOLE if each in results
    ]


@pytest.mark.parametrize("commits", range(12))
async def test_wherever_the_power_goes_a_check_finds_out_what_happened(commits: int):
    worlds: list[World] = []

    async def verify(key: str) -> Json:
        return {"charged": key} if worlds and key in worlds[0].done else None

    world, store = World(), DyingStore(commits=commits)
    worlds.append(world)
    for each in (store, None):
        opened = each or DyingStore(store.events)
        try:
            async with kernel_on(opened) as kernel, kernel.steps.open("pay") as run:
                results = await a_program(run, world, AfterCrash.VERIFY, verify)
        except (StoreError, ExceptionGroup):
            continue
    assert results == WHOLE
    assert world.tried == ["pay/2/first", "pay/3/second"]


async def cut_in_the_charge(dying: DyingStore, world: World) -> None:
    try:
        async with kernel_on(dying) as kernel, kernel.steps.open("pay") as run:
            dying.left = 1  # the start of the step, and not its end
            await run.step("charge", {"eur": 5}, world.charge, external=True)
    except StoreError:
        return
    raise AssertionError("it was not cut off")


async def interrupted(store: MemoryStore) -> World:
    """A program that was cut off in the middle of an effect, with the policy to ask."""
    world, dying = World(), DyingStore(commits=5)
    await cut_in_the_charge(dying, world)
    assert world.done == ["pay/1/charge"]
    store.events.extend(dying.events)
    return world


async def test_asking_suspends_the_run_until_somebody_decides(store: MemoryStore):
    await interrupted(store)
    async with kernel_on(store) as kernel:
        with pytest.raises(StepUndecidedError, match="may have happened") as error:
            async with kernel.steps.open("pay") as run:
                await run.step("charge", {"eur": 5}, lambda key: say(key), external=True)
        assert error.value.key == "pay/1/charge"
        (stood,) = await kernel.unfinished()
        assert (stood.run, str(stood.status), stood.is_program) == ("pay", "suspended", True)
        assert [record.name for _, record in stood.book.waiting] == ["charge"]
        with pytest.raises(InputError, match="it is the program of an application"):
            await kernel.resume("pay")
        with pytest.raises(InputError, match="Did you mean 'charge'"):
            await kernel.steps.decide("pay", "chrge", Verdict.DONE)


@pytest.mark.parametrize(
    ("verdict", "given", "result", "tried"),
    [
        (Verdict.DONE, {"charged": "seen"}, {"charged": "seen"}, 1),
        (Verdict.SKIP, None, None, 1),
        (Verdict.REPEAT, None, {"charged": "pay/1/charge"}, 2),
    ],
)
async def test_a_decision_holds_when_the_run_goes_on(
    store: MemoryStore, verdict: Verdict, given: Json, result: Json, tried: int
):
    world = await interrupted(store)
    async with kernel_on(store) as kernel:
        await kernel.steps.decide("pay", "charge", verdict, result=given, by="ops")
        for _ in range(2):
            async with kernel.steps.open("pay") as run:
                assert await run.step("charge", {"eur": 5}, world.charge, external=True) == result
        assert await kernel.unfinished() == ()
    assert len(world.tried) == tried
    assert world.done == ["pay/1/charge"]


async def test_to_repeat_is_decided_once_not_for_ever(store: MemoryStore):
    world = await interrupted(store)
    async with kernel_on(store) as kernel:
        await kernel.steps.decide("pay", "charge", Verdict.REPEAT)
    dying = DyingStore(store.events)
    await cut_in_the_charge(dying, world)
    async with kernel_on(DyingStore(dying.events)) as kernel:
        with pytest.raises(StepUndecidedError):
            async with kernel.steps.open("pay") as run:
                await run.step("charge", {"eur": 5}, world.charge, external=True)
    assert len(world.tried) == 2


async def test_a_cancelled_step_is_on_record_and_is_done_when_the_run_goes_on(store: MemoryStore):
    begun, never = asyncio.Event(), asyncio.Event()

    async def hang(key: str) -> Json:
        begun.set()
        await never.wait()
        return None

    async def program(kernel: Kernel) -> None:
        async with kernel.steps.open("r") as run:
            await run.step("hang", None, hang)

    async with kernel_on(store) as kernel:
        task = asyncio.create_task(program(kernel))
        await begun.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        (step,) = store.of("step.ended")
        assert step.body["status"] == "cancelled"
        assert store.of("run.ended")[-1].body["status"] == "cancelled"
        async with kernel.steps.open("r") as run:
            assert await run.step("hang", None, lambda key: say("now")) == "now"


async def test_whoever_is_cancelled_twice_is_on_record_all_the_same(store: MemoryStore):
    entered, go = asyncio.Event(), asyncio.Event()

    class Slow(MemoryStore):
        slow = False

        async def commit(self, unit: Sequence[Event]) -> None:
            if self.slow:
                entered.set()
                await go.wait()
            await super().commit(unit)

    slow = Slow()

    async def program(kernel: Kernel) -> None:
        async with kernel.steps.open("r") as run:
            slow.slow = True
            await run.step("s", None, lambda key: say("x"))

    async with kernel_on(slow) as kernel:
        task = asyncio.create_task(program(kernel))
        await entered.wait()
        for _ in range(3):
            task.cancel()
            await asyncio.sleep(0)
        go.set()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert [event.body["result"] for event in slow.of("step.ended")] == ["x"]
    assert slow.of("run.ended")[-1].body["status"] == "cancelled"


async def test_a_step_that_raises_is_done_again(store: MemoryStore):
    tries: list[str] = []

    async def work(key: str) -> Json:
        tries.append(key)
        if len(tries) == 1:
            raise ValueError("no luck")
        return "luck"

    async with kernel_on(store) as kernel, kernel.steps.open("r") as run:
        with pytest.raises(ValueError, match="no luck"):
            await run.step("s", None, work, external=True)
        assert await run.step("s", None, work, external=True) == "luck"
    assert tries == ["r/1/s", "r/1/s"]


async def test_one_commit_ends_a_step_and_begins_the_next(store: MemoryStore):
    units: list[list[str]] = []

    class Noting(MemoryStore):
        async def commit(self, unit: Sequence[Event]) -> None:
            units.append([event.kind for event in unit if event.kind.startswith("step.")])
            await super().commit(unit)

    world = World()
    async with kernel_on(Noting()) as kernel, kernel.steps.open("pay") as run:
        units.clear()
        await a_program(run, world, AfterCrash.ASK)
        told = [unit for unit in units if unit]
    assert told == [["step.ended"]] * 4


async def test_an_effect_that_nobody_announced_waits_for_a_commit_of_its_own(store: MemoryStore):
    seen: list[list[str]] = []

    async def look(key: str) -> Json:
        seen.append([event.kind for event in store.events if event.kind.startswith("step.")])
        return None

    async with kernel_on(store) as kernel, kernel.steps.open("r") as run:
        await run.step("a", None, look, external=True)
        await run.step("b", None, look)
    assert seen == [["step.started"], ["step.started", "step.ended"]]


async def test_a_step_is_small_on_record(store: MemoryStore):
    async with kernel_on(store) as kernel, kernel.steps.open("nightly-2026-11-26") as run:
        for number in range(5):
            await run.step("validate", {"file": number}, lambda key: say({"score": 0.97}))
    for event in store.of("step.ended"):
        assert set(event.body) == {"n", "input", "result"}


async def test_messages_leave_when_the_step_is_on_record(store: MemoryStore):
    got: list[Json] = []
    both = asyncio.Event()

    async def handle(message):
        got.append(message.payload["n"])
        assert len(store.of("step.ended")) >= len(got)
        if len(got) == 2:
            both.set()

    async with kernel_on(store) as kernel:
        kernel.hub.register("listener", handle)
        async with kernel.steps.open("r") as run:
            for _ in range(2):  # the second time it is on record
                tell = lambda result: [  # noqa: E731
                    kernel.hub.compose(
                        "program", "listener", MessageType.DATA_REQUEST, {"n": result},
                        context=TraceContext(run="r"),
                    )
                ]  # fmt: skip
                await run.step("tell", run.position, lambda key: say(7), messages=tell)
        await asyncio.wait_for(both.wait(), 10)
    assert got == [7, 7]
    sent = [event for event in store.events if event.kind in ("message.sent", "step.ended")]
    assert [event.kind for event in sent[:2]] == ["step.ended", "message.sent"]


async def test_steps_come_one_after_the_other_and_a_run_is_open_once(store: MemoryStore):
    async with kernel_on(store) as kernel, kernel.steps.open("r") as run:
        with pytest.raises(ClosedError, match="is open already"):
            async with kernel.steps.open("r"):
                pass
        waiting = asyncio.Event()

        async def wait(key: str) -> Json:
            await waiting.wait()
            return 1

        first = asyncio.create_task(run.step("a", None, wait))
        await asyncio.sleep(0)
        with pytest.raises(ClosedError, match="busy"):
            await run.step("b", None, wait)
        waiting.set()
        assert await first == 1


async def test_without_a_store_steps_are_done_and_forgotten():
    async with Kernel(CONFIG, clock=FakeClock()) as kernel, kernel.steps.open("r") as run:
        assert await run.step("s", [1], lambda key: say(key)) == "r/1/s"


async def test_what_is_no_json_is_refused(store: MemoryStore):
    async with kernel_on(store) as kernel:
        with pytest.raises(InputError):
            async with kernel.steps.open("r") as run:
                await run.step("s", object(), lambda key: say(1))
        with pytest.raises(InputError, match="no id"):
            async with kernel.steps.open(""):
                pass
