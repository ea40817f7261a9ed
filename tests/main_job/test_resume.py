"""Runs that are killed, and go on: what comes out is what would have come out."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

import pytest
from typer.testing import CliRunner

from dataagents.console.commands.app import make_app

DRIVER = """
import os, pathlib, signal, sys
from dataagents.storage import SqliteStore

what, nth = sys.argv[1], int(sys.argv[2])
seen, committed, renamed = 0, SqliteStore.commit, pathlib.Path.rename

def count(times):
    global seen
    seen += times
    if times and seen >= nth > seen - times:
        os.kill(os.getpid(), getattr(signal, os.environ.get("WITH", "SIGKILL")))

async def commit(self, unit):
    await committed(self, unit)
    count(sum(event.kind == what for event in unit))

def rename(self, target):
    count(what == "publish" and self.parent.name.startswith(".dataagents-"))
    return renamed(self, target)

SqliteStore.commit, pathlib.Path.rename = commit, rename
from dataagents.console.cli import main
sys.exit(main(sys.argv[3:]))
"""
"""Runs the command, and kills it right after the n-th event of a kind is on the disk."""

TOLD = {"report.json", "report.html", "lineage.jsonl", "contract.yaml", ".dataagents.json"}
"""What has ids and times in it."""
SEED = ("--seed", "1", "--detect", "off")
"""Comes out the same every time; to look for wrong cells, too, takes most of such a run's time."""
WHOLE = ("--seed", "1")


@pytest.fixture(scope="module")
def data(tmp_path_factory) -> Path:
    """Orders with gaps, blanks, duplicates and a few wrong types, and their customers."""
    folder, rng = tmp_path_factory.mktemp("data"), Random(7)
    lines = ["id,customer,zip,amount,day"]
    for number in range(2_000):
        blank = " " * (number % 7 == 0)
        zip_ = "n/a" if rng.random() < 0.02 else f"{rng.randrange(99999):05}"
        amount = "oops" if rng.random() < 0.01 else f"{rng.random() * 100:.2f}"
        lines.append(f"{number},{blank}c{number % 90},{zip_},{amount},2026-01-{number % 28 + 1:02}")
    (folder / "orders.csv").write_text("\n".join([*lines, *lines[-3:]]) + "\n")
    names = [f"c{number},name {number},{rng.choice(['DE', 'FR', ''])}" for number in range(90)]
    (folder / "customers.csv").write_text("\n".join(["customer,name,country", *names]) + "\n")
    return folder


def command(*words: str | Path) -> tuple[int, dict[str, object], str]:
    done = CliRunner().invoke(make_app(), [*map(str, words), "--json"])
    return done.exit_code, json.loads(done.stdout) if done.stdout.strip() else {}, done.stderr


def unmeasured() -> dict[str, str]:
    """The environment without coverage: who is killed writes none, and starts faster without."""
    return {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}


def killed(what: str, nth: int, *words: str | Path) -> None:
    """Run the command until it is killed."""
    done = subprocess.run(
        [sys.executable, "-P", "-c", DRIVER, what, str(nth), *map(str, words)],
        capture_output=True, text=True, timeout=120, check=False, env=unmeasured(),
    )  # fmt: skip
    assert done.returncode == -signal.SIGKILL, (done.returncode, done.stdout, done.stderr)


@contextmanager
def held(what: str, nth: int, *words: str | Path) -> Iterator[subprocess.Popen[str]]:
    """Have a command stand still behind an event while the context lasts; then it goes on."""
    with subprocess.Popen(
        [sys.executable, "-P", "-c", DRIVER, what, str(nth), *map(str, words)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "WITH": "SIGSTOP"},
    ) as process:  # fmt: skip
        try:
            stopped = os.waitid(os.P_PID, process.pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)
            assert stopped is not None
            assert stopped.si_code == os.CLD_STOPPED
            yield process
        finally:
            process.send_signal(signal.SIGCONT)
            process.communicate(timeout=120)


def written(folder: Path) -> dict[str, bytes]:
    """What a run published, but for what has ids and times in it."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name not in TOLD
    }


def uninterrupted(data: Path, folder: Path, *options: str) -> dict[str, bytes]:
    """What an uninterrupted run publishes."""
    paths = (data / "orders.csv", data / "customers.csv")
    words = ["run", *paths, "--out", folder / "out", "--store", folder / "s.db", *options, "-q"]
    code, _, said = command(*words)
    assert code == 0, said
    return written(folder / "out")


@pytest.fixture(scope="module")
def uncut(data, tmp_path_factory) -> dict[str, bytes]:
    return uninterrupted(data, tmp_path_factory.mktemp("uncut"), *SEED)


@pytest.fixture(scope="module")
def whole(data, tmp_path_factory) -> dict[str, bytes]:
    return uninterrupted(data, tmp_path_factory.mktemp("whole"), *WHOLE)


POINTS = [("plan.made", 1), ("task.ended", 1), ("step.taken", 4), ("publish", 3)]
DETECTING = ("task.ended", 9)
MORE = [
    *POINTS, ("run.started", 1), ("task.started", 1), ("task.ended", 3), ("task.started", 6),
    ("ballot.cast", 12), ("task.ended", 12), ("experience.kept", 1), ("publish", 1),
]  # fmt: skip


@pytest.mark.parametrize(("what", "nth"), POINTS)
def test_wherever_it_is_killed_the_same_is_published(home, data, uncut, what, nth):
    same_is_published(home, data, uncut, what, nth, *SEED)


@pytest.mark.parametrize(
    ("what", "nth"),
    [DETECTING, *(pytest.param(*point, marks=pytest.mark.slow) for point in MORE)],
)
def test_wherever_it_is_killed_the_same_wrong_cells_are_found(home, data, whole, what, nth):
    same_is_published(home, data, whole, what, nth, *WHOLE)


def same_is_published(home, data, uncut, what, nth, *options):
    paths = (data / "orders.csv", data / "customers.csv")
    killed(what, nth, "run", *paths, "--out", "out", *options, "-q")
    assert not (home / "out" / "clean").exists() or what == "publish"

    code, listed, _ = command("resume", "--list")
    (stood,) = listed["unfinished"]
    assert (code, stood["state"], stood["out"]) == (0, "interrupted", str(home / "out"))
    (known,) = command("runs")[1]["runs"]
    assert known["status"] == "interrupted"

    code, report, said = command("resume", "-q")
    assert code == 0, said
    assert (report["run"], report["status"]) == (stood["run"], "done")
    assert written(home / "out") == uncut
    assert len(report["work"]) == 12
    assert command("resume", "--list")[1] == {"unfinished": []}
    assert [each["status"] for each in command("runs")[1]["runs"]] == ["done"]
    assert not (home / ".dataagents" / "store.db.work").exists()


@pytest.mark.parametrize("times", [2, pytest.param(4, marks=pytest.mark.slow)])
def test_a_run_that_is_killed_again_and_again_comes_to_its_end(home, data, uncut, times):
    words = ("run", data / "orders.csv", data / "customers.csv", "--out", "out", *SEED, "-q")
    killed("task.ended", 2, *words)
    for _ in range(times - 1):
        killed("task.ended", 2, "resume", "-q")
    code, report, said = command("resume", "-q")
    assert (code, report["status"]) == (0, "done"), said
    assert written(home / "out") == uncut


def test_without_its_working_files_it_does_them_again_and_says_so(home, data, uncut):
    words = ("run", data / "orders.csv", data / "customers.csv", "--out", "out", *SEED, "-q")
    killed("task.ended", 8, *words)
    (work,) = (home / ".dataagents" / "store.db.work").glob("1*")
    for path in work.rglob("*.parquet"):
        path.unlink()
    code, report, said = command("resume")
    assert (code, report["status"]) == (0, "done"), said
    assert "its files are lost" in said
    assert written(home / "out") == uncut


def test_what_came_through_a_pipe_is_kept_for_a_run_that_goes_on(home, data):
    with (data / "orders.csv").open("rb") as piped:
        done = subprocess.run(
            [
                *(sys.executable, "-P", "-c", DRIVER, "task.started", "1"),
                *("run", "-", "--out", "out", *SEED),
            ],
            stdin=piped, capture_output=True, timeout=120, check=False, env=unmeasured(),
        )  # fmt: skip
    assert done.returncode == -signal.SIGKILL
    code, report, said = command("resume", "-q")
    assert (code, report["status"]) == (0, "done"), said
    assert (home / "out" / "clean").exists()


def test_a_run_says_that_earlier_ones_are_unfinished_and_leaves_them_alone(home, data):
    killed("task.ended", 2, "run", data / "customers.csv", "--out", "a", *SEED, "-q")
    code, _, said = command("run", data / "customers.csv", "--out", "b", *SEED)
    assert code == 0, said
    assert "1 earlier run is unfinished; dataagents resume --list shows more." in said
    code, report, said = command("resume", "-q")
    assert (code, report["status"]) == (0, "done"), said
    assert written(home / "a") == written(home / "b")


def test_a_run_that_was_interrupted_goes_on_when_it_is_asked_for(home, data, uncut, monkeypatch):
    monkeypatch.setenv("WITH", "SIGINT")
    words = ("run", data / "orders.csv", data / "customers.csv", "--out", "out", *SEED, "-q")
    done = subprocess.run(
        [sys.executable, "-P", "-c", DRIVER, "task.ended", "5", *map(str, words)],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 130, done.stderr
    (known,) = command("runs")[1]["runs"]
    assert f"dataagents resume {known['id']} goes on from there" in done.stderr
    assert known["status"] == "cancelled"
    assert command("resume", "-q") == (0, {"runs": []}, "")
    code, report, said = command("resume", known["id"])
    assert (code, report["status"]) == (0, "done"), said
    assert "done again" not in said
    assert written(home / "out") == uncut


def test_several_runs_go_on_one_after_the_other(home, data):
    for out in ("a", "b"):
        killed("task.ended", 2, "run", data / "customers.csv", "--out", out, *SEED, "-q")
    code, _, said = command("resume")
    assert code == 2
    assert "2 runs are unfinished" in said
    assert "--all" in said
    code, found, said = command("resume", "--all", "-q")
    assert (code, [each["status"] for each in found["runs"]]) == (0, ["done", "done"]), said
    assert written(home / "a") == written(home / "b")
    assert command("resume", "-q") == (0, {"runs": []}, "")


def test_a_second_run_on_a_store_or_in_a_folder_is_refused_by_the_first(home, data):
    words = ("run", data / "customers.csv", "--out", "a", *SEED, "-q")
    with held("task.started", 2, *words) as first:
        code, _, said = command("run", data / "orders.csv", "--out", "b")
        assert code == 2
        assert f"it is in use by process {first.pid} on " in said
        assert said.count("\n") == 1
        assert not list((home / "b").iterdir())
        code, _, said = command("resume")
        assert (code, f"it is in use by process {first.pid} on " in said) == (2, True)
        code, _, said = command("run", data / "orders.csv", "--out", "a", "--store", "other.db")
        assert (code, said.count("\n")) == (2, 1)
        assert "another run is writing there" in said
    assert first.returncode == 0
    assert [each["status"] for each in command("runs")[1]["runs"]] == ["done"]


@pytest.mark.slow
def test_two_processes_that_go_on_with_one_run(home, data):
    killed("task.ended", 2, "run", data / "customers.csv", "--out", "a", *SEED, "-q")
    (stood,) = command("resume", "--list")[1]["unfinished"]
    with held("task.ended", 2, "resume", "-q") as first:
        code, _, said = command("resume", stood["run"])
        assert (code, said.count("\n")) == (2, 1)
        assert f"it is in use by process {first.pid} on " in said
    assert first.returncode == 0
    assert [each["status"] for each in command("runs")[1]["runs"]] == ["done"]


def test_results_that_find_no_room_wait_until_there_is_some(home, data):
    words = ("run", data / "customers.csv", "--out", "a", *SEED, "-q")
    with held("task.ended", 4, *words) as first:
        (home / "a" / "clean").write_text("mine")
    assert first.returncode == 2
    assert (home / "a" / "clean").read_text() == "mine"
    assert not (home / "a" / "report.json").exists()
    code, _, said = command("resume", "-q")
    assert (code, said.count("\n")) == (2, 1), "it is still in the way"
    (home / "a" / "clean").unlink()
    code, report, said = command("resume", "-q")
    assert (code, report["status"]) == (0, "done"), said
    assert command("run", *words[1:3], home / "b", *SEED)[0] == 0
    assert written(home / "a") == written(home / "b")


def test_an_input_that_is_gone_before_it_was_read_is_asked_for(home, data):
    shutil.copy(data / "customers.csv", home / "in.csv")
    words = ("run", "in.csv", "--out", "a", *SEED, "-q")
    killed("plan.made", 1, *words)
    (home / "in.csv").rename(home / "away.csv")
    code, _, said = command("resume", "-q")
    assert (code, said.count("\n")) == (2, 1)
    assert "its input in.csv has still to be read, and is not there" in said
    (home / "away.csv").rename(home / "in.csv")
    killed("task.ended", 1, "resume", "-q")
    (home / "in.csv").unlink()
    code, report, said = command("resume", "-q")
    assert (code, report["status"]) == (0, "done"), "what was read is not read again"


def test_it_goes_on_under_the_settings_that_it_began_with(home, data, uncut):
    words = ("run", data / "orders.csv", data / "customers.csv", "--out", "out", *SEED, "-q")
    killed("task.ended", 4, *words)
    (home / "other.toml").write_text("seed = 99\n[strategies]\nvoting_rule = 'unanimous'\n")
    code, report, said = command("resume", "-q", "--config", "other.toml")
    assert (code, report["status"]) == (0, "done"), said
    assert written(home / "out") == uncut


def test_a_run_that_is_given_up_is_over_and_leaves_nothing(home, data):
    killed("task.ended", 2, "run", data / "customers.csv", *SEED, "-q")
    (stood,) = command("resume", "--list")[1]["unfinished"]
    code, _, said = command("resume", stood["run"][:-1], "--give-up")
    assert code == 0, said
    assert command("resume", "--list")[1] == {"unfinished": []}
    code, _, said = command("resume", stood["run"])
    assert code == 2
    assert "it came to its end: failed" in said


@pytest.fixture(scope="module")
def finished_home(data, tmp_path_factory) -> Path:
    """A folder whose store has one run, which is over."""
    folder = tmp_path_factory.mktemp("finished")
    words = ("run", data / "customers.csv", "--out", folder / "out", *SEED, "-q")
    assert command(*words, "--store", folder / ".dataagents" / "store.db")[0] == 0
    return folder


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (("resume", "nobody"), "there is no such run"),
        (("resume", "x", "--all"), "a run is named, too"),
        (("resume", "x", "--step", "s"), "one goes with the other"),
        (("resume", "--give-up"), "which one is it"),
        (("resume", "x", "--result", "1"), "only a step that was done has one"),
        (("resume", "--all", "--out", "d"), "several runs can't share a folder"),
    ],
)
def test_what_makes_no_sense_is_refused_in_one_line(finished_home, monkeypatch, words, problem):
    monkeypatch.chdir(finished_home)
    code, _, said = command(*words)
    assert code == 2
    assert problem in said
    assert len(said.splitlines()) == 1


def test_without_a_store_there_is_nothing_to_go_on_with(home):
    code, _, said = command("resume")
    assert code == 2
    assert "there is no such file" in said
