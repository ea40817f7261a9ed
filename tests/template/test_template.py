"""The template works as it is handed out: copied, renamed, installed, checked by its own rules."""

import os
import shutil
import subprocess
import sys
import tomllib

import pytest

OLD, NEW = "example", "widgets"


def files(folder):
    """The files of a plugin, without what tools leave behind and the package mark of the wheel."""
    return sorted(
        path
        for path in folder.rglob("*")
        if path.is_file()
        and path != folder / "__init__.py"
        and not any("cache" in part for part in path.relative_to(folder).parts)
    )


@pytest.fixture(scope="module")
def plugin(repository, tmp_path_factory):
    """A plugin made of the template, under another name."""
    template, plugin = repository / "plugin_template", tmp_path_factory.mktemp("plugin")
    for source in files(template):
        name = source.relative_to(template).as_posix()
        target = plugin / name.replace(f"dataagents_{OLD}", f"dataagents_{NEW}")
        target.parent.mkdir(parents=True, exist_ok=True)
        text = source.read_text(encoding="utf-8")
        for separator in "_-":
            text = text.replace(f"dataagents{separator}{OLD}", f"dataagents{separator}{NEW}")
        target.write_text(text, encoding="utf-8")
    return plugin


@pytest.fixture(scope="module")
def site(plugin, tmp_path_factory):
    """A folder that the plugin is installed in, without anything it depends on."""
    site, build = tmp_path_factory.mktemp("site"), tmp_path_factory.mktemp("build")
    shutil.copytree(plugin, build, dirs_exist_ok=True)
    install = ("-m", "pip", "install", "--quiet", "--no-index", "--no-deps", "--no-build-isolation")
    finished = run(build, *install, "--target", str(site), str(build))
    assert finished.returncode == 0, finished.stdout + finished.stderr
    return site


def run(folder, *arguments, **environment):
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_template_keeps_to_the_two_spellings_that_are_replaced(plugin):
    left = [
        (path.name, word)
        for path in files(plugin)
        for word in (f"_{OLD}", f"-{OLD}", f"{OLD}_", f"{OLD.title()}")
        if word in path.read_text(encoding="utf-8")
    ]
    assert left == []


def test_the_template_is_small_and_says_what_it_is(plugin):
    names = {path.relative_to(plugin).as_posix() for path in files(plugin)}
    assert {"README.md", "pyproject.toml", f"src/dataagents_{NEW}/py.typed"} <= names
    assert len(names) < 15
    project = tomllib.loads((plugin / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["project"]["entry-points"]["dataagents"] == {
        f"dataagents-{NEW}": f"dataagents_{NEW}"
    }


def test_a_renamed_plugin_passes_its_own_linter(plugin):
    for command in (("check", "."), ("format", "--check", ".")):
        finished = run(plugin, "-m", "ruff", *command, "--no-cache")
        assert finished.returncode == 0, finished.stdout


def test_a_renamed_plugin_passes_its_own_types(plugin, repository, tmp_path):
    finished = run(
        plugin, "-m", "mypy", "--cache-dir", str(tmp_path),
        "--namespace-packages", "--explicit-package-bases",
        MYPYPATH=os.pathsep.join((str(repository / ".typing"), str(plugin / "src"))),
    )  # fmt: skip
    assert finished.returncode == 0, finished.stdout + finished.stderr


def test_a_renamed_plugin_passes_its_own_tests_once_installed(plugin, site):
    finished = run(
        plugin, "-m", "pytest", "-q", "-p", "no:cacheprovider",
        PYTHONPATH=str(site), PYTHONDONTWRITEBYTECODE="1", PYTEST_ADDOPTS="",
    )  # fmt: skip
    assert finished.returncode == 0, finished.stdout + finished.stderr
    assert " passed" in finished.stdout
