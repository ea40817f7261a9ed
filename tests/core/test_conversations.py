"""Conversations: who takes part, what is said, whether something is still to come."""

import asyncio

from sample_agents import Broken, Echo, Held
from sample_messages import message

from dataagents.core import Kernel
from dataagents.core.messaging import ConversationState
from dataagents.core.testing import FakeClock


async def test_a_conversation_is_active_until_everything_is_answered(
    kernel: Kernel, clock: FakeClock
):
    held = Held("held")
    await kernel.deploy(held)
    sent = message(kernel, "held", conversation="talk")
    asking = asyncio.create_task(kernel.hub.request(sent))
    await held.started.wait()
    talk = kernel.hub.conversation("talk")
    assert talk is not None
    assert (talk.state, talk.messages) == (ConversationState.ACTIVE, (sent.id,))
    held.release.set()
    reply = await asking
    talk = kernel.hub.conversation("talk")
    assert talk is not None
    assert (talk.state, talk.messages) == (ConversationState.SETTLED, (sent.id, reply.id))


async def test_a_conversation_counts_what_did_not_arrive(kernel: Kernel):
    await kernel.deploy(Broken("broken"))
    await kernel.hub.send(message(kernel, "broken", conversation="talk"))
    await kernel.hub.send(message(kernel, "broken", conversation="talk"))
    talk = kernel.hub.conversation("talk")
    assert talk is not None
    assert (talk.undelivered, talk.state) == (2, ConversationState.SETTLED)


async def test_the_oldest_conversations_are_forgotten(kernel: Kernel):
    await kernel.deploy(Echo("echo"))
    for number in range(kernel.config.history + 1):
        await kernel.hub.send(message(kernel, "echo", conversation=f"talk-{number}"))
    assert kernel.hub.conversation("talk-0") is None
    assert kernel.hub.conversation(f"talk-{kernel.config.history}") is not None
