"""The contracts of routers, interceptors and transports."""

import asyncio
import json
from copy import deepcopy
from datetime import datetime

from dataagents.core.cards import AgentCard
from dataagents.core.errors import ClosedError
from dataagents.core.messaging import (
    EVERYONE,
    Interceptor,
    Message,
    Receipt,
    ReceiptStatus,
    Router,
    Traffic,
    Transport,
)
from dataagents.core.testing.clock import START


def message(number: int = 1, *, sender: str = "a", recipient: str = "b") -> Message:
    """Return a message; the number makes it distinct."""
    return Message(f"message-{number}", sender, recipient, START, payload={"number": number})


class RouterContract:
    """What every router holds to."""

    def router(self) -> Router:
        """Return the router under test."""
        raise NotImplementedError

    def test_it_names_known_agents_only_and_each_once(self) -> None:
        """Whoever a message is for, it goes to agents that are there."""
        roster = {name: AgentCard(name, "agent") for name in ("a", "b", "c")}
        for recipient in (*roster, EVERYONE, "nobody", ""):
            for sender in (*roster, "kernel"):
                asked = message(sender=sender, recipient=recipient)
                named = self.router().route(asked, roster, Traffic())
                assert isinstance(named, tuple)
                assert set(named) <= set(roster)
                assert len(set(named)) == len(named)

    def test_everyone_leaves_out_the_sender(self) -> None:
        """Nobody gets back what they told everyone."""
        roster = {name: AgentCard(name, "agent") for name in ("a", "b", "c")}
        named = self.router().route(message(sender="a", recipient=EVERYONE), roster, Traffic())
        assert "a" not in named

    def test_an_empty_roster_has_no_recipients(self) -> None:
        """Without agents there is nobody to route to."""
        for recipient in ("b", EVERYONE):
            assert self.router().route(message(recipient=recipient), {}, Traffic()) == ()

    def test_the_same_roster_and_message_give_the_same_answer(self) -> None:
        """A router is pure, and leaves the roster as it was."""
        roster = {name: AgentCard(name, "agent", {"clean": 0.5}) for name in ("a", "b")}
        before = deepcopy(roster)
        asked = message()
        assert self.router().route(asked, roster, Traffic()) == self.router().route(
            asked, roster, Traffic()
        )
        assert roster == before


class _Rest:
    """The rest of the way, which answers in a given way and remembers what came."""

    def __init__(self, sent: Message, status: ReceiptStatus) -> None:
        self.sent = sent
        self.status = status
        self.passed: list[Message] = []

    def now(self) -> datetime:
        return START

    async def proceed(self, message: Message) -> Receipt:
        self.passed.append(message)
        await asyncio.sleep(0)
        return Receipt(self.sent.id, self.sent.recipient, self.status, START)

    def refuse(self, reason: str) -> Receipt:
        return Receipt(self.sent.id, self.sent.recipient, ReceiptStatus.REFUSED, START, reason)


class InterceptorContract:
    """What every interceptor holds to."""

    def interceptor(self) -> Interceptor:
        """Return the interceptor under test."""
        raise NotImplementedError

    async def test_a_message_proceeds_at_most_once_and_its_receipt_comes_back(self) -> None:
        """Whatever becomes of a message further on, its receipt is about that message."""
        interceptor = self.interceptor()
        for number, status in enumerate(ReceiptStatus):
            sent = message(number, recipient=f"agent-{number}")
            rest = _Rest(sent, status)
            receipt = await interceptor.intercept(sent, rest)
            assert isinstance(receipt, Receipt)
            assert (receipt.message, receipt.recipient) == (sent.id, sent.recipient)
            assert len(rest.passed) <= 1
            assert all(each.id == sent.id for each in rest.passed)
            assert receipt.status is (status if rest.passed else ReceiptStatus.REFUSED)

    async def test_messages_at_the_same_time_keep_to_themselves(self) -> None:
        """Each of many messages gets its own receipt."""
        interceptor = self.interceptor()
        sent = [message(number) for number in range(20)]
        receipts = await asyncio.gather(
            *(interceptor.intercept(each, _Rest(each, ReceiptStatus.DELIVERED)) for each in sent)
        )
        assert [receipt.message for receipt in receipts] == [each.id for each in sent]

    async def test_its_health_is_json(self) -> None:
        """An operator can see it, before and after something came through."""
        interceptor = self.interceptor()
        for status in (None, ReceiptStatus.DELIVERED, ReceiptStatus.AGENT_FAILED):
            if status is not None:
                sent = message()
                await interceptor.intercept(sent, _Rest(sent, status))
            shown = interceptor.health()
            assert json.loads(json.dumps(shown)) == shown


class _Inbox:
    """The far end of a transport."""

    def __init__(self) -> None:
        self.received: list[Message] = []

    async def receive(self, message: Message) -> Receipt:
        self.received.append(message)
        await asyncio.sleep(0)
        return Receipt(message.id, message.recipient, ReceiptStatus.DELIVERED, START)


class TransportContract:
    """What every transport holds to."""

    def transport(self) -> Transport:
        """Return the transport under test, not opened."""
        raise NotImplementedError

    async def test_a_message_arrives_once_and_unchanged(self) -> None:
        """What was delivered is what was received."""
        inbox, transport, sent = _Inbox(), self.transport(), message()
        await transport.open(inbox.receive)
        receipt = await transport.deliver(sent)
        await transport.close()
        assert inbox.received == [sent]
        assert (receipt.message, receipt.status) == (sent.id, ReceiptStatus.DELIVERED)

    async def test_messages_at_the_same_time_get_their_own_receipts(self) -> None:
        """A receipt is about the message that it answers."""
        inbox, transport = _Inbox(), self.transport()
        sent = [message(number) for number in range(20)]
        await transport.open(inbox.receive)
        receipts = await asyncio.gather(*(transport.deliver(each) for each in sent))
        await transport.close()
        assert [receipt.message for receipt in receipts] == [each.id for each in sent]
        assert sorted(each.id for each in inbox.received) == sorted(each.id for each in sent)

    async def test_nothing_is_delivered_before_it_is_opened(self) -> None:
        """A transport that was not opened says so."""
        assert not await _delivers(self.transport(), message())

    async def test_nothing_is_delivered_after_it_is_closed(self) -> None:
        """A closed transport says so, and receives nothing any more."""
        inbox, transport = _Inbox(), self.transport()
        await transport.open(inbox.receive)
        await transport.close()
        assert not await _delivers(transport, message())
        assert inbox.received == []


async def _delivers(transport: Transport, message: Message) -> bool:
    try:
        return (await transport.deliver(message)).ok
    except ClosedError:
        return False
