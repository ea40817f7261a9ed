import asyncio

import pytest

from dataagents.core.errors import NoPlanError
from dataagents.core.planning import (
    Allowance,
    Domain,
    Failure,
    FailureKind,
    Goal,
    Method,
    Objective,
    Operator,
    Problem,
    Task,
    TaskNetwork,
)
from dataagents.core.planning.diff import compare
from dataagents.plugins.planning.guidance import Guidance
from dataagents.plugins.planning.htn import HtnPlanner
from dataagents.plugins.planning.ordering import kept_order
from dataagents.plugins.planning.search import Search

PLENTY = Allowance(nodes=1_000_000, seconds=120, improving=120)


def does(*subtasks):
    return lambda state, task: tuple(Task(each, task.args) for each in subtasks)


def when(fact, value):
    return lambda state, task: None if state.get(fact) == value else f"{fact} is {state.get(fact)}"


async def plan(domain, *tasks, allowance=PLENTY, state=None, **options):
    asked = Problem(Goal("g"), domain, state or {}, tasks, **options)
    return await HtnPlanner().plan(asked, allowance)


def names(made):
    return [task.name for task in made.tasks]


ROUTES = Domain(
    "routes",
    (
        Operator("walk", cost=1.0, seconds=60.0),
        Operator("taxi", cost=9.0, seconds=5.0, success_probability=0.9),
        Operator("bus", cost=3.0, seconds=20.0, success_probability=0.99),
    ),
    (
        Method("by taxi", "go", does("taxi")),
        Method("by bus", "go", does("bus")),
        Method("on foot", "go", does("walk")),
    ),
)


class TestObjectives:
    @pytest.mark.parametrize(
        ("objective", "expected", "why"),
        [
            (Objective.FIRST, "taxi", "the first that fits"),
            (Objective.COST, "walk", "cheaper by 8"),
            (Objective.SECONDS, "taxi", "the first that fits"),
            (Objective.PROBABILITY, "walk", "likelier to succeed by 0.10"),
        ],
    )
    async def test_the_best_plan_and_why(self, objective, expected, why):
        made = await plan(ROUTES, Task("go"), objective=objective)
        assert names(made) == [expected]
        assert made.decompositions[0].why == why
        assert made.objective is objective

    async def test_without_time_to_improve_the_first_plan_is_taken(self):
        made = await plan(ROUTES, Task("go"), objective=Objective.COST, allowance=Allowance())
        assert names(made) == ["taxi"]

    async def test_the_best_so_far_is_kept_when_the_allowance_ends(self):
        few = Allowance(nodes=4, improving=60.0)
        made = await plan(ROUTES, Task("go"), objective=Objective.COST, allowance=few)
        assert names(made) == ["bus"]
        assert made.cost == 3.0

    async def test_confidence_and_cost_are_those_of_methods_and_operators(self):
        methods = (Method("m", "go", does("taxi", "bus"), success_probability=0.5, cost=2.0),)
        made = await plan(Domain("d", ROUTES.operators, methods), Task("go"))
        assert (made.confidence, made.cost) == (pytest.approx(0.5 * 0.9 * 0.99), 14.0)


class TestPreferences:
    async def test_the_best_of_earlier_runs_comes_first(self):
        liked = {"go/by taxi": 0.2, "go/on foot": 0.4, "go/by bus": 0.83}
        made = await plan(ROUTES, Task("go"), preferences=liked)
        assert names(made) == ["bus"]
        assert made.decompositions[0].why == "preferred: 0.83 from earlier runs"

    async def test_a_preference_does_not_hide_what_works(self):
        methods = (*ROUTES.methods, Method("by boat", "go", does("sail")))
        domain = Domain("d", ROUTES.operators, methods)
        made = await plan(domain, Task("go"), preferences={"go/by boat": 1.0, "go/by taxi": 0.4})
        assert names(made) == ["bus"]
        (choice,) = made.decompositions
        assert choice.why == "the first that leads to a plan"
        assert choice.rejected == {"by boat": "led to no plan"}

    async def test_what_was_never_tried_keeps_its_place(self):
        made = await plan(ROUTES, Task("go"), preferences={"go/by bus": 0.1, "go/on foot": 0.9})
        assert names(made) == ["taxi"]

    async def test_equal_preferences_are_settled_by_the_seed(self):
        liked = {f"go/{method.name}": 0.5 for method in ROUTES.methods}
        made = {
            seed: names(await plan(ROUTES, Task("go"), preferences=liked, seed=seed))[0]
            for seed in range(20)
        }
        assert set(made.values()) == {"taxi", "bus", "walk"}
        for seed, name in made.items():
            assert names(await plan(ROUTES, Task("go"), preferences=liked, seed=seed)) == [name]


async def test_each_binding_is_an_alternative():
    def colours(state, task):
        return [Task("paint", {"colour": colour}) for colour in ("red", "green", "blue")]

    def same(state, task):
        return (Task("brush", task.args),)

    domain = Domain(
        "d",
        (
            Operator("brush", effect=lambda state, task: {"colour": task.args["colour"]}),
            Operator("check", condition=when("colour", "green")),
        ),
        (Method("any", "paint", same, bindings=colours),),
    )
    made = await plan(domain, Task("paint"), Task("check"))
    assert [task.id for task in made.tasks] == ["brush(green)", "check()"]
    assert made.decompositions[0].why == "the only way: colour = green"


async def test_an_action_that_changes_nothing_stays_in_the_plan():
    domain = Domain("d", (Operator("note", effect=lambda state, task: {"x": 1}), Operator("a")), ())
    made = await plan(domain, Task("note"), Task("note"), Task("a"), state={"x": 1})
    assert names(made) == ["note", "note", "a"]


async def test_what_comes_from_what_is_in_the_plan():
    methods = (Method("m", "top", does("sub", "sub")), Method("n", "sub", does("a")))
    made = await plan(Domain("d", (Operator("a"),), methods), Task("top"))
    assert [(each.id, each.parent) for each in made.decompositions] == [
        ("top()", ""),
        ("sub()", "top()"),
        ("sub()#2", "top()"),
    ]


class TestAllowance:
    def endless(self):
        def on(state, task):
            return (Task("tick"), Task("count", {"n": task.args["n"] + 1}), Task("tick"))

        domain = Domain("d", (Operator("tick"),), (Method("on", "count", on),))
        return Problem(Goal("g"), domain, {}, (Task("count", {"n": 0}),))

    @pytest.mark.parametrize(
        ("allowance", "part"),
        [
            (Allowance(nodes=5_000), "nodes"),
            (Allowance(nodes=10**9, seconds=0.0), "time"),
            (Allowance(nodes=10**9, seconds=120.0, megabytes=2.0), "memory"),
        ],
    )
    async def test_each_part_ends_the_search(self, allowance, part):
        with pytest.raises(NoPlanError, match=rf"the allowance is used up \({part}\)"):
            await HtnPlanner().plan(self.endless(), allowance)

    async def test_others_get_their_turn(self):
        turns = 0

        async def count():
            nonlocal turns
            while True:
                turns += 1
                await asyncio.sleep(0)

        other = asyncio.ensure_future(count())
        with pytest.raises(NoPlanError):
            await HtnPlanner().plan(self.endless(), Allowance(nodes=5_000))
        other.cancel()
        assert turns >= 10


def tables(count):
    """Prepare tables, each in a fast or a slow way."""
    operators = tuple(
        Operator(
            name,
            effect=lambda state, task, fact=fact: {f"{fact}:{task.args['t']}": True},
            writes=(fact + ":{t}",),
        )
        for name, fact in (("load", "loaded"), ("quick", "tidy"), ("infer", "typed"))
    )

    def unless(fact):
        return lambda state, task: (
            f"{fact} already" if state.get(f"{fact}:{task.args['t']}") else None
        )

    methods = (
        Method("steps", "prepare", does("get", "tidy")),
        Method(
            "there",
            "get",
            does(),
            lambda state, task: None if unless("loaded")(state, task) else "no",
        ),
        Method("load", "get", does("load"), unless("loaded")),
        Method("fast", "tidy", does("quick")),
        Method("slow", "tidy", does("infer", "quick")),
    )
    roots = tuple(Task("prepare", {"t": f"t{number}"}) for number in range(count))
    return Problem(Goal("g"), Domain("tables", operators, methods), {}, roots)


class TestReplanning:
    async def replanned(self, asked, plan_, failure, done=()):
        known = {f"loaded:{task.args['t']}": True for task in plan_.tasks if task.id in done}
        now = Problem(asked.goal, asked.domain, known, asked.tasks)
        changed = await HtnPlanner().replan(now, plan_, failure, PLENTY)
        return changed, compare(plan_.tasks, changed.tasks, done=done)

    async def test_of_50_tables_only_the_one_that_failed_changes(self):
        asked = tables(50)
        made = await HtnPlanner().plan(asked, PLENTY)
        failure = Failure("quick(t7)", FailureKind.RECOVERABLE, "types differ")
        done = [f"load(t{number})" for number in range(8)]
        changed, diff = await self.replanned(asked, made, failure, done)
        assert (diff.added, diff.removed, diff.moved) == (("infer(t7)",), (), ())
        choice = next(each for each in changed.decompositions if each.task == "tidy(t7)")
        assert (choice.method, choice.why) == ("slow", "instead of fast")

    async def test_what_the_plan_in_force_used_is_kept(self):
        asked = tables(3)
        slow = Problem(asked.goal, asked.domain, {}, asked.tasks, preferences={"tidy/slow": 1.0})
        made = await HtnPlanner().plan(slow, PLENTY)
        _, diff = await self.replanned(asked, made, Failure("", FailureKind.RECOVERABLE, "asked"))
        assert diff.stability == 1.0
        assert not diff.added

    async def test_what_has_no_alternative_is_planned_again(self):
        domain = Domain("d", (Operator("a"),), (Method("m", "top", does("a")),))
        asked = Problem(Goal("g"), domain, {}, (Task("top"),))
        made = await HtnPlanner().plan(asked, PLENTY)
        again = await HtnPlanner().replan(
            asked, made, Failure("a()", FailureKind.RECOVERABLE, "it broke"), PLENTY
        )
        assert names(again) == ["a"]

    async def test_the_way_above_is_changed_when_the_nearest_can_not_be(self):
        methods = (
            Method("one", "top", does("sub")),
            Method("two", "top", does("b")),
            Method("never", "sub", does("a"), when("sun", "green")),
            Method("only", "sub", does("a")),
        )
        asked = Problem(
            Goal("g"), Domain("d", (Operator("a"), Operator("b")), methods), {}, (Task("top"),)
        )
        made = await HtnPlanner().plan(asked, PLENTY)
        again = await HtnPlanner().replan(
            asked, made, Failure("a()", FailureKind.RECOVERABLE, "it broke"), PLENTY
        )
        assert names(again) == ["b"]


class TestKeptOrder:
    def order(self, domain, *tasks):
        search = Search(domain, tasks, {}, Guidance(domain, {}))
        assert search.run(10_000)
        return kept_order(search.acts, search.choices)

    LOUD = tuple(Operator(name, writes=(name,)) for name in "abc")
    SILENT = tuple(Operator(name) for name in "xyz")

    def test_what_says_nothing_of_its_facts_keeps_its_place(self):
        domain = Domain("d", (*self.LOUD, *self.SILENT), ())
        order = self.order(domain, *map(Task, "abxcy"))
        assert order == ((), (), (0, 1), (2,), (3,))

    def test_a_stated_order_is_kept_whatever_the_facts(self):
        network = TaskNetwork(tuple(map(Task, "abc")), ((0, 2), (1, 2)))
        domain = Domain("d", self.LOUD, (Method("m", "top", lambda state, task: network),))
        assert self.order(domain, Task("top")) == ((), (), (0, 1))

    def test_a_network_stands_between_what_is_around_it(self):
        network = TaskNetwork((Task("x"), Task("y")))
        domain = Domain(
            "d", (*self.LOUD, *self.SILENT), (Method("m", "net", lambda state, task: network),)
        )
        order = self.order(domain, Task("a"), Task("net"), Task("z"))
        assert order == ((), (0,), (0,), (1, 2))


class TestOpenOrder:
    """Operators that declare no facts, in any order."""

    BOX = (
        Operator("open", effect=lambda state, task: {"lid": "open"}),
        Operator("put_in", condition=when("lid", "open")),
        Operator("close", effect=lambda state, task: {"lid": "closed"}),
        Operator("sing"),
    )

    async def test_the_plan_keeps_the_order_that_works_and_no_other(self):
        network = TaskNetwork((Task("use"), Task("put_in"), Task("sing")))
        methods = (
            Method("m", "top", lambda state, task: network),
            Method("m", "use", does("open", "close")),
        )
        made = await plan(Domain("d", self.BOX, methods), Task("top"))
        assert {task.id: task.depends_on for task in made.tasks} == {
            "open()": (),
            "put_in()": ("open()",),
            "close()": ("open()", "put_in()"),
            "sing()": (),
        }
