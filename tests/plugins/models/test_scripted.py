"""The model of the test kit behaves as one behind HTTP does."""

import pytest
from model_server import ModelServer, Status
from pydantic import BaseModel

from dataagents.core.errors import ModelError
from dataagents.core.models import Completion, Prompt
from dataagents.core.testing import ScriptedModel

PROMPT = Prompt("You choose.", "Which one?")


class Choice(BaseModel):
    option: str


async def text(desk):
    return await desk.complete(PROMPT)


async def choice(desk):
    return await desk.decide(PROMPT, Choice)


@pytest.mark.parametrize("question", [text, choice])
@pytest.mark.parametrize("reply", ['{"option": "b"}', '{"option": 1}', "b", "x" * 100_000])
async def test_the_same_reply_comes_to_the_same(ask, question, reply: str):
    async with ModelServer([reply]) as server:
        real = await ask(question, server)
    scripted = ScriptedModel([Completion(reply, tokens=15)])
    fake = await ask(question, model="scripted:any", plugins=[scripted])
    assert fake.said == real.said
    assert type(fake.error) is type(real.error)
    assert fake.answer.tokens == real.answer.tokens
    assert [(each.instructions, each.content) for each in scripted.prompts] == [
        (each.system, each.user) for each in server.requests
    ]


@pytest.mark.parametrize("retryable", [True, False])
async def test_the_same_failure_is_asked_again_or_not(ask, retryable: bool):
    async with ModelServer([Status(500 if retryable else 401), "yes"]) as server:
        real = await ask(text, server)
    scripted = ScriptedModel([ModelError("scripted:any", "no", retryable=retryable), "yes"])
    fake = await ask(text, model="scripted:any", plugins=[scripted])
    assert fake.said == real.said
    assert len(scripted.prompts) == len(server.requests) == 1 + retryable
    assert scripted.closed
