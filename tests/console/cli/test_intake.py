"""What `dataagents run` takes as data, and what it says about what it can't take."""

import json

import pytest

from dataagents.console.commands.intake import gather
from dataagents.console.commands.quantities import megabytes, share
from dataagents.core import InputError


@pytest.fixture
def files(home):
    """Make files below the current folder."""

    def make(*names):
        for name in names:
            path = home / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("id\n1\n")

    return make


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("orders.csv", "orders"),
        ("orders.2026.csv", "orders.2026"),
        ("orders.csv.gz", "orders"),
        ("orders.jsonl.ZST", "orders"),
        ("orders", "orders"),
        ("daily/orders.parquet", "orders"),
    ],
)
def test_a_data_set_is_called_like_its_file_without_endings(files, path, name):
    files(path)
    assert gather([path]) == {name: path}


def test_a_folder_and_a_pattern_are_one_data_set_each(files, home):
    files("daily/a.csv", "daily/b.csv", "logs/2026-01.csv", "logs/2026-02.csv", "x/1.csv")
    assert gather(["daily/", "logs/2026-*.csv", "x/*.csv"]) == {
        "daily": "daily/",
        "2026": "logs/2026-*.csv",
        "x": "x/*.csv",
    }
    assert gather([f"{home}/lo*/*.csv"]) == {"lo": f"{home}/lo*/*.csv"}


def test_a_file_whose_name_looks_like_a_pattern_is_a_file(files):
    files("a[1].csv")
    assert gather(["a[1].csv"]) == {"a[1]": "a[1].csv"}


def test_data_sets_of_one_name_are_told_apart_by_their_folders_then_by_number(files):
    files("beers/dirty.csv", "flights/dirty.csv", "old/beers/dirty.csv", "rest.csv")
    paths = ["beers/dirty.csv", "flights/dirty.csv", "old/beers/dirty.csv", "rest.csv"]
    assert list(gather(paths)) == ["beers-dirty", "flights-dirty", "dirty-2", "rest"]


@pytest.mark.parametrize(
    ("paths", "problem"),
    [
        (["a.csv", "a.csv"], "file a.csv: it is named twice. Name each file once."),
        (["a.csv", "./a.csv"], "file a.csv: it is named by 'a.csv' too"),
        (["d", "d/b.csv"], "file b.csv: it is named by 'd' too"),
        (["d/*.csv", "d/b.csv"], "file b.csv: it is named by 'd/*.csv' too"),
        (["x*.csv"], "pattern x*.csv: no file matches it"),
        (["empty"], "folder empty: there is no file in it"),
        (["-", "-"], "named twice"),
    ],
)
def test_what_can_not_be_taken_is_told(files, home, paths, problem):
    files("a.csv", "d/b.csv")
    (home / "empty").mkdir()
    with pytest.raises(InputError) as caught:
        gather(paths)
    assert problem in str(caught.value)


@pytest.mark.parametrize(
    ("text", "value"), [("5%", 0.05), ("0.05", 0.05), (" 90 % ", 0.9), ("1", 1.0), (".5", 0.5)]
)
def test_a_share_is_a_fraction_or_a_percentage(text, value):
    assert share("--min-score", text) == value


@pytest.mark.parametrize("text", ["5", "101%", "-1", "x", "", "nan", "1e-3", "0.5.5"])
def test_a_share_that_is_none_is_told(text):
    with pytest.raises(InputError, match=r"--min-score .*Write it as 0.05 or 5%"):
        share("--min-score", text)


@pytest.mark.parametrize(
    ("text", "value"),
    [("2GB", 2048), ("512MB", 512), ("1.5 gb", 1536), ("1GiB", 1024), ("64M", 64)],
)
def test_a_size_has_a_unit(text, value):
    assert megabytes("--memory", text) == value


@pytest.mark.parametrize("text", ["2", "10MB", "GB", "-1GB", "2KB", "lots"])
def test_a_size_that_is_none_or_too_small_is_told(text):
    with pytest.raises(InputError, match="--memory"):
        megabytes("--memory", text)


SEEN = """
    import json
    from pathlib import Path
    from dataagents.core import Strategy, hookimpl

    @hookimpl
    def register_observers():
        class Seen:
            async def observe(self, events):
                for event in events:
                    if event.kind == "run.started":
                        inputs = event.body["inputs"]
                        texts = {k: Path(v).read_text() for k, v in inputs.items()}
                        Path("seen.json").write_text(json.dumps({"goal": event.body, **texts}))
        return [Strategy("seen", lambda options: Seen())]
"""


@pytest.fixture
def seen(stand_in, install, home):
    """What the goal of the run was, and what its inputs held."""
    stand_in()
    install("seen", SEEN)
    return lambda: json.loads((home / "seen.json").read_text())


def test_settings_reach_the_goal(cli, orders, seen, home):
    contract = home / "c.yaml"
    contract.write_text("datasets: {}\n")
    cli(
        "run", orders, "--contract", contract, "--on-drift", "freeze", "--min-score", "90%",
        "--max-quarantine", "0.05", "--format", "parquet", "-q",
    )  # fmt: skip
    assert seen()["goal"]["settings"] == {
        "contract": str(contract),
        "on_drift": "freeze",
        "min_score": 0.9,
        "max_quarantine": 0.05,
        "format": "parquet",
    }


def test_nothing_is_set_that_was_not_said(cli, orders, seen):
    cli("run", orders, "-q")
    assert seen()["goal"]["settings"] == {}


def test_without_a_terminal_there_is_no_operator(cli, orders, seen):
    cli("run", orders, "--on-drift", "ask", "-q")
    assert seen()["goal"]["settings"] == {"on_drift": "ask"}


def test_stdin_is_kept_beside_the_store_and_cleared_away(shell, seen, home, tmp_path):
    source = tmp_path / "in.csv"
    source.write_text("id\n1\n")
    done = shell("run", "-", "--json", before=f"import sys; sys.stdin = open({str(source)!r})")

    assert seen()["stdin"] == "id\n1\n"
    assert seen()["goal"]["inputs"]["stdin"].startswith(".dataagents/store.db.work/")
    (dataset,) = json.loads(done.stdout)["datasets"]
    assert (dataset["name"], dataset["path"]) == ("stdin", "-")
    assert "reading stdin, 5 B" in done.stderr
    assert not (home / ".dataagents" / "store.db.work").exists()


def test_an_empty_stdin_is_told_and_2(cli, orders):
    done = cli("run", "-", input="")

    assert done.exit_code == 2
    assert done.stderr.splitlines()[-1].startswith("dataagents: stdin: it is empty.")


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("--contract", "none.yaml"), "contract none.yaml: there is no such file"),
        (("--contract", "."), "contract .: it is a folder"),
        (("--min-score", "90"), "--min-score 90: it is no share between 0 and 1"),
        (("--max-quarantine", "x"), "--max-quarantine x: it is no share"),
        (("--memory", "10MB"), "--memory 10MB: it is too little to work with"),
        (("--on-drift", "hope"), "--on-drift"),
        (("--format", "xml"), "--format"),
    ],
)
def test_an_option_that_can_not_be_used_is_told_before_anything_is_done(
    cli, orders, home, arguments, problem
):
    done = cli("run", orders, *arguments)

    assert done.exit_code == 2
    assert problem in done.stderr
    assert "Traceback" not in done.output
    assert not (home / ".dataagents").exists()
