"""Hierarchical coordination: complexity, three phases, circles, and a thousand workers."""

from collections import Counter

import pytest
from hierarchy_team import (
    Head,
    Leader,
    Meter,
    Worker,
    Workshop,
    config,
    deploy,
    done,
    goal,
)

from dataagents.core import Agent, AgentCard
from dataagents.core.errors import InputError
from dataagents.core.hierarchy import (
    LEAD_GROUP,
    Assignment,
    Complexity,
    Group,
    Hierarchy,
    Report,
    complexity_of,
)
from dataagents.core.messaging import Message, MessageType
from dataagents.core.planning import PlannedTask
from dataagents.core.testing import MemoryStore, kernel_for
from dataagents.core.tracing import TraceContext
from dataagents.core.values import from_json, to_json


def chain(*names: str) -> tuple[PlannedTask, ...]:
    before = [(), *((name,) for name in names)]
    return tuple(
        PlannedTask(name, name, depends_on=needed)
        for name, needed in zip(names, before, strict=False)
    )


# --- complexity --------------------------------------------------------------------------------


def test_complexity_is_the_shape_of_the_plan():
    tasks = (
        PlannedTask("a", "a", requires={"x": 0.1}),
        PlannedTask("b", "b", requires={"y": 0.1}),
        PlannedTask("c", "c", depends_on=("a", "b"), requires={"x": 0.5}),
    )
    assert complexity_of(tasks) == Complexity(tasks=3, width=2, depth=2, capabilities=2)
    assert complexity_of(tasks).score == 2 + 1 + 1
    assert complexity_of(()) == Complexity(0, 0, 0, 0)


def test_one_task_alone_scores_one_and_a_chain_is_waited_for_rather_than_watched():
    assert complexity_of(chain("a")).score == 1
    assert complexity_of(chain(*"abcdefgh")).score == 1 + 3


@pytest.mark.parametrize(
    ("width", "span", "levels"),
    [(1, 8, 2), (8, 8, 2), (9, 8, 3), (64, 8, 3), (65, 8, 4), (1000, 32, 3), (1024, 32, 3)],
)
def test_levels_follow_from_how_many_one_can_watch_over(width, span, levels):
    assert Complexity(width, width, 1, 1).levels(span) == levels


def test_tasks_that_wait_for_one_another_are_named():
    tasks = (PlannedTask("a", "a", depends_on=("b",)), PlannedTask("b", "b", depends_on=("a",)))
    with pytest.raises(InputError, match=r"wait for one another: (a → b → a|b → a → b)"):
        complexity_of(tasks)
    with pytest.raises(InputError, match="a: it waits for z, which is not planned"):
        complexity_of((PlannedTask("a", "a", depends_on=("z",)),))


# --- the map of delegations --------------------------------------------------------------------

CARDS = {name: AgentCard(name, "agent") for name in ("head", "m", "n", "w")}
A, B = PlannedTask("a", "a"), PlannedTask("b", "b", depends_on=("a",))


def tree(*groups: Group, own: tuple[Assignment, ...] = (), leader: str = "head") -> Hierarchy:
    return Hierarchy(Group("top", leader, own, groups), Complexity(2, 2, 1, 1))


def flaw(hierarchy: Hierarchy) -> str:
    return hierarchy.flaw((A, B), "head", CARDS)


def test_a_sound_hierarchy_says_how_deep_it_is_and_who_does_what():
    group = Group("g", "m", (Assignment(A, "w"), Assignment(B, "w")))
    hierarchy = tree(group)
    assert flaw(hierarchy) == ""
    assert (hierarchy.levels, hierarchy.span, hierarchy.coordinator) == (3, 1, "head")
    assert {task: each.agent for task, each in hierarchy.delegations.items()} == {
        "a": "w",
        "b": "w",
    }
    assert tree(own=(Assignment(A, "w"), Assignment(B, "n"))).levels == 2


def test_circular_delegation_is_named():
    two = tree(Group("g", "m", (Assignment(A, "n"),)), Group("h", "n", (Assignment(B, "m"),)))
    assert flaw(two) in ("circular delegation: m → n → m", "circular delegation: n → m → n")
    itself = tree(Group("g", "m", (Assignment(A, "m"), Assignment(B, "w"))))
    assert flaw(itself) == "circular delegation: m → m"
    back = tree(Group("g", "m", (Assignment(A, "head"), Assignment(B, "w"))))
    assert "head → m → head" in flaw(back) or "m → head → m" in flaw(back)
    standing_by = tree(Group("g", "m", (Assignment(A, "w", ("m",)), Assignment(B, "w"))))
    assert flaw(standing_by) == "circular delegation: m → m"


def test_what_the_coordinator_keeps_for_itself_is_no_circle():
    assert flaw(tree(own=(Assignment(A, "head", ("w",)), Assignment(B, "w", ("head",))))) == ""


def test_a_task_too_few_a_stranger_or_another_head_is_a_flaw():
    assert "each task of the plan to somebody, once" in flaw(tree(own=(Assignment(A, "w"),)))
    stranger = tree(own=(Assignment(A, "zoe"), Assignment(B, "w")))
    assert flaw(stranger) == "head delegates to 'zoe', which is not here"
    usurper = tree(own=(Assignment(A, "w"), Assignment(B, "w")), leader="m")
    assert flaw(usurper) == "m is at the top in place of head"


def test_groups_that_wait_for_one_another_are_named():
    c = PlannedTask("c", "c", depends_on=("b",))
    groups = (Group("g", "m", (Assignment(A, "w"), Assignment(c, "w"))),)
    hierarchy = tree(*groups, Group("h", "n", (Assignment(B, "w"),)))
    found = hierarchy.flaw((A, B, c), "head", CARDS)
    assert found in (
        "groups wait for one another: g → h → g",
        "groups wait for one another: h → g → h",
    )


# --- the three phases --------------------------------------------------------------------------


async def test_a_goal_goes_down_the_hierarchy_and_comes_back_as_one_result(store: MemoryStore):
    meter, leaders = Meter(), [Leader(f"lead{n}") for n in range(3)]
    settings = config(streams=3, span=4)
    async with kernel_for(Workshop(2), config=settings, store=store) as kernel:
        await deploy(kernel, Head(), *leaders, *(Worker(f"w{n}", meter) for n in range(6)))
        result = await kernel.coordinate(goal(6))
    assert result.success, result.reason
    (started,), (ended,) = store.of("run.started"), store.of("run.ended")
    assert (started.run, started.body["task"]) == (result.run, "make")
    assert (ended.run, ended.body["status"]) == (result.run, "done")
    assert (result.task, result.remaining, result.problems) == ("make", (), ())
    assert result.result == {f"step{s}:d{n:04}": True for s in (1, 2) for n in range(6)}
    assert result.hierarchy is not None
    assert (result.hierarchy.levels, result.hierarchy.coordinator) == (3, "head")
    assert meter.most == 3
    assert sum(len(each.led) for each in leaders) == len(result.hierarchy.root.groups) == 3
    assert len(result.results) == 12

    sent = [e.body for e in store.events if e.kind == "message.sent" and e.run == result.run]
    kinds = Counter(each["type"] for each in sent)
    assert kinds["plan_request"] == kinds["aggregate_request"] == 1
    assert kinds["task_request"] == kinds["task_result"] == 12 + 3
    ways = Counter(
        (str(each["sender"])[:4], str(each["recipient"])[:1])
        for each in sent
        if each["type"] == "task_request"
    )
    assert ways == {("head", "l"): 3, ("lead", "w"): 12}
    in_run = [event.kind for event in store.events if event.run == result.run]
    assert (in_run[0], in_run[-1]) == ("run.started", "run.ended")
    assert in_run.count("hierarchy.formed") == in_run.count("plan.made") == 1
    assert in_run.count("task.started") == in_run.count("task.ended") == 15
    (formed,) = (event.body for event in store.events if event.kind == "hierarchy.formed")
    assert formed["levels"] == 3
    assert set(formed["delegations"]) == {task.id for task in result.plan.tasks}


async def test_it_works_the_same_without_a_store():
    meter = Meter()
    async with kernel_for(Workshop(2), config=config(span=2)) as kernel:
        await deploy(kernel, Head(), Leader("lead"), *(Worker(f"w{n}", meter) for n in range(2)))
        result = await kernel.coordinate(goal(3))
    assert result.success, result.reason
    assert len(result.results) == 6


async def test_what_only_the_coordinator_can_do_stays_at_the_top():
    meter = Meter()

    class Stamping(Head):
        async def execute(self, task, desk):
            await meter.count(self.card.id, task.id)
            return done(task)

    async with kernel_for(Workshop(2), config=config(span=2)) as kernel:
        leaders = [Leader("lead0"), Leader("lead1")]
        await deploy(kernel, Stamping(), *leaders, *(Worker(f"w{n}", meter) for n in range(4)))
        result = await kernel.coordinate(goal(4, "make_and_stamp"))
    assert result.success, result.reason
    assert meter.by["head"] == [f"stamp(d{n:04})" for n in range(4)]
    assert [each.task.name for each in result.hierarchy.root.assignments] == ["stamp"] * 4
    assert len(result.hierarchy.root.groups) == 3  # two before the stamps, one after


async def test_a_thousand_workers_on_three_levels():
    meter = Meter()
    leaders = [Leader(f"lead{n:02}") for n in range(32)]
    workers = [Worker(f"w{n:04}", meter) for n in range(1_000)]
    async with kernel_for(Workshop(), config=config(streams=50, span=32)) as kernel:
        await deploy(kernel, Head(), *leaders, *workers)
        result = await kernel.coordinate(goal(1_000))
    assert result.success, result.reason
    assert result.hierarchy.levels == 3
    assert result.hierarchy.span == 32
    assert len(result.results) == len(result.result) == 1_000
    assert {who: len(tasks) for who, tasks in meter.by.items()} == {
        worker.card.id: 1 for worker in workers
    }
    assert meter.most == 50
    assert all(len(leader.led) == 1 for leader in leaders)


async def test_four_levels_work_like_three():
    meter, leaders = Meter(), [Leader(f"lead{n:02}") for n in range(30)]
    async with kernel_for(Workshop(2), config=config(span=4, max_levels=4)) as kernel:
        await deploy(kernel, Head(), *leaders, *(Worker(f"w{n}", meter) for n in range(20)))
        result = await kernel.coordinate(goal(20))
    assert result.success, result.reason
    assert result.hierarchy.levels == 4
    assert len(result.result) == 40


async def test_the_hierarchy_leans_on_no_shared_memory():
    settings = config(span=2)
    loopback = settings.strategies.model_copy(update={"transport": "loopback"})
    settings = settings.model_copy(update={"strategies": loopback})
    meter = Meter()
    async with kernel_for(Workshop(2), config=settings) as kernel:
        leaders = [Leader("lead0"), Leader("lead1")]
        await deploy(kernel, Head(), *leaders, *(Worker(f"w{n}", meter) for n in range(4)))
        result = await kernel.coordinate(goal(4))
    assert result.success, result.reason
    assert result.hierarchy.levels == 3
    assert len(result.results) == 8


# --- delegation between agents -----------------------------------------------------------------


class Passing(Agent):
    """Hands what it gets on to somebody else."""

    def __init__(self, id: str, to: str) -> None:
        super().__init__(AgentCard(id, "passing"))
        self.to = to

    async def execute(self, task, desk):
        return await desk.delegate(task, self.to)


@pytest.mark.parametrize(
    ("ways", "circle"),
    [
        ({"a": "a"}, "a → a"),
        ({"a": "b", "b": "a"}, "a → b → a"),
        ({"a": "b", "b": "c", "c": "b"}, "b → c → b"),
    ],
)
async def test_agents_that_delegate_in_a_circle_are_told_so(ways, circle, store: MemoryStore):
    async with kernel_for(Workshop(), config=config(), store=store) as kernel:
        await deploy(kernel, *(Passing(who, to) for who, to in ways.items()))
        result = await kernel.delegate(PlannedTask("x", "x"), "a")
    assert not result.success
    assert result.error == f"circular delegation: {circle}"
    refused = [e for e in store.events if e.kind == "message.settled" and e.body["reason"]]
    assert any(e.body["status"] == "refused" for e in refused)


async def test_what_is_delegated_belongs_to_the_same_run_and_ends_with_its_deadline(
    store: MemoryStore,
):
    meter = Meter()
    async with kernel_for(Workshop(), config=config(), store=store) as kernel:
        await deploy(kernel, Passing("a", "w"), Worker("w", meter))
        result = await kernel.delegate(PlannedTask("x", "x"), "a")
    assert result.success
    asked = [
        event.body
        for event in store.events
        if event.kind == "message.sent" and event.body["type"] == "task_request"
    ]
    assert [(each["sender"], each["recipient"], each["hops"]) for each in asked] == [
        ("kernel", "a", 0),
        ("a", "w", 1),
    ]
    assert asked[1]["waiting"] == ["a/work"]
    assert asked[0]["deadline"] == asked[1]["deadline"]


async def test_a_group_that_somebody_sends_by_hand_is_led_too():
    meter = Meter()
    async with kernel_for(Workshop(), config=config()) as kernel:
        await deploy(kernel, Leader("lead"), Worker("w", meter))
        task = PlannedTask("step1(x)", "step1", {"dataset": "x"})
        group = Group("mine", "lead", (Assignment(task, "w"),))
        asked = kernel.hub.compose(
            "tester",
            "lead",
            MessageType.TASK_REQUEST,
            to_json(PlannedTask("mine", LEAD_GROUP, to_json(group))),
            context=TraceContext(),
        )
        reply = await kernel.hub.request(asked)
    assert isinstance(reply, Message), reply
    (result,) = from_json(Report, reply.payload).results
    assert (result.task, result.success, result.agent) == ("step1(x)", True, "w")
