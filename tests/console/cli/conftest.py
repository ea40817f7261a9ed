"""The command in this process and in one of its own, in a folder where nothing is configured."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

import pytest
from typer.testing import CliRunner

from dataagents.console.commands.app import make_app

PROGRAM = "import sys; from dataagents.console.cli import main; sys.exit(main())"
COMMAND = [sys.executable, "-P", "-c", PROGRAM]

ORDERS = "id,amount,city\n3,abc,Paris\n" + "".join(
    f"{number},{number}.5,Oslo\n" for number in range(10, 49)
)
"""40 rows; one of them has an amount that is none."""

TOOLS = """
from dataagents.core import Observation, Strategy, hookimpl
from dataagents.core.errors import InputError
from dataagents.core.planning import FailureKind
from dataagents.core.reasoning import Effect, ToolLimits
from pydantic import BaseModel
import asyncio, sys

class Request(BaseModel):
    dataset: str
    lenient: bool = False

COLUMN = {"type": "integer", "present": 4, "conforming": 4, "distinct": 4}
DATA = {
    "analyze_schema": {"rows": 4, "key": "id", "columns": {"id": COLUMN}},
    "validate_data": {"score": 0.5, "dimensions": {"validity": 0.5, "timeliness": None}},
    "transform_data": {"cells_changed": 0},
    "route_pipeline": {},
}

class Canned:
    effect = Effect.READ
    limits = ToolLimits()
    input_model = Request

    def __init__(self, name):
        self.name = self.description = name

    async def run(self, request, bench):
        if self.name == "analyze_schema":
            await analyze()
            if ERROR:
                return Observation("?", error=ERROR, failure=FailureKind.UNDECIDED)
        return Observation(self.name, DATA[self.name])

async def analyze():
    %s

@hookimpl
def register_tools():
    return [Strategy(name, lambda options, name=name: Canned(name)) for name in DATA]
"""
"""A plugin that stands in for the bundled `data`; `%s` is what analyzing does."""

SCRIPTED = """
from itertools import chain, repeat

from dataagents.core import Strategy, hookimpl
from dataagents.core.errors import ModelError
from dataagents.core.models import Completion
from dataagents.core.testing import ScriptedModel

class Scripts:
    def open(self, name):
        said = [Completion(*reply) for reply in SCRIPTS[name]]
        silence = repeat(ModelError(f"scripted:{name}", "it has nothing more to say"))
        return ScriptedModel(chain(said, silence))

@hookimpl
def register_models():
    return [Strategy("scripted", lambda options: Scripts())]
"""
"""A plugin with models that say what a test wrote; a reply is a text, its tokens and its cost."""


def turn(thought, action, tokens=0, cost=0.0, **input):
    """Return both replies of a step."""
    chosen = json.dumps({"action": action, "input": input})
    return [(thought, tokens, cost), (chosen, tokens, cost)]


ANSWERING = [
    *turn("I know 0 columns.", "analyze_schema", 100, 0.001),
    *turn("It has 4 rows.", "final_result", 50, 0.0005, answer="There are 4 rows.\nNo gap."),
]
"""What a model says that looks once, and then answers."""

RELEASED = 'DATA["validate_data"].update(score=1.0, dimensions={"validity": 1.0})'
"""What analyzing does in a `stand_in` whose data the agents release."""


@dataclass(frozen=True)
class Conducted:
    """A folder in which a file was cleaned, and what the command printed there."""

    folder: Path
    file: Path
    stdout: str
    stderr: str

    @property
    def id(self):
        """The id of the run."""
        return self.stdout.split("dataagents trace ")[1].split()[0]

    def copy_store(self, home):
        """Give a test its own copy of the store."""
        shutil.copytree(self.folder / ".dataagents", home / ".dataagents")


def conduct(file):
    """Clean a file in the folder that it lies in, whatever the current one is."""
    with pytest.MonkeyPatch.context() as patch:
        unconfigure(patch)
        patch.chdir(file.parent)
        done = invoke("run", file)
        assert done.exit_code in (0, 1), done.output
        return Conducted(file.parent, file, done.stdout, done.stderr)


def unconfigure(monkeypatch):
    """Have no variable that configures anything."""
    for name in list(os.environ):
        if name.startswith("DATAAGENTS_"):
            monkeypatch.delenv(name)


def invoke(*arguments, input=None, **environment):
    """Run the command in this process; `input` is what comes on its stdin."""
    words = list(map(str, arguments))
    runner = CliRunner(env=environment)
    return runner.invoke(make_app(), words, input, prog_name="dataagents")


@pytest.fixture(scope="session")
def conducted(tmp_path_factory):
    """A run on `ORDERS` that no test changes."""
    file = tmp_path_factory.mktemp("conducted") / "orders.csv"
    file.write_text(ORDERS)
    return conduct(file)


@pytest.fixture
def ran(conducted, home):
    """The id of a run that is recorded in the store of the current folder."""
    conducted.copy_store(home)
    return conducted.id


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """An empty current folder, and no variable that configures anything."""
    unconfigure(monkeypatch)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "site"))
    monkeypatch.delenv("NO_COLOR", raising=False)
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def cli():
    """Run the command in this process."""
    return invoke


@pytest.fixture
def shell():
    """Run the command in a process of its own, after a line of Python if need be."""

    def run(*arguments, before="", **environment):
        command = [*COMMAND[:-1], f"{before}\n{PROGRAM}", *map(str, arguments)]
        return subprocess.run(
            command, capture_output=True, text=True, timeout=60, check=False,
            env={**os.environ, **environment},
        )  # fmt: skip

    return run


@pytest.fixture
def orders(home):
    """A small file with one bad amount."""
    file = home / "orders.csv"
    file.write_text(ORDERS)
    return file


@pytest.fixture
def install(tmp_path, monkeypatch):
    """Install a plugin as a distribution of its own, for this process and its children."""
    site = tmp_path / "site"
    site.mkdir()
    monkeypatch.syspath_prepend(str(site))

    def write(name, source):
        (site / f"{name}.py").write_text(dedent(source))
        info = site / f"{name}-1.5.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.5\n")
        (info / "entry_points.txt").write_text(f"[dataagents]\n{name} = {name}\n")
        # What another test installed under this name must not be what is imported here.
        monkeypatch.delitem(sys.modules, name, raising=False)

    return write


@pytest.fixture
def stand_in(install):
    """Replace the bundled data tools by canned ones; `analyze` is a statement of theirs."""

    def replace(analyze="pass", error="", grace=20):
        install("canned", f"ERROR = {error!r}\n{TOOLS % analyze}")
        Path("dataagents.toml").write_text(f'disabled_plugins = ["data"]\ngrace = {grace}\n')

    return replace


@pytest.fixture
def scripted(install):
    """Install models: the name after `scripted:` → what it says, whatever it is asked."""

    def write(**scripts):
        install("scripts", f"SCRIPTS = {scripts!r}\n{SCRIPTED}")

    return write
