"""The problems of `planning.py`, as a domain author would write them in Python."""

from collections.abc import Callable
from random import Random

from dataagents.core.planning import (
    Domain,
    Goal,
    Method,
    Operator,
    Problem,
    State,
    Task,
    TaskNetwork,
)
from dataagents.core.values import Json

TABLE, HAND = "table", "hand"
Towers = dict[str, str]
Subtasks = tuple[Task, ...]


def problem(domain: Domain, state: State, *tasks: Task) -> Problem:
    """Return a problem without inputs."""
    return Problem(Goal(tasks[0].name), domain, state, tasks)


def towers(rng: Random, blocks: list[str]) -> Towers:
    """Shuffle blocks and cut them into towers of ten: block → what it stands on."""
    order = blocks[:]
    rng.shuffle(order)
    return {each: TABLE if at % 10 == 0 else order[at - 1] for at, each in enumerate(order)}


def tower_sets(count: int) -> tuple[list[str], Towers, Towers]:
    """Return blocks, where they stand, and where they are to stand."""
    rng, blocks = Random(count), [f"b{number}" for number in range(count)]
    return blocks, towers(rng, blocks), towers(rng, blocks)


def blocks_world(count: int) -> Problem:  # noqa: C901  # a domain is a closure of functions
    """Rebuild towers with one hand."""
    blocks, start, goal = tower_sets(count)
    state: dict[str, Json] = {f"on:{block}": under for block, under in start.items()}
    state |= {f"clear:{block}": block not in start.values() for block in blocks} | {HAND: None}

    def lift(state: State, task: Task) -> str | None:
        block, under = task.args["x"], task.args["y"]
        if state[HAND] is not None:
            return f"the hand holds {state[HAND]}"
        if state[f"on:{block}"] != under:
            return f"{block} is not on {under}"
        return None if state[f"clear:{block}"] else f"{block} is not clear"

    def lifted(state: State, task: Task) -> dict[str, Json]:
        block, under = task.args["x"], task.args["y"]
        made = {f"on:{block}": HAND, f"clear:{block}": False, HAND: block}
        return made if under == TABLE else made | {f"clear:{under}": True}

    def put(state: State, task: Task) -> str | None:
        block, under = task.args["x"], task.args["y"]
        if state[HAND] != block:
            return f"{block} is not in the hand"
        return None if under == TABLE or state[f"clear:{under}"] else f"{under} is not clear"

    def down(state: State, task: Task) -> dict[str, Json]:
        block, under = task.args["x"], task.args["y"]
        made = {f"on:{block}": under, f"clear:{block}": True, HAND: None}
        return made if under == TABLE else made | {f"clear:{under}": False}

    def is_done(state: State, block: str) -> bool:
        while block != TABLE:
            under = state[f"on:{block}"]
            if goal[block] != under:
                return False
            block = under
        return True

    def move(state: State) -> tuple[str, str] | None:
        to_table = waiting = None
        for block in blocks:
            if not state[f"clear:{block}"] or is_done(state, block):
                continue
            target = goal[block]
            if target == TABLE:
                to_table = to_table or block
            elif state[f"clear:{target}"] and is_done(state, target):
                return block, target
            elif state[f"on:{block}"] != TABLE:
                waiting = waiting or block
        found = to_table or waiting
        return (found, TABLE) if found else None

    def next_move(state: State, task: Task) -> Subtasks:
        found = move(state)
        if found is None:
            return ()
        block, target = found
        return (Task("move", {"x": block, "y": target}), task)

    def moved(state: State, task: Task) -> Subtasks:
        block, under = task.args["x"], state[f"on:{task.args['x']}"]
        get = Task("pickup" if under == TABLE else "unstack", {"x": block, "y": under})
        return (get, Task("putdown" if task.args["y"] == TABLE else "stack", task.args))

    domain = Domain(
        "blocks",
        (
            Operator("pickup", condition=lift, effect=lifted),
            Operator("unstack", condition=lift, effect=lifted),
            Operator("putdown", condition=put, effect=down),
            Operator("stack", condition=put, effect=down),
        ),
        (Method("one more", "build", next_move), Method("by hand", "move", moved)),
    )
    return problem(domain, state, Task("build"))


Parcel = tuple[str, int, int, int, int]


def parcels(count: int) -> tuple[int, list[Parcel]]:
    """Return the number of cities, and parcels: name, start city and place, goal city and place."""
    rng, cities = Random(count), max(2, count // 2)
    return cities, [
        (f"p{at}", rng.randrange(cities), rng.randrange(2), rng.randrange(cities), rng.randrange(2))
        for at in range(count)
    ]


def logistics(count: int) -> Problem:  # noqa: C901  # likewise
    """Bring parcels from place to place by truck, and from city to city by plane."""
    cities, all_parcels = parcels(count)
    state: dict[str, Json] = {f"at:truck{city}": f"l{city}-0" for city in range(cities)}
    state |= {f"at:plane{number}": f"l{number}-0" for number in range(2)}
    state |= {f"at:{name}": f"l{city}-{place}" for name, city, place, _, _ in all_parcels}

    def drive(state: State, task: Task) -> dict[str, Json]:
        return {f"at:{task.args['vehicle']}": task.args["to"]}

    def together(state: State, task: Task) -> str | None:
        parcel, vehicle = task.args["parcel"], task.args["vehicle"]
        here = state[f"at:{parcel}"] == state[f"at:{vehicle}"]
        return None if here else f"{parcel} is not where {vehicle} is"

    def loaded(state: State, task: Task) -> dict[str, Json]:
        return {f"at:{task.args['parcel']}": task.args["vehicle"]}

    def aboard(state: State, task: Task) -> str | None:
        parcel, vehicle = task.args["parcel"], task.args["vehicle"]
        return None if state[f"at:{parcel}"] == vehicle else f"{parcel} is not in {vehicle}"

    def unloaded(state: State, task: Task) -> dict[str, Json]:
        return {f"at:{task.args['parcel']}": state[f"at:{task.args['vehicle']}"]}

    def city(place: Json) -> str:
        return str(place).partition("-")[0][1:]

    def carried(parcel: Json, vehicle: str, start: Json, end: Json, by: str) -> Subtasks:
        return (
            Task(by, {"vehicle": vehicle, "to": start}),
            Task("load", {"parcel": parcel, "vehicle": vehicle}),
            Task(by, {"vehicle": vehicle, "to": end}),
            Task("unload", {"parcel": parcel, "vehicle": vehicle}),
        )

    def arrived(state: State, task: Task) -> str | None:
        there = state[f"at:{task.args['parcel']}"] == task.args["to"]
        return None if there else f"{task.args['parcel']} is not there yet"

    def same_city(state: State, task: Task) -> str | None:
        here = city(state[f"at:{task.args['parcel']}"])
        return None if here == city(task.args["to"]) else "another city"

    def by_truck(state: State, task: Task) -> Subtasks:
        parcel, end = task.args["parcel"], task.args["to"]
        start = state[f"at:{parcel}"]
        return carried(parcel, f"truck{city(start)}", start, end, "drive")

    def both_airports(state: State, task: Task) -> str | None:
        ends = (str(state[f"at:{task.args['parcel']}"]), str(task.args["to"]))
        return None if all(end.endswith("-0") for end in ends) else "no airport"

    def by_plane(state: State, task: Task) -> Subtasks:
        parcel, end = task.args["parcel"], task.args["to"]
        start = state[f"at:{parcel}"]
        near = (plane for plane in ("plane0", "plane1") if state[f"at:{plane}"] == start)
        return carried(parcel, next(near, "plane0"), start, end, "fly")

    def by_both(state: State, task: Task) -> Subtasks:
        parcel, end = task.args["parcel"], task.args["to"]
        stops = (f"l{city(state[f'at:{parcel}'])}-0", f"l{city(end)}-0", end)
        return tuple(Task("deliver", {"parcel": parcel, "to": stop}) for stop in stops)

    domain = Domain(
        "logistics",
        (
            Operator("drive", effect=drive),
            Operator("fly", effect=drive),
            Operator("load", condition=together, effect=loaded),
            Operator("unload", condition=aboard, effect=unloaded),
        ),
        (
            Method("there", "deliver", lambda state, task: (), arrived),
            Method("truck", "deliver", by_truck, same_city),
            Method("plane", "deliver", by_plane, both_airports),
            Method("truck and plane", "deliver", by_both),
        ),
    )
    goals = (
        Task("deliver", {"parcel": name, "to": f"l{city_}-{place}"})
        for name, _, _, city_, place in all_parcels
    )
    return problem(domain, state, *goals)


def made(fact: str, value: Json = True) -> Callable[[State, Task], dict[str, Json]]:
    """Return an effect on a fact about the task's table."""
    return lambda state, task: {f"{fact}:{task.args['t']}": value}


def needs(fact: str, *values: Json) -> Callable[[State, Task], str | None]:
    """Return a condition on a fact about the task's table."""

    def condition(state: State, task: Task) -> str | None:
        value = state.get(f"{fact}:{task.args['t']}")
        return None if value in values else f"{fact} of {task.args['t']} is {value}"

    return condition


def each(*names: str) -> Callable[[State, Task], Subtasks]:
    """Return subtasks about the same table."""
    return lambda state, task: tuple(Task(name, task.args) for name in names)


def pipeline(count: int) -> Problem:
    """Prepare tables, a third of which the fast way does not do for; then publish."""

    def valid(state: State, task: Task) -> str | None:
        table = str(task.args["t"])
        way = state.get(f"tidy:{table}")
        if way is None:
            return f"{table} is not tidy"
        return f"{table} is not valid" if way == "fast" and int(table[1:]) % 3 == 0 else None

    domain = Domain(
        "pipeline",
        (
            Operator("load", effect=made("loaded"), writes=("loaded:{t}",)),
            Operator("quick", condition=needs("loaded", True), effect=made("tidy", "fast")),
            Operator("infer", condition=needs("loaded", True), effect=made("typed")),
            Operator("clean", condition=needs("typed", True), effect=made("tidy", "slow")),
            Operator("validate", condition=valid, effect=made("valid")),
            Operator("publish", effect=lambda state, task: {"published": True}),
        ),
        (
            Method("steps", "prepare", each("load", "tidy", "validate")),
            Method("fast", "tidy", each("quick")),
            Method("slow", "tidy", each("infer", "clean")),
        ),
    )
    tasks = (Task("prepare", {"t": f"t{number}"}) for number in range(count))
    return problem(domain, {}, *tasks, Task("publish"))


def tail(depth: int) -> Problem:
    """Tick, and then the same with one less."""

    def more(state: State, task: Task) -> Subtasks:
        left = int(str(task.args["n"]))
        return (Task("tick"), Task("count", {"n": left - 1})) if left else ()

    def ticked(state: State, task: Task) -> dict[str, Json]:
        return {"ticks": int(str(state["ticks"])) + 1}

    tick = Operator("tick", effect=ticked)
    domain = Domain("tail", (tick,), (Method("on", "count", more),))
    return problem(domain, {"ticks": 0}, Task("count", {"n": depth}))


def trap(count: int) -> Problem:
    """Choose a format that a check at the very end refuses, with choices in between."""

    def fits(state: State, task: Task) -> str | None:
        return None if state["format"] == "parquet" else f"the format is {state['format']}"

    def chosen(value: str) -> Callable[[State, Task], Subtasks]:
        return lambda state, task: (Task("choose", {"format": value}),)

    domain = Domain(
        "trap",
        (
            Operator("choose", effect=lambda state, task: {"format": task.args["format"]}),
            Operator("left", effect=made("prepared")),
            Operator("right", effect=made("prepared")),
            Operator("check", condition=fits),
        ),
        (
            Method("csv", "format", chosen("csv")),
            Method("parquet", "format", chosen("parquet")),
            Method("left", "prepare", each("left")),
            Method("right", "prepare", each("right")),
        ),
    )
    tables = (Task("prepare", {"t": f"t{number}"}) for number in range(count))
    return problem(domain, {}, Task("format"), *tables, Task("check"))


def wide(count: int) -> Problem:
    """Load tables, all in whatever order: a network without any order."""
    tables = tuple(Task("load", {"t": f"t{number}"}) for number in range(count))
    domain = Domain(
        "wide",
        (Operator("load", effect=made("loaded"), writes=("loaded:{t}",)),),
        (Method("any order", "all", lambda state, task: TaskNetwork(tables)),),
    )
    return problem(domain, {}, Task("all"))
