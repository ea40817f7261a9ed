"""Guaranteed messages and dead letters after a crash."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

import pytest
from crashes import CONFIG, CrashingStore, Member, crashed, kernel_on, survivors
from hypothesis import given, settings
from hypothesis import strategies as st
from restarting import Stores, on
from sample_messages import guaranteed, message
from volume import amount

from dataagents.core import InputError, Kernel, Message
from dataagents.core.events import Event, EventKind
from dataagents.core.messaging import Assurance, ReceiptStatus
from dataagents.core.testing import FakeClock, MemoryStore
from dataagents.core.testing.clock import START
from dataagents.core.values import from_json

LATER = START + timedelta(days=1)
PATIENCE = 60.0
"""Seconds after which what has not come does not come."""


def sent_of(store: MemoryStore) -> dict[str, Message]:
    """Guaranteed messages that were put on record before they left."""
    sent = [from_json(Message, event.body) for event in store.of(EventKind.MESSAGE_SENT)]
    return {each.id: each for each in sent if each.assurance is Assurance.GUARANTEED}


def settled_of(store: MemoryStore) -> set[str]:
    return {event.subject for event in store.of(EventKind.MESSAGE_SETTLED)}


async def send_many(kernel: Kernel) -> None:
    """Send some after one another, some at once, some that nobody waits for."""
    await kernel.hub.send(guaranteed(kernel, "ann", payload={"n": 1}))
    await asyncio.gather(
        kernel.hub.request(guaranteed(kernel, "ben", payload={"n": 2})),
        kernel.hub.send(guaranteed(kernel, "ann", payload={"n": 3})),
        kernel.hub.send(message(kernel, "ben", payload={"n": 4})),
    )
    kernel.hub.post(guaranteed(kernel, "ben", payload={"n": 5}))
    await kernel.hub.send(guaranteed(kernel, "ben", payload={"n": 6}))


async def brought_home(crashes: Sequence[int]) -> None:
    events: Sequence[Event] = ()
    handled: Counter[str] = Counter()
    for hour, crash in enumerate((*crashes, 10_000)):
        home = {event.subject for event in events if event.kind == EventKind.MESSAGE_SETTLED}
        store, team = CrashingStore(events), [Member("ann"), Member("ben")]
        clock = FakeClock(START + timedelta(hours=hour))
        async with kernel_on(store, clock=clock) as kernel:
            store.left = crash + 20
            for agent in team:
                await kernel.deploy(agent)
            store.left = crash
            if hour == 0:
                await asyncio.gather(send_many(kernel), return_exceptions=True)
            await clock.settle()
        again = Counter[str]()
        for agent in team:
            again.update(agent.handled)
        assert not home & again.keys(), "what is at home is not handled once more"
        assert all(times == 1 for times in again.values()), "by one kernel at most once"
        handled.update(again)
        events = tuple(store.events)
    final = survivors(store)
    assert sent_of(final).keys() <= handled.keys(), "none is lost"
    assert sent_of(final).keys() <= settled_of(final)
    assert await final.unsettled(100) == ()


@settings(max_examples=amount(8))
@given(st.lists(st.integers(0, 20), min_size=1, max_size=3))
def test_wherever_it_is_cut_off_no_guaranteed_message_is_lost(crashes: list[int]):
    asyncio.run(brought_home(crashes))


@pytest.mark.parametrize("crash", range(16))
async def test_each_commit_is_a_place_to_go_on_from(crash: int):
    await brought_home([crash])


async def test_a_message_is_on_record_before_it_leaves():
    async def send(kernel: Kernel) -> None:
        await kernel.hub.send(guaranteed(kernel, "ann"))

    ann = Member("ann")
    store, _ = await crashed(0, [ann], send)
    assert not ann.handled
    assert sent_of(store) == {}


async def lost_in(stores: Stores, **options: object) -> Message:
    """Send a message to somebody who keeps it until the kernel closes; return it."""

    async with on(stores, ann := Stuck("ann")) as kernel:
        sent = guaranteed(kernel, "ann", **options)
        kernel.hub.post(sent)
        await until(ann.busy.is_set)
    return sent


class Stuck(Member):
    """Takes a message and never has done with it."""

    async def handle(self, message, desk):
        self.busy.set()
        await asyncio.Event().wait()


async def until(holds) -> None:
    """Return when something holds; the thread of a store takes the time that the disk does."""
    async with asyncio.timeout(PATIENCE):
        while not holds():  # noqa: ASYNC110  # nothing tells of it
            await asyncio.sleep(0.001)


async def test_a_message_under_way_when_the_kernel_closes_is_delivered_by_the_next(stores: Stores):
    sent = await lost_in(stores, payload={"n": 1}, conversation="talk")
    ann = Member("ann")
    async with on(stores, ann, hours=1):
        await until(lambda: ann.handled)
        assert ann.handled == {sent.id: 1}
    async with on(stores, again := Member("ann"), hours=2) as kernel:
        await until(lambda: not kernel.hub.dead_letters)
        assert not again.handled, "its receipt is on record"


async def test_it_waits_until_its_recipient_is_there(stores: Stores):
    sent = await lost_in(stores)
    async with on(stores, Member("ben"), hours=1) as kernel:
        for _ in range(100):
            await asyncio.sleep(0)
        assert not kernel.hub.dead_letters
    ann = Member("ann")
    async with on(stores, hours=2) as kernel:
        await kernel.deploy(ann)
        await until(lambda: ann.handled)
    assert ann.handled == {sent.id: 1}


async def test_one_that_has_expired_meanwhile_is_a_dead_letter(stores: Stores):
    sent = await lost_in(stores, within=60.0)
    ann = Member("ann")
    async with on(stores, ann, hours=1) as kernel:
        await until(lambda: kernel.hub.dead_letters)
        (letter,) = kernel.hub.dead_letters
        assert (letter.message.id, letter.receipt.status) == (sent.id, ReceiptStatus.EXPIRED)
    async with on(stores, ann, hours=2) as kernel:
        assert [each.message.id for each in kernel.hub.dead_letters] == [sent.id]
    assert not ann.handled


async def test_more_than_are_held_at_a_time_are_all_delivered(stores: Stores):
    async with on(stores, Stuck("ann"), mailbox_size=50) as kernel:
        sent = [guaranteed(kernel, "ann", payload={"n": n}) for n in range(20)]
        for each in sent:
            kernel.hub.post(each)
        await until(lambda: kernel.hub.waiting("ann") == len(sent) - 1)
    ann = Member("ann")
    async with on(stores, ann, hours=1, remembered_messages=3, mailbox_size=50):
        await until(lambda: len(ann.handled) == 20)
    assert ann.handled == {each.id: 1 for each in sent}


async def test_one_that_ends_the_process_each_time_becomes_a_dead_letter():
    class Fragile(Member):
        async def handle(self, message, desk):
            if message.payload.get("poison"):
                self.handled[message.id] += 1
                store.left = 0  # nothing of this process comes on record any more
                await asyncio.Event().wait()
            return await super().handle(message, desk)

    config = CONFIG.model_copy(update={"delivery_attempts": 3})
    events: Sequence[Event] = ()
    handled, settled, poison = Counter[str](), set[str](), ""
    for hour in range(8):
        store, agents = CrashingStore(events), [Fragile("ann"), Fragile("ben")]
        clock = FakeClock(START + timedelta(hours=hour))
        async with kernel_on(store, clock=clock, config=config) as kernel:
            for agent in agents:
                await kernel.deploy(agent)
            if hour == 0:
                bad = guaranteed(kernel, "ann", payload={"poison": True})
                good = [guaranteed(kernel, to) for to in ("ann", "ben") * 3]
                poison = bad.id
                for each in (bad, *good):
                    kernel.hub.post(each)
            await clock.settle()
            letters = [each.message.id for each in kernel.hub.dead_letters]
        for agent in agents:
            handled.update(agent.handled)
        events, settled = tuple(store.events), settled_of(survivors(store))
    assert handled[poison] == 1 + 3
    assert settled >= sent_of(survivors(store)).keys(), "the others are all at home"
    assert letters == [poison]
    (receipt,) = [each for each in store.of(EventKind.MESSAGE_SETTLED) if each.subject == poison]
    assert "it was delivered again 3 times, and each time the process ended" in str(receipt.body)


async def test_kernels_that_close_in_order_are_no_reason_to_give_a_message_up(stores: Stores):
    class Stuck(Member):
        async def handle(self, message, desk):
            self.handled[message.id] += 1
            await asyncio.Event().wait()

    sent = await lost_in(stores)
    for hour in range(1, 4):
        async with on(stores, stuck := Stuck("ann"), hours=hour, delivery_attempts=1):
            await until(lambda: stuck.handled)
    async with on(stores, ann := Member("ann"), hours=9, delivery_attempts=1) as kernel:
        await until(lambda: ann.handled)
        assert not kernel.hub.dead_letters
    assert ann.handled == {sent.id: 1}


async def test_dead_letters_survive_and_can_be_sent_again(stores: Stores):
    async with on(stores) as kernel:
        lost = message(kernel, "ann", payload={"n": 1})
        assert (await kernel.hub.send(lost)).status is ReceiptStatus.UNKNOWN_RECIPIENT
        other = message(kernel, "ann", payload={"n": 2})
        await kernel.hub.send(other)
    ann = Member("ann")
    async with on(stores, ann, hours=1) as kernel:
        assert [each.message for each in kernel.hub.dead_letters] == [lost, other]
        assert kernel.health().dead_letters == 2
        assert (await kernel.hub.resend(lost.id)).ok
        assert sum(ann.handled.values()) == 1
    async with on(stores, ann, hours=2) as kernel:
        assert [each.message.id for each in kernel.hub.dead_letters] == [other.id]
        with pytest.raises(InputError, match="dead letter"):
            await kernel.hub.resend(lost.id)


async def test_the_dead_letters_that_are_read_are_bounded(stores: Stores):
    async with on(stores) as kernel:
        for number in range(5):
            await kernel.hub.send(message(kernel, "ann", payload={"n": number}))
    async with on(stores, hours=1, history=2) as kernel:
        assert [each.message.payload["n"] for each in kernel.hub.dead_letters] == [3, 4]


async def test_what_was_refused_at_the_door_is_not_kept(stores: Stores):
    async with on(stores) as kernel:
        misfit = message(kernel, "ann", schema_info={"rows": "integer"})
        assert (await kernel.hub.send(misfit)).status is ReceiptStatus.REFUSED
        assert len(kernel.hub.dead_letters) == 1
    async with on(stores, hours=1) as kernel:
        assert kernel.hub.dead_letters == ()
