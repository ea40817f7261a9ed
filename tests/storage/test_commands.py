"""`STORE.commands`: issued by anybody, answered by the kernel, refused when it is none of ours."""

import asyncio
import os
import sqlite3
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dataagents.core import InputError, KernelConfig
from dataagents.core.commands import (
    Command,
    CommandAnswer,
    CommandState,
    check_command,
    commands_of,
)
from dataagents.core.errors import StoreDamagedError, StoreError, StoreVersionError
from dataagents.core.testing import kernel_for
from dataagents.storage import SqliteStore, StoreReader
from dataagents.storage.command_rows import CREATE, KEPT
from dataagents.storage.commands import (
    APPLICATION_ID,
    CommandFile,
    commands_path,
    unanswered,
)

ISSUER = Path(__file__).with_name("issuing_child.py")
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def command(id: str, target: str = "run:1", **rest: object) -> Command:
    return Command(id, "pause", target, "anna", NOON, NOON + timedelta(hours=1), **rest)


def answer(to: Command, message: str = "done", epoch: int = 3) -> CommandAnswer:
    return CommandAnswer(
        to.id, to.kind, to.target, to.actor, to.reason, CommandState.EXECUTED, message, NOON, epoch
    )


@pytest.fixture
async def issuer(path):
    async with CommandFile(path) as file:
        yield file


@pytest.fixture
async def kernel_side(path):
    async with CommandFile(path, epoch=3) as file:
        yield file


async def test_what_is_issued_waits_until_it_is_answered(issuer, kernel_side):
    first = command("1", reason="lunch", arguments={"a": "b"}, epoch=3, origin="anna@host")
    second = command("2", epoch=None)
    await issuer.issue([first, second])
    assert await kernel_side.waiting(10) == (first, second)
    assert await kernel_side.waiting(1) == (first,)
    assert await issuer.answers(["1", "2"]) == {}
    await kernel_side.answer([answer(first)])
    assert await kernel_side.waiting(10) == (second,)
    assert await issuer.answers(["1", "2", "3"]) == {"1": answer(first)}


async def test_an_id_counts_once_and_the_first_answer_stands(issuer, kernel_side):
    await issuer.issue([command("1")])
    await issuer.issue([command("1", "run:2"), command("2")])
    assert [each.target for each in await kernel_side.waiting(10)] == ["run:1", "run:1"]
    await kernel_side.answer([answer(command("1"), "first")])
    await kernel_side.answer([answer(command("1"), "second")])
    assert (await issuer.answers(["1"]))["1"].message == "first"


async def test_what_is_taken_back_says_by_whom_and_an_answer_stands(issuer, kernel_side):
    first, second, third = command("1"), command("2"), command("3")
    await issuer.issue([first, second, third])
    await kernel_side.changed()
    await kernel_side.waiting(10)
    await kernel_side.answer([answer(first)])
    await issuer.withdraw(["1", "2", "4"], "ben")
    await issuer.withdraw(["2"], "anna")
    assert await kernel_side.changed()
    assert await kernel_side.waiting(10) == (replace(second, withdrawn="ben"), third)
    assert await issuer.answers(["1"]) == {"1": answer(first)}


async def test_whoever_looks_on_sees_what_waits_and_writes_nothing(issuer, kernel_side, path):
    assert await unanswered(path, 10) == ()
    await issuer.issue([command("1"), command("2"), command("3")])
    await kernel_side.waiting(10)
    await kernel_side.answer([answer(command("1"))])
    file = commands_path(path)
    file.chmod(0o400)
    before = file.read_bytes()
    assert [each.id for each in await unanswered(path, 10)] == ["2", "3"]
    assert [each.id for each in await unanswered(path, 1)] == ["2"]
    assert file.read_bytes() == before


async def test_a_file_from_before_commands_could_be_taken_back_is_brought_up_to_date(path):
    database = sqlite3.connect(commands_path(path))
    database.executescript(f"{CREATE}; PRAGMA application_id = {APPLICATION_ID};")
    database.execute("PRAGMA user_version = 1")
    database.execute(
        "INSERT INTO commands VALUES (1, 'a', 'pause', 'run:1', 'anna', ?, ?, '', '{}', 3, '')",
        (NOON.isoformat(), NOON.isoformat()),
    )
    database.commit()
    database.close()
    assert await unanswered(path, 10) == (), "nothing is written by looking"
    async with CommandFile(path) as file:
        await file.withdraw(["a"], "ben")
        assert [each.withdrawn for each in await file.waiting(10)] == ["ben"]
    assert [each.id for each in await unanswered(path, 10)] == ["a"]


async def test_a_change_is_noticed_once_and_own_answers_are_none(issuer, kernel_side, path):
    assert not await kernel_side.changed()
    assert await kernel_side.waiting(10) == ()
    assert not commands_path(path).exists(), "the kernel makes no file of its own"
    await issuer.issue([command("1")])
    assert await kernel_side.changed()
    assert not await kernel_side.changed()
    await kernel_side.waiting(10)
    await kernel_side.answer([answer(command("1"))])
    assert not await kernel_side.changed()
    await issuer.issue([command("2")])
    assert await kernel_side.changed()


async def test_the_file_is_one_with_a_rollback_journal_and_is_made_once(issuer, path):
    others = [CommandFile(path) for _ in range(4)]
    try:
        await asyncio.gather(*(file.issue([command(str(n))]) for n, file in enumerate(others)))
    finally:
        for file in others:
            await file.close()
    assert [each.name for each in path.parent.iterdir()] == ["store.db.commands"]
    database = sqlite3.connect(commands_path(path))
    assert database.execute("PRAGMA journal_mode").fetchone() == ("delete",)
    assert database.execute("SELECT count(*) FROM commands").fetchone() == (4,)
    database.close()


async def test_a_file_that_is_taken_away_or_replaced_is_noticed(
    issuer, kernel_side, path, tmp_path
):
    file = commands_path(path)
    await issuer.issue([command("1")])
    await kernel_side.changed()
    await kernel_side.waiting(10)
    file.rename(tmp_path / "aside")
    assert not await kernel_side.changed()
    await kernel_side.answer([answer(command("1"))])
    await issuer.issue([command("2")])
    assert await kernel_side.changed()
    assert [each.id for each in await kernel_side.waiting(10)] == ["2"]
    await kernel_side.answer([answer(command("1"))])
    assert await issuer.answers(["1", "2"]) == {}, "an answer goes to its own command"


# Files that are refused


def other_program(file: Path) -> None:
    database = sqlite3.connect(file)
    database.execute("CREATE TABLE t (x)")
    database.close()


def newer(file: Path) -> None:
    database = sqlite3.connect(file)
    database.execute("PRAGMA application_id = 0x44414743")
    database.execute("PRAGMA user_version = 99")
    database.close()


@pytest.mark.parametrize(
    ("make", "error", "says"),
    [
        (lambda file: file.touch(), StoreDamagedError, "it is empty. Move it away"),
        (lambda file: file.write_text("no" * 999), StoreDamagedError, "not a database"),
        (lambda file: file.mkdir(), StoreError, "it is a folder"),
        (other_program, StoreDamagedError, "another program"),
        (newer, StoreVersionError, "version 99, and this package knows versions up to 2"),
    ],
)
async def test_what_is_none_of_ours_is_refused_and_left(make, error, says, path, issuer):
    file = commands_path(path)
    make(file)
    before = file.read_bytes() if file.is_file() else b""
    for _ in range(2):
        with pytest.raises(error, match=says):
            await issuer.issue([command("1")])
        with pytest.raises(error, match=says):
            await issuer.changed()
    assert (file.read_bytes() if file.is_file() else b"") == before


async def test_a_truncated_file_is_damaged(issuer, kernel_side, path):
    await issuer.issue([command(str(n)) for n in range(400)])
    await issuer.close()
    file = commands_path(path)
    file.write_bytes(file.read_bytes()[:9000])
    with pytest.raises(StoreDamagedError, match="Move it away"):
        await kernel_side.waiting(400)


async def test_a_damaged_file_costs_the_kernel_nothing_but_an_alert(path, event):
    file = commands_path(path)
    file.write_text("rubbish" * 999)
    async with SqliteStore(path) as store:
        queue = commands_of(store)
        assert queue is not None
        with pytest.raises(StoreDamagedError):
            await queue.changed()
        await store.commit([event(id="kept")])
    async with StoreReader(path) as reader:
        assert [stored.event.id for stored in await reader.events()] == ["kept"]


# Rows that anybody may have written


ROW = "INSERT INTO commands VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '')"
GOOD = (
    "x", "pause", "run:1", "anna", NOON.isoformat(), NOON.isoformat(), "", "{}", None, ""
)  # fmt: skip


@pytest.mark.parametrize(
    ("column", "value", "says"),
    [
        (0, "", "no id"),
        (0, "i" * 5_000, "no id"),
        (1, "x" * 100_000, "longer"),
        (3, "\x1b]52;c;\x07" * 100, "longer"),
        (4, "yesterday", "'yesterday' is no time"),
        (5, "2026-11-24", "no time zone"),
        (6, "r" * 10_000_000, "longer"),
        (7, "[" * 100_000, "arguments"),
        (7, '{"a": 1}', "arguments"),
        (7, "[]", "arguments"),
    ],
)
async def test_a_row_that_is_no_command_says_why(issuer, kernel_side, path, column, value, says):
    await issuer.issue([command("good")])
    database = sqlite3.connect(commands_path(path))
    row = list(GOOD)
    row[column] = value
    database.execute(ROW, (7, *row))
    database.commit()
    database.close()
    good, bad = await kernel_side.waiting(10)
    assert good.id == "good"
    with pytest.raises(InputError, match=says):
        check_command(bad)
    await kernel_side.answer([answer(bad, "refused")])
    assert [each.id for each in await kernel_side.waiting(10)] == ["good"]


async def test_bytes_that_are_no_text_do_not_stop_the_others(issuer, kernel_side, path):
    await issuer.issue([command("good")])
    database = sqlite3.connect(commands_path(path))
    database.execute(
        "UPDATE commands SET reason = CAST(x'80ff00' AS TEXT), id = CAST(x'c3' AS TEXT)"
    )
    database.commit()
    database.close()
    (bad,) = await kernel_side.waiting(10)
    assert bad.id == "row-1"
    assert bad.problem
    await kernel_side.answer([answer(bad)])
    assert await kernel_side.waiting(10) == ()


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    reason=st.text(max_size=200),
    arguments=st.dictionaries(st.text(min_size=1), st.text(), max_size=4),
    id_=st.text(min_size=1, max_size=100).filter(lambda text: "\ufffd" not in text),
)
async def test_any_text_comes_back_as_it_went_in(tmp_path_factory, reason, arguments, id_):
    path = tmp_path_factory.mktemp("commands") / "store.db"
    wanted = command(id_, reason=reason, arguments=arguments)
    async with CommandFile(path) as file:
        await file.issue([wanted])
        assert await file.waiting(10) == (wanted,)


async def test_old_answers_go_in_the_end(issuer, kernel_side, path):
    await issuer.issue([command(str(n)) for n in range(KEPT + 50)])
    waiting = await kernel_side.waiting(KEPT + 10)
    await kernel_side.answer([answer(each) for each in waiting])
    database = sqlite3.connect(commands_path(path))
    assert database.execute("SELECT count(*) FROM answers").fetchone() == (KEPT,)
    database.close()
    assert len(await kernel_side.waiting(100)) == 40


# Several processes


async def test_several_processes_issue_while_a_kernel_drains(path):
    """Every command is answered, once, whoever issued it, and the kernel's store has them all."""
    config = KernelConfig(agents=(), monitoring=False, command_interval=0.01)
    async with SqliteStore(path) as store:
        processes = [
            await asyncio.create_subprocess_exec(
                sys.executable, str(ISSUER), str(path), str(number), "25",
                stdout=asyncio.subprocess.PIPE,
            )
            for number in range(3)
        ]  # fmt: skip
        from dataagents.core.clock import SystemClock

        async with kernel_for(config=config, store=store, clock=SystemClock()):
            said = [(await process.communicate())[0].decode() for process in processes]
        assert [process.returncode for process in processes] == [0, 0, 0]
        assert sorted(said) == ["25 refused\n"] * 3
        events = await store.recent("command.refused", 1_000)
    assert len({event.subject for event in events}) == len(events) == 75
    assert {event.body["actor"] for event in events} == {"process-0", "process-1", "process-2"}


async def test_an_issuer_that_is_killed_in_between_leaves_whole_commands(path):
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(ISSUER), str(path), "0", "100000", "mute",
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    promised = [(await process.stdout.readline()).decode().strip() for _ in range(20)]
    process.kill()
    await process.wait()
    async with CommandFile(path, epoch=1) as file:
        found = await file.waiting(100_000)
    assert set(promised) <= {each.id for each in found}
    assert all(check_command(each) for each in found)


async def test_a_locked_file_is_reported_with_the_file(issuer, kernel_side, path, monkeypatch):
    monkeypatch.setattr("dataagents.storage.connection._BUSY_SECONDS", 0.0)
    await issuer.issue([command("1")])
    await kernel_side.waiting(10)
    holder = sqlite3.connect(commands_path(path), isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    with pytest.raises(StoreError, match=r"store\.db\.commands"):
        await kernel_side.answer([answer(command("1"))])
    holder.execute("ROLLBACK")
    holder.close()
    await kernel_side.waiting(10)
    await kernel_side.answer([answer(command("1"))])
    assert list(await issuer.answers(["1"])) == ["1"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everything")
async def test_a_file_that_cannot_be_written_is_refused(issuer, path):
    await issuer.issue([command("1")])
    await issuer.close()
    commands_path(path).chmod(0o444)
    with pytest.raises(StoreError, match="permissions"):
        await issuer.issue([command("2")])
