"""The peers of `durability.py`, where they are installed; run `durability.py`.

Each goes through a program of steps that return a small result at once, so what is measured is
what it takes to make a step durable. DBOS keeps its records in SQLite, as langgraph's saver does.
"""

import importlib
import os
import warnings
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TypeAlias, TypedDict

RESULT = "a result of a step, as long as a short sentence: 42 rows were read from orders.csv"

Program: TypeAlias = Callable[[str, int], Awaitable[None]]
"""Goes through so many steps of a new run of this name."""
Contender: TypeAlias = Callable[[Path], AbstractAsyncContextManager[Program]]
"""Opens something that makes steps durable, with its files in a folder."""


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


@asynccontextmanager
async def dbos(folder: Path) -> AsyncIterator[Program]:
    """Open DBOS Transact on SQLite."""
    library = _module("dbos")
    made: Any = library.DBOS
    address = f"sqlite:///{folder / 'dbos.db'}"
    made(
        config={
            "name": "benchmark",
            "system_database_url": address,
            "log_level": "ERROR",
            "run_admin_server": False,
        }
    )

    async def step(number: int) -> dict[str, Any]:
        return {"number": number, "text": RESULT}

    durable = made.step()(step)

    async def flow(steps: int) -> int:
        for number in range(steps):
            await durable(number)
        return steps

    workflow = made.workflow()(flow)
    made.launch()

    async def program(run: str, steps: int) -> None:
        with library.SetWorkflowID(run):
            if await workflow(steps) != steps:
                raise RuntimeError("not all steps were taken")

    try:
        yield program
    finally:
        made.destroy()


class _State(TypedDict):
    number: int
    limit: int
    text: str


@asynccontextmanager
async def langgraph(folder: Path) -> AsyncIterator[Program]:
    """Open a graph of langgraph with its AsyncSqliteSaver, each step durable before the next."""
    os.environ["LANGSMITH_TRACING"] = os.environ["LANGCHAIN_TRACING_V2"] = "false"
    graphs = _module("langgraph.graph")
    savers = _module("langgraph.checkpoint.sqlite.aio")

    async def step(state: Any) -> dict[str, Any]:
        return {"number": state["number"] + 1, "text": RESULT}

    def following(state: Any) -> str:
        return str(graphs.END) if state["number"] >= state["limit"] else "step"

    async with savers.AsyncSqliteSaver.from_conn_string(str(folder / "langgraph.db")) as saver:
        await saver.setup()
        graph = graphs.StateGraph(_State)
        graph.add_node("step", step)
        graph.add_edge(graphs.START, "step")
        graph.add_conditional_edges("step", following, ["step", graphs.END])
        application = graph.compile(checkpointer=saver)

        async def program(run: str, steps: int) -> None:
            asked = {"number": 0, "limit": steps, "text": ""}
            settings = {"configurable": {"thread_id": run}, "recursion_limit": steps + 10}
            said = await application.ainvoke(asked, settings, durability="sync")
            if said["number"] != steps:
                raise RuntimeError("not all steps were taken")

        yield program


def peers() -> tuple[dict[str, Contender], list[str]]:
    """Return the peers that are installed, and the names of those that are not."""
    known: dict[str, tuple[Contender, str]] = {
        "DBOS, SQLite": (dbos, "dbos"),
        "langgraph, AsyncSqliteSaver": (langgraph, "langgraph.checkpoint.sqlite.aio"),
    }
    found = {name: peer for name, (peer, module) in known.items() if installed(module)}
    return found, [name for name in known if name not in found]
