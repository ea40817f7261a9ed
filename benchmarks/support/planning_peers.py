"""The problems of `planning.py` for gtpyhop, task for task and rule for rule as for our planner."""
# ruff: noqa: ANN001, ANN202, C901  # a domain is a closure of functions for a library without types

import importlib.util
import os
from collections.abc import Callable, Sequence
from contextlib import redirect_stdout
from typing import Any

from support.planning_problems import TABLE, parcels, tower_sets

Todo = list[tuple[Any, ...]]


def is_installed() -> bool:
    """Whether gtpyhop is there."""
    return importlib.util.find_spec("gtpyhop") is not None


def gtpyhop() -> Any:  # it has no types
    """Return the module, in its iterative mode with backtracking."""
    os.environ.setdefault("GTPYHOP_QUIET", "true")
    import gtpyhop as module

    with redirect_stdout(None):
        module.set_verbose_level(0)
        module.set_recursive_planning("iterative_dfs_backtracking")
    return module


def _declared(name: str, actions: Sequence[Any], **methods: Sequence[Any]) -> Any:
    module = gtpyhop()
    domain = module.Domain(name)
    module.set_current_domain(domain)
    module.declare_actions(*actions)
    for task, ways in methods.items():
        module.declare_task_methods(task, *ways)
    return module.State("start")


def blocks_world(count: int) -> tuple[Any, Todo]:
    """Rebuild towers with one hand."""
    blocks, start, goal = tower_sets(count)

    def lift(state, x, y):
        if state.hand is None and state.on[x] == y and state.clear[x]:
            state.on[x], state.clear[x], state.hand = "hand", False, x
            if y != TABLE:
                state.clear[y] = True
            return state
        return None

    def pickup(state, x, y):
        return lift(state, x, y)

    def unstack(state, x, y):
        return lift(state, x, y)

    def put(state, x, y):
        if state.hand == x and (y == TABLE or state.clear[y]):
            state.on[x], state.clear[x], state.hand = y, True, None
            if y != TABLE:
                state.clear[y] = False
            return state
        return None

    def putdown(state, x, y):
        return put(state, x, y)

    def stack(state, x, y):
        return put(state, x, y)

    def is_done(state, block):
        while block != TABLE:
            under = state.on[block]
            if goal[block] != under:
                return False
            block = under
        return True

    def find(state):
        to_table = waiting = None
        for block in blocks:
            if not state.clear[block] or is_done(state, block):
                continue
            target = goal[block]
            if target == TABLE:
                to_table = to_table or block
            elif state.clear[target] and is_done(state, target):
                return block, target
            elif state.on[block] != TABLE:
                waiting = waiting or block
        found = to_table or waiting
        return (found, TABLE) if found else None

    def build(state):
        found = find(state)
        return [("move", *found), ("build",)] if found else []

    def move(state, block, target):
        under = state.on[block]
        get = "pickup" if under == TABLE else "unstack"
        return [(get, block, under), ("putdown" if target == TABLE else "stack", block, target)]

    state = _declared("blocks", (pickup, unstack, putdown, stack), build=(build,), move=(move,))
    state.on = dict(start)
    state.clear = {block: block not in start.values() for block in blocks}
    state.hand = None
    return state, [("build",)]


def logistics(count: int) -> tuple[Any, Todo]:
    """Bring parcels from place to place by truck, and from city to city by plane."""
    cities, all_parcels = parcels(count)

    def drive(state, vehicle, to):
        state.at[vehicle] = to
        return state

    def fly(state, vehicle, to):
        state.at[vehicle] = to
        return state

    def load(state, parcel, vehicle):
        if state.at[parcel] == state.at[vehicle]:
            state.at[parcel] = vehicle
            return state
        return None

    def unload(state, parcel, vehicle):
        if state.at[parcel] == vehicle:
            state.at[parcel] = state.at[vehicle]
            return state
        return None

    def city(place):
        return place.partition("-")[0][1:]

    def carried(parcel, vehicle, start, end, by):
        load, unload = ("load", parcel, vehicle), ("unload", parcel, vehicle)
        return [(by, vehicle, start), load, (by, vehicle, end), unload]

    def there(state, parcel, to):
        return [] if state.at[parcel] == to else None

    def by_truck(state, parcel, to):
        start = state.at[parcel]
        if city(start) == city(to):
            return carried(parcel, f"truck{city(start)}", start, to, "drive")
        return None

    def by_plane(state, parcel, to):
        start = state.at[parcel]
        if start.endswith("-0") and to.endswith("-0"):
            near = (plane for plane in ("plane0", "plane1") if state.at[plane] == start)
            return carried(parcel, next(near, "plane0"), start, to, "fly")
        return None

    def by_both(state, parcel, to):
        stops = (f"l{city(state.at[parcel])}-0", f"l{city(to)}-0", to)
        return [("deliver", parcel, stop) for stop in stops]

    ways = (there, by_truck, by_plane, by_both)
    state = _declared("logistics", (drive, fly, load, unload), deliver=ways)
    state.at = {f"truck{number}": f"l{number}-0" for number in range(cities)}
    state.at |= {f"plane{number}": f"l{number}-0" for number in range(2)}
    state.at |= {name: f"l{at}-{place}" for name, at, place, _, _ in all_parcels}
    return state, [("deliver", name, f"l{at}-{place}") for name, _, _, at, place in all_parcels]


def pipeline(count: int) -> tuple[Any, Todo]:
    """Prepare tables, a third of which the fast way does not do for; then publish."""

    def load(state, table):
        state.loaded[table] = True
        return state

    def quick(state, table):
        if table in state.loaded:
            state.tidied[table] = "fast"
            return state
        return None

    def infer(state, table):
        if table in state.loaded:
            state.typed[table] = True
            return state
        return None

    def clean(state, table):
        if table in state.typed:
            state.tidied[table] = "slow"
            return state
        return None

    def validate(state, table):
        way = state.tidied.get(table)
        if way is None or (way == "fast" and int(table[1:]) % 3 == 0):
            return None
        state.valid[table] = True
        return state

    def publish(state):
        state.published = True
        return state

    def steps(state, table):
        return [("load", table), ("tidy", table), ("validate", table)]

    def fast(state, table):
        return [("quick", table)]

    def slow(state, table):
        return [("infer", table), ("clean", table)]

    actions = (load, quick, infer, clean, validate, publish)
    state = _declared("pipeline", actions, prepare=(steps,), tidy=(fast, slow))
    state.loaded, state.typed, state.tidied, state.valid = {}, {}, {}, {}
    return state, [*(("prepare", f"t{number}") for number in range(count)), ("publish",)]


def tail(depth: int) -> tuple[Any, Todo]:
    """Tick, and then the same with one less."""

    def tick(state):
        state.ticks += 1
        return state

    def more(state, left):
        return [("tick",), ("count", left - 1)] if left else []

    state = _declared("tail", (tick,), count=(more,))
    state.ticks = 0
    return state, [("count", depth)]


def trap(count: int) -> tuple[Any, Todo]:
    """Choose a format that a check at the very end refuses, with choices in between."""

    def choose(state, chosen):
        state.format = chosen
        return state

    def left(state, table):
        state.prepared[table] = True
        return state

    def right(state, table):
        state.prepared[table] = True
        return state

    def check(state):
        return state if state.format == "parquet" else None

    def csv(state):
        return [("choose", "csv")]

    def parquet(state):
        return [("choose", "parquet")]

    def by_left(state, table):
        return [("left", table)]

    def by_right(state, table):
        return [("right", table)]

    ways = {"pick": (csv, parquet), "prepare": (by_left, by_right)}
    state = _declared("trap", (choose, left, right, check), **ways)
    state.prepared, state.format = {}, ""
    return state, [("pick",), *(("prepare", f"t{number}") for number in range(count)), ("check",)]


PROBLEMS: dict[str, Callable[[int], tuple[Any, Todo]]] = {
    "blocks": blocks_world,
    "logistics": logistics,
    "pipeline": pipeline,
    "tail": tail,
    "trap": trap,
}


def solve(start: Any, todo: Todo) -> int:
    """Return the number of actions of the plan that gtpyhop finds; it leaves out idle ones.

    Raises:
        SystemExit: It finds none.
    """
    plan = gtpyhop().find_plan(start, todo)
    if not isinstance(plan, list):
        plan = getattr(plan, "plan", None)
    if not plan:
        raise SystemExit("gtpyhop found no plan")
    return len(plan)
