"""What the README and `examples/` show is run as it is printed."""

import re
import subprocess
import sys
from pathlib import Path

import pytest


def run(*command: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-P", *command], cwd=cwd, capture_output=True, text=True, timeout=120
    )


def example_in(text: str, name: str) -> str:
    found = re.search(rf"<!-- example: {name} -->\n```python\n(.*?)```", text, re.DOTALL)
    assert found, f"the README has no example {name!r}"
    return found.group(1)


def test_the_embedding_example_does_what_the_readme_says(repository: Path, tmp_path: Path):
    readme = (repository / "README.md").read_text(encoding="utf-8")
    script = tmp_path / "embed.py"
    script.write_text(example_in(readme, "embed"), encoding="utf-8")
    ended = run(str(script), cwd=tmp_path)
    assert ended.returncode == 0, ended.stderr
    promised = re.search(r"It prints `(.*?)`:", readme, re.DOTALL)
    assert promised
    assert ended.stdout.strip() == promised.group(1)
    assert ended.stderr == ""
    assert list(tmp_path.iterdir()) == [script]  # embedding needs no files


@pytest.mark.parametrize(
    ("name", "shows"),
    [
        ("reasoning", ["1. ", "analyze_schema -> ", "stopped at final_result"]),
        ("coordination", ["mild gets the task", "runner-up", "strict: yes, at 2 medians"]),
        ("planning", ["analyze_schema(orders)", "by 'lenient'", "relax_schema(orders, true)"]),
    ],
)
def test_an_example_runs_and_shows_its_subject(
    repository: Path, tmp_path: Path, name: str, shows: list[str]
):
    ended = run(str(repository / "examples" / f"{name}.py"), cwd=tmp_path)
    assert ended.returncode == 0, ended.stderr
    for text in shows:
        assert text in ended.stdout
    assert list(tmp_path.iterdir()) == []
