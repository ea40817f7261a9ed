"""The job of `reasoning.py`, and the peers that do it; run `reasoning.py`.

Every peer gets a fake model, which says at once what the scripted model says, and the same tool. So
what is measured is the loop: what happens between a model and a tool.
"""

import importlib
import json
import os
import sqlite3
import warnings
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import Any, TypeAlias

TURNS = 10
"""Tool steps of a run."""
QUESTION = "What are the numbers, and which of them is the last one?"
ANSWER = f"{TURNS} numbers were looked at; the last one is {TURNS * 7}."
TOOL = "look"
ABOUT_TOOL = "Looks at one of the numbers."

Run: TypeAlias = Callable[[], Awaitable[None]]
"""Does the job once: asks a model, calls the tool, and so on, to the answer."""
Contender: TypeAlias = Callable[[Path | None], AbstractAsyncContextManager[Run]]
"""Opens something that can do the job; steps are kept in the file, or in memory only when None."""


def thought(turn: int) -> str:
    """Return what the model thinks before a step."""
    return f"{turn - 1} of {TURNS} numbers are known: the next one to look at is number {turn}."


def seen(number: int) -> str:
    """Return what the tool sees."""
    return f"number {number} is {number * 7}"


def check(steps: int) -> None:
    """Refuse a run that did not take every step: its time would mean nothing."""
    if steps != TURNS:
        raise AssertionError(f"{steps} tool steps rather than {TURNS}")


def installed(*modules: str) -> bool:
    """Return whether all modules are there."""
    with suppress(ModuleNotFoundError):  # the parent of a submodule is missing
        return all(find_spec(module) is not None for module in modules)
    return False


def _module(name: str) -> Any:
    """Import a module that type checkers need not have."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return importlib.import_module(name)


def _agent_maker() -> Any:
    """Return langgraph's prebuilt ReAct agent, or its successor where it is gone."""
    made: Any = getattr(_module("langgraph.prebuilt"), "create_react_agent", None)
    return made or _module("langchain.agents").create_agent


def _chat_model() -> Any:
    """Return a chat model of langchain that plays the script."""
    messages, outputs = _module("langchain_core.messages"), _module("langchain_core.outputs")
    base: Any = _module("langchain_core.language_models").BaseChatModel

    def reply(asked: list[Any]) -> Any:
        turn = 1 + sum(isinstance(each, messages.ToolMessage) for each in asked)
        if turn > TURNS:
            return messages.AIMessage(content=ANSWER)
        call = {"name": TOOL, "args": {"number": turn}, "id": f"call-{turn}", "type": "tool_call"}
        return messages.AIMessage(content=thought(turn), tool_calls=[call])

    class FakeChatModel(base):  # type: ignore[misc]  # langchain is not installed for checks
        """Says what the script says."""

        @property
        def _llm_type(self) -> str:
            return "fake"

        def bind_tools(self, tools: Any, **kwargs: Any) -> Any:
            return self

        def _generate(self, messages: list[Any], *args: Any, **kwargs: Any) -> Any:
            return outputs.ChatResult(generations=[outputs.ChatGeneration(message=reply(messages))])

        async def _agenerate(self, messages: list[Any], *args: Any, **kwargs: Any) -> Any:
            return self._generate(messages)

    return FakeChatModel()


@asynccontextmanager
async def _saver(file: Path | None) -> AsyncIterator[Any]:
    if file is None:
        yield None
        return
    savers = _module("langgraph.checkpoint.sqlite.aio")
    async with savers.AsyncSqliteSaver.from_conn_string(str(file)) as saver:
        await saver.setup()
        yield saver


@asynccontextmanager
async def langgraph(file: Path | None) -> AsyncIterator[Run]:
    """Open langgraph's agent; every run is a thread of its own."""
    os.environ["LANGSMITH_TRACING"] = os.environ["LANGCHAIN_TRACING_V2"] = "false"
    tools = _module("langchain_core.tools")

    async def look(number: int) -> str:
        return seen(number)

    tool = tools.StructuredTool.from_function(coroutine=look, name=TOOL, description=ABOUT_TOOL)
    threads = count()
    async with _saver(file) as saver:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that it is to be imported from elsewhere
            agent = _agent_maker()(_chat_model(), [tool], checkpointer=saver)

        async def run() -> None:
            config = {"configurable": {"thread_id": f"run-{next(threads)}"}, "recursion_limit": 100}
            said = await agent.ainvoke({"messages": [("user", QUESTION)]}, config)
            check(sum(each.type == "tool" for each in said["messages"]))

        yield run


@asynccontextmanager
async def pydantic_ai(file: Path | None) -> AsyncIterator[Run]:
    """Open an agent of pydantic-ai, which keeps nothing."""
    messages: Any = _module("pydantic_ai.messages")
    function: Any = _module("pydantic_ai.models.function")

    def reply(asked: list[Any], info: Any) -> Any:
        turn = 1 + sum(isinstance(each, messages.ModelResponse) for each in asked)
        if turn > TURNS:
            return messages.ModelResponse(parts=[messages.TextPart(ANSWER)])
        call = messages.ToolCallPart(TOOL, {"number": turn}, f"call-{turn}")
        return messages.ModelResponse(parts=[messages.TextPart(thought(turn)), call])

    async def look(number: int) -> str:
        return seen(number)

    tool = _module("pydantic_ai").Tool(look, name=TOOL, description=ABOUT_TOOL)
    agent = _module("pydantic_ai").Agent(function.FunctionModel(reply), tools=[tool])

    async def run() -> None:
        said = (await agent.run(QUESTION)).all_messages()
        check(
            sum(isinstance(part, messages.ToolReturnPart) for each in said for part in each.parts)
        )

    yield run


def _openai_model() -> Any:
    """Return a model of openai-agents that plays the script."""
    agents, types = _module("agents"), _module("openai.types.responses")
    base: Any = agents.Model

    def said(text: str) -> Any:
        content = types.ResponseOutputText(annotations=[], text=text, type="output_text")
        return types.ResponseOutputMessage(
            id="message", content=[content], role="assistant", status="completed", type="message"
        )

    def called(turn: int) -> Any:
        return types.ResponseFunctionToolCall(
            arguments=json.dumps({"number": turn}),
            call_id=f"call-{turn}",
            name=TOOL,
            type="function_call",
        )

    class FakeModel(base):  # type: ignore[misc]  # openai-agents is not installed for checks
        """Says what the script says."""

        async def get_response(self, *args: Any, input: Any, **kwargs: Any) -> Any:
            items = [] if isinstance(input, str) else input
            turn = 1 + sum(each.get("type") == "function_call_output" for each in items)
            output = [said(thought(turn)), called(turn)] if turn <= TURNS else [said(ANSWER)]
            return agents.ModelResponse(output=output, usage=agents.Usage(), response_id=None)

        def stream_response(self, *args: Any, **kwargs: Any) -> Any:
            raise NotImplementedError

    return FakeModel()


@asynccontextmanager
async def openai_agents(file: Path | None) -> AsyncIterator[Run]:
    """Open an agent of openai-agents, without its tracing, which would go over the network."""
    agents = _module("agents")
    agents.set_tracing_disabled(disabled=True)

    async def look(number: int) -> str:
        return seen(number)

    tool = agents.function_tool(look, name_override=TOOL, description_override=ABOUT_TOOL)
    agent = agents.Agent(name="reader", model=_openai_model(), tools=[tool])

    async def run() -> None:
        done = await agents.Runner.run(agent, QUESTION, max_turns=TURNS + 1)
        check(sum(item.type == "tool_call_output_item" for item in done.new_items))

    yield run


@asynccontextmanager
async def commits(file: Path | None) -> AsyncIterator[Run]:
    """Open the least that is durable: a row for every step, each in a transaction of its own."""
    connection = sqlite3.connect(file or ":memory:", isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    columns = "number INTEGER PRIMARY KEY, thought TEXT, seen TEXT"
    connection.execute(f"CREATE TABLE IF NOT EXISTS steps ({columns})")
    insert = "INSERT INTO steps (thought, seen) VALUES (?, ?)"

    async def run() -> None:
        for turn in range(1, TURNS + 1):
            connection.execute(insert, (thought(turn), seen(turn)))

    try:
        yield run
    finally:
        connection.close()


PEERS: Mapping[str, tuple[Contender, tuple[str, ...]]] = {
    "langgraph": (langgraph, ("langgraph.prebuilt", "langchain_core")),
    "pydantic-ai": (pydantic_ai, ("pydantic_ai",)),
    "openai-agents": (openai_agents, ("agents.run", "openai")),
}
"""Peer → how to open it, and what has to be installed for it."""
DURABLE_PEERS: Mapping[str, tuple[Contender, tuple[str, ...]]] = {
    "langgraph, AsyncSqliteSaver": (
        langgraph,
        (*PEERS["langgraph"][1], "langgraph.checkpoint.sqlite.aio"),
    ),
}
"""Those of them that keep every step in a file."""
