"""A run on a terminal that asks the person at it."""

import os
import pty
import subprocess
import sys
import termios
from fcntl import ioctl
from struct import pack

import pytest

PROGRAM = "import sys; from dataagents.console.cli import main; sys.exit(main())"
COMMAND = [sys.executable, "-P", "-c", PROGRAM]

ASKER = """
    from dataagents.core import Agent, Strategy, TaskResult, hookimpl
    from dataagents.core.planning import FailureKind

    DRIFT = [{"kind": "added", "column": "phone", "explanation": "`phone` was added"}]

    class Asker(Agent):
        async def execute(self, task, desk):
            facts = {"schema:orders": {"drift": DRIFT}}
            context = {"decision": "decide_drift", "dataset": "orders", "facts": facts}
            options = ("evolve", "freeze")
            election = await desk.vote(
                "How are orders to be read?", options, context=context, about="orders",
                voters=("operator",),
            )
            reason = f"the operator said {election.decision}"
            return TaskResult(task.id, success=False, error=reason, failure=FailureKind.UNDECIDED)

    @hookimpl
    def register_agents():
        return [Strategy("asker", lambda options: Asker)]
"""
TEAM = """
disabled_plugins = ["data"]
agents = [
    { id = "asker", kind = "asker", capabilities = { profile = 1.0 } },
]
"""


class Terminal:
    """A run on a pseudo terminal that can be typed at."""

    def __init__(self, *arguments):
        leader, follower = pty.openpty()
        ioctl(follower, termios.TIOCSWINSZ, pack("HHHH", 40, 80, 0, 0))
        base = {key: value for key, value in os.environ.items() if key != "COLUMNS"}
        self.leader, self.shown = leader, ""
        self.process = subprocess.Popen(
            [*COMMAND, *map(str, arguments)], stdin=follower, stdout=follower, stderr=follower,
            env={**base, "TERM": "xterm-256color"}, start_new_session=True,
        )  # fmt: skip
        os.close(follower)

    def read_until(self, text):
        while text not in self.shown:
            self._read()

    def _read(self):
        chunk = os.read(self.leader, 65536)
        assert chunk
        self.shown += chunk.decode(errors="replace")

    def type(self, text):
        os.write(self.leader, text.encode())

    def end(self):
        try:
            while True:
                self._read()
        except (OSError, AssertionError):
            os.close(self.leader)
        return self.process.wait(timeout=30)


@pytest.fixture
def asking(install, orders, home):
    """A run that asks, on a terminal."""
    install("asker", ASKER)
    (home / "dataagents.toml").write_text(TEAM)
    terminal = Terminal("run", orders, "--on-drift", "ask")
    yield terminal
    terminal.process.kill()
    terminal.process.wait()


def test_the_person_is_asked_and_what_they_say_counts(asking):
    asking.read_until("Choose 1 to 3 [3]:")
    assert " drifted from its contract:" in asking.shown
    assert "`phone` was added" in asking.shown
    asking.type("7\r")
    asking.shown = ""
    asking.read_until("Choose 1 to 3 [3]:")
    asking.type("2\r")

    assert asking.end() == 3
    assert "the operator said freeze" in asking.shown


def test_a_person_who_decides_later_decides_nothing(asking):
    asking.read_until("Choose 1 to 3 [3]:")
    asking.type("\r")

    assert asking.end() == 3
    assert "the operator said None" in asking.shown


def test_an_interruption_ends_the_question_too(asking):
    asking.read_until("Choose 1 to 3 [3]:")
    asking.process.send_signal(2)

    assert asking.end() == 130
    assert "stopping; Ctrl-C again ends it at once." in asking.shown
    assert "Traceback" not in asking.shown
