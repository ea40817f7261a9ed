from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from volume import amount

from dataagents.core import AgentCard
from dataagents.core.hierarchy import OnFailure, complexity_of
from dataagents.core.planning import PlannedTask
from dataagents.core.testing import OrganizerContract
from dataagents.core.testing.hierarchy import plan_of, rows, team
from dataagents.plugins.hierarchy.organizers import Divisional, Functional, OrganizerOptions

KINDS = [Divisional, Functional]


def organize(kind, plan, agents, **options):
    organizer = kind(OrganizerOptions(**options))
    return organizer.organize(plan, complexity_of(plan.tasks), "head", agents)


class TestDivisional(OrganizerContract):
    def organizer(self):
        return Divisional(OrganizerOptions())


class TestFunctional(OrganizerContract):
    def organizer(self):
        return Functional(OrganizerOptions())


class TestDeep(OrganizerContract):
    def organizer(self):
        return Divisional(OrganizerOptions(span=2, max_levels=6))


def test_what_one_can_watch_over_needs_no_leaders():
    hierarchy = organize(Divisional, rows(1, 8), team(8, 3))
    assert (hierarchy.levels, hierarchy.root.groups) == (2, ())
    assert hierarchy.reason == "a score of 8.0 with a span of 8 asks for 2 levels"


def test_a_leader_answers_for_whole_rows_by_division():
    hierarchy = organize(Divisional, rows(3, 12), team(20, 6))
    assert hierarchy.levels == 3
    for group in hierarchy.root.groups:
        steps = Counter(each.task.id.partition("(")[2] for each in group.assignments)
        assert set(steps.values()) == {3}


def test_a_leader_answers_for_one_capability_by_function():
    hierarchy = organize(Functional, rows(3, 12), team(20, 6))
    assert hierarchy.levels == 3
    for group in hierarchy.root.groups:
        assert len({each.task.name for each in group.assignments}) == 1


def test_levels_grow_with_the_complexity_up_to_the_most():
    depths = [
        organize(Divisional, rows(1, count), team(300, 100), span=4, max_levels=most).levels
        for count, most in ((4, 9), (16, 9), (64, 9), (256, 9), (256, 3))
    ]
    assert depths == [2, 3, 4, 5, 3]


def test_nobody_leads_on_two_levels_and_leaders_stand_by_for_each_other():
    hierarchy = organize(Divisional, rows(1, 64), team(64, 30), span=4, max_levels=9)
    upper = {group.leader for group in hierarchy.root.groups}
    lower = {below.leader for group in hierarchy.root.groups for below in group.groups}
    assert upper.isdisjoint(lower)
    for group in hierarchy.root.walk():
        assert group.leader not in group.runner_ups
        level = upper if group.groups else lower
        assert set(group.runner_ups).isdisjoint((upper | lower) - level)


def test_work_is_spread_over_those_who_can_and_the_best_get_theirs_first():
    hierarchy = organize(Divisional, rows(1, 6), team(6, 0))
    loads = Counter(each.agent for each in hierarchy.delegations.values())
    assert loads == {"worker0": 2, "worker2": 2, "worker4": 2}
    assert hierarchy.delegations["step0(row0)"].agent == "worker0"
    assert hierarchy.delegations["step0(row0)"].runner_ups == ("worker2", "worker4")


def test_a_cheaper_agent_comes_before_a_dear_one():
    cards = [AgentCard("head", "head", {"coordinate": 1.0})]
    cards += [
        AgentCard("dear", "w", {"x": 0.9}, cost=3.0),
        AgentCard("cheap", "w", {"x": 0.6}, cost=1.0),
    ]
    plan = plan_of(PlannedTask("a", "a", requires={"x": 0.5}))
    hierarchy = organize(Divisional, plan, {card.id: card for card in cards})
    assert hierarchy.delegations["a"].agent == "cheap"


def test_agents_with_nothing_to_do_are_promoted_where_leaders_lack():
    plan, agents = rows(1, 20), team(60, 0)
    hierarchy = organize(Divisional, plan, agents)
    assert hierarchy.levels == 3
    leaders = {group.leader for group in hierarchy.root.groups}
    workers = {each.agent for each in hierarchy.delegations.values()}
    assert leaders.isdisjoint(workers)
    assert organize(Divisional, plan, agents, promote=False).levels == 2
    assert organize(Divisional, plan, team(20, 0)).levels == 3  # half of them can't do it
    assert organize(Divisional, plan, team(2, 0)).levels == 3


def test_what_only_leaders_can_do_is_kept_at_the_top():
    plan = plan_of(*rows(1, 20).tasks, PlannedTask("x", "x", requires={"lead": 0.5}))
    hierarchy = organize(Divisional, plan, team(20, 3))
    (kept,) = hierarchy.root.assignments
    assert (kept.task.id, kept.agent[:6]) == ("x", "leader")


def test_the_policy_comes_from_the_options():
    hierarchy = organize(
        Divisional, rows(1, 1), team(2, 0), on_failure="partial", attempts=5, seconds=2.5
    )
    policy = hierarchy.policy
    assert (policy.on_failure, policy.attempts, policy.seconds) == (OnFailure.PARTIAL, 5, 2.5)


@pytest.mark.parametrize("wrong", [{"span": 1}, {"attempts": 0}, {"seconds": 0}, {"spam": 8}])
def test_options_are_bounded(wrong):
    with pytest.raises(ValidationError):
        OrganizerOptions(**wrong)


@st.composite
def plans(draw):
    count = draw(st.integers(0, 25))
    skills = [*[f"skill{n}" for n in range(2)], "coordinate", "nobody-has-it"]
    tasks = [
        PlannedTask(
            f"t{n}",
            "t",
            requires=draw(st.dictionaries(st.sampled_from(skills), st.just(0.4), max_size=2)),
            depends_on=tuple(
                f"t{before}"
                for before in draw(st.sets(st.integers(0, max(0, n - 1)), max_size=3))
                if before < n
            ),
        )
        for n in range(count)
    ]
    return plan_of(*draw(st.permutations(tasks)))


@given(
    plan=plans(),
    workers=st.integers(0, 12),
    leaders=st.integers(0, 6),
    span=st.integers(2, 5),
    most=st.integers(2, 6),
    kind=st.sampled_from(KINDS),
)
@settings(max_examples=amount(40))
def test_no_plan_and_no_team_leads_to_a_flaw(plan, workers, leaders, span, most, kind):
    agents = team(workers, leaders)
    hierarchy = organize(kind, plan, agents, span=span, max_levels=most)
    assert hierarchy.flaw(plan.tasks, "head", agents) == ""
    assert hierarchy.levels <= max(2, most)
