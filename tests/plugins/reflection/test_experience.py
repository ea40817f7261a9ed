from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataagents.core.planning import Trigger
from dataagents.core.reflection import Delivery, LessonKind, Mishap
from dataagents.core.testing import ReflectorContract
from dataagents.core.testing.reflection import StillDesk, experience
from dataagents.plugins.reflection.experience import ExperienceOptions, ExperienceReflector


def reflector(**options):
    return ExperienceReflector(ExperienceOptions(**options))


async def reflected(*outcomes, **options):
    lived = [experience(number, success=success) for number, success in enumerate(outcomes)]
    return await reflector(**options).reflect(lived, (), StillDesk())


def reputation_of(reflection):
    (adaptation,) = reflection.adaptations
    assert adaptation.lesson.kind is LessonKind.REPUTATION
    return adaptation.lesson


def quality_of(reflection):
    return next((each for each in reflection.trends if each.metric == "quality"), None)


class TestExperience(ReflectorContract):
    def reflector(self):
        return reflector()


async def test_reputation_is_the_share_of_successes_drawn_towards_one():
    reputation = reputation_of(await reflected(True, False, False))
    assert reputation.value == (1 + 4) / (3 + 4)
    assert (reputation.subject, reputation.samples) == ("a", 3)
    assert reputation.evidence == "1 of 3 tasks succeeded"


async def test_one_failure_costs_less_with_more_patience():
    values = [reputation_of(await reflected(False, patience=n)).value for n in (1, 4, 16)]
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
    reflection = await reflector(patience=1).reflect([lived], (), StillDesk())
    assert reputation_of(reflection).value == (kept + 1) / 2


async def test_the_evidence_says_what_was_kept_of_the_promises():
    good = Delivery("work", "a", True, 0.8, 0.8, 1.0)
    poor = Delivery("work", "a", True, 0.8, 0.4, 1.0)
    lived = replace(experience(1), deliveries=(good, poor))
    evidence = reputation_of(await reflector().reflect([lived], (), StillDesk())).evidence
    assert evidence == "2 of 2 tasks succeeded, which kept 75% of what was promised"


async def test_a_failure_becomes_a_pattern_when_it_recurs():
    assert (await reflected(False)).patterns == ()
    (pattern,) = (await reflected(False, True, False)).patterns
    told = (pattern.kind, pattern.subject, pattern.occurrences)
    assert told == ("recurring_failure", "work(x)", 2)
    assert pattern.detail == "failed 2 times: out of order"


@pytest.mark.parametrize(
    ("before", "now", "direction"),
    [(0.8, 0.9, "up"), (0.9, 0.8, "down"), (0.9, 0.905, "steady")],
)
async def test_the_trend_compares_with_the_mean_of_earlier_runs(before, now, direction):
    lived = [experience(1, quality=before), experience(2, quality=None), experience(3, quality=now)]
    reflection = await reflector().reflect(lived, (), StillDesk())
    trend = quality_of(reflection)
    assert (trend.direction, trend.before, trend.now, trend.samples) == (direction, before, now, 2)
    assert f"quality of x is {direction}" in reflection.insights[-1]


async def test_the_first_measured_run_has_no_trend():
    lived = [experience(1, quality=None), experience(2, quality=0.9)]
    assert quality_of(await reflector().reflect(lived, (), StillDesk())) is None


async def test_the_summary_has_the_figures():
    assert (await reflected(True, False, False)).summary == (
        "1 of 3 runs succeeded; 1 recurring failure; 1 of 1 agents with less than full reputation."
    )


@given(st.lists(st.booleans(), min_size=1, max_size=30), st.integers(1, 20))
async def test_a_reputation_never_rises_above_one_nor_falls_to_zero(outcomes, patience):
    reputation = reputation_of(await reflected(*outcomes, patience=patience))
    assert 0 < reputation.value <= 1
    assert (reputation.value == 1) == all(outcomes)


@pytest.mark.parametrize("name", ["quality", "latency", "throughput", "error rate"])
async def test_with_enough_runs_a_trend_is_one_beyond_chance(name):
    lived = [
        replace(
            experience(number, quality=0.5 + number / 50, success=number < 6),
            seconds=1.0 + number,
            records=1000 - number,
        )
        for number in range(12)
    ]
    trends = (await reflector().reflect(lived, (), StillDesk())).trends
    trend = next(each for each in trends if each.metric == name)
    assert trend.direction == {"throughput": "down"}.get(name, "up")
    assert trend.p is not None
    assert trend.p < 0.05
    assert (trend.samples, trend.source) == (12, "x")


async def test_a_change_of_level_is_found_where_it_happened():
    lived = [experience(number, quality=0.9 if number < 15 else 0.6) for number in range(30)]
    assert quality_of(await reflector().reflect(lived, (), StillDesk())).changed_at == 15


async def test_a_failure_recurs_by_what_it_comes_with():
    def run(number):
        source = "xy"[number % 2]
        mishap = Mishap("work", source, Trigger.QUALITY, "too many gaps", "a", "price", "not null")
        good = Delivery("work", "a", True, None, None, 1.0, source=source)
        wrong = source == "y"
        return replace(
            experience(number),
            sources=(source,),
            deliveries=() if wrong else (good,),
            mishaps=(mishap,) if wrong else (),
        )

    patterns = (await reflector().reflect([*map(run, range(20))], (), StillDesk())).patterns
    assert ("work@y", "source") in [(each.subject, each.by) for each in patterns]


async def test_what_goes_wrong_in_the_same_order_is_a_sequence():
    chain = (
        Mishap("read", "x", Trigger.DRIFT, "2 new columns"),
        Mishap("publish", "x", Trigger.PRECONDITION, "nothing to publish"),
    )
    lived = [replace(experience(number), mishaps=chain) for number in range(3)]
    patterns = (await reflector().reflect(lived, (), StillDesk())).patterns
    (sequence,) = [each for each in patterns if each.kind == "sequence"]
    assert sequence.subject == "read: schema drift → publish: violated precondition"
    assert sequence.occurrences == 3
