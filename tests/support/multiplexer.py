"""A console in tmux, on a socket of its own: it outlives whoever started it, as an operator's does.

Use `tests.support.terminals` where bytes or times matter; here a real terminal emulator stands
between, with its own answers to a program's questions and its own idea of colours.
"""

import itertools
import os
import shlex
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final, Self

from tests.support.terminals import NotShownError, environment

PATIENCE: Final = 20.0
_LOOKS: Final = 0.05
"""Seconds between two looks at the screen: tmux tells nobody that it has changed."""
_NUMBERS = itertools.count()
_BY_SIGNAL: Final = 128
"""What a shell adds to the number of the signal that ended a program."""
_RECORD: Final = 'code=$1; shift; "$@"; echo $? > "$code.new"; mv "$code.new" "$code"'
"""Keeps the exit code of a program in a file, whole or not at all.

tmux 3.3 forgets it where it hears of the closed terminal before it hears of the ended process.
"""


def has_tmux() -> bool:
    """Return whether there is tmux at all."""
    return shutil.which("tmux") is not None


class Multiplexer:
    """One detached session of tmux; leaving the context ends its server and what runs in it.

    Args:
        folder: Where the socket is; a short path, such as the test's own folder.
        command: The program and its arguments.
        size: Columns and rows.
        env: What is set for the program.
    """

    def __init__(
        self,
        folder: Path,
        command: Sequence[str],
        *,
        size: tuple[int, int] = (80, 24),
        env: Mapping[str, str] | None = None,
    ) -> None:
        name = f"tmux-{os.getpid()}-{next(_NUMBERS)}"
        self._socket, self._code = folder / name, folder / f"{name}.code"
        columns, rows = map(str, size)
        settings = [f"{name}={value}" for name, value in (env or {}).items()]
        self._run(
            "-f", os.devnull, "new-session", "-d", "-x", columns, "-y", rows,
            "sh", "-c", _RECORD, "sh", str(self._code), "env", *settings, *command, ";",
            "set", "-g", "remain-on-exit", "on", ";", "set", "-g", "window-size", "manual",
        )  # fmt: skip

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the session and its server."""
        subprocess.run([*self._tmux, "kill-server"], capture_output=True, check=False)

    @property
    def ended(self) -> int | None:
        """How the program ended, the number of a signal below 0; None while it goes on.

        Its last screen can still be read.
        """
        if not self._code.exists():
            return None
        code = int(self._code.read_text())
        return code if code <= _BY_SIGNAL else _BY_SIGNAL - code

    def screen(self, *, escapes: bool = False) -> str:
        """Return what is shown; with the escape sequences of its colours, if wanted."""
        return self._run("capture-pane", "-p", *(("-e",) if escapes else ()))

    def press(self, *keys: str) -> None:
        """Press keys by the names that tmux has for them, such as `Enter`, `C-p` or `a`."""
        for key in keys:
            self._run("send-keys", key if len(key) > 1 else "-l", *(() if len(key) > 1 else (key,)))

    def type(self, text: str) -> None:
        """Type a text."""
        self._run("send-keys", "-l", text)

    def resize(self, columns: int, rows: int) -> None:
        """Change the size of the window."""
        self._run("resize-window", "-x", str(columns), "-y", str(rows))

    def wait_for(self, text: str, patience: float = PATIENCE) -> str:
        """Return the screen once it has a text.

        Raises:
            NotShownError: It had not in time.
        """
        self.wait_until(lambda: text in self.screen(), patience, f"{text!r} is not shown")
        return self.screen()

    def wait_until(
        self, holds: Callable[[], object], patience: float = PATIENCE, what: str = "it is not so"
    ) -> None:
        """Return when something holds.

        Raises:
            NotShownError: It did not in time.
        """
        until, pause = time.monotonic() + patience, threading.Event()
        while not holds():
            if time.monotonic() > until:
                raise NotShownError(f"{what} after {patience:g} s", self.screen())
            pause.wait(_LOOKS)

    def wait_end(self, patience: float = PATIENCE) -> int:
        """Return the exit code, once the program has ended."""
        self.wait_until(lambda: self.ended is not None, patience, "it has not ended")
        code = self.ended
        assert code is not None
        return code

    @property
    def _tmux(self) -> list[str]:
        return ["tmux", "-S", str(self._socket)]

    def _run(self, *arguments: str) -> str:
        done = subprocess.run(
            [*self._tmux, *arguments], capture_output=True, text=True, check=False,
            timeout=PATIENCE, env=environment({}),
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(f"tmux {shlex.join(arguments)}: {done.stderr.strip()}")
        return done.stdout
