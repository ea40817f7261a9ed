"""Interceptors: what stands between senders and the transport."""

from dataclasses import replace

import pytest
from sample_agents import Broken, Echo
from sample_messages import message

from dataagents.core import Kernel, KernelConfig, Message, Strategy, hookimpl
from dataagents.core.errors import UnknownStrategyError
from dataagents.core.messaging import Passage, Receipt, ReceiptStatus
from dataagents.core.testing import FakeClock


class Stamp:
    """Writes its name into the payload."""

    def __init__(self, name: str) -> None:
        self.name = name

    async def intercept(self, message: Message, passage: Passage) -> Receipt:
        by = [*message.payload.get("by", []), self.name]
        return await passage.proceed(replace(message, id="another", payload={"by": by}))

    def health(self) -> dict[str, object]:
        return {"name": self.name}


class Faulty(Stamp):
    """Raises before or after the message went on."""

    async def intercept(self, message: Message, passage: Passage) -> Receipt:
        if self.name == "before":
            raise ValueError("no way")
        await passage.proceed(message)
        raise ValueError("too late")

    def health(self) -> dict[str, object]:
        raise ValueError("nobody knows")


class Plugin:
    @hookimpl
    def register_interceptors(self):
        return [
            Strategy("one", lambda options: Stamp("one")),
            Strategy("two", lambda options: Stamp("two")),
            Strategy("before", lambda options: Faulty("before")),
            Strategy("after", lambda options: Faulty("after")),
        ]


def kernel_with(clock: FakeClock, *interceptors: str, **options: object) -> Kernel:
    settings = {
        "agents": [],
        "monitoring": False,
        "quarantine_after": 100,
        "strategies": {"interceptors": list(interceptors)},
        "options": options,
    }
    return Kernel(KernelConfig.parse(settings), plugins=[Plugin()], clock=clock)


async def test_a_message_meets_interceptors_in_the_order_of_the_configuration(clock: FakeClock):
    async with kernel_with(clock, "two", "one") as kernel:
        echo = Echo("echo")
        await kernel.deploy(echo)
        sent = message(kernel, "echo")
        reply = await kernel.hub.request(sent)
        assert isinstance(reply, Message)
        assert [each.payload for each in echo.heard] == [{"by": ["two", "one"]}]
        assert echo.heard[0].id == sent.id, "whatever it does, it is the same message"
        assert kernel.health().interceptors == {"two": {"name": "two"}, "one": {"name": "one"}}


async def test_an_interceptor_that_raises_costs_the_message(clock: FakeClock):
    async with kernel_with(clock, "before") as kernel:
        kernel.hub.register("direct", Echo("direct").handle)  # type: ignore[arg-type]
        receipt = await kernel.hub.send(message(kernel, "direct"))
        assert receipt.status is ReceiptStatus.REFUSED
        assert "no way" in receipt.reason
        assert "nobody knows" in str(kernel.health().interceptors["before"]["error"])


async def test_what_is_raised_once_the_message_went_on_changes_nothing(clock: FakeClock):
    async with kernel_with(clock, "after") as kernel:
        await kernel.deploy(Echo("echo"))
        reply = await kernel.hub.request(message(kernel, "echo"))
        assert isinstance(reply, Message)


async def test_the_breaker_leaves_alone_what_keeps_failing(clock: FakeClock):
    settings = {"failures": 2, "pause": 10}
    async with kernel_with(clock, "circuit-breaker", **{"circuit-breaker": settings}) as kernel:
        broken = Broken("broken")
        await kernel.deploy(broken)
        await kernel.deploy(Echo("echo"))
        statuses = [(await kernel.hub.send(message(kernel, "broken"))).status for _ in range(4)]
        failed, refused = ReceiptStatus.AGENT_FAILED, ReceiptStatus.REFUSED
        assert statuses == [failed, failed, refused, refused]
        assert (await kernel.hub.send(message(kernel, "echo"))).ok, "each agent has its own"
        assert (await kernel.monitor.check("broken")).health == "healthy"
        shown = kernel.health().interceptors["circuit-breaker"]
        assert shown == {
            "broken": {"state": "open", "failures": 2, "in_a_row": 2, "refused": 2, "opened": 1}
        }
        await clock.advance(10)
        statuses = [(await kernel.hub.send(message(kernel, "broken"))).status for _ in range(2)]
        assert statuses == [failed, refused], "half-open, one may try"


@pytest.mark.parametrize("name", ["circuit-braker", ""])
async def test_an_interceptor_that_is_not_installed_keeps_the_kernel_from_opening(
    clock: FakeClock, name: str
):
    with pytest.raises(UnknownStrategyError, match="interceptor"):
        async with kernel_with(clock, name):
            pass
