"""Programs of applications, as an operator sees them: their steps, and what they wait for."""

import asyncio
import json

import pytest
from typer.testing import CliRunner

from dataagents.console.commands.app import make_app
from dataagents.core import Kernel, KernelConfig
from dataagents.storage import SqliteStore

CONFIG = KernelConfig(agents=(), monitoring=False, resume="never")


async def pay(charged: list[str] | None = None) -> object:
    """A program whose second step was begun and never ended."""

    async def count(key):
        return {"rows": 3}

    async def charge(key):
        if charged is not None:
            charged.append(key)
        raise asyncio.CancelledError

    async with (
        SqliteStore("s.db") as store,
        Kernel(CONFIG, store=store) as kernel,
        kernel.steps.open("pay-7", about="paying [bold]everybody") as run,
    ):
        await run.step("count", {"file": "a.csv"}, count)
        return await run.step("charge", {"eur": 5}, charge, external=True)


@pytest.fixture
def invoke(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(asyncio.CancelledError):
        asyncio.run(pay())

    def call(*words):
        return CliRunner().invoke(make_app(), [*words, "--store", "s.db"])

    return call


def test_a_cancelled_program_shows_its_steps(invoke):
    shown = invoke("trace", "pay-7").stdout
    assert "1. count" in shown
    assert "2. charge" in shown
    (known,) = json.loads(invoke("runs", "--json").stdout)["runs"]
    assert (known["id"], known["status"]) == ("pay-7", "cancelled")


def test_an_operator_decides_and_the_program_goes_on(invoke):
    done = invoke("resume", "pay-7")
    assert done.exit_code == 2
    assert "the program of an application" in done.stderr
    done = invoke("resume", "pay-7", "--step", "chrge", "--as", "done")
    assert (done.exit_code, "Did you mean 'charge'" in done.stderr) == (2, True)
    done = invoke("resume", "pay-7", "--step", "charge", "--as", "done", "--result", '{"id": 7}')
    assert done.exit_code == 0
    assert "goes on with it" in done.stdout
    charged: list[str] = []
    assert asyncio.run(pay(charged=charged)) == {"id": 7}
    assert charged == []


def test_the_list_says_what_a_program_waits_for(invoke):
    # Begun again, it finds that it may have happened, and is suspended until somebody decides.
    with pytest.raises(Exception, match="may have happened"):
        asyncio.run(pay())
    listed = json.loads(invoke("resume", "--list", "--json").stdout)
    (stood,) = listed["unfinished"]
    assert stood["state"] == "waits for a decision: charge"
    assert (stood["waiting"], stood["done"]) == (["charge"], 1)
    assert stood["inputs"] == ["paying [bold]everybody"]
    assert "paying [bold]everybody" in invoke("resume", "--list").stdout
    done = invoke("resume")
    assert (done.exit_code, "left alone: run pay-7" in done.stderr) == (0, True)
    assert invoke("resume", "pay-7", "--give-up").exit_code == 0
    assert json.loads(invoke("resume", "--list", "--json").stdout) == {"unfinished": []}


@pytest.mark.parametrize("result", ["{", "nope"])
def test_a_result_that_is_no_json_is_refused(invoke, result):
    words = ("resume", "pay-7", "--step", "charge", "--as", "done", "--result", result)
    done = invoke(*words)
    assert (done.exit_code, "it is no JSON" in done.stderr) == (2, True)
