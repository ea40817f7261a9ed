import json
import logging
import subprocess
import sys
from io import StringIO

import pytest
from rich.console import Console

from dataagents.console.commands.logs import logs
from dataagents.core.redaction import Redactor
from dataagents.core.tracing import CURRENT, TraceContext


def logged(*args: object, redactor: Redactor | None = None, error: Exception | None = None) -> str:
    screen = Console(file=StringIO(), width=200)
    with logs(screen, "DEBUG", redactor):
        logging.getLogger("some.library").debug(*args, exc_info=error)
    return screen.file.getvalue()


def test_a_line_says_when_who_how_serious_and_what():
    assert logged("read %d rows", 3).endswith(" - some.library - DEBUG - [DATA] read 3 rows\n")


@pytest.mark.parametrize(
    ("message", "secret"),
    [
        ("GET https://jane:hunter2@host/x", "hunter2"),
        ("Authorization: Bearer abc.def-123456", "abc.def"),
        ("using sk-proj-0123456789abcdef0123", "0123456789"),
    ],
)
def test_what_a_library_logs_is_shown_without_its_secrets(message: str, secret: str):
    for line in (logged(message), logged("%s", message), logged("x", error=ValueError(message))):
        assert "[redacted]" in line
        assert secret not in line


def test_secrets_of_the_environment_are_known(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SOME_TOKEN", "canary-value")
    assert logged("got canary-value").endswith("[DATA] got [redacted]\n")


def test_secrets_of_the_configuration_are_known_when_they_are_given():
    redactor = Redactor.of({"provider": {"api_key": "canary-value"}})
    assert logged("got %r", "canary-value", redactor=redactor).endswith("got '[redacted]'\n")


def test_a_line_stays_one_line():
    line = logged("one\ntwo\x1b[2J")
    assert line.index("\n") == len(line) - 1
    assert "\x1b" not in line


def written(*args: object, logger: str = "some.library", **options: object) -> dict[str, object]:
    """Log one record as JSON and return what was written, which is one line."""
    screen = Console(file=StringIO(), width=80)
    with logs(screen, "DEBUG", Redactor(["canary-value"]), "json"):
        logging.getLogger(logger).warning(*args, **options)
    line = screen.file.getvalue()
    assert line.index("\n") == len(line) - 1
    assert line.isascii()
    return json.loads(line)


def test_a_json_line_has_time_level_logger_and_message():
    line = written("read %d rows of %s", 3, "x" * 200)
    assert list(line) == ["time", "level", "logger", "message"]
    assert (line["level"], line["logger"]) == ("WARNING", "some.library")
    assert line["message"] == f"read 3 rows of {'x' * 200}"
    assert str(line["time"]).endswith("Z")


def test_a_json_line_says_where_it_comes_from_as_far_as_that_is_known():
    assert "run" not in written("x")
    line = written("x", extra={"run": "r1", "task": None, "agent": "a1", "other": object()})
    assert (line["run"], line["agent"]) == ("r1", "a1")
    assert not {"task", "other"} & set(line)
    token = CURRENT.set(TraceContext("r2", "t2", "a2"))
    try:
        line = written("x")
    finally:
        CURRENT.reset(token)
    assert (line["run"], line["task"], line["agent"]) == ("r2", "t2", "a2")


def test_a_json_line_has_no_secret_and_its_traceback():
    error = ValueError("canary-value")
    line = written("got canary-value", exc_info=error, extra={"stack": ("a canary-value",)})
    assert line["message"] == "got [redacted]"
    assert line["stack"] == ["a [redacted]"]
    assert "ValueError: [redacted]" in str(line["error"])


@pytest.mark.parametrize("text", ["\x1b[2J\n\u202e", "\ud800", "[/red]\x00", "\N{PILE OF POO}"])
def test_a_json_line_says_hostile_text_and_no_terminal_acts_upon_it(text: str):
    assert written("%s", text)["message"] == text


IMPORTING = """
import logging
import dataagents.core, dataagents.core.testing, dataagents.storage
root = logging.getLogger()
ours = [name for name in logging.root.manager.loggerDict if name.startswith("dataagents")]
loggers = [root, *map(logging.getLogger, ours)]
print(sum(len(each.handlers) for each in loggers), root.level, {each.level for each in loggers[1:]})
"""


def test_importing_the_library_configures_no_logging():
    done = subprocess.run(
        [sys.executable, "-P", "-c", IMPORTING], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == "0 30 {0}\n"
    assert done.stderr == ""
