"""A kernel killed time and again on one store, while it works and while it recovers."""

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent


@pytest.fixture
def harness(shared) -> Path:
    """The program that kills; it is among the sample data."""
    program = shared / "tools" / "crash_harness.py"
    if not program.exists():
        pytest.skip(f"NOT TESTED: there is no {program}")
    return program


@pytest.fixture
def kill(harness, tmp_path):
    """Run a workload, kill it as often as asked, and return what was found."""

    def call(workload: str, *options: str) -> dict[str, Any]:
        python = shlex.quote(sys.executable)
        command = [
            sys.executable, str(harness), *options, "--dir", str(tmp_path),
            "--workload", f"{python} {shlex.quote(str(HERE / workload))} {{dir}} {{round}}",
            "--verify", f"{python} {shlex.quote(str(HERE / 'verify.py'))} {{dir}}",
        ]  # fmt: skip
        ran = subprocess.run(command, capture_output=True, text=True, check=False, env=unmeasured())
        found: dict[str, Any] = json.loads(ran.stdout)
        return found

    return call


def unmeasured() -> dict[str, str]:
    """The environment without coverage: who is killed writes none, and starts faster without."""
    return {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}


@pytest.mark.parametrize("kills", [25, pytest.param(100, marks=pytest.mark.slow)])
def test_what_was_acknowledged_outlives_the_kills(kill, kills):
    found = kill(
        "workload.py", f"--loops={kills}", "--seed=7", "--max-ms=150", "--verify-every=5",
        "--max-effects=1", "--ready-timeout=120",
    )  # fmt: skip
    print(json.dumps(found))  # noqa: T201  # how long it took to be ready again is worth knowing
    assert found["problems"] == {}, found["samples"]
    assert found["ok"]
    assert found["rounds"] == kills
    assert found["effects_repeated"] == 0
    assert found["acked_distinct"] > kills
    counts = found["counts"]
    assert {"step.ended", "message.settled", "run.resumed"} <= counts.keys()


def test_a_workload_that_acknowledges_too_early_is_found_out(kill):
    found = kill("liar.py", "--loops=6", "--seed=7", "--max-ms=150", "--ready-timeout=120")
    assert "lost_acked" in found["problems"]
