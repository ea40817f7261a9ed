"""What a transport brings twice is handled once."""

import asyncio
from dataclasses import replace

import pytest

from dataagents.core.errors import StoreError
from dataagents.core.messaging import Assurance, Message, Receipt, ReceiptStatus
from dataagents.core.services.gathering import gathered
from dataagents.core.services.messaging.arrivals import Arrivals
from dataagents.core.testing.clock import START

MESSAGE = Message("1", "a", "b", START)
SURELY = replace(MESSAGE, assurance=Assurance.GUARANTEED)


class Desk:
    """Where messages arrive; answers as it is told, once it is told."""

    def __init__(self) -> None:
        self.arrivals = Arrivals(2, lambda: START)
        self.handled = 0
        self.answers: list[ReceiptStatus | Exception] = [ReceiptStatus.DELIVERED]
        self.open = asyncio.Event()
        self.open.set()

    async def bring(self, message: Message) -> Receipt:
        return await self.arrivals.receive(message, self._accept)

    async def _accept(self, message: Message) -> Receipt:
        self.handled += 1
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        await self.open.wait()
        if isinstance(answer, Exception):
            raise answer
        return Receipt(message.id, message.recipient, answer, START)


async def test_a_copy_gets_the_receipt_of_the_first_even_while_that_is_being_handled():
    desk = Desk()
    desk.open.clear()
    copies = [asyncio.create_task(desk.bring(SURELY)) for _ in range(3)]
    await asyncio.sleep(0)
    desk.open.set()
    first, *others = await asyncio.gather(*copies)
    assert all(each is first for each in (*others, await desk.bring(SURELY)))
    assert desk.handled == 1


@pytest.mark.parametrize(("message", "times"), [(MESSAGE, 1), (SURELY, 2)])
async def test_what_failed_is_tried_again_where_that_is_guaranteed(message, times):
    desk = Desk()
    desk.answers = [ReceiptStatus.AGENT_FAILED, ReceiptStatus.DELIVERED]
    await desk.bring(message)
    await desk.bring(message)
    assert desk.handled == times


@pytest.mark.parametrize("status", [ReceiptStatus.MAILBOX_FULL, ReceiptStatus.UNKNOWN_RECIPIENT])
async def test_what_no_handler_has_seen_may_come_again(status):
    desk = Desk()
    desk.answers = [status, ReceiptStatus.DELIVERED]
    assert (await desk.bring(MESSAGE)).status is status
    assert (await desk.bring(MESSAGE)).ok


async def test_a_copy_of_what_was_stopped_is_answered_and_not_handled():
    desk = Desk()
    desk.open.clear()
    first = asyncio.create_task(desk.bring(MESSAGE))
    await asyncio.sleep(0)
    copy = asyncio.create_task(desk.bring(MESSAGE))
    await asyncio.sleep(0)
    first.cancel()
    receipt = await copy
    assert (receipt.status, receipt.reason) == (
        ReceiptStatus.AGENT_FAILED,
        "it was stopped before it returned",
    )
    assert first.cancelled()
    assert desk.handled == 1


async def test_what_could_not_be_recorded_raises_for_all_and_may_come_again():
    desk = Desk()
    desk.answers = [StoreError("s", "full"), ReceiptStatus.DELIVERED]
    desk.open.clear()
    copies = [asyncio.create_task(desk.bring(MESSAGE)) for _ in range(2)]
    await asyncio.sleep(0)
    desk.open.set()
    for copy in copies:
        with pytest.raises(StoreError):
            await copy
    assert (await desk.bring(MESSAGE)).ok


async def test_only_the_latest_are_remembered():
    desk = Desk()
    for name in ("1", "2", "3", "1"):
        await desk.bring(replace(MESSAGE, id=name))
    assert desk.handled == 4


async def test_gathered_works_end_together():
    ended: list[str] = []

    async def wait() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("other")

    async def fail() -> None:
        await asyncio.sleep(0)
        raise StoreError("s", "full")

    with pytest.raises(StoreError):
        await gathered(wait(), fail())
    assert ended == ["other"]
    assert await gathered(asyncio.sleep(0, 1), asyncio.sleep(0, 2)) == (1, 2)
