"""What comes of a question to a model, over real HTTP."""

import asyncio
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import repeat

import pytest
from model_server import Cut, Decided, ModelServer, Silent, Status, Text
from pydantic import BaseModel, ConfigDict

from dataagents.core.clock import SystemClock
from dataagents.core.errors import DecisionError, ModelError
from dataagents.core.models import Prompt
from dataagents.core.testing import FakeClock

PROMPT = Prompt("You choose.", "Which one?")


class Choice(BaseModel):
    """One of several."""

    model_config = ConfigDict(extra="forbid")

    option: str


async def text(desk):
    return await desk.complete(PROMPT)


async def choice(desk):
    return await desk.decide(PROMPT, Choice)


async def test_a_text_is_asked_for_with_the_prompt_alone(ask, key):
    async with ModelServer(["the second"]) as server:
        outcome = await ask(text, server)
    (request,) = server.requests
    assert outcome.said == "the second"
    assert (request.system, request.user) == ("You choose.", "Which one?")
    assert request.path == "/v1/chat/completions"
    assert request.headers["authorization"] == f"Bearer {key}"
    assert request.json["model"] == "gpt-4o-mini"
    assert request.json["temperature"] == 0
    assert "tools" not in request.json


async def test_a_decision_is_asked_for_as_a_call_of_one_tool(ask):
    async with ModelServer(['{"option": "b"}']) as server:
        outcome = await ask(choice, server)
    (request,) = server.requests
    (tool,) = request.json["tools"]
    assert outcome.said == Choice(option="b")
    assert request.json["tool_choice"] == "required"
    assert tool["function"]["description"] == "One of several."
    assert list(tool["function"]["parameters"]["properties"]) == ["option"]


@pytest.mark.parametrize(
    ("output", "expected"),
    [("native", "json_schema"), ("prompted", "json_object")],
)
async def test_a_decision_can_be_asked_for_without_a_tool(ask, output: str, expected: str):
    async with ModelServer(['{"option": "b"}']) as server:
        outcome = await ask(choice, server, options={"output": output})
    (request,) = server.requests
    assert outcome.said == Choice(option="b")
    assert "tools" not in request.json
    assert request.json["response_format"]["type"] == expected
    assert ("option" in request.system) is (output == "prompted")


@pytest.mark.parametrize(
    "words",
    [
        '{"option": "b"}',
        ' \n{"option": "b"}\n',
        '```json\n{"option": "b"}\n```',
        'Here you are:\n```\n{"option": "b"}\n```\nI hope that helps.',
    ],
)
async def test_a_decision_in_words_is_read_too(ask, words: str):
    async with ModelServer([Text(words)]) as server:
        outcome = await ask(choice, server)
    assert outcome.said == Choice(option="b")


@pytest.mark.parametrize(
    "reply",
    [
        Decided('{"option": "b"'),
        Decided('{"choice": "b"}'),
        Decided('{"option": 2}'),
        Decided("null"),
        Text("The second one, I'd say."),
    ],
    ids=["truncated", "wrong field", "wrong type", "null", "prose"],
)
async def test_what_does_not_validate_is_no_decision(ask, reply):
    async with ModelServer([reply]) as server:
        outcome = await ask(choice, server)
    assert isinstance(outcome.error, DecisionError)
    assert outcome.error.text == (reply.arguments if isinstance(reply, Decided) else reply.text)
    assert len(server.requests) == 1


async def test_tokens_and_cost_are_charged_to_the_step(ask):
    async with ModelServer([Text("b", tokens=(1_000_000, 1_000_000))]) as server:
        outcome = await ask(text, server)
    assert outcome.answer.tokens == 2_000_000
    assert outcome.answer.cost == pytest.approx(0.75)


async def test_where_the_price_is_not_known_the_cost_is_nothing(ask):
    async with ModelServer([Status(400)]) as first, ModelServer(["b"]) as second:
        outcome = await ask(text, first, second)
    assert (outcome.answer.tokens, outcome.answer.cost) == (15, 0.0)


async def test_a_megabyte_of_text_is_cut(ask):
    async with ModelServer(["x" * 1_000_000]) as server:
        outcome = await ask(text, server)
    assert outcome.said == "x" * 65_536


async def test_a_slow_model_is_given_up_in_time_and_hung_up_on(ask):
    async with ModelServer([Silent()]) as server:
        outcome = await ask(text, server, clock=SystemClock(), timeout=0.2, attempts=1)
        await server.until(lambda server: server.hung_up == 1)
    assert "did not return within 0.2 s" in str(outcome.error)


async def test_a_slow_model_is_asked_again(ask):
    clock = FakeClock()
    async with ModelServer([Silent(), "the second"]) as server, asyncio.TaskGroup() as group:
        asking = group.create_task(ask(text, server, clock=clock, timeout=60, attempts=2))
        await server.until(lambda server: len(server.requests) == 1)
        await clock.advance(60)
        await server.until(lambda server: server.hung_up == 1)
        while len(server.requests) == 1:
            await clock.advance(1)
        outcome = await asking
    assert outcome.said == "the second"


async def test_too_many_requests_are_waited_for_as_long_as_the_server_says(ask, clock):
    busy = Status(429, headers={"retry-after": "7"})
    async with ModelServer([busy, "yes"]) as server:
        outcome = await ask(text, server)
    assert outcome.said == "yes"
    assert clock.waits == [7.0]


async def test_a_server_may_name_the_moment_to_come_back(ask, clock):
    def busy(request):
        moment = datetime.now(UTC) + timedelta(seconds=40)
        return Status(429, headers={"retry-after": format_datetime(moment, usegmt=True)})

    async with ModelServer([busy, "yes"]) as server:
        outcome = await ask(text, server)
    assert outcome.said == "yes"
    assert clock.waits == [pytest.approx(40, abs=15)]


async def test_a_wait_longer_than_the_patience_is_not_waited(ask, clock):
    busy = Status(429, headers={"retry-after": "3600"})
    async with ModelServer([busy]) as server:
        outcome = await ask(text, server)
    assert "too many requests (HTTP 429)" in str(outcome.error)
    assert clock.waits == []


@pytest.mark.parametrize(
    "failure",
    [
        Status(500),
        Status(503),
        Status(529),
        Status(408),
        Cut(),
        Status(200, body='{"id": "completion-1", "choices": [{"ind'),
        Text(""),
    ],
    ids=["500", "503", "529", "408", "cut", "truncated", "empty"],
)
async def test_what_passes_is_asked_again(ask, clock, failure):
    async with ModelServer([failure, "yes"]) as server:
        outcome = await ask(text, server)
    assert outcome.said == "yes"
    assert len(server.requests) == 2
    assert len(clock.waits) == 1


async def test_asking_again_has_an_end(ask):
    async with ModelServer(repeat(Status(500, "out of order"))) as server:
        outcome = await ask(text, server, attempts=3)
    assert str(outcome.error) == (
        "model openai:gpt-4o-mini: the server failed (HTTP 500): out of order."
    )
    assert len(server.requests) == 3


@pytest.mark.parametrize(
    ("failure", "says"),
    [
        (Status(401), "access was refused, check options.openai.api_key or OPENAI_API_KEY"),
        (Status(403), "access was refused"),
        (Status(404), "check the model's name and options.openai.base_url"),
        (Status(429, code="insufficient_quota"), "quota or credit is used up"),
        (Status(400, code="context_length_exceeded"), "too long"),
        (Status(400), "refused the request"),
        (Status(418), r"the request failed \(HTTP 418\)"),
        (Status(503, headers={"x-should-retry": "false"}), "not available"),
        (Status(200, body="<html>", headers={"content-type": "text/html"}), "no completion"),
        (Status(200, body='{"hello": "world"}'), "no completion"),
        (Text("", finish="length"), "raise options.openai.max_tokens"),
        (Text("", finish="content_filter"), "content filter"),
    ],
)
async def test_what_stays_is_not_asked_again(ask, failure, says: str):
    async with ModelServer([failure]) as server:
        outcome = await ask(text, server)
    assert isinstance(outcome.error, ModelError)
    assert not outcome.error.retryable
    assert len(server.requests) == 1
    with pytest.raises(ModelError, match=says):
        raise outcome.error


async def test_half_a_decision_says_which_option_to_raise(ask):
    async with ModelServer([Decided('{"opt', finish="length")]) as server:
        outcome = await ask(choice, server, options={"max_tokens": 5})
    assert server.requests[0].json["max_completion_tokens"] == 5
    assert "cut off: raise options.openai.max_tokens" in str(outcome.error)


async def test_a_message_is_one_short_line_without_the_key(ask, key):
    long = f"Incorrect key {key}\n" + "as you wrote " * 100
    async with ModelServer([Status(401, long)]) as server:
        outcome = await ask(text, server)
    message = str(outcome.error)
    assert "Incorrect key [redacted]" in message
    assert len(message) < 350
    assert "\n" not in message


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ('{"error": {"message": "out of order"}}', ": out of order."),
        ('{"error": "out of order"}', ": out of order."),
        ('{"detail": [1, 2]}', "(HTTP 500)."),
        ("out of order", ": out of order."),
        ('{"out of ord', ': {"out of ord.'),
        ("", "(HTTP 500)."),
    ],
)
async def test_a_message_has_what_the_server_said(ask, body: str, says: str):
    async with ModelServer([Status(500, body=body)]) as server:
        outcome = await ask(text, server, attempts=1)
    assert str(outcome.error).endswith(says)


async def test_a_server_that_is_not_there_is_named(ask):
    async with ModelServer([]) as gone:
        pass
    outcome = await ask(text, gone, attempts=2)
    assert f"the connection to {gone.url} failed" in str(outcome.error)


async def test_the_next_model_of_the_chain_answers(ask):
    async with ModelServer([Status(401)]) as first, ModelServer(["yes"]) as second:
        outcome = await ask(text, first, second)
    assert outcome.said == "yes"
    assert outcome.answer.steps[-1].by == "vllm:gpt-4o-mini"
    assert [len(first.requests), len(second.requests)] == [1, 1]


async def test_one_model_gets_no_more_questions_at_once_than_allowed(ask):
    released = asyncio.Event()

    async def ten(desk):
        async with asyncio.TaskGroup() as group:
            answers = [group.create_task(desk.complete(PROMPT)) for _ in range(10)]
            await server.until(lambda server: server.open == 3)
            released.set()
        return [each.result() for each in answers]

    async with ModelServer(repeat(Silent(released, then="yes"))) as server:
        outcome = await ask(ten, server, parallel=3)
    assert outcome.said == ["yes"] * 10
    assert len(server.requests) == 10
    assert server.most_open == 3
