"""Tools that act on the world outside: on record before they do, and done once."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from sample_plugins import CONFIG, GOAL, FakeDataTools

from dataagents.core import Event, InputError, Kernel, Observation, RunStatus
from dataagents.core.durability import AfterCrash, Verdict, key_of, unfinished_run
from dataagents.core.errors import StoreError
from dataagents.core.reasoning import Effect
from dataagents.core.testing import MemoryStore

TASK = "route_pipeline(orders)"
ROUTED = {"clean": 98, "quarantine": 2}


class Publishing(FakeDataTools):
    """Data tools whose last one publishes to the outside."""

    def __init__(self, policy: AfterCrash | None, world: list[str]) -> None:
        super().__init__()
        self.world = world
        self.store: CutStore | None = None
        tool = self.tools["route_pipeline"]
        tool.effect = Effect.EXTERNAL
        if policy is not None:
            tool.after_crash = policy
        if policy is AfterCrash.VERIFY:
            tool.verify = self.verify
        tool.run = self.publish

    async def publish(self, request, bench):
        self.world.append(key_of(bench))
        if self.store is not None:
            self.store.left = 0  # the power goes right after it happened
        return Observation("98 clean", ROUTED)

    async def verify(self, request, bench):
        return Observation("seen", ROUTED) if key_of(bench) in self.world else None


class CutStore(MemoryStore):
    def __init__(self, events: Sequence[Event] = ()) -> None:
        super().__init__()
        self.left: int | None = None
        self._ids.update(event.id for event in events)
        self.events.extend(events)

    async def commit(self, unit: Sequence[Event]) -> None:
        if self.left == 0:
            raise StoreError("memory", "the power is out")
        await super().commit(unit)


def config(folder: Path):
    changed = {
        "seed": None, "resume": "never", "workspace": folder,
        "allowed_effects": ("read", "write", "external"),
    }  # fmt: skip
    return CONFIG.model_copy(update=changed)


async def cut_off(folder: Path, policy: AfterCrash | None) -> tuple[Sequence[Event], list[str]]:
    world: list[str] = []
    tools, store = Publishing(policy, world), CutStore()
    tools.store = store
    try:
        async with Kernel(config(folder), store=store, plugins=[tools]) as kernel:
            await kernel.run(GOAL)
    except* StoreError:
        pass
    assert len(world) == 1
    return store.events, world


def run_of(events: Sequence[Event]) -> str:
    return next(event.subject for event in events if event.kind == "run.started")


async def test_it_is_on_record_before_it_begins_and_under_its_key(tmp_path: Path):
    events, world = await cut_off(tmp_path, None)
    (started,) = [event for event in events if event.kind == "step.started"]
    assert (started.subject, started.task) == ("route_pipeline", TASK)
    assert world[0].startswith(f"{run_of(events)}/{TASK}/1/route_pipeline/")
    ((task, record),) = unfinished_run(run_of(events), events).book.waiting
    assert (task, record.name, record.policy) == (TASK, "route_pipeline", AfterCrash.ASK)


async def test_a_run_waits_for_a_decision_about_it(tmp_path: Path):
    events, world = await cut_off(tmp_path, None)
    async with Kernel(
        config(tmp_path), store=CutStore(events), plugins=[Publishing(None, world)]
    ) as kernel:
        with pytest.raises(InputError, match="may have happened") as error:
            await kernel.resume(run_of(events))
        assert f"--step '{TASK}/route_pipeline' --as done|repeat|skip" in str(error.value)
        assert await kernel.runs.resume_all() == ()
    assert len(world) == 1


@pytest.mark.parametrize(
    ("verdict", "times"), [(Verdict.DONE, 1), (Verdict.SKIP, 1), (Verdict.REPEAT, 2)]
)
async def test_what_was_decided_about_it_is_done(tmp_path: Path, verdict: Verdict, times: int):
    events, world = await cut_off(tmp_path, None)
    result = {"summary": "98 clean", "data": ROUTED} if verdict is Verdict.DONE else None
    async with Kernel(
        config(tmp_path), store=CutStore(events), plugins=[Publishing(None, world)]
    ) as kernel:
        step = "route_pipeline"
        await kernel.steps.decide(run_of(events), step, verdict, result=result, by="ops")
        ended = await kernel.resume(run_of(events))
    assert len(world) == times
    assert len(set(world)) == 1
    if verdict is not Verdict.SKIP:
        assert ended.outcome.status is RunStatus.DONE
        assert ended.outcome.summary["datasets"]["orders"]["routed"] == ROUTED


@pytest.mark.parametrize(
    ("policy", "times"), [(AfterCrash.VERIFY, 1), (AfterCrash.REPEAT, 2), (AfterCrash.SKIP, 1)]
)
async def test_its_own_policy_is_followed(tmp_path: Path, policy: AfterCrash, times: int):
    events, world = await cut_off(tmp_path, policy)
    store = CutStore(events)
    async with Kernel(config(tmp_path), store=store, plugins=[Publishing(policy, world)]) as kernel:
        ended = await kernel.resume(run_of(events))
    assert len(world) == times
    assert len(set(world)) == 1
    if policy is not AfterCrash.SKIP:
        assert ended.outcome.status is RunStatus.DONE


async def test_what_failed_and_said_so_is_tried_again(tmp_path: Path):
    world: list[str] = []
    tools, store = Publishing(None, world), CutStore()
    works, failures = tools.tools["route_pipeline"].run, ["the host is down"]

    async def run(request, bench):
        seen = await works(request, bench)
        return Observation("no", error=failures.pop()) if failures else seen

    tools.tools["route_pipeline"].run = run
    async with Kernel(config(tmp_path), store=store, plugins=[tools]) as kernel:
        ended = await kernel.run(GOAL)
    assert ended.outcome.status is RunStatus.DONE
    assert len(world) == 2
    statuses = [event.body.get("status", "done") for event in store.of("step.ended")]
    assert statuses == ["failed", "done"]


async def test_without_leave_nothing_external_is_done(tmp_path: Path):
    world: list[str] = []
    careful = config(tmp_path).model_copy(update={"allowed_effects": ("read", "write")})
    async with Kernel(careful, plugins=[Publishing(None, world)]) as kernel:
        ended = await kernel.run(GOAL)
    assert ended.outcome.status is RunStatus.FAILED
    assert world == []
