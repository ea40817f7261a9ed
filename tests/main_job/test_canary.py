"""A key that a server repeats is in nothing that a run leaves behind, and on no screen."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from model_server import ModelServer
from sensible_model import sensible
from typer.testing import CliRunner

from dataagents.console.assembly import assemble
from dataagents.console.commands.app import make_app
from dataagents.console.options import ConsoleOptions
from dataagents.console.screens.run import RunScreen
from dataagents.core.clock import SystemClock

KEY = "sk-canary-0123456789abcdef"
PASSWORD = "canary-in-the-address"


def telling(request: dict) -> str:
    """Answer sensibly, and repeat every secret where there is room for it."""
    (content,) = (each["content"] for each in request["messages"] if each["role"] == "user")
    said = sensible(content)
    secrets = f"{KEY} and http://someone:{PASSWORD}@host/"
    return (
        f"{said} {secrets}"
        if "Think before you act" in content
        else said.replace('"answer": "', f'"answer": "{secrets} ')
    )


@contextmanager
def serving() -> Iterator[str]:
    """Serve on another thread while the command blocks this one."""
    ready, done, url = threading.Event(), asyncio.Event(), []

    async def serve() -> None:
        async with ModelServer(iter(lambda: telling, None)) as server:
            url.append((server.url, asyncio.get_running_loop()))
            ready.set()
            await done.wait()

    thread = threading.Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    ready.wait()
    address, loop = url[0]
    try:
        yield address
    finally:
        loop.call_soon_threadsafe(done.set)
        thread.join()


def secrets_in(content: bytes) -> list[bytes]:
    return [each for each in (KEY.encode(), PASSWORD.encode()) if each in content]


async def screen_of(store: Path, home: Path) -> str:
    """Return what the console shows of the latest run."""
    app = assemble(store, SystemClock(), ConsoleOptions(), environ={"HOME": str(home)})
    async with app.run_test(size=(160, 200)) as pilot:
        async with asyncio.timeout(20):
            await pilot.press("2", "enter")
            while not isinstance(app.screen, RunScreen) or not app.screen.table.rows:
                await pilot.pause()
        await pilot.pause()
        return "\n".join(strip.text for strip in app.screen._compositor.render_strips())


@pytest.mark.parametrize("command", ["run", "reason"])
def test_a_key_is_in_nothing_that_is_left_or_shown(home, repository, monkeypatch, command):
    path = str(repository / "examples/data/orders.csv")
    words = ["run", path, "--out", "out"] if command == "run" else ["reason", f"is {KEY} it?", path]
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with serving() as url:
        monkeypatch.setenv("OPENAI_BASE_URL", url.replace("//", f"//someone:{PASSWORD}@"))
        given = ["--model", "openai:any", "--record", "exchanges.jsonl", "--log-level", "DEBUG"]
        done = CliRunner().invoke(make_app(), [*words, *given])
    traced = CliRunner().invoke(make_app(), ["trace", "--analysis"])
    assert done.exit_code == traced.exit_code == 0, done.stderr
    assert "openai:any" in traced.stdout
    assert "[redacted]" in traced.stdout
    screen = asyncio.run(screen_of(Path(".dataagents/store.db"), Path.cwd()))
    assert "[redacted]" in screen
    shown = "".join((done.stdout, done.stderr, traced.stdout, screen))
    assert secrets_in(shown.encode()) == []
    left = [file for file in home.rglob("*") if file.is_file()]
    assert {"store.db", "exchanges.jsonl"} <= {file.name for file in left}
    assert {file.name: found for file in left if (found := secrets_in(file.read_bytes()))} == {}
