"""How fast plans are found, and in how much memory, beside gtpyhop on the same problems.

Each problem is solved in fresh processes: one that is timed, and one that traces memory, which is
slower. Time and memory are those of the search alone, from a problem to actions and the methods
that led to them; the domain is there already. A planner that is not done after `--patience`
seconds is stopped. Problems are described in `support/planning_problems.py`.
"""

import asyncio
import gc
import json
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from support import planning_peers, planning_problems
from support.figures import Figure, arguments, show

from dataagents.core.planning import Allowance, Problem
from dataagents.plugins.planning.anytime import Budget, find
from dataagents.plugins.planning.found import Found
from dataagents.plugins.planning.guidance import Guidance

ROWS = (
    ("blocks", 50),
    ("blocks", 100),
    ("blocks", 300),
    ("logistics", 100),
    ("pipeline", 50),
    ("pipeline", 200),
    ("tail", 5_000),
    ("trap", 14),
    ("trap", 50),
)
LARGE = (("tail", 100_000), ("pipeline", 25_000), ("wide", 100_000))
TRAP = 0.1
GROWTH = 11.0
"""How much more memory ten times the tasks may take and still be called linear."""

OURS: dict[str, Callable[[int], Problem]] = {
    "blocks": planning_problems.blocks_world,
    "logistics": planning_problems.logistics,
    "pipeline": planning_problems.pipeline,
    "tail": planning_problems.tail,
    "trap": planning_problems.trap,
    "wide": planning_problems.wide,
}
_ALLOWANCE = Allowance(nodes=10**9, seconds=3_600.0, megabytes=1e6)


def solve(problem: Problem) -> Found:
    """Return what our search finds."""
    guidance = Guidance(problem.domain, problem.preferences)
    return asyncio.run(find(problem, guidance, Budget(_ALLOWANCE), lambda found: 0.0))


def changing(problem: Problem, found: Found) -> int:
    """Return how many actions change the state: gtpyhop leaves out the others."""
    operators = {operator.name: operator for operator in problem.domain.operators}
    state, count = dict(problem.state), 0
    for action in found.actions:
        effect = operators[action.task.name].effect(state, action.task)
        count += any(state.get(fact) != value for fact, value in effect.items())
        state.update(effect)
    return count


def job(planner: str, name: str, size: int, *, memory: bool) -> dict[str, Any]:
    """Solve one problem and return what it took; for a process of its own."""
    problem, start, todo = None, None, []
    if planner == "ours":
        problem = OURS[name](size)
        solve(planning_problems.tail(1))  # loads what is loaded on demand
    else:
        start, todo = planning_peers.PROBLEMS[name](size)
    gc.collect()
    if memory:
        tracemalloc.start()
    began = time.perf_counter()
    found = solve(problem) if problem else planning_peers.solve(start, todo)
    seconds = time.perf_counter() - began
    peak = tracemalloc.get_traced_memory()[1] / 1e6 if memory else 0.0
    tracemalloc.stop()
    if problem and isinstance(found, Found):
        changes = 0 if memory else changing(problem, found)
        return {
            "actions": len(found.actions),
            "changing": changes,
            "seconds": seconds,
            "megabytes": peak,
        }
    return {"changing": found, "seconds": seconds, "megabytes": peak}


def measured(
    planner: str, name: str, size: int, patience: float, *, memory: bool
) -> dict[str, Any] | None:
    """Run a job in a fresh process; None when it is not done in time."""
    asked = ["--job", planner, name, str(size), *(["--memory"] if memory else [])]
    command = [sys.executable, str(Path(__file__)), *asked]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=patience, check=False
        )
    except subprocess.TimeoutExpired:
        return None
    if done.returncode:
        raise SystemExit(f"{planner}, {name} {size}: {done.stderr.strip().splitlines()[-1]}")
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def beside(name: str, size: int, patience: float, repeats: int) -> Iterator[Figure]:
    """Measure one problem, both planners in turns; the best of each counts."""
    what = f"{name} {size:,}"
    peer = planning_peers.is_installed()
    ours: list[dict[str, Any]] = []
    theirs: list[dict[str, Any] | None] = []
    for _ in range(repeats):
        own = measured("ours", name, size, 600.0, memory=False)
        ours.append(own or {})
        other = measured("gtpyhop", name, size, patience, memory=False) if peer else None
        theirs.append(other)
        if other is None:
            break
    seconds = min(each["seconds"] for each in ours)
    traced = measured("ours", name, size, 600.0, memory=True) or {}
    best = min((each["seconds"] for each in theirs if each), default=None)
    bar = best if (name, size) != ("trap", 50) else TRAP
    yield Figure(what, seconds, "s", bar, note=f"{ours[0]['actions']:,.0f} actions")
    if best is None:
        note = f"not solved in {patience:g} s" if peer else "not installed"
        yield Figure(f"{what}: gtpyhop", None, "s", note=note)
    else:
        if theirs[0] and theirs[0]["changing"] != ours[0]["changing"]:
            raise SystemExit(f"{what}: {ours[0]['changing']} actions, {theirs[0]['changing']}")
        yield Figure(f"{what}: gtpyhop", best, "s", note=f"{best / seconds:.1f} times ours")
    yield Figure(f"{what}: memory", traced["megabytes"], "MB")
    if best is not None:
        other = measured("gtpyhop", name, size, patience * 10, memory=True)
        value = other["megabytes"] if other else None
        yield Figure(f"{what}: gtpyhop, memory", value, "MB")


def large(name: str, size: int) -> Iterator[Figure]:
    """Measure a problem of 100,000 tasks, and how memory grows up to it."""
    what = f"{name} {size:,}"
    timed = measured("ours", name, size, 600.0, memory=False)
    traced = measured("ours", name, size, 600.0, memory=True)
    tenth = measured("ours", name, size // 10, 600.0, memory=True)
    if timed is None or traced is None or tenth is None:
        yield Figure(what, None, "s", note="not solved in 600 s")
        return
    yield Figure(what, timed["seconds"], "s", note=f"{timed['actions']:,.0f} actions")
    yield Figure(f"{what}: memory", traced["megabytes"], "MB")
    growth = traced["megabytes"] / tenth["megabytes"]
    yield Figure(f"{what}: memory / that of {size // 10:,}", growth, "x", GROWTH)


def figures(patience: float, repeats: int) -> Iterator[Figure]:
    """Measure everything."""
    if not planning_peers.is_installed():
        print("gtpyhop is not installed: its rows are skipped", file=sys.stderr)
    for name, size in ROWS:
        yield from beside(name, size, patience, repeats)
    for name, size in LARGE:
        yield from large(name, size)


def main() -> None:
    """Measure and print, as a table or as one JSON object a line."""
    parser = arguments(__doc__)
    parser.add_argument("--patience", type=float, default=10.0, help="seconds for the peer")
    parser.add_argument("--repeats", type=int, default=3, help="how often each is timed")
    parser.add_argument("--job", nargs=3, metavar=("PLANNER", "PROBLEM", "SIZE"))
    parser.add_argument("--memory", action="store_true", help="with --job: trace memory")
    options = parser.parse_args()
    if options.job:
        planner, name, size = options.job
        print(json.dumps(job(planner, name, int(size), memory=options.memory)))
        return
    rows = figures(options.patience, options.repeats)
    show("problem", rows, as_json=options.json, digits=3)


if __name__ == "__main__":
    main()
