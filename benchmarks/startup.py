"""How long a user waits before anything happens, above what Python itself takes.

Each round starts three fresh processes, one after another: a bare interpreter, one that imports
`dataagents.core`, and `dataagents --version`. What the bare one took is taken off the others: its
best time off their best, its median off their median. Byte code is cached, as it is for anybody who
starts a program twice, even where an environment variable turns that off.
"""

import os
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from support.figures import Figure, arguments, show

BARE = (sys.executable, "-P", "-c", "")
IMPORT = (sys.executable, "-P", "-c", "import dataagents.core")

ENVIRONMENT = {
    name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"
}


def seconds(command: Sequence[str]) -> float:
    """Run a command to its end and return how long it took."""
    began = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=ENVIRONMENT)
    return time.perf_counter() - began


def version_command() -> tuple[str, ...]:
    """The `dataagents` script of the environment that runs this."""
    script = shutil.which("dataagents", path=str(Path(sys.executable).parent))
    if script is None:
        raise SystemExit(f"no `dataagents` beside {sys.executable}: install the project there")
    return (script, "--version")


def measure(rounds: int) -> tuple[Figure, ...]:
    """Time the commands, in turns so that a busy moment hits all of them."""
    commands = {"bare": BARE, "import": IMPORT, "version": version_command()}
    for command in commands.values():
        seconds(command)  # the first run writes the byte code
    taken: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(rounds):
        for name, command in commands.items():
            taken[name].append(seconds(command))
    bare = taken["bare"]

    def figure(name: str, times: list[float], bar: float) -> Figure:
        median = statistics.median(times) - statistics.median(bare)
        best = min(times) - min(bare)
        return Figure(name, median, "s", bar, note=f"best {best:.3f} s")

    return (
        figure("import dataagents.core", taken["import"], 0.35),
        figure("dataagents --version", taken["version"], 0.5),
    )


def main() -> None:
    """Measure and print, as a table or as one JSON object a line."""
    parser = arguments(__doc__)
    parser.add_argument("--rounds", type=int, default=15, help="how often each command is run")
    options = parser.parse_args()
    figures = measure(options.rounds)
    show("above a bare interpreter, median", figures, as_json=options.json, digits=3)


if __name__ == "__main__":
    main()
