"""Arguments of `dataagents-console`: what to watch, or what to have a kernel of one's own do.

Argparse reads them: it starts in a hundredth of a second, and it answers `--help` and `--version`
where textual and typer are missing.
"""

import argparse
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dataagents.console.options import ConsoleOptions
from dataagents.core.version import __version__

DEFAULT_STORE = Path(".dataagents/store.db")
PROGRAM = "dataagents-console"
RUN, DEMO = "run", "demo"
"""The words that have the console host a kernel; a store of that name is `./run`."""

_VALUED = ("--at", "--operator", "--theme")
"""Options of the console itself that are followed by a value."""
_KEYS = """\
keys: / filter, enter open, esc back, ! act, : or ctrl+p palette, ? help, q quit
"""
_EPILOG = f"""\
examples:
  {PROGRAM}                          the store of this folder, live or after the fact
  {PROGRAM} /srv/etl/store.db        that of a kernel in another process
  {PROGRAM} --at run:latest          begin with the latest run
  {PROGRAM} --operator anna          act, too: pause, cancel, answer; on record as anna
  {PROGRAM} run orders.csv --out results    clean a file, and watch
  {PROGRAM} demo                     see it at work with nothing prepared

'{PROGRAM} run --help' and '{PROGRAM} demo --help' tell more of these. A store
that is called run or demo is ./run or ./demo.

{_KEYS}
exit codes: 0 left, 2 nothing to show; with run, those of 'dataagents run'
"""
_RUN_EPILOG = f"""\
examples:
  {PROGRAM} run orders.csv                    look, keep nothing
  {PROGRAM} run orders.csv --out results      keep what came of it
  {PROGRAM} run new.csv --contract results/contract.yaml --on-drift ask
                                              you decide on drift, at the console
  {PROGRAM} run 'daily/*.csv' --min-score 0.95
  {PROGRAM} run orders.csv customers.csv --join auto --by country

When the run is over the kernel stays: look around, start further runs, until you quit. Quitting
lets tasks under way end; a run that is not over then waits, and 'dataagents resume' goes on with
it. 'dataagents run --help' explains the options.

exit codes: 0 done, 1 not released, 2 something given can't be used, 3 drift
needs a decision, 4 internal failure, 130 left before it was over
"""
_DEMO_EPILOG = f"""\
A real kernel cleans sales and sensor readings that a generator writes for it. The data has gaps,
mixed units, copies and other encodings, and drifts from batch to batch; some files break off, and
some agents stall or fail. What you see of it is what the kernel records. It goes on until you quit;
then all of it is gone, unless you name a --store.

examples:
  {PROGRAM} demo
  {PROGRAM} demo --speed 3 --seed 7
  {PROGRAM} demo --store demo.db      keep it: {PROGRAM} demo.db
"""


@dataclass(frozen=True, slots=True)
class Said:
    """What the command line said."""

    verb: str
    """`run`, `demo`, or empty for watching a store."""
    store: Path | None
    """The store; None where a temporary one will do."""
    options: ConsoleOptions
    rest: argparse.Namespace
    """What only one of the verbs takes."""


def read_arguments(words: Sequence[str]) -> Said:
    """Return what the command line says.

    Raises:
        SystemExit: It makes no sense, or help or version is all that was wanted.
    """
    place = _place_of_verb(words)
    verb = "" if place is None else words[place]
    parser = {RUN: _run_parser, DEMO: _demo_parser}.get(verb, _watch_parser)()
    left = words if place is None else (*words[:place], *words[place + 1 :])
    found = parser.parse_args(left)
    options = ConsoleOptions(found.at, found.operator, found.ascii, found.theme)
    return Said(verb, found.store, options, found)


def _place_of_verb(words: Sequence[str]) -> int | None:
    """Return where the first word is that is no option, if it is a verb."""
    values = 0
    for place, word in enumerate(words):
        if values:
            values -= 1
        elif word == "--":
            return None
        elif word.startswith("-") and word != "-":
            values = int(word in _VALUED)
        else:
            return place if word in (RUN, DEMO) else None
    return None


def _parser(verb: str, description: str, epilog: str, **more: Any) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=f"{PROGRAM} {verb}".rstrip(),
        description=description,
        epilog=epilog,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
        **more,
    )
    parser.add_argument("--version", action="version", version=f"{PROGRAM} {__version__}")
    look = parser.add_argument_group("the console")
    look.add_argument(
        "--at", default="", metavar="ADDRESS",
        help="what to open first: run:latest, agent:profiler, vote:ID, alert:ID",
    )  # fmt: skip
    look.add_argument(
        "--operator", default="", metavar="NAME",
        help="who acts here, for the record; without it a kernel of another process is only "
        "watched, and your login acts on one of this console's own",
    )  # fmt: skip
    look.add_argument("--ascii", action="store_true", help="draw with ASCII characters only")
    look.add_argument("--theme", default="", metavar="NAME", help="the colours to begin with")
    return parser


def _watch_parser() -> argparse.ArgumentParser:
    usage = (
        f"{PROGRAM} [options] [STORE]\n"
        f"       {PROGRAM} run [options] PATH…\n"
        f"       {PROGRAM} demo [options]"
    )
    description = "Watch what agents do, find out why, and act: live, after the fact, or hosted."
    parser = _parser("", description, _EPILOG, usage=usage)
    parser.add_argument(
        "store", nargs="?", type=Path, default=DEFAULT_STORE, metavar="STORE",
        help="the store to watch (default: %(default)s)",
    )  # fmt: skip
    return parser


def _demo_parser() -> argparse.ArgumentParser:
    parser = _parser(DEMO, "See the agents at work, with nothing prepared.", _DEMO_EPILOG)
    parser.add_argument(
        "--store", type=Path, metavar="FILE", help="keep what happens here; a temporary file else"
    )
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="another story")
    parser.add_argument(
        "--speed", type=_speed, default=1.0, metavar="X", help="how fast: 0.5 to 20 (default: 1)"
    )
    return parser


def _run_parser() -> argparse.ArgumentParser:
    description = "Clean data with a kernel of this console's own, and watch it."
    parser = _parser(RUN, description, _RUN_EPILOG)
    add = parser.add_argument
    add("paths", nargs="+", metavar="PATH", help="files, folders or quoted patterns")
    add("--store", type=Path, default=DEFAULT_STORE, metavar="FILE",
        help="the store that keeps what happened (default: %(default)s)")  # fmt: skip
    add("--out", type=Path, metavar="DIR", help="where the results go")
    add("--contract", type=Path, metavar="FILE", help="what the data has to look like")
    add("--on-drift", choices=("evolve", "freeze", "discard_row", "discard_value", "ask"),
        help="what to do about drift; the agents vote otherwise")  # fmt: skip
    add("--min-score", metavar="SHARE", help="release nothing below this quality: 0.9")
    add("--max-quarantine", metavar="SHARE", help="release nothing beyond this: 5%%")
    add("--on-low-quality", choices=("withhold", "quarantine"), help="below --min-score")
    add("--detect", choices=("full", "sample", "off"), help="where to look for wrong cells")
    add("--repair", choices=("none", "format", "value"), help="which repairs to apply: format")
    add("--join", action="append", metavar="LEFT=RIGHT", help="join to the first, or 'auto'")
    add("--matched-only", action="store_true", help="leave out rows without a match")
    add("--by", action="append", metavar="COLUMN", help="group by this")
    add("--measure", action="append", metavar="MEASURE", help="of each group: 'sum(amount)'")
    add("--format", choices=("parquet", "csv", "json"), help="how to write the tables")
    add("--model", metavar="NAME", help="the language model that thinks; rules do otherwise")
    add("--record", type=Path, metavar="FILE", help="keep what the model said, for a replay")
    add("--memory", metavar="SIZE", help="memory for the engine: 2GB")
    add("--config", type=Path, metavar="FILE", help="a configuration")
    add("--seed", type=int, metavar="N", help="make everything random repeatable")
    add("--disable-plugin", action="append", metavar="NAME", help="leave a plugin out")
    add("--no-plugins", action="store_true", help="import bundled plugins only")
    return parser


def _speed(text: str) -> float:
    try:
        speed = float(text)
    except ValueError:
        speed = math.nan
    if not 0.5 <= speed <= 20:
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 0.5 to 20")
    return speed
