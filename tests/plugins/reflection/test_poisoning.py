"""Experiences that are poisoned or contradict each other change little."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dataagents.core.planning import PlannedTask, Trigger
from dataagents.core.reflection import Delivery, Judgement, MethodUse, Mishap
from dataagents.core.testing.reflection import experience, taught
from dataagents.plugins.reflection.experience import ExperienceOptions, ExperienceReflector

OPTIONS = ExperienceOptions()
PATIENCE, INFLUENCE = OPTIONS.patience, OPTIONS.influence


def reflector():
    return ExperienceReflector(OPTIONS)


def run(number, *deliveries, **changes):
    return replace(experience(number), deliveries=deliveries, **changes)


def done(source, *, success, agent="a"):
    return Delivery("work", agent, success, None, None, 1.0, source=source)


@pytest.mark.parametrize("flood", [50, 400])
async def test_one_source_takes_an_agents_reputation_no_further_than_its_share(flood):
    failing = run(1, *[done("poisoned", success=False)] * flood)
    honest = [run(n, *[done(f"s{n}", success=True)] * 6, sources=(f"s{n}",)) for n in range(2, 6)]
    lessons = await taught(reflector(), [failing, *honest])
    least = (24 + PATIENCE) / (24 + INFLUENCE + PATIENCE)
    assert lessons["reputation:a"].value == pytest.approx(least)


async def test_however_loud_one_source_an_agent_keeps_a_known_share():
    lessons = await taught(reflector(), [run(1, *[done("x", success=False)] * 1000)])
    assert lessons["reputation:a"].value >= PATIENCE / (PATIENCE + INFLUENCE)


async def test_praise_of_one_source_does_not_cover_failures_elsewhere():
    praise = run(1, *[done("friend", success=True)] * 1000)
    failing = [run(n, *[done(f"s{n}", success=False)] * 6) for n in range(2, 6)]
    lessons = await taught(reflector(), [praise, *failing])
    assert lessons["reputation:a"].value < 0.45


async def test_contradictory_runs_cancel_to_neutral():
    uses = [("fast", number % 2 == 0) for number in range(20)]
    runs = [
        replace(
            experience(number),
            methods=(MethodUse("do", "fast", "x", ok), MethodUse("do", "slow", "x", not ok)),
        )
        for number, (_, ok) in enumerate(uses)
    ]
    lessons = await taught(reflector(), runs)
    assert lessons["method:do/fast"].value == pytest.approx(0.5, abs=0.06)
    assert lessons["method:do/slow"].value == pytest.approx(0.5, abs=0.06)


async def test_one_source_does_not_decide_the_methods_of_others():
    poisoned = [
        replace(experience(n), methods=(
            MethodUse("do", "good", "poisoned", False), MethodUse("do", "bad", "poisoned", True),
        ))
        for n in range(200)
    ]  # fmt: skip
    honest = [
        replace(experience(n), methods=(
            MethodUse("do", "good", "x", True), MethodUse("do", "bad", "x", False),
        ))
        for n in range(200, 212)
    ]  # fmt: skip
    lessons = tuple((await taught(reflector(), [*poisoned, *honest])).values())
    goal = PlannedTask("clean", "clean", {"datasets": ["x"]})
    drawn = [reflector().recall(goal, lessons, seed).preferences for seed in range(60)]
    assert sum(each["do/good"] > each["do/bad"] for each in drawn) > 50


async def test_foresight_of_one_source_says_nothing_about_another():
    mishaps = tuple(Mishap("work", "poisoned", Trigger.DRIFT, "again") for _ in range(50))
    runs = [run(n, sources=("poisoned",), mishaps=mishaps) for n in range(20)]
    lessons = tuple((await taught(reflector(), runs)).values())
    goal = PlannedTask("clean", "clean", {"datasets": ["x"]})
    assert reflector().recall(goal, lessons, 0).foresight == {}


async def test_one_source_silences_no_judge():
    judged = tuple(Judgement("v", "poisoned", right=False) for _ in range(500))
    fair = tuple(Judgement("v", f"s{n}", right=True) for n in range(12))
    lessons = await taught(reflector(), [run(1, judgements=judged), run(2, judgements=fair)])
    least = (12 + PATIENCE) / (12 + INFLUENCE + PATIENCE)
    assert lessons["detector:v"].value == pytest.approx(least)


@given(st.lists(st.tuples(st.sampled_from("pqr"), st.booleans()), min_size=1, max_size=60))
@settings(max_examples=40)
async def test_a_flood_moves_a_reputation_by_a_bounded_amount(honest):
    fair = run(1, *[done(source, success=success) for source, success in honest])
    flood = run(2, *[done("flood", success=False)] * 300)
    before = (await taught(reflector(), [fair]))["reputation:a"].value
    after = (await taught(reflector(), [fair, flood]))["reputation:a"].value
    weight = sum(min(INFLUENCE, sum(s == each for s, _ in honest)) for each in "pqr")
    assert after >= before * (weight + PATIENCE) / (weight + PATIENCE + INFLUENCE) - 1e-9


async def test_counts_that_make_no_sense_count_nothing():
    learned = await taught(reflector(), [run(1, done("x", success=False))])
    odd = {"last": 3, "sources": {"x": [1e999, -1, "y"], "y": "z"}, "log": 7, "outcomes": "abc"}
    broken = [replace(lesson, counts=odd) for lesson in learned.values()]
    lessons = await taught(reflector(), [run(1), run(2, done("x", success=True))], broken)
    assert lessons["reputation:a"].value == 1.0
