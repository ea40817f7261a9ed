"""Nothing leaves the machine: the main job runs in a process in which the network is refused."""

import json
import subprocess
import sys
from pathlib import Path

REFUSE = """
import socket, sys

def refuse(event, args):
    if event == "socket.__new__" and args[1] == socket.AF_UNIX:
        return
    if event.startswith("socket.") and event not in ("socket.gethostname",):
        raise RuntimeError(f"network is refused: {event} {args!r}")

sys.addaudithook(refuse)
"""

MAIN = "from dataagents.console.cli import main; sys.argv[0] = 'dataagents'; sys.exit(main())"


def python(code: str, *arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-P", "-c", REFUSE + code, *arguments]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=120)


def test_the_network_is_refused_in_the_process_of_this_test(tmp_path: Path):
    ended = python("socket.create_connection(('127.0.0.1', 9))", cwd=tmp_path)
    assert "network is refused" in ended.stderr


def test_the_main_job_needs_no_network(repository: Path, tmp_path: Path):
    orders = repository / "examples" / "data" / "orders.csv"
    ended = python(MAIN, "run", str(orders), "--out", "out", "--json", cwd=tmp_path)
    assert ended.returncode == 0, ended.stderr
    assert json.loads(ended.stdout)["status"] == "done"
