from pathlib import Path

import pytest
from model_server import ModelServer, Text

from dataagents.core.errors import ConfigError, ModelError
from dataagents.core.models import Completion, Exchange, Prompt
from dataagents.core.values import write_json
from dataagents.plugins.models.replay import ReplayProvider

FIRST, SECOND = Prompt("You count.", "one"), Prompt("You count.", "two")


async def both(desk):
    return [await desk.complete(prompt) for prompt in (FIRST, SECOND, FIRST)]


def recording(path: Path, *exchanges: Exchange) -> str:
    path.write_bytes(b"".join(write_json(exchange) + b"\n" for exchange in exchanges))
    return str(path)


async def test_what_was_recorded_is_said_again_with_its_tokens_and_cost(ask, tmp_path):
    path = tmp_path / "exchanges.jsonl"
    replies = [Text("1", tokens=(100, 20)), Text("2"), Text("another 1")]
    async with ModelServer(replies) as server:
        recorded = await ask(both, server, record=str(path))
    replayed = await ask(both, model=f"replay:{path}")
    assert replayed.said == recorded.said == ["1", "2", "another 1"]
    assert replayed.answer.tokens == recorded.answer.tokens == 150
    assert replayed.answer.cost == recorded.answer.cost > 0
    assert len(server.requests) == 3


async def test_a_recording_holds_no_key(ask, tmp_path, key):
    path = tmp_path / "exchanges.jsonl"
    async with ModelServer([f"the key is {key}"]) as server:
        await ask(lambda desk: desk.complete(Prompt("", f"{key}?")), server, record=str(path))
    assert key not in path.read_text()


async def test_what_was_never_asked_gets_no_answer(tmp_path):
    path = recording(tmp_path / "r.jsonl", Exchange(FIRST, Completion("1")))
    model = ReplayProvider().open(path)
    with pytest.raises(ModelError, match="not asked at all") as caught:
        await model.complete(SECOND)
    assert not caught.value.retryable


async def test_what_was_asked_once_is_answered_once(tmp_path):
    path = recording(tmp_path / "r.jsonl", Exchange(FIRST, Completion("1")))
    model = ReplayProvider().open(path)
    assert (await model.complete(FIRST)).text == "1"
    with pytest.raises(ModelError, match=r"not asked as often .* 1 of 1"):
        await model.complete(FIRST)


def test_a_missing_recording_is_named(tmp_path):
    with pytest.raises(ConfigError, match=r"gone\.jsonl: No such file"):
        ReplayProvider().open(str(tmp_path / "gone.jsonl"))


@pytest.mark.parametrize("line", [b"{", b"[]", b'{"prompt": 1}', b"\xff", b""])
def test_a_bad_line_is_named(tmp_path, line: bytes):
    path = tmp_path / "r.jsonl"
    good = write_json(Exchange(FIRST, Completion("1")))
    path.write_bytes(good + b"\n" + line + b"\n")
    with pytest.raises(ConfigError, match="line 2 is no recorded exchange"):
        ReplayProvider().open(str(path))
