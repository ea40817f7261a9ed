"""How long a user waits before anything happens, above what Python itself takes.

Each round starts three fresh processes, one after another: a bare interpreter, one that imports
`dataagents.core`, and `dataagents --version`. What the bare one took is taken off the others: its
best time off their best, its median off their median. Byte code is cached, as it is for anybody who
starts a program twice, even where an environment variable turns that off.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

BARE = (sys.executable, "-P", "-c", "")
IMPORT = (sys.executable, "-P", "-c", "import dataagents.core")

ENVIRONMENT = {
    name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"
}


@dataclass(frozen=True, slots=True)
class Figure:
    """What one command takes above the bare interpreter, in seconds."""

    name: str
    best: float
    value: float
    """The median."""
    bar: float
    unit: str = "s"

    @property
    def holds(self) -> bool:
        """Whether the median stays under the bar."""
        return self.value <= self.bar


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
        return Figure(name, min(times) - min(bare), median, bar)

    return (
        figure("import dataagents.core", taken["import"], 0.35),
        figure("dataagents --version", taken["version"], 0.5),
    )


def main() -> None:
    """Measure and print, as a table or as one JSON object a line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15, help="how often each command is run")
    parser.add_argument("--json", action="store_true", help="print one JSON object a line")
    options = parser.parse_args()
    figures = measure(options.rounds)
    if options.json:
        for each in figures:
            row = {"name": each.name, "value": round(each.value, 4), "unit": each.unit}
            print(json.dumps({**row, "bar": each.bar, "holds": each.holds}))
        return
    print(f"{'above a bare interpreter':<26}{'best':>9}{'median':>9}{'bar':>9}  holds")
    for each in figures:
        verdict = "yes" if each.holds else "NO"
        times = "".join(f"{value:>7.3f} s" for value in (each.best, each.value, each.bar))
        print(f"{each.name:<26}{times}  {verdict}")


if __name__ == "__main__":
    main()
