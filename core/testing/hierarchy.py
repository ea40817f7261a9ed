"""The contract of organizers."""

from collections.abc import Iterator, Mapping
from copy import deepcopy

from dataagents.core.cards import AgentCard
from dataagents.core.hierarchy import COORDINATE, LEAD, Hierarchy, Organizer, complexity_of
from dataagents.core.planning import Goal, Plan, PlannedTask

_HEAD = "head"


def plan_of(*tasks: PlannedTask) -> Plan:
    """Return a plan with these tasks."""
    return Plan("plan", Goal("work"), tasks)


def rows(length: int, count: int) -> Plan:
    """Return a plan of so many chains of tasks, each in need of another capability.

    Every fourth step is a decision that the coordinator alone can take.
    """
    tasks = [
        PlannedTask(
            id=f"step{step}(row{row})",
            name=f"step{step}",
            requires={COORDINATE if step % 4 == 3 else f"skill{step % 2}": 0.5},
            depends_on=(f"step{step - 1}(row{row})",) if step else (),
        )
        for row in range(count)
        for step in range(length)
    ]
    return plan_of(*tasks)


def team(workers: int, leaders: int) -> Mapping[str, AgentCard]:
    """Return a coordinator, so many leaders, and so many workers."""
    cards = [AgentCard(_HEAD, "head", {COORDINATE: 1.0})]
    cards += [AgentCard(f"leader{each}", "leader", {LEAD: 0.9}) for each in range(leaders)]
    cards += [
        AgentCard(f"worker{each}", "worker", {f"skill{each % 2}": 0.5 + 0.5 / (each + 1)})
        for each in range(workers)
    ]
    return {card.id: card for card in cards}


class OrganizerContract:
    """What every organizer holds to."""

    def organizer(self) -> Organizer:
        """Return the organizer under test."""
        raise NotImplementedError

    def test_each_task_is_given_to_somebody_once_and_nobody_goes_in_circles(self) -> None:
        """The kernel can work with the hierarchy, whatever plan and team it is for."""
        for plan, agents in _situations():
            hierarchy = self._organize(plan, agents)
            assert hierarchy.flaw(plan.tasks, _HEAD, agents) == ""
            assert hierarchy.levels >= 2
            assert hierarchy.reason, "a hierarchy says why it looks as it does"

    def test_whoever_gets_a_task_can_do_it(self) -> None:
        """That goes for those who stand by as well, and nobody stands by for itself."""
        for plan, agents in _situations():
            for each in self._organize(plan, agents).root.everything():
                everybody = (each.agent, *each.runner_ups)
                assert len(set(everybody)) == len(everybody)
                for who in everybody:
                    levels = agents[who].capabilities
                    assert all(levels.get(n, -1.0) >= m for n, m in each.task.requires.items())

    def test_what_nobody_can_do_is_said_with_the_reason(self) -> None:
        """Such a task is given to nobody; the others are given out all the same."""
        plan = plan_of(
            PlannedTask("fly(x)", "fly", requires={"fly": 0.5}),
            PlannedTask("step0(x)", "step0", requires={"skill0": 0.5}),
        )
        hierarchy = self._organize(plan, team(4, 1))
        assert set(hierarchy.unassigned) == {"fly(x)"}
        assert hierarchy.unassigned["fly(x)"]
        assert set(hierarchy.delegations) == {"step0(x)"}

    def test_the_same_plan_and_team_give_the_same_hierarchy(self) -> None:
        """An organizer is pure, and leaves the plan and the cards as they were."""
        for plan, agents in _situations():
            before = deepcopy((plan, agents))
            assert self._organize(plan, agents) == self._organize(plan, agents)
            assert (plan, agents) == before

    def test_a_thousand_tasks_find_their_workers(self) -> None:
        """A large team is no different."""
        plan, agents = rows(1, 1_000), team(2_000, 40)
        hierarchy = self._organize(plan, agents)
        assert hierarchy.flaw(plan.tasks, _HEAD, agents) == ""
        assert len(hierarchy.delegations) == 1_000

    def _organize(self, plan: Plan, agents: Mapping[str, AgentCard]) -> Hierarchy:
        return self.organizer().organize(plan, complexity_of(plan.tasks), _HEAD, agents)


def _situations() -> Iterator[tuple[Plan, Mapping[str, AgentCard]]]:
    for length, count in ((0, 0), (1, 1), (1, 30), (6, 1), (9, 7), (3, 40)):
        for workers, leaders in ((2, 0), (3, 1), (40, 5), (40, 0)):
            yield rows(length, count), team(workers, leaders)
