"""What is built holds every file of the rooms and of the template, and nothing else."""

import configparser
import subprocess
import sys
import zipfile

TEMPLATE = "dataagents/plugin_template/"

PROGRAM = """
import importlib.resources, sys
sys.path.insert(0, sys.argv[1])
template = importlib.resources.files("dataagents.plugin_template")
print(template)
print(template.joinpath("pyproject.toml").read_text(encoding="utf-8"))
"""


def test_the_wheel_holds_every_file_of_the_rooms_and_of_the_template(distribution):
    shipped = {name for name in distribution.wheel_files if ".dist-info/" not in name}
    assert shipped == {f"dataagents/{name}" for name in distribution.sources}


def test_the_sdist_holds_what_the_wheel_is_built_from(distribution):
    needed = distribution.sources | {"pyproject.toml", "README.md", "LICENSE"}
    assert needed - distribution.sdist_files == set()


def test_nothing_is_importable_from_outside_the_namespace(distribution):
    tops = {name.partition("/")[0] for name in distribution.wheel_files}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"dataagents"}
    assert "dataagents/__init__.py" not in distribution.wheel_files


def test_the_wheel_has_types_the_licence_and_a_whole_template(distribution):
    names = distribution.wheel_files
    rooms = ("console", "core", "plugins", "storage")
    assert {f"dataagents/{room}/py.typed" for room in rooms} <= names
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in names)
    assert {f"{TEMPLATE}pyproject.toml", f"{TEMPLATE}README.md"} <= names
    assert any(name.startswith(f"{TEMPLATE}src/") and name.endswith(".py") for name in names)
    assert any(name.startswith(f"{TEMPLATE}tests/") and name.endswith(".py") for name in names)


def test_the_wheel_announces_the_bundled_plugins_and_both_scripts(distribution, project):
    (name,) = (each for each in distribution.wheel_files if each.endswith("entry_points.txt"))
    with zipfile.ZipFile(distribution.wheel) as archive:
        announced = configparser.ConfigParser()
        announced.read_string(archive.read(name).decode())
    assert dict(announced["dataagents"]) == project["project"]["entry-points"]["dataagents"]
    assert dict(announced["console_scripts"]) == project["project"]["scripts"]


def test_the_template_is_read_from_an_installed_wheel(distribution, tmp_path):
    with zipfile.ZipFile(distribution.wheel) as archive:
        archive.extractall(tmp_path)
    # -S keeps the checkout out, which the environment has installed; -I keeps out everything else.
    command = [sys.executable, "-I", "-S", "-c", PROGRAM, str(tmp_path)]
    finished = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stderr
    assert finished.stdout.startswith(str(tmp_path))
    assert "[project]" in finished.stdout


def test_the_template_is_read_from_the_checkout(repository, tmp_path):
    program = PROGRAM.replace("sys.path.insert", "(lambda *_: None)")
    command = [sys.executable, "-P", "-c", program, ""]
    finished = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stderr
    assert finished.stdout.startswith(str(repository))
    assert "[project]" in finished.stdout
