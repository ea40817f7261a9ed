"""Runs that were cut off: any beginning of a run's events is enough to go on from."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sample_plugins import CONFIG, GOAL, FakeDataTools

from dataagents.core import Event, Goal, InputError, Kernel, KernelConfig, Observation, RunStatus
from dataagents.core.durability import JOURNALED, Repeats, unfinished_run
from dataagents.core.errors import ClosedError, StoreError
from dataagents.core.goals import RunResult
from dataagents.core.testing import MemoryStore

SETTLED = CONFIG.model_copy(update={"seed": None, "resume": "never"})


TASKS = [
    "analyze_schema(orders)", "decide_schema(orders)", "validate_data(orders)",
    "transform_data(orders)", "decide_release(orders)", "route_pipeline(orders)",
]  # fmt: skip
"""In the order of the plan."""


class CutStore(MemoryStore):
    """Has earlier events, and after so many commits refuses to write any more."""

    def __init__(self, events: Sequence[Event] = (), commits: int | None = None) -> None:
        super().__init__()
        self.left = commits
        self.units: list[tuple[Event, ...]] = []
        for event in events:
            self._ids.add(event.id)
            self.events.append(event)

    async def commit(self, unit: Sequence[Event]) -> None:
        if self.left is not None:
            if self.left <= 0:
                raise StoreError("memory", "the power is out")
            self.left -= 1
        self.units.append(tuple(unit))
        await super().commit(unit)


def config_in(folder: Path) -> KernelConfig:
    return SETTLED.model_copy(update={"workspace": folder})


class Files(FakeDataTools):
    """Data tools that leave a file each, made of what those before them left."""

    def __init__(self) -> None:
        super().__init__()
        self.used: list[str] = []
        for name, tool in self.tools.items():
            self._leaving(name, tool)

    def _leaving(self, name: str, tool) -> None:
        works, needs = (
            tool.run,
            {"transform_data": "analyze_schema", "route_pipeline": "transform_data"},
        )

        async def run(request, bench):
            self.used.append(name)
            made = bench.workspace / f"{request.dataset}-{name}"
            before = needs.get(name)
            if before is not None:
                made.write_text(
                    (bench.workspace / f"{request.dataset}-{before}").read_text() + name
                )
            else:
                made.write_text(name)
            return await works(request, bench)

        tool.run = run


async def begun(folder: Path, commits: int | None = None, tools: FakeDataTools | None = None):
    """Run the goal on a store that is cut off; return what was committed, and the result."""
    store, result = CutStore(commits=commits), None
    try:
        async with Kernel(config_in(folder), store=store, plugins=[tools or Files()]) as kernel:
            result = await kernel.run(GOAL)
    except* StoreError:
        pass
    return store, result


async def resumed(
    events: Sequence[Event], run: str, folder: Path, tools: FakeDataTools | None = None
) -> tuple[RunResult, CutStore, list[str]]:
    tools = tools or Files()
    store = CutStore(events)
    async with Kernel(config_in(folder), store=store, plugins=[tools]) as kernel:
        result = await kernel.resume(run)
    new = store.events[len(events) :]
    return result, store, [each.subject for each in new if each.kind == "task.started"]


def run_of(events: Sequence[Event]) -> str:
    return next(event.subject for event in events if event.kind == "run.started")


def essence(result: RunResult) -> object:
    """What has to be the same whether a run was cut off or not: no ids, no times."""
    execution = result.execution
    state = dict(execution.state)
    for value in state.values():
        if isinstance(value, dict):
            value.pop("election", None)
    return (
        result.outcome.status,
        [each.task for each in sorted(execution.completed, key=lambda each: each.task)],
        sorted(state),
        [election.decision for election in result.elections],
        sorted(award.winner for award in result.awards),
        execution.remaining,
    )


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> tuple[CutStore, RunResult, Path]:
    """An uninterrupted run, and what it committed."""
    folder = tmp_path_factory.mktemp("whole")
    store, result = asyncio.run(begun(folder))
    return store, result, folder


def boundaries(store: CutStore) -> Iterator[int]:
    """How many commits there were when the run had begun, and at each commit until it ended."""
    inside = False
    for number, unit in enumerate(store.units, start=1):
        kinds = {event.kind for event in unit}
        inside = inside or "run.started" in kinds
        if "run.ended" in kinds:
            return
        if inside:
            yield number


async def test_wherever_a_run_is_cut_off_it_ends_like_the_whole(whole, tmp_path: Path):
    store, uncut, _ = whole
    points = list(boundaries(store))
    assert len(points) > 60
    for commits in points[:: max(1, len(points) // 20)]:
        folder = tmp_path / str(commits)
        cut, _ = await begun(folder, commits)
        run = run_of(cut.events)
        stood = unfinished_run(run, cut.events)
        result, after, begun_again = await resumed(cut.events, run, folder)
        assert essence(result) == essence(uncut), commits
        done = {each.task for each in stood.results.values()}
        assert set(begun_again).isdisjoint(done), commits
        kept = [event for event in after.events if event.kind == "experience.kept"]
        assert len(kept) == 1


@settings(max_examples=60)
@given(st.data())
def test_any_beginning_of_the_events_is_a_state_to_go_on_from(whole, data):
    store, uncut, _ = whole
    run = run_of(store.events)
    events = [event for event in store.events if event.run == run]
    ended = next(i for i, event in enumerate(events) if event.kind == "run.ended")
    cut = data.draw(st.integers(1, ended))
    stood = unfinished_run(run, events[:cut])
    assert stood.goal == GOAL
    assert stood.status is None
    assert set(stood.completed) <= {each.task.id for each in stood.achieved}
    ends = [each for each in events[:cut] if each.kind == "task.ended" and each.body["success"]]
    assert list(stood.completed) == [event.subject for event in ends]
    facts = {key: value for event in ends for key, value in event.body["effects"].items()}
    assert stood.effects == facts
    assert set(stood.open).isdisjoint(stood.completed)
    assert stood.plan is None or stood.plan == uncut.plan


def test_only_the_kinds_that_tell_where_it_stood_are_needed(whole):
    store, _, _ = whole
    run = run_of(store.events)
    events = store.events[: next(i for i, e in enumerate(store.events) if e.kind == "run.ended")]
    some = [event for event in events if event.kind in JOURNALED]
    assert replace(unfinished_run(run, some), seconds=0) == replace(
        unfinished_run(run, [event for event in events if event.run == run]), seconds=0
    )


async def cut_after(folder: Path, kind: str, subject: str, tools: FakeDataTools | None = None):
    """Cut a run off right after an event."""

    class Watching(CutStore):
        async def commit(self, unit: Sequence[Event]) -> None:
            await super().commit(unit)
            if any(event.kind == kind and event.subject == subject for event in unit):
                self.left = 0

    store = Watching()
    try:
        async with Kernel(config_in(folder), store=store, plugins=[tools or Files()]) as kernel:
            await kernel.run(GOAL)
    except* StoreError:
        pass
    return store.events


async def test_what_was_done_is_not_done_again(tmp_path: Path):
    events = await cut_after(tmp_path, "task.ended", "transform_data(orders)")
    result, store, done = await resumed(events, run_of(events), tmp_path)
    assert done == TASKS[4:]
    (event,) = [each for each in store.events if each.kind == "run.resumed"]
    assert event.body["kept"] == [
        "analyze_schema(orders)", "decide_schema(orders)", "validate_data(orders)",
        "transform_data(orders)",
    ]  # fmt: skip
    assert event.body["repeats"] == {}
    assert result.outcome.status is RunStatus.DONE
    assert [award.winner for award in result.awards] != []
    assert len(result.awards) == 6


async def test_a_task_whose_files_are_lost_is_done_again_with_all_that_used_them(tmp_path: Path):
    events = await cut_after(tmp_path, "task.ended", "transform_data(orders)")
    run = run_of(events)
    (tmp_path / run / "orders-transform_data").unlink()
    result, store, done = await resumed(events, run, tmp_path)
    assert done == TASKS[2:]
    (event,) = [each for each in store.events if each.kind == "run.resumed"]
    assert event.body["repeats"] == {
        "validate_data(orders)": "it wrote to the same files",
        "transform_data(orders)": "its files are lost",
    }
    assert result.outcome.status is RunStatus.DONE


async def test_a_file_that_somebody_changed_is_not_relied_on(tmp_path: Path):
    events = await cut_after(tmp_path, "task.ended", "transform_data(orders)")
    run = run_of(events)
    (tmp_path / run / "orders-analyze_schema").write_text("other")
    _, store, done = await resumed(events, run, tmp_path)
    (event,) = [each for each in store.events if each.kind == "run.resumed"]
    assert event.body["repeats"]["analyze_schema(orders)"] == "its files are lost"
    assert "it used what" in event.body["repeats"]["transform_data(orders)"]
    assert done == TASKS


async def test_without_its_folder_everything_that_left_files_is_done_again(tmp_path: Path):
    events = await cut_after(tmp_path / "a", "task.ended", "decide_release(orders)")
    result, _, done = await resumed(events, run_of(events), tmp_path / "b")
    assert done == TASKS
    assert result.outcome.status is RunStatus.DONE


async def test_a_plan_that_was_changed_is_the_one_that_is_gone_on_with(tmp_path: Path):
    tools = Files()
    bad = {"a": {"type": "integer", "present": 100, "conforming": 60}}
    analyze = tools.tools["analyze_schema"]
    works = analyze.observe
    analyze.observe = lambda request: replace(
        works(request), data={**works(request).data, "columns": bad}
    )
    events = await cut_after(tmp_path, "task.ended", "transform_data(orders)", tools)
    assert "plan.replaced" in {event.kind for event in events}
    run = run_of(events)
    stood = unfinished_run(run, events)
    assert len(stood.replans) == 1
    assert stood.plan == stood.replans[0].plan
    result, _, done = await resumed(events, run, tmp_path)
    assert done == TASKS[4:]
    assert result.execution.replans == stood.replans
    assert result.plan == stood.first
    assert result.outcome.status is RunStatus.DONE


async def test_failures_before_the_cut_count_against_the_budget(tmp_path: Path):
    tools = Files()
    tools.fail("transform_data", *[ValueError("never works")] * 99)
    events = await cut_after(tmp_path, "plan.replaced", "", tools)
    kinds = [event.kind for event in events]
    at = [i for i, kind in enumerate(kinds) if kind == "plan.replaced"][1]  # two of three
    again = Files()
    again.fail("transform_data", *[ValueError("never works")] * 99)
    result, _, _ = await resumed(events[: at + 1], run_of(events), tmp_path, again)
    assert result.outcome.status is RunStatus.FAILED
    assert len(result.execution.replans) == 3


async def test_a_cancelled_run_goes_on_when_it_is_asked_for_by_name(tmp_path: Path):
    begun_, never = asyncio.Event(), asyncio.Event()
    tools = Files()

    async def hang(request, bench):
        begun_.set()
        await never.wait()

    tools.tools["transform_data"].run = hang  # type: ignore[method-assign]
    store = MemoryStore()
    async with Kernel(config_in(tmp_path), store=store, plugins=[tools]) as kernel:
        task = asyncio.create_task(kernel.run(GOAL))
        await begun_.wait()
        (run,) = {event.subject for event in store.of("run.started")}
        with pytest.raises(ClosedError, match="under way"):
            await kernel.resume(run)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await kernel.unfinished() == ()
    result, after, done = await resumed(store.events, run, tmp_path)
    assert done == TASKS[3:]
    assert result.outcome.status is RunStatus.DONE
    assert [each.body["status"] for each in after.of("run.ended")] == ["cancelled", "done"]


@pytest.mark.parametrize("mode", ["ask", "always", "never"])
async def test_a_kernel_deals_with_what_was_cut_off_as_configured(
    tmp_path: Path, mode: str, caplog: pytest.LogCaptureFixture
):
    events = await cut_after(tmp_path, "task.ended", "validate_data(orders)")
    run = run_of(events)
    ended = asyncio.Event()

    class Telling(CutStore):
        async def commit(self, unit: Sequence[Event]) -> None:
            await super().commit(unit)
            if any(event.kind == "run.ended" for event in unit):
                ended.set()

    store = Telling(events)
    config = config_in(tmp_path).model_copy(update={"resume": mode})
    async with Kernel(config, store=store, plugins=[Files()]) as kernel:
        if mode == "always":
            await ended.wait()
        else:
            assert [stood.run for stood in await kernel.unfinished()] == [run]
    assert (f"unfinished: {run}" in caplog.text) is (mode == "ask")
    assert [event.body["status"] for event in store.of("run.ended")] == (
        ["done"] if mode == "always" else []
    )


async def test_a_kernel_that_closes_leaves_what_it_went_on_with_to_the_next(tmp_path: Path):
    events = await cut_after(tmp_path, "task.ended", "validate_data(orders)")
    begun_, never = asyncio.Event(), asyncio.Event()
    tools = Files()

    async def hang(request, bench):
        begun_.set()
        await never.wait()

    tools.tools["transform_data"].run = hang  # type: ignore[method-assign]
    config = config_in(tmp_path).model_copy(update={"resume": "always"})
    store = CutStore(events)
    async with Kernel(config, store=store, plugins=[tools]):
        await begun_.wait()
    assert store.of("run.ended")[-1].body["status"] == "suspended"
    assert await store.unfinished() == (run_of(events),)
    result, _, done = await resumed(store.events, run_of(events), tmp_path)
    assert done == TASKS[3:]
    assert result.outcome.status is RunStatus.DONE


async def test_results_go_where_they_were_to_go(tmp_path: Path):
    events = await cut_after(tmp_path / "work", "task.ended", "transform_data(orders)")
    assert unfinished_run(run_of(events), events).out is None
    store = CutStore(events)
    async with Kernel(config_in(tmp_path / "work"), store=store, plugins=[Files()]) as kernel:
        result = await kernel.resume(run_of(events), out=tmp_path / "out")
    assert result.files
    assert all(path.is_relative_to(tmp_path / "out") for path in result.files.values())


async def test_what_can_not_be_continued_says_why(whole, tmp_path: Path):
    store, _, _ = whole
    async with Kernel(config_in(tmp_path), store=store, plugins=[Files()]) as kernel:
        with pytest.raises(InputError, match="it came to its end: done"):
            await kernel.resume(run_of(store.events))
        with pytest.raises(InputError, match="there is no such run"):
            await kernel.resume("nobody")


async def test_a_run_without_a_store_leaves_nothing_to_go_on_with():
    async with Kernel(SETTLED, plugins=[FakeDataTools()]) as kernel:
        assert await kernel.unfinished() == ()
        with pytest.raises(InputError):
            await kernel.resume("r")


async def test_a_run_that_is_given_up_is_over(tmp_path: Path):
    events = await cut_after(tmp_path, "task.ended", "validate_data(orders)")
    store = CutStore(events)
    async with Kernel(config_in(tmp_path), store=store, plugins=[Files()]) as kernel:
        await kernel.runs.give_up(run_of(events))
        assert await kernel.unfinished() == ()
        with pytest.raises(InputError, match="it came to its end: failed"):
            await kernel.resume(run_of(events))


async def test_a_goal_with_a_secret_in_it_is_not_continued_with_a_hole(tmp_path: Path):
    store = CutStore(commits=None)
    goal = Goal("clean", {"orders": "orders.csv"}, settings={"password": "hunter2-and-more"})
    tools = Files()
    tools.tools["analyze_schema"].observe = lambda request: Observation("?", error="no")

    class Stop(CutStore):
        async def commit(self, unit: Sequence[Event]) -> None:
            await super().commit(unit)
            if any(event.kind == "plan.made" for event in unit):
                self.left = 0

    store = Stop()
    try:
        async with Kernel(config_in(tmp_path), store=store, plugins=[tools]) as kernel:
            await kernel.run(goal)
    except* StoreError:
        pass
    with pytest.raises(InputError, match="a secret was taken out"):
        await resumed(store.events, run_of(store.events), tmp_path)


def test_a_lost_task_that_the_plan_has_no_more_means_a_new_plan(whole):
    store, _, _ = whole
    run = run_of(store.events)
    events = store.events[: next(i for i, e in enumerate(store.events) if e.kind == "run.ended")]
    stood = unfinished_run(run, events)
    fewer = replace(stood, plan=replace(stood.plan, tasks=stood.plan.tasks[1:]))
    repeats = fewer.repeats({})
    assert repeats.anew
    assert fewer.without(repeats).plan is None
    assert stood.repeats({}).anew is False
    assert Repeats().tasks == {}
