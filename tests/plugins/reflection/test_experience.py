from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dataagents.core.planning import PlannedTask
from dataagents.core.reflection import Delivery
from dataagents.core.testing import ReflectorContract
from dataagents.core.testing.reflection import StillDesk, experience
from dataagents.plugins.reflection.experience import ExperienceOptions, ExperienceReflector

TASK = PlannedTask("work(x)", "work")


def reflector(**options):
    return ExperienceReflector(ExperienceOptions(**options))


async def reflected(*outcomes, **options):
    lived = [experience(number, success=success) for number, success in enumerate(outcomes)]
    return await reflector(**options).reflect(lived, StillDesk())


class TestExperience(ReflectorContract):
    def reflector(self):
        return reflector()


async def test_reputation_is_the_share_of_successes_drawn_towards_one():
    (adaptation,) = (await reflected(True, False, False)).adaptations
    assert adaptation.value == (1 + 4) / (3 + 4)
    assert (adaptation.subject, adaptation.samples) == ("a", 3)
    assert adaptation.evidence == "1 of 3 tasks succeeded"


async def test_one_failure_costs_less_with_more_patience():
    values = [(await reflected(False, patience=n)).adaptations[0].value for n in (1, 4, 16)]
    assert values == [1 / 2, 4 / 5, 16 / 17]


@pytest.mark.parametrize(
    ("delivered", "kept"),
    [
        ({}, 1.0),
        ({"promised_quality": 0.8, "score": 0.4}, 0.5),
        ({"promised_quality": 0.8, "score": 0.9}, 1.0),
        ({"promised_seconds": 5.0, "seconds": 20.0}, 0.25),
        ({"promised_seconds": 5.0, "seconds": 1.0}, 1.0),
        ({"promised_quality": 0.8, "score": 0.4, "promised_seconds": 1.0, "seconds": 2.0}, 0.25),
        ({"promised_quality": 0.8, "score": float("nan")}, 1.0),
        ({"promised_seconds": 5.0, "seconds": 0.0}, 1.0),
        ({"success": False, "promised_quality": 0.8, "score": 0.9}, 0.0),
    ],
)
async def test_a_promise_that_was_kept_in_part_counts_in_part(delivered, kept):
    nothing = {"success": True, "promised_quality": None, "score": None, "seconds": 1.0}
    delivery = Delivery("work", "a", **{**nothing, **delivered})
    lived = replace(experience(1), deliveries=(delivery,))
    (adaptation,) = (await reflector(patience=1).reflect([lived], StillDesk())).adaptations
    assert adaptation.value == (kept + 1) / 2


async def test_the_evidence_says_what_was_kept_of_the_promises():
    good = Delivery("work", "a", True, 0.8, 0.8, 1.0)
    poor = Delivery("work", "a", True, 0.8, 0.4, 1.0)
    lived = replace(experience(1), deliveries=(good, poor))
    (adaptation,) = (await reflector().reflect([lived], StillDesk())).adaptations
    assert adaptation.evidence == "2 of 2 tasks succeeded, which kept 75% of what was promised"


async def test_a_failure_becomes_a_pattern_when_it_recurs():
    assert (await reflected(False)).patterns == ()
    (pattern,) = (await reflected(False, True, False)).patterns
    assert (pattern.kind, pattern.subject, pattern.occurrences) == (
        "recurring_failure",
        "work(x)",
        2,
    )
    assert pattern.detail == "failed 2 times: out of order"


@pytest.mark.parametrize(
    ("before", "now", "direction"),
    [(0.8, 0.9, "up"), (0.9, 0.8, "down"), (0.9, 0.905, "steady")],
)
async def test_the_trend_compares_with_the_mean_of_earlier_runs(before, now, direction):
    lived = [experience(1, quality=before), experience(2, quality=None), experience(3, quality=now)]
    reflection = await reflector().reflect(lived, StillDesk())
    (trend,) = reflection.trends
    assert (trend.direction, trend.before, trend.now, trend.samples) == (direction, before, now, 2)
    assert f"quality is {direction}" in reflection.insights[-1]


async def test_the_first_measured_run_has_no_trend():
    lived = [experience(1, quality=None), experience(2, quality=0.9)]
    assert (await reflector().reflect(lived, StillDesk())).trends == ()


async def test_the_newest_reflection_is_what_is_recalled():
    old, new = await reflected(False, False), await reflected(True)
    assert reflector().recall(TASK, (old, new)).reputation == {"a": 1.0}
    lessons = reflector().recall(TASK, (new, old))
    assert lessons.reputation == {"a": 4 / 6}
    assert lessons.warnings == ("failed 2 times: out of order",)


async def test_a_warning_is_about_its_own_task():
    known = (await reflected(False, False),)
    assert reflector().recall(PlannedTask("rest(x)", "rest"), known).warnings == ()


async def test_the_summary_has_the_figures():
    assert (await reflected(True, False, False)).summary == (
        "1 of 3 runs succeeded; 1 recurring failures; 1 of 1 agents lost reputation."
    )


@given(st.lists(st.booleans(), min_size=1, max_size=30), st.integers(1, 20))
@settings(deadline=None)
async def test_a_reputation_never_rises_above_one_nor_falls_to_zero(outcomes, patience):
    (adaptation,) = (await reflected(*outcomes, patience=patience)).adaptations
    assert 0 < adaptation.value <= 1
    assert (adaptation.value == 1) == all(outcomes)
