import asyncio

import pytest
from sample_agents import Echo, Sick, card

from dataagents.core import Agent, Deployed, Desk, HealthAnswer, Kernel, KernelConfig, Refused
from dataagents.core.cards import AgentState, Sample
from dataagents.core.deployment import Refusal
from dataagents.core.messaging import MessageType
from dataagents.core.services.recorder import NOWHERE
from dataagents.core.testing import FakeClock, MemoryStore


async def test_a_healthy_agent_is_deployed_with_its_measured_latency(
    kernel: Kernel, clock: FakeClock
):
    class Slow(Agent):
        async def process_sample(self, sample: Sample, desk: Desk) -> Sample:
            started.set()
            await asyncio.shield(go)
            return sample

    started, go = asyncio.Event(), asyncio.get_running_loop().create_future()
    deploying = asyncio.create_task(kernel.deploy(Slow(card("slow"))))
    await started.wait()
    await clock.advance(1.5)
    go.set_result(None)
    outcome = await deploying
    assert isinstance(outcome, Deployed)
    assert outcome.agent == "slow"
    assert outcome.report.seconds == pytest.approx(1.5)
    assert outcome.report.processing is True
    assert outcome.at == clock.now()
    assert kernel.roster.ready == ("slow",)


async def test_processing_is_separate_and_false_when_unstated(kernel: Kernel):
    outcome = await kernel.deploy(Sick("quiet", HealthAnswer(healthy=True)))
    assert isinstance(outcome, Deployed)
    assert outcome.report.processing is False


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (ValueError("no database"), "no database"),
        (None, "NoneType"),
        ({}, "dict"),
        (HealthAnswer(healthy=False, detail="out of disk"), "out of disk"),
    ],
)
async def test_an_unhealthy_agent_is_refused_and_rolled_back(
    kernel: Kernel, store: MemoryStore, answer: object, says: str
):
    outcome = await kernel.deploy(Sick("sick", answer))
    assert isinstance(outcome, Refused)
    assert outcome.refusal is Refusal.UNHEALTHY
    assert says in outcome.reason
    assert "sick" not in kernel.roster
    assert store.events[-1].kind == "agent.refused"
    assert isinstance(await kernel.deploy(Echo("sick")), Deployed)


async def test_an_agent_that_does_not_answer_in_time_is_refused(kernel: Kernel, clock: FakeClock):
    class Hanging(Agent):
        async def check_health(self, sample: Sample, desk: Desk) -> HealthAnswer:
            await asyncio.Event().wait()
            raise AssertionError

    deploying = asyncio.create_task(kernel.deploy(Hanging(card("hanging"))))
    await clock.advance(kernel.config.health_check_timeout + 0.1)
    outcome = await deploying
    assert isinstance(outcome, Refused)
    assert "did not return within 5 s" in outcome.reason


async def test_a_duplicate_id_is_refused_and_the_first_one_stays(kernel: Kernel):
    first = Echo("twin")
    await kernel.deploy(first)
    outcome = await kernel.deploy(Echo("twin"))
    assert isinstance(outcome, Refused)
    assert outcome.refusal is Refusal.DUPLICATE_ID
    assert kernel.roster.cards["twin"] is first.card


async def test_over_the_limit_is_refused(kernel: Kernel):
    for number in range(5):
        assert isinstance(await kernel.deploy(Echo(f"agent-{number}")), Deployed)
    outcome = await kernel.deploy(Echo("one-more"))
    assert isinstance(outcome, Refused)
    assert outcome.refusal is Refusal.LIMIT_REACHED
    assert await kernel.remove("agent-0")
    assert isinstance(await kernel.deploy(Echo("one-more")), Deployed)


@pytest.mark.parametrize("name", ["kernel", "election", "auctioneer", "monitor", "*", ""])
async def test_names_of_the_kernel_itself_are_reserved(kernel: Kernel, name: str):
    outcome = await kernel.deploy(Echo(name))
    assert isinstance(outcome, Refused)
    assert outcome.refusal is Refusal.RESERVED_ID


async def test_removing_an_agent_that_is_not_there_says_so(kernel: Kernel):
    assert await kernel.remove("nobody") is False


async def test_the_monitor_notices_sickness_raises_one_alert_and_ends_it(
    kernel: Kernel, clock: FakeClock, store: MemoryStore
):
    agent = Sick("fickle", HealthAnswer(healthy=True, processing=True))
    await kernel.deploy(agent)
    agent.answer = ValueError("gone")
    for failures in (1, 2):
        await clock.advance(kernel.config.health_check_interval)
        assert kernel.roster.reports["fickle"].failures == failures
        assert kernel.roster.ready == ()
    assert kernel.roster.state("fickle") is AgentState.UNHEALTHY
    assert [(alert.rule, alert.subject) for alert in kernel.monitor.alerts] == [
        ("agent_failed", "fickle")
    ]
    assert kernel.health().score == 0.0
    agent.answer = HealthAnswer(healthy=True)
    await clock.advance(kernel.config.health_check_interval)
    assert kernel.roster.ready == ("fickle",)
    await clock.advance(6 * kernel.config.health_check_interval)
    assert kernel.monitor.alerts == ()
    for kind in ("alert.raised", "alert.ended"):
        about = [event.body["subject"] for event in store.of(kind)]
        assert about.count("fickle") == 1


async def test_without_monitoring_only_the_check_at_deployment_is_left(clock: FakeClock):
    async with Kernel(KernelConfig(agents=(), monitoring=False), clock=clock) as kernel:
        await kernel.deploy(Echo("echo"))
        assert kernel.roster.reports["echo"].seconds >= 0
        await clock.advance(100)
        assert kernel.monitor.history == kernel.monitor.history.__class__(maxlen=500)
        assert isinstance(await kernel.deploy(Sick("sick", ValueError("no"))), Refused)


async def test_figures_of_an_empty_team_are_zero_not_an_error(kernel: Kernel):
    figures = {metric.name: metric.value for metric in await kernel.monitor.collect()}
    assert (figures["agents"], figures["agents_healthy"], figures["system_health"]) == (0, 0, 0)
    assert "response_mean" not in figures
    assert "latency_p99" not in figures
    assert kernel.health().score == 0.0


async def test_an_agent_without_a_card_is_refused(kernel: Kernel):
    class Careless(Agent):
        def __init__(self) -> None:
            pass

    outcome = await kernel.deploy(Careless())
    assert isinstance(outcome, Refused)
    assert outcome.refusal is Refusal.INVALID
    assert "super().__init__" in outcome.reason


async def test_an_agent_that_was_sick_for_long_can_recover_and_its_id_be_used_again(
    clock: FakeClock,
):
    async with Kernel(KernelConfig(agents=()), clock=clock) as kernel:
        agent = Sick("fickle", HealthAnswer(healthy=True))
        await kernel.deploy(agent)
        agent.answer = ValueError("gone")
        for _ in range(8):
            await clock.advance(kernel.config.health_check_interval)
        agent.answer = HealthAnswer(healthy=True)
        await clock.advance(kernel.config.health_check_interval)
        assert kernel.roster.ready == ("fickle",)
        agent.answer = ValueError("gone")
        await clock.advance(2 * kernel.config.health_check_interval)
        assert "fickle" in [alert.subject for alert in kernel.monitor.alerts]
        await kernel.remove("fickle")
        assert "fickle" not in [alert.subject for alert in kernel.monitor.alerts]
        assert isinstance(await kernel.deploy(Echo("fickle")), Deployed)


async def test_nothing_is_asked_of_an_agent_before_it_is_known_to_be_well(kernel: Kernel):
    class Pondering(Agent):
        async def check_health(self, sample: Sample, desk: Desk) -> HealthAnswer:
            asked.set()
            await go.wait()
            return HealthAnswer(healthy=True)

    asked, go = asyncio.Event(), asyncio.Event()
    deploying = asyncio.create_task(kernel.deploy(Pondering(card("new"))))
    await asked.wait()
    assert kernel.roster.ready == ()
    go.set()
    await deploying
    assert kernel.roster.ready == ("new",)


class Listener(Agent):
    """Subscribes when it joins, and keeps what it hears."""

    def __init__(self, name: str) -> None:
        super().__init__(card(name))
        self.heard: list[object] = []

    async def joined(self, desk: Desk) -> None:
        await desk.subscribe("orders.*")

    async def handle(self, message, desk):
        self.heard.append(message.payload)


async def test_an_agent_is_told_that_it_joined_and_can_begin_to_listen(kernel: Kernel):
    listener = Listener("listener")
    await kernel.deploy(listener)
    message = kernel.hub.compose("test", "", MessageType.DATA_REQUEST, {"n": 1}, context=NOWHERE)
    (receipt,) = await kernel.hub.publish("orders.new", message)
    assert receipt.ok
    assert listener.heard == [{"n": 1}]


async def test_an_agent_that_has_nothing_to_begin_is_sent_nothing(
    kernel: Kernel, store: MemoryStore
):
    await kernel.deploy(Echo("echo"))
    sent = [event.body["type"] for event in store.of("message.sent")]
    assert "welcome" not in sent


async def test_an_agent_that_fails_to_begin_stays_and_the_failure_is_known(kernel: Kernel):
    class Clumsy(Agent):
        async def joined(self, desk: Desk) -> None:
            raise ValueError("no topic")

    assert isinstance(await kernel.deploy(Clumsy(card("clumsy"))), Deployed)
    assert "no topic" in kernel.hub.dead_letters[-1].receipt.reason
    assert kernel.health().failures == {"clumsy": 1}
