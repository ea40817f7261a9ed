"""How the files of a run get into a folder: all of them or none, and never among another run's."""

import errno
import json
import os
import resource
import signal
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest
from sample_plugins import CONFIG, GOAL, FakeDataTools

from dataagents.core import InputError, Kernel, Strategy, hookimpl
from dataagents.core.services.publication import MANIFEST, Publication, publishing
from dataagents.core.testing import MemoryStore


class Writing:
    """An output that writes what it is made to."""

    entries = ("clean", "report.txt", "extra.txt")

    def __init__(self, texts, error=None):
        self.texts = texts
        self.error = error
        self.shown = {}

    async def write(self, result, folder):
        self.shown = dict(result.files)
        files = {}
        for name, text in self.texts.items():
            files[name] = folder / name
            files[name].parent.mkdir(exist_ok=True)
            files[name].write_text(text)
        if self.error is not None:
            raise self.error
        return files


class Outputs:
    def __init__(self, *outputs):
        self.outputs = outputs

    @hookimpl
    def register_outputs(self):
        return [
            Strategy(f"output-{number}", lambda options, each=each: each)
            for number, each in enumerate(self.outputs)
        ]


@pytest.fixture
def run(tmp_path, tools: FakeDataTools):
    """Run with some outputs into a folder."""

    async def go(*outputs, out=tmp_path / "out", store=None):
        async with Kernel(CONFIG, plugins=[tools, Outputs(*outputs)], store=store) as kernel:
            return await kernel.run(GOAL, out=out)

    return go


def listed(folder: Path):
    """Every file below a folder, and what it holds, but for the manifest."""
    return {
        str(path.relative_to(folder)): path.read_text()
        for path in folder.rglob("*")
        if path.is_file()
        and path.name not in (MANIFEST, "report.json", "report.html", "lineage.jsonl")
    }


async def test_files_are_named_where_they_end_up(run, tmp_path):
    first, second = Writing({"clean/a.csv": "a"}), Writing({"report.txt": "all well"})
    result = await run(first, second)

    final = {name: tmp_path / "out" / name for name in ("clean/a.csv", "report.txt")}
    assert {name: result.files[name] for name in final} == final
    assert second.shown["clean/a.csv"] == tmp_path / "out" / "clean" / "a.csv"
    assert listed(tmp_path / "out") == {"clean/a.csv": "a", "report.txt": "all well"}


async def test_a_later_run_takes_the_place_of_the_one_before_and_of_nothing_else(run, tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    (out / "mine.txt").write_text("the user's")
    await run(Writing({"clean/a.csv": "1", "extra.txt": "1"}))
    await run(Writing({"clean/b.csv": "2"}))

    assert listed(out) == {"mine.txt": "the user's", "clean/b.csv": "2"}
    manifest = json.loads((out / MANIFEST).read_text())
    assert "clean" in manifest["entries"]
    assert "extra.txt" not in manifest["entries"]
    assert manifest["complete"] is True
    assert not list(out.glob(".dataagents-*"))


async def test_a_file_that_no_run_wrote_is_refused_before_the_run_begins(run, tmp_path):
    out, store = tmp_path / "out", MemoryStore()
    (out / "clean").mkdir(parents=True)
    with pytest.raises(InputError, match=r"clean: is there, and no run wrote it. Choose another"):
        await run(Writing({"clean/a.csv": "1"}), store=store)

    assert [event.kind for event in store.events if event.kind == "run.started"] == []
    assert [each.name for each in out.iterdir()] == ["clean"]


async def test_a_file_that_no_output_announced_is_refused_at_the_end(run, tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    (out / "other.txt").write_text("the user's")
    with pytest.raises(InputError, match="no run wrote it"):
        await run(Writing({"other.txt": "ours"}))
    assert listed(out) == {"other.txt": "the user's"}


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EACCES])
async def test_a_disk_that_is_full_or_read_only_publishes_nothing(run, tmp_path, number):
    out, store = tmp_path / "out", MemoryStore()
    await run(Writing({"clean/a.csv": "1"}))
    error = OSError(number, os.strerror(number))
    with pytest.raises(InputError, match=f"{os.strerror(number)}. Nothing was published"):
        await run(Writing({"clean/a.csv": "2"}), Writing({"extra.txt": "2"}, error), store=store)

    assert listed(out) == {"clean/a.csv": "1"}
    assert not list(out.glob(".dataagents-*"))
    (ended,) = (event for event in store.events if event.kind == "run.ended")
    assert ended.body["status"] == "suspended", "it goes on once there is room"


async def test_an_engine_that_can_not_write_publishes_nothing(run, tmp_path):
    error = InputError("tables", "DuckDB refused: IO Error: No space left on device")
    with pytest.raises(InputError, match=r"output folder .*: tables: DuckDB refused"):
        await run(Writing({"clean/a.csv": "2"}, error))
    assert listed(tmp_path / "out") == {}


async def test_a_full_disk_leaves_what_was_there(run, tmp_path):
    out = tmp_path / "out"
    await run(Writing({"clean/a.csv": "1"}))
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    old = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, before[1]))
    try:
        with pytest.raises(InputError, match=r"File too large. Nothing was published"):
            await run(Writing({"clean/a.csv": "2" * 1_000_000}))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, old)
    assert listed(out) == {"clean/a.csv": "1"}
    assert not list(out.glob(".dataagents-*"))


async def test_a_run_that_is_stopped_leaves_what_was_there(run, tmp_path):
    await run(Writing({"clean/a.csv": "1"}))
    with publishing(tmp_path / "out", "r2", ()) as publication:
        (publication.staging / "clean").mkdir()
    assert listed(tmp_path / "out") == {"clean/a.csv": "1"}
    assert not list((tmp_path / "out").glob(".dataagents-*"))


def test_two_runs_do_not_write_into_one_folder_at_a_time(tmp_path):
    with (
        publishing(tmp_path, "r1", ()),
        pytest.raises(InputError, match="another run is writing there"),
        publishing(tmp_path, "r2", ()),
    ):
        pass


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        '{"run": "r", "entries": ["../../etc"]}',
        '{"run": "r", "entries": [".."]}',
        '{"run": "a/../..", "entries": []}',
    ],
)
def test_a_manifest_that_was_tampered_with_is_refused(tmp_path, text):
    (tmp_path / MANIFEST).write_text(text)
    with pytest.raises(InputError, match=MANIFEST), publishing(tmp_path, "r1", ()):
        pass
    assert [each.name for each in tmp_path.iterdir()] == [MANIFEST]


KILLED = """
    import os, sys
    from pathlib import Path
    from dataagents.core.services.publication import publishing

    steps, rename, replace = int(sys.argv[2]), Path.rename, Path.replace

    def counted(move):
        def moved(self, target):
            global steps
            if not steps:
                os.kill(os.getpid(), 9)
            steps -= 1
            return move(self, target)
        return moved

    Path.rename, Path.replace = counted(rename), counted(replace)
    with publishing(Path(sys.argv[1]), "killed", ()) as publication:
        for name in ("a", "b", "d"):
            (publication.staging / name).mkdir()
            (publication.staging / name / "x").write_text("new")
        publication.publish()
"""


def publish(folder, run, *names):
    with publishing(folder, run, names) as publication:
        for name in names:
            (publication.staging / name).mkdir()
            (publication.staging / name / "x").write_text(run)
        publication.publish()


@pytest.mark.parametrize("steps", range(9))
def test_a_run_that_is_killed_leaves_the_old_or_the_new_to_the_next(tmp_path, steps):
    old = {"a/x": "old", "b/x": "old", "c/x": "old"}
    new = {"a/x": "new", "b/x": "new", "d/x": "new"}
    publish(tmp_path, "old", "a", "b", "c")
    (tmp_path / "mine.txt").write_text("mine")
    killed = subprocess.run(
        [sys.executable, "-c", dedent(KILLED), str(tmp_path), str(steps)], check=False
    )
    assert killed.returncode == (-9 if steps < 8 else 0)
    left = {k: v for k, v in listed(tmp_path).items() if not k.startswith((".data", "mine"))}
    assert left.items() <= old.items() or left.items() <= new.items()

    with publishing(tmp_path, "next", ("a", "b", "c", "d")):
        pass  # it publishes nothing, but it has cleared up
    assert listed(tmp_path) == {"mine.txt": "mine"} | (old if steps == 0 else new)
    assert not list(tmp_path.glob(".dataagents-*"))
    publish(tmp_path, "last", "e")
    assert listed(tmp_path) == {"mine.txt": "mine", "e/x": "last"}


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="needs the names of descriptors")  # noqa: PTH112
def test_what_is_renamed_is_safe_from_a_power_cut_before_anybody_relies_on_it(
    tmp_path, monkeypatch
):
    publish(tmp_path, "old", "a")
    done: list[tuple[str, str]] = []
    fsync, rename, exchange = os.fsync, Path.rename, Path.replace

    def synced(descriptor):
        path = Path(f"/proc/self/fd/{descriptor}").readlink()
        done.append(("sync", str(path.relative_to(tmp_path))))
        fsync(descriptor)

    def renamed(self, target):
        done.append(("rename", str(target.relative_to(tmp_path))))
        return rename(self, target)

    def replaced(self, target):
        done.append(("rename", str(target.relative_to(tmp_path))))
        return exchange(self, target)

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", synced)
        patch.setattr(Path, "rename", renamed)
        patch.setattr(Path, "replace", replaced)
        publish(tmp_path, "new", "a", "b")
    begun, ended = (place for place, step in enumerate(done) if step == ("rename", MANIFEST))
    moved = [place for place, (what, where) in enumerate(done) if what == "rename"][1:-1]
    staged = {f".dataagents-new/{name}" for name in ("a", "a/x", "b", "b/x")} | {".dataagents-new"}
    assert staged <= {where for what, where in done[:begun] if what == "sync"}
    assert ("sync", ".") in done[begun : moved[0]]
    assert ("sync", ".") in done[moved[-1] : ended]
    assert done[-1] == ("sync", ".")


def test_a_rename_that_fails_is_finished_by_the_next_run(tmp_path, monkeypatch):
    publish(tmp_path, "old", "a")
    rename = Path.rename

    def fail(self, target):
        if self.parent.name == ".dataagents-new":
            raise PermissionError(errno.EACCES, "no")
        return rename(self, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", fail)
        with pytest.raises(PermissionError):
            publish(tmp_path, "new", "a")
    with publishing(tmp_path, "next", ()):
        pass
    assert listed(tmp_path) == {"a/x": "new"}


def test_a_publication_that_never_opened_can_be_closed(tmp_path):
    Publication(tmp_path / "none", "r").close()
    assert not (tmp_path / "none").exists()
