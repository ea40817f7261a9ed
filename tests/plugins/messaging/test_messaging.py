from dataclasses import replace

import pytest

from dataagents.core.cards import AgentCard
from dataagents.core.errors import ClosedError
from dataagents.core.messaging import (
    EVERYONE,
    Assurance,
    Lineage,
    Receipt,
    ReceiptStatus,
    Traffic,
)
from dataagents.core.testing import RouterContract, TransportContract
from dataagents.core.testing.clock import START
from dataagents.core.testing.messaging import message
from dataagents.plugins.messaging.in_process import InProcess
from dataagents.plugins.messaging.loopback import Loopback
from dataagents.plugins.messaging.routing import Direct

ROSTER = {name: AgentCard(name, "agent") for name in ("a", "b", "c")}


class TestDirect(RouterContract):
    def router(self):
        return Direct()


class TestInProcess(TransportContract):
    def transport(self):
        return InProcess()


class TestLoopback(TransportContract):
    def transport(self):
        return Loopback()


@pytest.mark.parametrize(
    ("recipient", "named"),
    [("b", ("b",)), ("a", ("a",)), (EVERYONE, ("b", "c")), ("nobody", ()), ("", ())],
)
def test_a_message_goes_to_whom_it_names(recipient, named):
    assert Direct().route(message(sender="a", recipient=recipient), ROSTER, Traffic()) == named


def test_the_kernel_tells_everyone():
    assert Direct().route(message(sender="kernel", recipient=EVERYONE), ROSTER, Traffic()) == (
        "a",
        "b",
        "c",
    )


async def test_a_message_is_handed_over_by_reference():
    received, transport, sent = [], InProcess(), message()

    async def receive(arrived):
        received.append(arrived)

    await transport.open(receive)
    await transport.deliver(sent)
    assert received[0] is sent


async def test_a_closed_transport_names_itself():
    with pytest.raises(ClosedError, match="in-process transport"):
        await InProcess().deliver(message())


async def test_loopback_hands_over_a_copy_with_every_field():
    received, transport = [], Loopback()
    lineage = Lineage("b", ("a",), "tool", START, columns={"x": ("y",)})
    sent = replace(
        message(),
        deadline=START,
        waiting=("a/work",),
        lineage=(lineage,),
        assurance=Assurance.QUEUED,
        schema_info={"number": "integer"},
    )

    async def receive(arrived):
        received.append(arrived)
        return Receipt(arrived.id, arrived.recipient, ReceiptStatus.QUEUED, START)

    await transport.open(receive)
    receipt = await transport.deliver(sent)
    assert receipt == Receipt(sent.id, "b", ReceiptStatus.QUEUED, START)
    assert received == [sent]
    assert received[0] is not sent
    assert received[0].payload is not sent.payload
