"""`dataagents lessons`: what was learned, explained and decided about."""

import asyncio
import json
from dataclasses import replace

import pytest

from dataagents.core import Kernel, KernelConfig
from dataagents.core.testing.reflection import drifted, experience
from dataagents.storage import SqliteStore

WORK = "foresight:work@x"
STORE = ".dataagents/store.db"


async def live(store, runs):
    store.parent.mkdir(exist_ok=True)
    async with (
        SqliteStore(store) as opened,
        Kernel(KernelConfig(agents=()), store=opened) as kernel,
    ):
        for run in runs:
            await kernel.reflect(run)


@pytest.fixture
def store(home):
    """The default store, with the lessons of two runs: one that drifted, one that was sound."""
    runs = [drifted(1), replace(experience(2, success=False), mishaps=drifted(2).mishaps)]
    asyncio.run(live(home / STORE, runs))
    return home / STORE


@pytest.fixture
def listed(cli):
    def listed():
        return {each["id"]: each for each in json.loads(cli("lessons", "--json").stdout)["lessons"]}

    return listed


def test_lessons_are_listed_with_state_evidence_and_effect(cli, store):
    told = cli("lessons").stdout
    line = next(each for each in told.splitlines() if WORK in each)
    assert "trial" in line
    assert "failed in 2 of 2 runs" in line
    assert "replans 1.00 before, not seen yet; wanted better by 0.50; trial: 0 of 3 runs" in line
    assert "reputation:a" in told
    assert "corrects itself" in told


def test_a_store_without_lessons_says_so(cli, home):
    asyncio.run(live(home / STORE, []))
    assert cli("lessons").stdout.startswith("No lessons yet")


def test_one_is_explained_with_its_history(cli, store):
    assert cli("lessons", "pin", "work@x", "--reason", "it is right").exit_code == 0
    told = cli("lessons", "show", "work@x").stdout
    assert told.splitlines()[0] == f"{WORK}  pinned"
    for part in ("never below 0 nor above 1", "schema drift", "adapt", "it is right", "operator"):
        assert part in told
    history = json.loads(cli("lessons", "show", WORK, "--json").stdout)["history"]
    assert [each["change"] for each in history] == ["learned", "updated", "pinned"]
    assert [each["by"] for each in history] == ["", "", "operator"]


@pytest.mark.parametrize(
    ("command", "state"), [("pin", "pinned"), ("disable", "disabled"), ("enable", "trial")]
)
def test_a_person_has_the_last_word(cli, store, listed, command, state):
    ended = cli("lessons", command, WORK, "--reason", "because")
    assert (ended.exit_code, ended.stdout) == (0, "")
    assert listed()[WORK]["state"] == state
    asyncio.run(live(store, [experience(3), experience(4)]))
    assert listed()[WORK]["state"] == state


def test_what_is_forgotten_is_gone_until_there_is_new_evidence(cli, store, listed):
    assert cli("lessons", "forget", WORK).exit_code == 0
    assert WORK not in listed()
    assert cli("lessons", "show", WORK).exit_code == 2
    asyncio.run(live(store, [experience(3)]))
    assert WORK not in listed()
    later = replace(drifted(4), at=drifted(4).at.replace(year=2100))
    asyncio.run(live(store, [later]))
    assert listed()[WORK]["samples"] == 1


def test_a_lesson_that_is_not_there_names_the_nearest(cli, store):
    ended = cli("lessons", "show", "foresight:wrok@x")
    assert ended.exit_code == 2
    assert f"Did you mean {WORK!r}?" in ended.stderr


def test_too_short_a_name_lists_what_it_may_be(cli, home):
    asyncio.run(live(home / STORE, [drifted(1), drifted(2, source="y")]))
    ended = cli("lessons", "pin", "foresight:")
    assert ended.exit_code == 2
    assert "it fits 2 lessons" in ended.stderr
    assert "foresight:work@y" in ended.stderr


def test_without_a_store_there_is_a_hint(cli, home):
    for command in (["lessons"], ["lessons", "pin", "x"], ["lessons", "export", "-"]):
        ended = cli(*command)
        assert ended.exit_code == 2
        assert "there is no such file" in ended.stderr
    assert not (home / STORE).exists()


def test_a_store_that_a_kernel_holds_is_not_written(cli, store, shell):
    async def held():
        async with SqliteStore(store):
            return await asyncio.to_thread(shell, "lessons", "pin", WORK)

    ended = asyncio.run(held())
    assert ended.returncode == 2
    assert "Traceback" not in ended.stderr
    assert "pinned" not in cli("lessons").stdout


def test_lessons_move_from_store_to_store(cli, store, home, listed):
    before = listed()
    assert cli("lessons", "export", "all.json").exit_code == 0
    assert json.loads(cli("lessons", "export", "-").stdout)["format"] == "dataagents-lessons/1"
    other = home / "other.db"
    asyncio.run(live(other, []))
    assert cli("lessons", "import", "all.json", "--store", other).exit_code == 0
    moved = json.loads(cli("lessons", "--store", other, "--json").stdout)["lessons"]
    assert {each["id"]: each for each in moved} == before
    told = cli("lessons", "--store", other, "show", WORK).stdout
    assert "imported" in told
    assert "from all.json" in told


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{", "it is no JSON object"),
        ('{"lessons": []}', "it is no export of lessons"),
        ('{"format": "dataagents-lessons/1", "lessons": [{"id": 1}]}', "lesson 1"),
        ("[" * 100_000, "it is no JSON object"),
    ],
)
def test_a_file_that_is_no_export_is_refused(cli, store, home, text, problem):
    (home / "odd.json").write_text(text)
    ended = cli("lessons", "import", "odd.json")
    assert ended.exit_code == 2
    assert problem in ended.stderr


def test_figures_out_of_bounds_are_not_imported(cli, store, home, listed):
    exported = json.loads(cli("lessons", "export", "-").stdout)
    exported["lessons"][0]["value"] = 7.5
    (home / "odd.json").write_text(json.dumps(exported))
    ended = cli("lessons", "import", "odd.json")
    assert ended.exit_code == 2
    assert "is not in" in ended.stderr


def test_what_comes_from_data_does_not_reach_the_terminal(cli, home):
    nasty = drifted(1, source="x\x1b[31m[bold]")
    asyncio.run(live(home / STORE, [nasty]))
    for arguments in (["lessons"], ["lessons", "show", "foresight:"]):
        told = cli(*arguments).stdout
        assert "\x1b[31m" not in told
        assert "[bold]" in told or "bold" in told
