"""A real kernel in a process of its own, with a team of agents that do nothing but live.

It is what a console attaches to in a test: it checks its agents, takes commands, and ends as it is
made to. `python -m tests.support.living_team STORE` is the process, `Living` starts and ends it.
"""

import argparse
import asyncio
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Self

from dataagents.core import Agent, AgentCard, Kernel, KernelConfig
from dataagents.storage import SqliteStore
from tests.support.team_figures import ROLES, team

REPOSITORY: Final = Path(__file__).resolve().parent.parent.parent
_READY: Final = "ready\n"


class Living:
    """The process; entering the context starts it, and leaving it ends it in whatever state.

    Args:
        store: What it writes; made when it isn't there.
        agents: How many it has; they are called as in `big_store`.
        interval: Seconds between two checks of all agents.
        errors: Where its error stream goes; nowhere when None.
    """

    def __init__(
        self, store: Path, *, agents: int = 8, interval: float = 1.0, errors: Path | None = None
    ) -> None:
        self._store = store
        self._agents = agents
        self._interval = interval
        self._errors = errors
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    @property
    def pid(self) -> int:
        """The process."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Start it, and return when all its agents are deployed; again after it has ended."""
        command = [
            sys.executable, "-m", "tests.support.living_team", str(self._store),
            "--agents", str(self._agents), "--interval", str(self._interval),
        ]  # fmt: skip
        with (self._errors or Path("/dev/null")).open("ab") as errors:
            self._process = subprocess.Popen(
                command, cwd=REPOSITORY, stdout=subprocess.PIPE, stderr=errors, text=True
            )
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        self._process.stdout.close()
        if line != _READY:
            raise RuntimeError(f"the kernel did not start (exit code {self._process.wait()})")

    def stop(self) -> int:
        """Ask it to stop in order; returns its exit code."""
        assert self._process is not None
        self._process.terminate()
        return self._process.wait(60)

    def kill(self) -> None:
        """Kill it: it does not get to write another word."""
        assert self._process is not None
        self._process.send_signal(signal.SIGKILL)
        self._process.wait(60)


async def live(path: Path, agents: int, interval: float) -> None:
    """Keep a kernel until the process is asked to end."""
    ending = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ending.set)
    settings: Mapping[str, object] = {"agents": (), "health_check_interval": interval, "seed": 1}
    async with (
        SqliteStore(path) as store,
        Kernel(KernelConfig.parse(settings), store=store) as kernel,
    ):
        for role, names in team(agents).items():
            for name in names:
                await kernel.deploy(Agent(AgentCard(name, role, {ROLES[role][0]: 0.9})))
        sys.stdout.write(_READY)
        sys.stdout.flush()
        await ending.wait()


def main() -> None:
    """Be the process."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("store", type=Path)
    parser.add_argument("--agents", type=int, default=8)
    parser.add_argument("--interval", type=float, default=1.0)
    given = parser.parse_args()
    asyncio.run(live(given.store, given.agents, given.interval))


if __name__ == "__main__":
    main()
