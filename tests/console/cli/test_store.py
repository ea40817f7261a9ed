"""`dataagents store`, and what every command says of a store that can't be used."""

import asyncio
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import Result

from dataagents.core.events import Event
from dataagents.storage import SqliteStore
from dataagents.storage.migrations import VERSION
from tests.console.cli.conftest import RELEASED

STORE = Path(".dataagents/store.db")
NOW = datetime.now(UTC)
NOBODY = 65_534
HURRY = "import dataagents.storage.connection as c; c._BUSY_SECONDS = 0.2"


def run_of(name: str, days_ago: float) -> list[Event]:
    at = NOW - timedelta(days=days_ago)
    body = {"task": "clean", "inputs": {"orders": "orders.csv"}, "text": "long " * 600}
    return [
        Event(f"{name}-1", at, "run.started", name, body, name),
        Event(f"{name}-2", at, "step.taken", "q", {"number": 1, "thought": "look"}, name),
        Event(f"{name}-3", at, "run.ended", name, {"status": "done", "seconds": 1.0}, name),
    ]


@pytest.fixture
def kept(home):
    """A store with a young and an old run."""

    async def write():
        async with SqliteStore(STORE) as store:
            await store.commit(run_of("old", 40))
            await store.commit(run_of("young", 1))

    asyncio.run(write())
    return STORE


OWNING = """
import asyncio, sys
from dataagents.storage import SqliteStore

async def main():
    while store := sys.stdin.readline().strip():
        async with SqliteStore(store):
            print("open", flush=True)
            await asyncio.to_thread(sys.stdin.readline)
        print("closed", flush=True)

asyncio.run(main())
"""


@pytest.fixture(scope="module")
def owning():
    """A process that opens one store after the other: a line says which, an empty one closes it."""
    with subprocess.Popen(
        [sys.executable, "-P", "-c", OWNING],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1,
    ) as process:  # fmt: skip
        yield process
        process.stdin.close()


@pytest.fixture
def in_use(owning, home):
    """Have a kernel that owns the store, in another process."""

    @contextmanager
    def own():
        owning.stdin.write(f"{home / STORE}\n")
        assert owning.stdout.readline() == "open\n"
        yield owning
        owning.stdin.write("\n")
        assert owning.stdout.readline() == "closed\n"

    return own


def one_line(result, code: int, *words: str) -> None:
    """Hold a command to have ended with a code and one line that says why, and no traceback."""
    ended = result.exit_code if isinstance(result, Result) else result.returncode
    assert ended == code, result.stderr
    assert result.stdout == ""
    (line,) = result.stderr.splitlines()
    assert line.startswith("dataagents: ")
    for word in words:
        assert word in line


def test_a_sound_store(kept, cli):
    result = cli("store", "check")
    assert result.exit_code == 0
    assert "sound" in result.stdout
    assert "nothing acknowledged is missing" in result.stdout
    said = json.loads(cli("store", "check", "--full", "--json").stdout)
    assert (said["sound"], said["version"], said["events"], said["problems"]) == (
        True, VERSION, 6, [],
    )  # fmt: skip
    assert said["checked"][-1] == "projections"


def test_a_check_beside_a_kernel_names_it(kept, cli, in_use):
    with in_use() as process:
        said = json.loads(cli("store", "check", "--json").stdout)
        assert said["holder"]["pid"] == process.pid
        assert f"process {process.pid} has it open" in cli("store", "check").stdout


def test_what_is_wrong_is_exit_code_one(kept, cli):
    with closing(sqlite3.connect(kept, isolation_level=None)) as database:
        database.execute("UPDATE steps SET action = '[red]made up' WHERE seq = 2")
    result = cli("store", "check", "--full")
    assert result.exit_code == 1
    assert "steps: a row is" in result.stdout
    assert "[red]made up" in result.stdout
    assert "dataagents store restore FILE" in result.stdout


def test_a_missing_log_is_found_and_can_be_accepted(kept, cli):
    lock = kept.with_name("store.db.lock")
    said = json.loads(lock.read_text())
    with closing(sqlite3.connect(kept)) as database:
        ((store,),) = database.execute("SELECT id FROM store")
    lock.write_text(json.dumps({**said, "promise": {"store": store, "epoch": 1, "seq": 900}}))
    assert cli("lessons", "disable", "x").exit_code == 2
    result = cli("store", "check")
    assert result.exit_code == 1
    assert "a part of it is missing: it ends at event 6 of 900" in result.stdout
    result = cli("store", "check", "--accept")
    assert result.exit_code == 0
    assert "accepted: a part of it is missing" in result.stderr
    assert "nothing is missing" in cli("store", "check", "--accept").stderr


def test_there_and_back(kept, cli):
    assert cli("store", "backup", "copy.db").exit_code == 0
    cli("store", "prune", "--keep", "30d")
    result = cli("store", "restore", "copy.db", "--json")
    said = json.loads(result.stdout)
    assert said["file"] == str(STORE)
    assert Path(said["aside"]).exists()
    runs = json.loads(cli("runs", "--json").stdout)["runs"]
    assert [run["id"] for run in runs] == ["young", "old"]


def test_a_backup_says_what_it_made_and_overwrites_nothing(kept, cli):
    said = json.loads(cli("store", "backup", "copy.db", "--json").stdout)
    assert said == {"file": "copy.db", "bytes": Path("copy.db").stat().st_size, "aside": None}
    before = Path("copy.db").read_bytes()
    result = cli("store", "backup", "copy.db")
    assert (result.exit_code, "it is there" in result.stderr) == (2, True)
    assert Path("copy.db").read_bytes() == before


def test_old_runs_are_pruned(kept, cli):
    result = cli("store", "prune", "--keep", "30d")
    assert result.exit_code == 0
    assert "gone: 1 run, 3 events." in result.stderr
    said = json.loads(cli("store", "prune", "--keep", "12h", "--json").stdout)
    assert (said["runs"], said["events"], said["blobs"]) == (1, 3, 1)
    assert cli("store", "check", "--full").exit_code == 0
    said = json.loads(cli("store", "compact", "--json").stdout)
    assert said["after"] <= said["before"]


@pytest.mark.parametrize("keep", ["", "30", "d", "-1d", "30 years", "nan d", "9999999w"])
def test_a_period_that_is_none_is_refused(kept, cli, keep):
    result = cli("store", "prune", f"--keep={keep}")
    assert result.exit_code == 2
    assert "Write it as 30d, 12h or 2w" in result.stderr


def test_events_as_json_lines(kept, cli):
    result = cli("store", "export", "events.jsonl")
    assert result.exit_code == 0
    assert "6 events exported to events.jsonl" in result.stderr
    lines = [json.loads(line) for line in Path("events.jsonl").read_text().splitlines()]
    assert [line["seq"] for line in lines] == list(range(1, 7))
    assert lines[0]["body"]["text"] == "long " * 600, "large values are whole"
    result = cli("store", "export", "--run", "latest", "-")
    assert [json.loads(line)["run"] for line in result.stdout.splitlines()] == ["young"] * 3
    assert cli("store", "export", "events.jsonl").exit_code == 2
    assert cli("store", "export", "--run", "nobody", "other.jsonl").exit_code == 2
    assert not Path("other.jsonl").exists()
    assert not list(Path().glob(".*.partial"))
    said = json.loads(cli("store", "export", "again.jsonl", "--json").stdout)
    assert said["events"] == 6


@pytest.mark.parametrize(
    "words",
    [
        ("check",), ("backup", "x.db"), ("compact",), ("prune", "--keep", "1d"),
        ("export", "-"), ("restore", "x.db"), ("check", "--accept"),
    ],
)  # fmt: skip
def test_a_store_that_is_not_there_is_not_made(cli, words):
    result = cli("store", *words)
    assert result.exit_code == 2
    assert "there is no such file" in result.stderr
    assert not STORE.exists()


@pytest.mark.parametrize(
    "words",
    [("restore", "copy.db"), ("compact",), ("prune", "--keep", "1d"), ("check", "--accept")],
)
def test_what_needs_the_store_for_itself_names_the_kernel_that_has_it(kept, cli, in_use, words):
    assert cli("store", "backup", "copy.db").exit_code == 0
    with in_use() as process:
        result = cli("store", *words)
        assert result.exit_code == 2
        assert f"it is in use by process {process.pid} on" in result.stderr


def test_a_second_run_on_one_store_is_refused_by_the_first_ones_name(
    orders, shell, cli, stand_in, in_use
):
    stand_in(RELEASED)
    with in_use() as process:
        result = shell("run", orders)
        one_line(
            result, 2, f"it is in use by process {process.pid} on {os.uname().nodename} since ",
            "use another --store",
        )  # fmt: skip
    assert cli("run", orders, "-q").exit_code == 0


def test_a_store_that_another_program_keeps_locked(kept, orders, shell, cli):
    with closing(sqlite3.connect(kept, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        one_line(shell("run", orders, before=HURRY), 2, f"process {os.getpid()} keeps it locked")
        assert cli("runs").exit_code == 0, "reading goes on"


def empty(store: Path) -> None:
    store.write_bytes(b"")


def short(store: Path) -> None:
    store.write_bytes(store.read_bytes()[:50])


def halved(store: Path) -> None:
    store.write_bytes(store.read_bytes()[: store.stat().st_size // 2])


def text(store: Path) -> None:
    store.write_text("id,amount\n" * 1_000)


def theirs(store: Path) -> None:
    store.unlink()
    with closing(sqlite3.connect(store)) as database:
        database.execute("CREATE TABLE theirs (x)")


def newer(store: Path) -> None:
    with closing(sqlite3.connect(store)) as database:
        database.execute(f"PRAGMA user_version = {VERSION + 1}")


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (empty, "it is empty"),
        (short, "it is cut off"),
        (halved, "it is damaged"),
        (text, "it is damaged"),
        (theirs, "it is a database of another program"),
        (newer, f"it has version {VERSION + 1}, and this package knows versions up to {VERSION}"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_what_is_no_sound_store_is_refused_and_left_as_it_is(kept, orders, cli, damage, words):
    damage(kept)
    before = kept.read_bytes()
    one_line(cli("run", orders), 2, words)
    for command in (("runs",), ("store", "check"), ("store", "prune", "--keep", "1d")):
        result = cli(*command)
        assert (result.exit_code, result.stdout) == (2, "")
        assert words in result.stderr
    assert kept.read_bytes() == before


def test_a_folder_is_no_store(home, orders, shell):
    (home / "folder").mkdir()
    one_line(shell("run", orders, "--store", "folder"), 2, "it is a folder", "store.db")
    assert list((home / "folder").iterdir()) == []


@pytest.fixture
def unmeasured(monkeypatch):
    """Have no coverage measured in a process that can't write it down when it ends."""
    for name in list(os.environ):
        if name.startswith("COVERAGE_PROCESS"):
            monkeypatch.delenv(name)


@pytest.mark.skipif(os.geteuid() != 0, reason="SKIPPED LOUDLY: needs to be root to become nobody")
@pytest.mark.usefixtures("unmeasured")
def test_a_folder_that_cannot_be_written(kept, shell):
    folder = Path(tempfile.mkdtemp())
    try:
        shutil.copy(kept, folder / "store.db")
        (folder / "store.db").chmod(0o444)
        (folder / "orders.csv").write_text("id,amount\n1,2\n")
        folder.chmod(0o555)
        # All that is needed is loaded first, by using it: nobody can't read where Python is.
        load = (
            "import contextlib, io, os; from dataagents.console.cli import main\n"
            f"for store in ({str(kept)!r}, 'absent.db'):\n"
            "    with contextlib.suppress(SystemExit), contextlib.redirect_stderr(io.StringIO()):\n"
            "        with contextlib.redirect_stdout(io.StringIO()):\n"
            "            main(['store', 'prune', '--keep', '1d', '--store', store])\n"
            f"os.seteuid({NOBODY})"
        )
        words = ("store", "prune", "--keep", "1d", "--store", folder / "store.db")
        one_line(shell(*words, before=load), 2, "its folder can't be written", "another folder")
    finally:
        folder.chmod(0o755)
        shutil.rmtree(folder)


@pytest.mark.usefixtures("unmeasured")
def test_a_disk_that_is_full_in_the_middle_of_a_run(orders, shell, cli):
    limit = (
        "import resource, dataagents.storage.store as s; real = s.SqliteStore.__aenter__\n"
        "async def opened(self):\n"
        "    store = await real(self)\n"
        "    resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, resource.RLIM_INFINITY))\n"
        "    return store\n"
        "s.SqliteStore.__aenter__ = opened"
    )
    result = shell("run", orders, "-q", before=limit)
    assert result.returncode in (2, 4), result.stderr
    assert "Traceback" not in result.stderr
    assert "writing to its disk failed" in result.stderr
    assert cli("store", "check", "--full").exit_code == 0
    assert cli("run", orders, "-q").exit_code == 0


def test_old_runs_are_let_go_of_while_a_kernel_runs_when_that_is_configured(orders, cli, stand_in):
    stand_in(RELEASED)
    configured = Path("dataagents.toml").read_text()
    Path("dataagents.toml").write_text(f"{configured}keep_days = 30\n")
    assert cli("run", orders, "-q").exit_code == 0
    Path("dataagents.toml").write_text("keep_days = -1\n")
    assert "keep_days" in cli("run", orders, "-q").stderr


def test_help_teaches(cli):
    result = cli("store", "--help")
    for word in (
        "check",
        "backup",
        "restore",
        "compact",
        "prune",
        "export",
        "keep_days",
        "Examples",
    ):
        assert word in result.stdout
    for word in ("check", "backup", "restore", "compact", "prune", "export"):
        assert cli("store", word, "--help").exit_code == 0


def test_a_backup_that_is_none_is_named_and_nothing_changes(cli, home):
    Path("x.db").write_text("{}")
    result = cli("store", "restore", "x.db")
    assert result.exit_code == 2
    assert result.stderr.startswith("dataagents: backup x.db: ")
    assert "--store" not in result.stderr
