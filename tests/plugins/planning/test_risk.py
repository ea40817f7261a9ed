"""How likely a plan is to succeed, what threatens it, and what then."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataagents.core.planning import Decomposition, Domain, Method, PlannedTask, Schedule, Slot
from dataagents.plugins.planning.risk import assess, confidence, with_retries
from dataagents.plugins.planning.schedule import arrange

NOTHING = Domain("d", (), ())


def task(name, chance=1.0, *before, **options):
    return PlannedTask(name, "t", success_probability=chance, depends_on=before, **options)


def assessed(*tasks, choices=(), domain=NOTHING):
    return assess(tasks, choices, domain, arrange(tasks).schedule)


def method(name, chance=1.0):
    return Method(name, "get", lambda state, task: (), success_probability=chance)


LOAD, CLEAN, SAVE = task("load", 0.9), task("clean", 0.95, "load"), task("save", 0.99, "clean")


def test_a_plan_succeeds_when_all_of_it_does():
    assert assessed(LOAD, CLEAN, SAVE).confidence == pytest.approx(0.84645)
    assert confidence(()) == 1.0
    assert confidence((1.0, 0.5, 0.0)) == 0.0


def test_a_retry_helps():
    assert with_retries(0.9, 0) == pytest.approx(0.9)
    better = confidence((with_retries(0.9, 1), 0.95, 0.99))
    assert better == pytest.approx(0.931095)
    mitigation = assessed(LOAD, CLEAN, SAVE).risks[0].mitigation
    assert mitigation == "retry once: it succeeds with 0.99, the plan from 0.846 to 0.931"


def test_the_riskiest_comes_first():
    risks = assessed(task("save", 0.99), task("clean", 0.95), task("load", 0.9)).risks
    assert [risk.task for risk in risks] == ["load", "clean", "save"]
    assert [risk.probability for risk in risks] == pytest.approx([0.1, 0.05, 0.01])
    assert [risk.loss for risk in risks] == pytest.approx(
        [0.95 * 0.99 - 0.84645, 0.9 * 0.99 - 0.84645, 0.9 * 0.95 - 0.84645]
    )


def test_what_is_certain_is_no_risk():
    assert assessed(task("a"), task("b")).risks == ()


def test_the_impact_says_who_waits_and_what_is_lost():
    tasks = [
        task("a", 0.9, seconds=5.0),
        task("b", 0.9, "a", seconds=1.0),
        task("c", 0.9, "b", seconds=4.0),
        task("d", 0.9, seconds=2.0),
        task("e", 0.9),
    ]
    impacts = {risk.task: risk.impact for risk in assessed(*tasks).risks}
    assert impacts == {
        "a": "2 tasks wait for it, first b, doing it again takes 5 s, the end comes 5 s later",
        "b": "1 task waits for it, c, doing it again takes 1 s, the end comes 1 s later",
        "c": "no task waits for it, doing it again takes 4 s, the end comes 4 s later",
        "d": "no task waits for it, doing it again takes 2 s, its slack covers that",
        "e": "no task waits for it",
    }


def test_other_methods_are_ways_out_if_they_fit():
    domain = Domain("d", (), (method("ftp"), method("http", 0.8), method("mail"), method("fax")))
    choice = Decomposition("get(a)", "http", ("t",), {"fax": "no line"}, id="get(a)#2")
    found = assessed(task("t", 0.9, parent="get(a)#2"), choices=[choice], domain=domain)
    whole, part = found.risks
    assert found.confidence == pytest.approx(0.72)
    assert (whole.task, whole.mitigation) == ("get(a)#2", "replan by ftp or mail")
    assert whole.impact == "1 task made by method http would have to be replaced"
    assert whole.contingency == "replanned by ftp or mail from the state reached"
    assert part.mitigation.endswith("; or replan get(a)#2 by ftp or mail")
    assert part.contingency == (
        "tried again where the failure is transient; else replanned by ftp or mail, from the state "
        "reached"
    )


def test_a_method_loses_all_that_it_led_to():
    domain = Domain("d", (), (method("http", 0.8),))
    choices = [
        Decomposition("get(a)", "http", ("more(a)",), id="get(a)"),
        Decomposition("more(a)", "only", ("t", "t"), id="more(a)", parent="get(a)"),
    ]
    tasks = [task("t", parent="more(a)"), task("t#2", parent="more(a)")]
    (risk,) = assessed(*tasks, choices=choices, domain=domain).risks
    assert risk.impact == "2 tasks made by method http would have to be replaced"
    assert risk.mitigation == "none"


def test_a_vote_is_not_taken_twice():
    (risk,) = assessed(task("decide", 0.5, question="Release?")).risks
    assert risk.mitigation == "none"


def test_what_can_not_succeed_costs_everything():
    risks = assessed(task("never", 0.0), task("maybe", 0.5)).risks
    assert [(risk.task, risk.loss) for risk in risks] == [("never", 0.5), ("maybe", 0.0)]
    assert risks[0].mitigation == "none"


@pytest.mark.parametrize(
    ("count", "chance"), [(10_000, 0.9), pytest.param(100_000, 0.99, marks=pytest.mark.slow)]
)
def test_countless_doubts_do_not_make_it_impossible(count, chance):
    tasks = [task(str(n), chance if n else 0.8) for n in range(count)]
    slots = Schedule(tuple(Slot(each.id, 0.0, 0.0) for each in tasks))
    found = assess(tasks, (), NOTHING, slots)
    assert 0 < found.confidence < 1e-300
    assert len(found.risks) == count
    assert found.risks[0].task == "0"
    assert all(math.isfinite(risk.loss) for risk in found.risks)


def test_in_a_large_plan_only_direct_waiters_are_counted():
    chain = [task(str(n), 0.9, *([str(n - 1)] if n else [])) for n in range(2_001)]
    assert assessed(*chain).risks[0].impact == "at least 1 task waits for it, 1"


@given(st.lists(st.floats(0.01, 1.0), max_size=12))
def test_losses_are_what_certainty_would_bring(chances):
    found = assessed(*(task(str(n), chance) for n, chance in enumerate(chances)))
    assert found.confidence == pytest.approx(math.prod(chances))
    for risk in found.risks:
        others = (chance for n, chance in enumerate(chances) if str(n) != risk.task)
        assert risk.loss == pytest.approx(math.prod(others) - math.prod(chances), abs=1e-12)
    losses = [risk.loss for risk in found.risks]
    assert losses == sorted(losses, reverse=True) or losses == pytest.approx(
        sorted(losses, reverse=True)
    )
