"""Commands on a real terminal: what they write, byte by byte and as a screen, and what they cost.

`Terminal` is a pseudo-terminal of this process, for whoever counts bytes, milliseconds and shares
of a processor; `tests.support.multiplexer` has one that outlives a test's process. Nothing here
sleeps: a wait ends when what is waited for is there, or fails and shows the screen.
"""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final, Self, TypeAlias

from tests.support.screens import Screen

PATIENCE: Final = 20.0
"""Seconds that a wait has, unless it is given others."""
KEYS: Final[Mapping[str, str]] = {
    "enter": "\r", "escape": "\x1b", "tab": "\t", "shift+tab": "\x1b[Z", "space": " ",
    "backspace": "\x7f", "delete": "\x1b[3~", "insert": "\x1b[2~",
    "up": "\x1b[A", "down": "\x1b[B", "right": "\x1b[C", "left": "\x1b[D",
    "home": "\x1b[H", "end": "\x1b[F", "pageup": "\x1b[5~", "pagedown": "\x1b[6~",
    "f1": "\x1bOP", "f2": "\x1bOQ", "f3": "\x1bOR", "f4": "\x1bOS", "f5": "\x1b[15~",
    "f6": "\x1b[17~", "f7": "\x1b[18~", "f8": "\x1b[19~", "f9": "\x1b[20~", "f10": "\x1b[21~",
}  # fmt: skip
"""Name of a key, as Textual has it, → what a terminal sends; `ctrl+` and a letter works too."""
_SEQUENCE: Final = re.compile(r"\x1b(\[[0-?]*[ -/]*[@-~]|\][^\x07]*\x07)")
_TICKS: Final = os.sysconf("SC_CLK_TCK")
_GLANCE: Final = 0.25
"""Seconds after which a silent terminal is asked for, to see whether it was given up."""
_NOT_INHERITED: Final = ("NO_COLOR", "COLUMNS", "LINES", "TMUX", "TERM_PROGRAM", "COLORTERM")

Awaited: TypeAlias = "str | re.Pattern[str] | Callable[[Screen], object]"
"""A text on the screen, a pattern found on it, or a function of it that returns something true."""


class NotShownError(AssertionError):
    """What was waited for did not come; has the screen as it was."""

    def __init__(self, what: str, screen: str, rest: str = "") -> None:
        super().__init__(f"{what}; the screen:\n{screen}\n{rest}".rstrip())


def key_bytes(key: str) -> bytes:
    """Return what a terminal sends for a key: a name, `ctrl+` and a letter, or any character."""
    if key in KEYS:
        return KEYS[key].encode()
    if key.startswith("ctrl+") and len(key) == len("ctrl+x"):
        return bytes([ord(key[-1]) & 0x1F])
    if len(key) != 1:
        raise ValueError(f"{key!r} is no key; known are {', '.join(KEYS)}")
    return key.encode()


class Terminal:
    """A command on a pseudo-terminal; leaving the context ends it, and waits until it has.

    Args:
        command: The program and its arguments.
        size: Columns and rows.
        env: More of its environment; None takes a variable away. `TERM` is `xterm-256color` and
            `COLORTERM` is `truecolor` unless it says otherwise.
        cwd: Where it runs.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        size: tuple[int, int] = (80, 24),
        env: Mapping[str, str | None] | None = None,
        cwd: Path | None = None,
    ) -> None:
        self.size = size
        self._leader, follower = pty.openpty()
        self._set_size()
        self._chunks: list[tuple[float, bytes]] = []
        self._news = threading.Condition()
        self._ended = False
        self._hung_up = threading.Event()
        self._fed = 0
        self._screen = Screen(*size)
        self.started = time.perf_counter()
        """When it was started; all times are those of `time.perf_counter`."""
        try:
            self.process = subprocess.Popen(
                list(command), stdin=follower, stdout=follower, stderr=follower, cwd=cwd,
                env=environment(env or {}), start_new_session=True,
            )  # fmt: skip
        finally:
            os.close(follower)
        self._reader = threading.Thread(target=self._read, daemon=True, name="terminal")
        self._reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the command, if it has not, and take the terminal away; twice is harmless."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        if self._leader >= 0:
            self._reader.join(PATIENCE)
            os.close(self._leader)
            self._leader = -1

    @property
    def chunks(self) -> tuple[tuple[float, bytes], ...]:
        """What was read so far, each with when."""
        with self._news:
            return tuple(self._chunks)

    @property
    def output(self) -> bytes:
        """Every byte so far."""
        return b"".join(chunk for _, chunk in self.chunks)

    @property
    def screen(self) -> Screen:
        """The screen that those bytes make."""
        with self._news:
            new, self._fed = self._chunks[self._fed :], len(self._chunks)
        self._screen.feed(b"".join(chunk for _, chunk in new))
        return self._screen

    @property
    def first_byte(self) -> float:
        """Seconds from its start to the first byte; waits for it."""
        if not self._more_than(0, PATIENCE):
            raise NotShownError("nothing was written", "", self.last_words())
        return self._chunks[0][0] - self.started

    def when(self, awaited: bytes) -> float:
        """Return the seconds from its start to the chunk that completes some bytes.

        Raises:
            ValueError: They are not among what was written.
        """
        seen = b""
        for at, chunk in self.chunks:
            seen += chunk
            if awaited in seen:
                return at - self.started
            seen = seen[-len(awaited) :]
        raise ValueError(f"{awaited!r} was not written")

    def wait_for(self, awaited: Awaited, patience: float = PATIENCE) -> Screen:
        """Return the screen once something is on it.

        Raises:
            NotShownError: It was not in time, or the command ended without it.
        """
        what = f"{awaited!r} is not shown"
        self._until(lambda: _is_on(self.screen, awaited), patience, what)
        return self.screen

    def wait_until_gone(self, text: str, patience: float = PATIENCE) -> Screen:
        """Return the screen once a text is on it no more."""
        return self.wait_for(lambda screen: text not in screen.text, patience)

    def settle(self, quiet: float = 0.15, patience: float = PATIENCE) -> Screen:
        """Return the screen once nothing was written for a while."""
        until = time.perf_counter() + patience
        while time.perf_counter() < until and self._more_than(len(self.chunks), quiet):
            pass
        return self.screen

    def press(self, *keys: str) -> None:
        """Press keys, one after another; see `key_bytes`."""
        for key in keys:
            self.send(key_bytes(key))

    def type(self, text: str) -> None:
        """Type a text."""
        self.send(text.encode())

    def send(self, data: bytes) -> None:
        """Send bytes as they are, for mouse reports and pasted text."""
        os.write(self._leader, data)

    def latency(self, key: str, patience: float = PATIENCE) -> float:
        """Press a key and return the seconds until something is written."""
        with self._news:
            count = len(self._chunks)
        pressed = time.perf_counter()
        self.press(key)
        if not self._more_than(count, patience):
            raise NotShownError(f"no answer to {key!r}", self.screen.text, self.last_words())
        with self._news:
            return self._chunks[count][0] - pressed

    def resize(self, columns: int, rows: int) -> None:
        """Change the size of the terminal, and tell the command."""
        self.screen  # noqa: B018  # what was written before is of the size before
        self.size = (columns, rows)
        self._set_size()
        self._screen.resize(columns, rows)
        self.process.send_signal(signal.SIGWINCH)

    def hang_up(self) -> None:
        """Take the terminal away from under the command, as a closed window does."""
        self._hung_up.set()
        self._reader.join(PATIENCE)
        os.close(self._leader)
        self._leader = -1

    def wait_end(self, patience: float = PATIENCE) -> int:
        """Return the exit code, once the command has ended and all that it wrote was read."""
        try:
            code = self.process.wait(patience)
        except subprocess.TimeoutExpired:
            raise NotShownError("it has not ended", self.screen.text) from None
        self._reader.join(patience)
        return code

    def last_words(self) -> str:
        """Return the end of what a command wrote that failed, such as a traceback."""
        if self.process.poll() in (None, 0):
            return ""
        return _SEQUENCE.sub("", self.output[-20_000:].decode(errors="replace"))[-4_000:]

    def cpu_seconds(self) -> float:
        """Return the processor time that it has taken, all its threads together."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS

    def cpu_share(self, seconds: float) -> float:
        """Watch it for a while and return its share of one core, in [0, …]."""
        before, began = self.cpu_seconds(), time.perf_counter()
        threading.Event().wait(seconds)
        return (self.cpu_seconds() - before) / (time.perf_counter() - began)

    def memory_bytes(self) -> int:
        """Return how much memory it has, that of its libraries included."""
        text = Path(f"/proc/{self.process.pid}/status").read_text()
        found = {line.split(":")[0]: line.split()[1] for line in text.splitlines() if "kB" in line}
        return int(found["VmRSS"]) * 1024

    def _set_size(self) -> None:
        columns, rows = self.size
        fcntl.ioctl(self._leader, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def _until(self, holds: Callable[[], object], patience: float, what: str) -> None:
        until = time.perf_counter() + patience
        while True:
            with self._news:
                count, ended = len(self._chunks), self._ended
            if holds():
                return
            left = until - time.perf_counter()
            if ended or left <= 0:
                how = "it has ended" if ended else f"after {patience:g} s"
                raise NotShownError(f"{what} ({how})", self.screen.text, self.last_words())
            self._more_than(count, left)

    def _more_than(self, count: int, seconds: float) -> bool:
        """Wait until so many chunks were read and one more, or nothing more comes."""
        with self._news:
            self._news.wait_for(lambda: len(self._chunks) > count or self._ended, seconds)
            return len(self._chunks) > count

    def _read(self) -> None:
        with suppress(OSError):  # the other end is closed: EIO is how Linux says so
            while not self._hung_up.is_set():
                ready, _, _ = select.select([self._leader], [], [], _GLANCE)
                if not ready:
                    continue
                chunk = os.read(self._leader, 1 << 16)
                if not chunk:
                    break
                with self._news:
                    self._chunks.append((time.perf_counter(), chunk))
                    self._news.notify_all()
        with self._news:
            self._ended = True
            self._news.notify_all()


def _is_on(screen: Screen, awaited: Awaited) -> bool:
    if isinstance(awaited, str):
        return awaited in screen.text
    if isinstance(awaited, re.Pattern):
        return awaited.search(screen.text) is not None
    return bool(awaited(screen))


def environment(more: Mapping[str, str | None]) -> dict[str, str]:
    """Return the environment of this process without what it says about its own terminal.

    Programs believe `COLUMNS` and `LINES` rather than the terminal, however it is resized.
    """
    inherited = {name: value for name, value in os.environ.items() if name not in _NOT_INHERITED}
    usual = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8"}
    return dict(_given({**inherited, **usual, **more}))


def _given(values: Mapping[str, str | None]) -> Iterator[tuple[str, str]]:
    return ((name, value) for name, value in values.items() if value is not None)
