"""The contracts of planners and domains."""

from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy

from dataagents.core.config import KernelConfig, StrategyChoices
from dataagents.core.errors import NoPlanError
from dataagents.core.hookspecs import hookimpl
from dataagents.core.planning import (
    Allowance,
    Condition,
    Domain,
    Failure,
    FailureKind,
    Goal,
    Method,
    Operator,
    Plan,
    PlannedTask,
    Planner,
    Problem,
    State,
    Task,
    TaskNetwork,
)
from dataagents.core.registry import Strategy
from dataagents.core.testing.kernels import kernel_for
from dataagents.core.values import Json, JsonObject, from_json, to_json

_ALLOWANCE = Allowance(nodes=2_000, seconds=10.0)


def simulate(tasks: Sequence[PlannedTask], domain: Domain, state: State) -> State:
    """Return the state after tasks were done in this order, each as its operator promises.

    Raises:
        AssertionError: A task has no operator, or its condition does not hold when it is its turn.
    """
    operators = {operator.name: operator for operator in domain.operators}
    reached: dict[str, Json] = dict(state)
    for planned in tasks:
        operator, task = operators[planned.name], Task(planned.name, planned.args)
        reason = operator.condition(reached, task)
        assert reason is None, f"{planned.id} can't be done: {reason}"
        before = deepcopy(reached)
        effect = operator.effect(reached, task)
        assert reached == before, f"the effect of {operator.name} changes the state it is given"
        reached.update(effect)
    return reached


def check_plan(plan: Plan, domain: Domain, state: State) -> None:
    """Check that a plan works in its own order, and in any that `depends_on` allows.

    Raises:
        AssertionError: It does not; the message says where.
    """
    names = [task.id for task in plan.tasks]
    assert len(set(names)) == len(names), "each task has an id of its own"
    for number, task in enumerate(plan.tasks):
        assert set(task.depends_on) <= set(names[:number]), f"{task.id} waits for a later task"
    assert 0.0 <= plan.confidence <= 1.0
    in_order = simulate(plan.tasks, domain, state)
    latest_first = simulate(tuple(_latest_first(plan.tasks)), domain, state)
    assert latest_first == in_order, "tasks that don't wait for one another disturb each other"


def _latest_first(tasks: Sequence[PlannedTask]) -> Iterator[PlannedTask]:
    """Yield tasks, the last of a plan as early as what they depend on allows."""
    left, done = list(tasks), set[str]()
    while left:
        task = next(each for each in reversed(left) if set(each.depends_on) <= done)
        left.remove(task)
        done.add(task.id)
        yield task


def _known(fact: str) -> Condition:
    return lambda state, task: None if fact in state else f"{fact} is not there"


def _operator(name: str, *, needs: tuple[str, ...] = ()) -> Operator:
    """Return an operator that makes a fact of its own name out of the facts it needs."""

    def condition(state: State, task: Task) -> str | None:
        missing = [fact for fact in needs if fact not in state]
        return f"{' and '.join(missing)} not there" if missing else None

    return Operator(
        name,
        condition=condition,
        effect=lambda state, task: {name: True},
        reads=needs,
        writes=(name,),
        seconds=1.0,
    )


def _method(name: str, task: str, *subtasks: str, needs: str = "") -> Method:
    found = tuple(Task(subtask) for subtask in subtasks)
    if not needs:
        return Method(name, task, lambda state, task: found)
    return Method(name, task, lambda state, task: found, _known(needs))


WORKSHOP = Domain(
    name="workshop",
    operators=(
        _operator("fetch"),
        _operator("sand", needs=("fetch",)),
        _operator("paint", needs=("sand",)),
        _operator("print_label"),
        _operator("pack", needs=("paint", "print_label")),
        _operator("polish", needs=("wax",)),
    ),
    methods=(
        _method("by machine", "deliver", "finish", "pack", needs="machine"),
        _method("by hand", "deliver", "fetch", "finish", "print_label", "pack"),
        # The first way looks open and ends nowhere: there is no wax to polish with.
        _method("polished", "finish", "sand", "polish"),
        _method("painted", "finish", "sand", "paint"),
        _method("round in circles", "forever", "forever"),
        _method("without wax", "shine", "polish"),
    ),
    goals=("deliver", "forever", "shine"),
)
"""What planners are tried with: a dead end, a task that never ends, one that can't be done."""


def _more(state: State, task: Task) -> tuple[Task, ...]:
    return (Task("tick"), task) if state["left"] else ()


def _one_less(state: State, task: Task) -> dict[str, Json]:
    left = state["left"]
    return {"left": left - 1 if isinstance(left, int) else 0}


COUNTDOWN = Domain(
    name="countdown",
    operators=(Operator("tick", effect=_one_less),),
    methods=(Method("on", "count", _more),),
    goals=("count",),
)
"""One task that calls itself at its end, as often as the fact `left` says."""


def _lid(value: str) -> Condition:
    return lambda state, task: None if state.get("lid", "closed") == value else f"not {value}"


def _lid_is(value: str) -> Callable[[State, Task], JsonObject]:
    return lambda state, task: {"lid": value}


_TURN = (Task("turn"), Task("put_in"))
BOX = Domain(
    name="box",
    operators=(
        Operator("open", condition=_lid("closed"), effect=_lid_is("open")),
        Operator("put_in", condition=_lid("open")),
        Operator("close", condition=_lid("open"), effect=_lid_is("closed")),
    ),
    methods=(
        _method("open and close", "turn", "open", "close"),
        Method("in any order", "fill", lambda state, task: TaskNetwork(_TURN)),
    ),
    goals=("fill",),
)
"""Two tasks in any order, one of which has to come in the middle of the other."""

JOINERY = Domain(
    name="joinery",
    operators=(Operator("hammer"), Operator("press")),
    methods=(_method("by hand", "join", "hammer"), _method("by machine", "join", "press")),
    goals=("join",),
)
"""Two ways to do the same, by operators that change nothing."""


def problem(goal: str, **facts: Json) -> Problem:
    """Return a problem in the workshop."""
    return Problem(Goal(goal), WORKSHOP, facts, (Task(goal),))


class PlannerContract:
    """What every planner holds to."""

    def planner(self) -> Planner:
        """Return the planner under test."""
        raise NotImplementedError

    async def test_a_plan_works_in_every_order_that_it_allows(self) -> None:
        """Each task comes after what it depends on, and its condition holds then."""
        asked = problem("deliver")
        plan = await self.planner().plan(asked, _ALLOWANCE)
        check_plan(plan, WORKSHOP, asked.state)
        assert "pack" in simulate(plan.tasks, WORKSHOP, asked.state)

    async def test_a_dead_end_is_left_again(self) -> None:
        """A way that leads nowhere does not hide the one that leads to the goal."""
        plan = await self.planner().plan(problem("deliver"), _ALLOWANCE)
        assert "polish" not in {task.name for task in plan.tasks}

    async def test_the_same_problem_gives_the_same_plan(self) -> None:
        """Planning is repeatable, and leaves the problem as it was."""
        asked = problem("deliver", shelf="A")
        first = await self.planner().plan(asked, _ALLOWANCE)
        assert await self.planner().plan(asked, _ALLOWANCE) == first
        assert asked.state == {"shelf": "A"}

    async def test_what_can_not_be_done_is_said_to_be(self) -> None:
        """No way at all is a `NoPlanError` that names what blocked."""
        error = await self._blocked(problem("shine"))
        assert error.task
        assert error.reason

    async def test_a_task_without_an_end_uses_up_the_allowance(self) -> None:
        """A planner stops looking: it neither hangs nor overflows."""
        await self._blocked(problem("forever"))

    async def test_another_plan_starts_from_the_state_as_it_is_now(self) -> None:
        """What was done may be used; what failed is planned for again, or gone round."""
        planner = self.planner()
        plan = await planner.plan(problem("deliver"), _ALLOWANCE)
        now = problem("deliver", fetch=True, sand=True)
        failed = next(task for task in plan.tasks if task.name == "paint")
        failure = Failure(failed.id, FailureKind.RECOVERABLE, "the paint is dry")
        changed = await planner.replan(now, plan, failure, _ALLOWANCE)
        check_plan(changed, WORKSHOP, now.state)
        assert "pack" in simulate(changed.tasks, WORKSHOP, now.state)

    async def test_a_deep_decomposition_is_no_recursion(self) -> None:
        """A task that calls itself 2,000 times is a plan like any other."""
        asked = Problem(Goal("count"), COUNTDOWN, {"left": 2_000}, (Task("count"),))
        plan = await self.planner().plan(asked, Allowance(nodes=20_000, seconds=60.0))
        assert len(plan.tasks) == 2_000
        assert simulate(plan.tasks, COUNTDOWN, asked.state) == {"left": 0}

    async def test_tasks_in_any_order_interleave(self) -> None:
        """Where only that works: the lid has to be open when something is put in."""
        plan = await self.planner().plan(
            Problem(Goal("fill"), BOX, {}, (Task("fill"),)), _ALLOWANCE
        )
        check_plan(plan, BOX, {})
        assert [task.name for task in plan.tasks] == ["open", "put_in", "close"]

    async def test_what_is_preferred_is_tried_first(self) -> None:
        """A lesson says which of two ways did better."""
        for liked, name in (
            ({}, "hammer"),
            ({"join/by machine": 0.9, "join/by hand": 0.5}, "press"),
        ):
            asked = Problem(Goal("join"), JOINERY, {}, (Task("join"),), preferences=liked)
            plan = await self.planner().plan(asked, _ALLOWANCE)
            assert [task.name for task in plan.tasks] == [name]

    async def test_an_action_that_changes_nothing_is_part_of_the_plan(self) -> None:
        """A side effect may be its point."""
        tasks = (Task("hammer"), Task("hammer"))
        plan = await self.planner().plan(Problem(Goal("join"), JOINERY, {}, tasks), _ALLOWANCE)
        assert [task.name for task in plan.tasks] == ["hammer", "hammer"]

    async def test_a_plan_can_be_stored(self) -> None:
        """It is the same after it went through the journal."""
        plan = await self.planner().plan(problem("deliver"), _ALLOWANCE)
        assert from_json(Plan, to_json(plan)) == plan

    async def _blocked(self, asked: Problem) -> NoPlanError:
        try:
            plan = await self.planner().plan(asked, _ALLOWANCE)
        except NoPlanError as error:
            return error
        raise AssertionError(f"there is no plan for {asked.goal.task!r}, but here is one: {plan}")


class _DomainPlugin:
    def __init__(self, domain: Domain) -> None:
        self._domain = domain

    @hookimpl
    def register_domains(self) -> tuple[Strategy[Domain], ...]:
        return (Strategy("under-test", lambda options: self._domain),)


class DomainContract:
    """What every domain holds to; its plans are made by the bundled planner."""

    def domain(self) -> Domain:
        """Return the domain under test."""
        raise NotImplementedError

    def test_names_are_used_once(self) -> None:
        """A task is primitive or compound, and each way to do it has a name of its own."""
        domain = self.domain()
        operators = [operator.name for operator in domain.operators]
        ways = [(method.task, method.name) for method in domain.methods]
        assert len(set(operators)) == len(operators)
        assert len(set(ways)) == len(ways)
        assert {task for task, _ in ways}.isdisjoint(operators)

    def test_every_goal_can_be_worked_on(self) -> None:
        """A goal is a task that the domain knows."""
        domain = self.domain()
        known = {method.task for method in domain.methods} | {
            each.name for each in domain.operators
        }
        assert domain.goals
        assert set(domain.goals) <= known

    def test_figures_make_sense(self) -> None:
        """Levels and probabilities lie in [0, 1]; nothing takes less than no time."""
        domain = self.domain()
        for operator in domain.operators:
            assert all(0.0 <= level <= 1.0 for level in operator.requires.values())
            assert operator.seconds >= 0
        assert all(0.0 < method.success_probability <= 1.0 for method in domain.methods)

    async def test_every_goal_has_a_plan_that_works(self) -> None:
        """From nothing but the inputs, for one data set and for two at once."""
        domain = self.domain()
        for goal in domain.goals:
            for inputs in ({"a": "a.csv"}, {"a": "a.csv", "b": "b.csv"}):
                check_plan(await self._plan(domain, Goal(goal, inputs)), domain, {})

    async def test_what_writes_says_is_complete(self) -> None:
        """An operator that declares facts makes no others: a planner may rely on that."""
        domain = self.domain()
        operators = {operator.name: operator for operator in domain.operators}
        for goal in domain.goals:
            plan, state = await self._plan(domain, Goal(goal, {"a": "a.csv"})), dict[str, Json]()
            for planned in plan.tasks:
                operator, task = operators[planned.name], Task(planned.name, planned.args)
                effect = operator.effect(state, task)
                made = set(effect) - set(planned.writes)
                assert not operator.writes or not made, f"{planned.id} makes {made} as well"
                state.update(effect)

    async def test_the_same_goal_gives_the_same_plan(self) -> None:
        """Conditions, effects and subtasks are pure."""
        for goal in self.domain().goals:
            first = await self._plan(self.domain(), Goal(goal, {"a": "a.csv"}))
            assert await self._plan(self.domain(), Goal(goal, {"a": "a.csv"})) == first

    async def _plan(self, domain: Domain, goal: Goal) -> Plan:
        config = KernelConfig(agents=(), strategies=StrategyChoices(domain="under-test"))
        async with kernel_for(_DomainPlugin(domain), config=config) as kernel:
            return await kernel.plan(goal)
