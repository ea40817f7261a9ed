"""The monitor: figures that were counted, alerts that are kept, and one value with everything."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sample_agents import Broken, Echo, Held, Sick, card

from dataagents.core import (
    Agent,
    Desk,
    HealthAnswer,
    InputError,
    Kernel,
    KernelConfig,
    Strategy,
    hookimpl,
)
from dataagents.core.cards import Sample
from dataagents.core.errors import ModelError, StoreDamagedError
from dataagents.core.events import EventKind
from dataagents.core.health import Alert, Blockage, LoopHealth, Severity
from dataagents.core.messaging import MessageType
from dataagents.core.models import Prompt
from dataagents.core.planning import PlannedTask, TaskResult
from dataagents.core.reflection import Experience
from dataagents.core.services.recorder import NOWHERE
from dataagents.core.testing import FakeClock, MemoryStore, ScriptedModel
from dataagents.core.values import from_json

INTERVAL = 10.0


def standing(kernel: Kernel) -> list[tuple[str, str]]:
    return [(each.rule, each.subject) for each in kernel.monitor.alerts]


def figures(kernel: Kernel) -> dict[str, float]:
    """The latest value of each figure."""
    return {metric.name: metric.value for metric in kernel.monitor.history}


async def send(kernel: Kernel, to: str, times: int = 1) -> None:
    for _ in range(times):
        message = kernel.hub.compose("t", to, MessageType.DATA_REQUEST, {}, context=NOWHERE)
        await kernel.hub.send(message)


class Counting(Agent):
    """Does tasks that say how many rows they took in, and how good these are."""

    async def execute(self, task: PlannedTask, desk: Desk) -> TaskResult:
        effects = {"routed:orders": {"rows_in": 120, "clean": 100}}
        return TaskResult(task.id, success=True, effects=effects, quality=0.8)


async def test_throughput_is_what_was_counted_over_the_time_that_passed(
    kernel: Kernel, clock: FakeClock
):
    await kernel.deploy(Echo("echo"))
    await send(kernel, "echo", 40)
    await clock.advance(2 * INTERVAL)
    assert figures(kernel)["messages_per_second"] == pytest.approx(40 / 20)
    assert kernel.monitor.report().agents[0].handled == 40
    await clock.advance(700)
    assert figures(kernel)["messages_per_second"] == 0


async def test_what_an_agent_did_still_counts_after_it_left(kernel: Kernel, clock: FakeClock):
    await kernel.deploy(Echo("echo"))
    await send(kernel, "echo", 10)
    await kernel.remove("echo")
    await clock.advance(INTERVAL)
    assert figures(kernel)["messages_per_second"] == pytest.approx(1.0)


async def test_rows_and_quality_come_from_the_results_of_tasks(kernel: Kernel, clock: FakeClock):
    await kernel.deploy(Counting(card("worker")))
    await kernel.delegate(PlannedTask("t", "work"), "worker")
    report = kernel.monitor.report()
    assert (report.records, report.quality) == (120, 0.8)
    await clock.advance(INTERVAL)
    assert figures(kernel)["records_per_second"] == pytest.approx(12.0)
    assert figures(kernel)["quality_mean"] == pytest.approx(0.8)
    await clock.advance(600)
    assert kernel.monitor.report().quality is None


async def test_latency_is_exact_over_the_messages_of_the_window(kernel: Kernel, clock: FakeClock):
    held = Held("held")
    await kernel.deploy(held)
    for seconds in (1.0, 2.0, 3.0):
        held.started.clear()
        held.release.clear()
        sending = asyncio.create_task(send(kernel, "held"))
        await held.started.wait()
        await clock.advance(seconds)
        held.release.set()
        await sending
    latency = kernel.monitor.report().latency
    assert (latency.messages, latency.p50, latency.mean) == (3, 2.0, 2.0)
    assert latency.p99 == pytest.approx(2.98)
    await clock.advance(400)
    assert kernel.monitor.report().latency.messages == 0


async def test_an_agent_that_fails_much_is_degraded_and_alerts(kernel: Kernel, clock: FakeClock):
    await kernel.deploy(Broken("broken"))
    await send(kernel, "broken", 8)
    await clock.advance(INTERVAL)
    report = kernel.roster.reports["broken"]
    assert (report.health, report.ready, report.error_rate) == ("degraded", True, 1.0)
    assert kernel.monitor.report().errors["agent broken"] == 8
    await clock.advance(2 * INTERVAL)
    assert ("agent_errors", "broken") in standing(kernel)


async def test_an_agent_that_does_not_answer_is_late_then_failed_and_silent(
    kernel: Kernel, clock: FakeClock
):
    class Hanging(Agent):
        hangs = False

        async def process_sample(self, sample: Sample, desk: Desk) -> Sample:
            if self.hangs:
                await asyncio.Event().wait()
            return sample

    agent = Hanging(card("hanging"))
    await kernel.deploy(agent)
    await clock.advance(INTERVAL)
    beat = kernel.roster.reports["hanging"].beat
    agent.hangs = True
    await clock.advance(INTERVAL + 6)
    report = kernel.roster.reports["hanging"]
    assert (report.health, report.alive, report.ready, report.beat) == ("late", False, False, beat)
    await clock.advance(70)
    assert kernel.roster.reports["hanging"].health == "failed"
    assert {"agent_failed", "agent_silent"} <= {rule for rule, _ in standing(kernel)}


async def test_an_alert_is_acknowledged_with_a_note_and_counted(
    kernel: Kernel, clock: FakeClock, store: MemoryStore
):
    await kernel.deploy(Sick("sick", HealthAnswer(healthy=True)))
    kernel_agent = Sick("bad", HealthAnswer(healthy=True))
    await kernel.deploy(kernel_agent)
    kernel_agent.answer = ValueError("gone")
    await clock.advance(4 * INTERVAL)
    (alert,) = [each for each in kernel.monitor.alerts if each.rule == "agent_failed"]
    assert alert.count == 3
    assert alert.severity is Severity.CRITICAL
    assert (alert.impact, alert.value) == ("availability", 1.0)
    assert "gone" in alert.detail
    seen = await kernel.monitor.acknowledge(alert.id, "restarting the database", "anna")
    assert seen.acknowledged is not None
    assert (seen.acknowledged.by, seen.acknowledged.note) == ("anna", "restarting the database")
    (event,) = store.of("alert.acknowledged")
    assert from_json(Alert, event.body).acknowledged == seen.acknowledged
    assert kernel.health().alerts == kernel.monitor.alerts
    assert "acknowledged by anna" in kernel.monitor.report().text


async def test_an_alert_that_a_person_ended_comes_back_only_after_it_was_over(
    kernel: Kernel, clock: FakeClock
):
    agent = Sick("sick", HealthAnswer(healthy=True))
    await kernel.deploy(agent)
    agent.answer = ValueError("gone")
    await clock.advance(2 * INTERVAL)
    ended = await kernel.monitor.resolve("agent_failed sick", "known, harmless", "anna")
    assert ended.resolved is not None
    await clock.advance(3 * INTERVAL)
    assert ("agent_failed", "sick") not in standing(kernel)
    agent.answer = HealthAnswer(healthy=True)
    await clock.advance(INTERVAL)
    agent.answer = ValueError("gone")
    await clock.advance(2 * INTERVAL)
    assert ("agent_failed", "sick") in standing(kernel)


async def test_an_alert_that_is_not_there_is_named_with_the_nearest(
    kernel: Kernel, clock: FakeClock
):
    with pytest.raises(InputError, match="None stands"):
        await kernel.monitor.acknowledge("nothing", "x", "anna")
    agent = Sick("sick", HealthAnswer(healthy=True))
    await kernel.deploy(agent)
    agent.answer = ValueError("gone")
    await clock.advance(2 * INTERVAL)
    with pytest.raises(InputError, match="Did you mean 'agent_failed sick'"):
        await kernel.monitor.resolve("agent_faild sick", "x", "anna")
    with pytest.raises(InputError, match="a note and a name are needed"):
        await kernel.monitor.acknowledge("agent_failed sick", " ", "anna")


def lived(at: int, quality: float) -> Experience:
    return Experience(
        f"x{at}", FakeClock().now() - timedelta(hours=100 - at), "clean", ("orders",),
        success=True, seconds=1.0, quality=quality,
    )  # fmt: skip


async def experienced(store: MemoryStore, qualities: list[float]) -> None:
    async with Kernel(KernelConfig(agents=()), store=store, clock=FakeClock()) as kernel:
        recorder = kernel._open.recorder
        for at, quality in enumerate(qualities):
            await recorder.record(EventKind.EXPERIENCE_KEPT, f"x{at}", lived(at, quality))


async def test_quality_that_drops_from_run_to_run_alerts_also_across_kernels(store: MemoryStore):
    await experienced(store, [0.95, 0.94, 0.9])
    assert store.of("alert.raised") == ()
    clock = FakeClock()
    async with Kernel(KernelConfig(agents=()), store=store, clock=clock) as kernel:
        await kernel.monitor.collect()
        assert kernel.monitor.alerts == ()
        recorder = kernel._open.recorder
        await recorder.record(EventKind.EXPERIENCE_KEPT, "x9", lived(9, 0.8))
        await clock.settle()
        assert standing(kernel) == [("quality_dropped", "orders")]
    async with Kernel(KernelConfig(agents=()), store=store, clock=FakeClock()) as kernel:
        await kernel.monitor.collect()
        assert standing(kernel) == [("quality_dropped", "orders")], "it outlives a kernel"


async def test_run_failed_is_raised_at_once_and_ended_by_success(
    kernel: Kernel, clock: FakeClock, store: MemoryStore
):
    recorder = kernel._open.recorder
    goal = {"task": "clean", "inputs": {"orders": "orders.csv"}}
    for run, status in (("r1", "failed"), ("r2", "cancelled"), ("r3", "done")):
        await recorder.record(EventKind.RUN_STARTED, run, goal)
        await recorder.record(EventKind.RUN_ENDED, run, {"status": status, "reason": "no plan"})
        await clock.settle()
        stands = standing(kernel)
        assert stands == ([] if status == "done" else [("run_failed", "clean orders")])
    (alert,) = store.of("alert.raised")
    assert "r1" in str(alert.body["detail"])
    assert "no plan" in str(alert.body["detail"])


async def test_what_happened_just_before_the_end_is_judged_too(store: MemoryStore):
    async with Kernel(KernelConfig(agents=()), store=store, clock=FakeClock()) as kernel:
        recorder = kernel._open.recorder
        await recorder.record(EventKind.RUN_STARTED, "r", {"task": "clean", "inputs": {}})
        await recorder.record(EventKind.RUN_ENDED, "r", {"status": "failed"})
    assert [event.body["rule"] for event in store.of("alert.raised")] == ["run_failed"]


async def test_alerts_about_agents_end_with_their_kernel(store: MemoryStore):
    clock = FakeClock()
    async with Kernel(KernelConfig(agents=()), store=store, clock=clock) as kernel:
        agent = Sick("sick", HealthAnswer(healthy=True))
        await kernel.deploy(agent)
        agent.answer = ValueError("gone")
        await clock.advance(3 * INTERVAL)
        assert standing(kernel)
    async with Kernel(KernelConfig(agents=()), store=store, clock=FakeClock()) as kernel:
        await kernel.monitor.collect()
        assert kernel.monitor.alerts == ()
    raised = {event.subject for event in store.of("alert.raised")}
    assert raised == {event.subject for event in store.of("alert.ended")}


class Troubled(MemoryStore):
    """Says that it is damaged, and has some events queued."""

    queued = 7
    damage: StoreDamagedError | None = None

    async def commit(self, unit):
        if self.damage is not None:
            raise self.damage
        await super().commit(unit)


async def test_the_health_of_the_kernel_has_the_store_in_it():
    store = Troubled()
    async with Kernel(KernelConfig(agents=()), store=store, clock=FakeClock()) as kernel:
        health = kernel.health().store
        assert health is not None
        assert (health.queued, health.damaged, health.failures) == (7, "", 0)
        assert health.commits > 0
        store.damage = StoreDamagedError("s", "page 3 is damaged")
        with pytest.raises(StoreDamagedError):
            await kernel.monitor.collect()
        health = kernel.health().store
        assert health is not None
        assert "page 3" in health.damaged
        store.damage = None
        await kernel.monitor.collect()
        assert ("store_damaged", "kernel") in standing(kernel)


async def test_models_and_the_loop_are_in_it_and_alert(clock: FakeClock):
    replies = [ModelError("m", "down")] * 3 + ["fine"]
    models = ScriptedModels(replies)
    config = KernelConfig.parse(
        {
            "agents": [],
            "model": "scripted:m",
            "model_calls": {"attempts": 1},
            "disabled_plugins": [],
        }
    )
    async with Kernel(config, clock=clock, plugins=[models]) as kernel:
        for _ in range(3):
            with pytest.raises(ModelError):
                await kernel._open.models.ask(Prompt("i", "c"), None)
        (health,) = kernel.health().models
        assert (health.calls, health.failures_in_a_row, health.last_seconds) == (3, 3, None)
        assert "down" in health.last_error
        blocked = LoopHealth(blocked=Blockage("slowpoke", "tool x", 3.0))
        figures_ = kernel.monitor._figures
        figures_._sources = replace(figures_._sources, loop=lambda: blocked)
        await kernel.monitor.collect()
        stands = {each.rule: each for each in kernel.monitor.alerts}
        assert set(stands) == {"model_failing", "loop_blocked"}
        assert "down" in stands["model_failing"].detail
        assert "slowpoke, tool x" in stands["loop_blocked"].detail
        await kernel._open.models.ask(Prompt("i", "c"), None)
        assert kernel.health().models[0].failures_in_a_row == 0
        await kernel.monitor.collect()
        assert "model_failing" not in {each.rule for each in kernel.monitor.alerts}


class ScriptedModels:
    """A plugin whose models say what a test wrote."""

    def __init__(self, replies: list[Any]) -> None:
        self._model = ScriptedModel(replies)

    def open(self, name: str) -> ScriptedModel:
        return self._model

    @hookimpl
    def register_models(self):
        return [Strategy("scripted", lambda options: self)]


async def test_without_a_store_there_is_no_health_of_one(clock: FakeClock):
    async with Kernel(KernelConfig(agents=()), clock=clock) as kernel:
        assert kernel.health().store is None
        assert kernel.monitor.report().store is None


async def test_the_report_is_one_frozen_value_and_a_text(kernel: Kernel, clock: FakeClock):
    await kernel.deploy(Echo("echo"))
    await send(kernel, "echo")
    await clock.advance(INTERVAL)
    report = kernel.monitor.report()
    assert (report.total, report.healthy, report.system_health) == (1, 1, 1.0)
    assert report.response_mean == 0.0
    assert report == replace(report)
    lines = report.text.splitlines()
    assert "agents: 1, 1 healthy, system health 100%" in lines
    assert any(line.startswith("agent echo: healthy") for line in lines)
    assert any(line.startswith("throughput: ") for line in lines)


async def test_a_rule_can_be_turned_off(clock: FakeClock):
    config = KernelConfig.parse(
        {
            "agents": [],
            "alerts": {"agent_failed": {"enabled": False}, "team_down": {"enabled": False}},
        }
    )
    async with Kernel(config, clock=clock) as kernel:
        agent = Sick("sick", HealthAnswer(healthy=True))
        await kernel.deploy(agent)
        agent.answer = ValueError("gone")
        await clock.advance(4 * INTERVAL)
        assert kernel.monitor.alerts == ()


async def test_figures_are_kept_in_the_store(kernel: Kernel, clock: FakeClock, store: MemoryStore):
    await kernel.deploy(Echo("echo"))
    await clock.advance(INTERVAL)
    sampled = {event.subject for event in store.of("metric.sampled")}
    assert {"agents", "system_health", "messages_per_second", "errors", "store_seconds"} <= sampled


async def test_a_long_interval_makes_nobody_silent(clock: FakeClock):
    config = KernelConfig(agents=(), health_check_interval=120.0)
    async with Kernel(config, clock=clock) as kernel:
        await kernel.deploy(Echo("echo"))
        await clock.advance(1000)
        assert kernel.monitor.alerts == ()
