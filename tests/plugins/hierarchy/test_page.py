"""What `docs/hierarchy.md` and `docs/plugins.md` show of hierarchies is run as it is printed."""

import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from dataagents.core import Agent, AgentCard
from dataagents.core.testing import AgentContract, OrganizerContract


def test_the_example_prints_what_the_page_says(repository: Path, tmp_path: Path):
    page = (repository / "docs" / "hierarchy.md").read_text(encoding="utf-8")
    code, shown = re.search(r"```python\n(.*?)```.*?```text\n(.*?)```", page, re.DOTALL).groups()
    script = tmp_path / "example.py"
    script.write_text(code, encoding="utf-8")
    ended = subprocess.run(
        [sys.executable, "-P", str(script)],
        cwd=repository,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout == shown


class TestFlat(OrganizerContract):
    def organizer(self):
        page = Path(__file__).parents[3] / "docs" / "plugins.md"
        entry = page.read_text(encoding="utf-8").split("### `register_organizers`")[1]
        code = re.search(r"```python\n(.*?)```", entry, re.DOTALL).group(1)
        module = ModuleType("shown")
        exec(compile(code, "docs/plugins.md: register_organizers", "exec"), module.__dict__)
        (strategy,) = module.register_organizers()
        return strategy.build(None)

    @pytest.mark.slow
    def test_a_thousand_tasks_find_their_workers(self):
        super().test_a_thousand_tasks_find_their_workers()


class TestLeader(AgentContract):
    def agent(self):
        return Agent(AgentCard("leader", "leader", {"lead": 0.9}))
