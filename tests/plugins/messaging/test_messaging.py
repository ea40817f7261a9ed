import pytest

from dataagents.core.cards import AgentCard
from dataagents.core.errors import ClosedError
from dataagents.core.messaging import EVERYONE
from dataagents.core.testing import RouterContract, TransportContract
from dataagents.core.testing.messaging import message
from dataagents.plugins.messaging.in_process import InProcess
from dataagents.plugins.messaging.routing import Direct

ROSTER = {name: AgentCard(name, "agent") for name in ("a", "b", "c")}


class TestDirect(RouterContract):
    def router(self):
        return Direct()


class TestInProcess(TransportContract):
    def transport(self):
        return InProcess()


@pytest.mark.parametrize(
    ("recipient", "named"),
    [("b", ("b",)), ("a", ("a",)), (EVERYONE, ("b", "c")), ("nobody", ()), ("", ())],
)
def test_a_message_goes_to_whom_it_names(recipient, named):
    assert Direct().route(message(sender="a", recipient=recipient), ROSTER) == named


def test_the_kernel_tells_everyone():
    assert Direct().route(message(sender="kernel", recipient=EVERYONE), ROSTER) == ("a", "b", "c")


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
