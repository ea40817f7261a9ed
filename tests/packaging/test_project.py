"""What pyproject.toml lists is what the folders hold."""

import ast
import re
import sys
from importlib.metadata import entry_points

ROOMS = ("console", "core", "plugins", "storage")


def packages_below(root):
    """Every folder of a room that is a package, under the name it is imported by."""
    return {
        ".".join(("dataagents", *path.parent.relative_to(root).parts))
        for room in ROOMS
        for path in (root / room).rglob("__init__.py")
    }


def plugins_below(root):
    """Every bundled plugin, as an entry point: its name and what is imported."""
    folders = (path.parent.name for path in (root / "plugins").glob("*/__init__.py"))
    return {name: f"dataagents.plugins.{name}" for name in folders}


def libraries_used(source):
    """The foreign libraries that a file imports, without those of Python."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return {name.partition(".")[0] for name in found} - sys.stdlib_module_names - {"dataagents"}


def library(requirement):
    """The module that a requirement brings; ours are called like their projects."""
    name = re.split(r"[^\w-]", requirement)[0].lower().replace("-", "_")
    modules = {
        "lapx": "lap",
        "pyyaml": "yaml",
        "pydantic_ai_slim": "pydantic_ai",
        "python_stdnum": "stdnum",
    }
    return modules.get(name, name)


def test_every_package_is_listed_once_in_order(project, repository):
    listed = project["tool"]["setuptools"]["packages"]
    assert listed == sorted(packages_below(repository) | {"dataagents.plugin_template"})


def test_every_bundled_plugin_has_its_entry_point(project, repository):
    assert project["project"]["entry-points"]["dataagents"] == plugins_below(repository)


def test_the_installation_is_up_to_date(repository):
    installed = {entry.name: entry.value for entry in entry_points(group="dataagents")}
    assert plugins_below(repository).items() <= installed.items(), "install the project once more"


def test_every_room_says_that_it_is_typed(repository):
    assert [room for room in ROOMS if not (repository / room / "py.typed").is_file()] == []


def test_every_library_that_is_imported_is_asked_for(project, repository):
    extras = project["project"]["optional-dependencies"]
    asked = [
        *project["project"]["dependencies"],
        *(each for name in extras if name not in ("all", "dev") for each in extras[name]),
    ]
    used = {
        name
        for room in ROOMS
        for path in (repository / room).rglob("*.py")
        for name in libraries_used(path.read_text(encoding="utf-8"))
    }
    assert used == {library(requirement) for requirement in asked}


def test_all_brings_every_extra_but_the_developers(project):
    extras = project["project"]["optional-dependencies"]
    users = sorted(set(extras) - {"all", "dev"})
    assert extras["all"] == [f"dataagents[{','.join(users)}]"]


def test_packages_are_found_at_any_depth(tmp_path):
    for folder in ("core/services", "plugins/voting", "tests/core"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "__init__.py").touch()
    (tmp_path / "core" / "notes").mkdir()
    assert packages_below(tmp_path) == {"dataagents.core.services", "dataagents.plugins.voting"}
    assert plugins_below(tmp_path) == {"voting": "dataagents.plugins.voting"}


def test_libraries_are_told_from_what_python_has():
    source = (
        "import asyncio, duckdb\nfrom textual.app import App\nfrom dataagents.core import Kernel"
    )
    assert libraries_used(source) == {"duckdb", "textual"}
    assert library("annotated-types>=0.7,<1") == "annotated_types"
    assert library("textual[syntax]>=8") == "textual"
