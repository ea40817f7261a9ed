import logging
from io import StringIO

import pytest
from rich.console import Console

from dataagents.console.commands.logs import logs
from dataagents.core.redaction import Redactor


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
