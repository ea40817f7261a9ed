"""`dataagents plugins` and `dataagents new-plugin`."""

import json
import subprocess
import sys

import pytest

BROKEN = """
print("noise")
raise SystemExit("\x1b[31mI quit")
"""


def states(done):
    return {each["name"]: each["state"] for each in json.loads(done.stdout)["plugins"]}


def test_plugins_are_listed_without_importing_them(cli, shell, install):
    install("hapless", BROKEN)
    listed = cli("plugins")

    assert listed.exit_code == 0
    assert "hapless 1.5" in listed.stdout
    assert "dataagents.plugins.voting" in listed.stdout
    assert "supermajority" not in listed.stdout
    report = (
        "import atexit, sys\n"
        "atexit.register(lambda: sys.stderr.write(' '.join(sorted(sys.modules))))"
    )
    loaded = shell("plugins", "--json", before=report)
    assert set(states(loaded).values()) == {"installed"}
    assert "noise" not in loaded.stderr
    assert not {name for name in loaded.stderr.split() if name.startswith("dataagents.plugins")}


def test_checked_plugins_are_listed_with_what_they_provide(cli):
    listed = cli("plugins", "--check")

    assert listed.exit_code == 0
    assert "supermajority" in listed.stdout
    assert "dataagents " in listed.stdout


def test_a_broken_plugin_costs_nothing_but_itself(cli, install):
    install("hapless", BROKEN)
    done = cli("plugins", "--check", "--json")

    found = {each["name"]: each for each in json.loads(done.stdout)["plugins"]}
    assert done.exit_code == 0
    assert found["voting"]["state"] == "loaded"
    assert "supermajority" in found["voting"]["provides"]["voting_rules"]
    assert found["hapless"]["state"] == "failed"
    assert (found["hapless"]["distribution"], found["hapless"]["version"]) == ("hapless", "1.5")
    assert "I quit" in found["hapless"]["error"]

    shown = cli("plugins", "--check").stdout
    assert "SystemExit" in shown
    assert "\x1b" not in shown


def test_a_disabled_plugin_is_not_imported(cli, install, home):
    install("hapless", BROKEN)
    (home / "dataagents.toml").write_text('disabled_plugins = ["hapless"]\n')
    for arguments in ((), ("--check",)):
        done = cli("plugins", "--json", *arguments)
        assert states(done)["hapless"] == "disabled"
        assert "noise" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "configured", "state"),
    [
        (("--disable-plugin", "hapless"), "", "disabled"),
        (("--no-plugins",), "", "not allowed"),
        ((), "allowed_plugins = []", "not allowed"),
        ((), 'allowed_plugins = ["another"]', "not allowed"),
        (("--no-plugins",), 'allowed_plugins = ["hapless"]', "not allowed"),
        ((), 'allowed_plugins = ["hapless"]', "failed"),
    ],
)
def test_what_is_kept_out_is_not_imported(cli, install, home, arguments, configured, state):
    install("hapless", BROKEN)
    (home / "dataagents.toml").write_text(configured)
    done = cli("plugins", "--check", "--json", *arguments)

    assert states(done)["hapless"] == state
    assert ("noise" in done.stderr) == (state == "failed")
    assert states(done)["voting"] == "loaded", "bundled ones need no permission"


def test_a_plugin_to_leave_out_that_is_not_there_is_no_typo_to_pass_over(cli):
    done = cli("plugins", "--disable-plugin", "vting")

    assert done.exit_code == 2
    assert "no plugin with this name is installed" in done.stderr
    assert "Did you mean 'voting'?" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "noisy"),
    [((), True), (("--disable-plugin", "hapless"), False), (("--no-plugins",), False)],
)
def test_a_run_leaves_out_what_it_is_told_to(cli, install, orders, arguments, noisy):
    install("hapless", BROKEN)
    done = cli("run", orders, "--quiet", *arguments)

    assert done.exit_code == 0, done.output
    assert ("noise" in done.output) is noisy


def test_a_kernel_for_decisions_imports_no_more_than_a_run(cli, install, ran, home):
    assert cli("lessons", "export", "lessons.json").exit_code == 0
    install("hapless", BROKEN)
    for configured in ("", "allowed_plugins = []\n"):
        (home / "dataagents.toml").write_text(configured)
        done = cli("lessons", "import", "lessons.json")
        assert done.exit_code == 0, done.output
        assert ("noise" in done.output) is not bool(configured)


@pytest.fixture
def template(tmp_path, monkeypatch):
    """A small template in place of the real one."""
    folder = tmp_path / "template"
    (folder / "src" / "dataagents_example" / "__pycache__").mkdir(parents=True)
    (folder / "src" / "dataagents_example" / "__pycache__" / "x.pyc").write_bytes(b"\xff")
    (folder / "src" / "dataagents_example" / "__init__.py").write_text("import dataagents_example")
    (folder / "__init__.py").write_text("ours")
    (folder / ".gitignore").write_text("dist")
    (folder / "pyproject.toml").write_text(
        '[project]\nname = "dataagents-example"\n'
        '[project.entry-points.dataagents]\ndataagents_example = "dataagents_example"\n'
    )
    monkeypatch.setattr("dataagents.console.commands.new_plugin.files", lambda _: folder)
    return folder


def test_a_new_plugin_is_the_template_under_its_own_names(cli, template, home):
    done = cli("new-plugin", "my_checks", "--into", "plugins")

    folder = home / "plugins" / "dataagents-my-checks"
    files = {str(each.relative_to(folder)) for each in folder.rglob("*") if each.is_file()}
    assert done.exit_code == 0
    assert files == {".gitignore", "pyproject.toml", "src/dataagents_my_checks/__init__.py"}
    assert "dataagents-my-checks" in (folder / "pyproject.toml").read_text()
    assert "example" not in (folder / "pyproject.toml").read_text()
    for command in ("cd plugins/dataagents-my-checks", "pip install", "dataagents plugins"):
        assert command in done.stdout


@pytest.mark.parametrize("name", ["1st", "my checks", "class", "../evil", "", "A", "é", "-"])
def test_a_name_that_is_no_identifier_is_refused(cli, template, home, name):
    done = cli("new-plugin", "--", name)

    assert done.exit_code == 2
    assert list(home.iterdir()) == []


def test_a_folder_that_exists_is_left_alone(cli, template, home):
    (home / "dataagents-mine").mkdir()
    done = cli("new-plugin", "mine")

    assert done.exit_code == 2
    assert "it is there already" in done.stderr
    assert list((home / "dataagents-mine").iterdir()) == []


def test_a_place_that_can_not_be_written_is_one_line_and_2(cli, template, orders):
    done = cli("new-plugin", "mine", "--into", orders)

    assert done.exit_code == 2
    assert len(done.stderr.splitlines()) == 1


def test_the_real_template_gives_a_plugin_that_compiles(shell, home):
    done = shell("new-plugin", "my_checks")

    folder = home / "dataagents-my-checks"
    assert done.returncode == 0, done.stderr
    assert (folder / "pyproject.toml").is_file()
    texts = [each.read_text() for each in folder.rglob("*") if each.is_file()]
    assert not any("dataagents_example" in text or "dataagents-example" in text for text in texts)
    compiled = subprocess.run([sys.executable, "-m", "compileall", "-q", str(folder)], check=False)
    assert compiled.returncode == 0
