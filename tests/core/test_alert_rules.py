"""Rules: from samples to alerts that are raised once, stand, and end."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataagents.core import ConfigError, KernelConfig
from dataagents.core.health import Severity
from dataagents.core.operation import (
    FIGURES,
    AlertRule,
    Decision,
    History,
    Sample,
    Standing,
    decide,
    default_rules,
    judge,
    quantile,
    trend_of,
)
from dataagents.core.operation.rules import Impact


def decisions(rule, values, every=10.0):
    """What becomes of the alert after each value; None is no sample."""
    samples, found, standing = [], [], Standing()
    for place, value in enumerate(values):
        now = place * every
        if value is not None:
            samples.append(Sample(now, value))
        standing, decision = decide(rule, standing, judge(rule, samples, now), now)
        found.append(str(decision))
    return " ".join(found)


@pytest.mark.parametrize(
    ("rule", "values", "expected"),
    [
        ({"above": 5}, [5, 6, 7, 5], "none raise keep end"),
        ({"below": 0.5}, [0.5, 0.4, 0.5], "none raise end"),
        ({"above": 5, "hold": 10}, [6, 6, 6], "none raise keep"),
        ({"above": 5, "hold": 10}, [6, 1, 6, 1], "none none none none"),
        ({"above": 5, "clear": 2}, [6, 4, 3, 2], "raise keep keep end"),
        ({"above": 5, "clear_after": 10}, [6, 1, 1], "raise keep end"),
        ({"above": 5, "clear_after": 10}, [6, 1, 6, 1, 1], "raise keep keep keep end"),
        ({"when": "absence", "within": 20}, [1, None, None, None, 1], "none none raise keep end"),
        ({"when": "rate", "above": 1, "within": 100}, [0, 5, 50, 51], "none none raise keep"),
        ({"when": "rate", "above": 1, "within": 20}, [100, 0, 3, 5], "none none none none"),
        (
            {"when": "trend", "above": 30, "within": 60},
            [0, 10, 20, 30, 40],
            "none none none none raise",
        ),
        (
            {"when": "trend", "below": -0.05, "within": 60},
            [0.9, 0.9, 0.8, 0.7],
            "none none none raise",
        ),
    ],
)
def test_a_rule_raises_keeps_and_ends(rule, values, expected):
    assert decisions(AlertRule(figure="queued", **rule), values) == expected


def test_one_outlier_is_no_trend():
    rule = AlertRule(when="trend", figure="quality", below=-0.05, within=1000)
    assert "raise" not in decisions(rule, [0.9, 0.9, 0.9, 0.1, 0.9, 0.9, 0.9, 0.9])


def test_noise_around_a_level_is_no_trend():
    rule = AlertRule(when="trend", figure="quality", below=-0.01, within=1000)
    assert "raise" not in decisions(rule, [0.9, 0.88, 0.91, 0.87, 0.92, 0.88, 0.9, 0.89])


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=40), st.floats(-1e6, 1e6))
def test_an_alert_is_raised_before_it_ends_and_never_twice_in_between(values, limit):
    rule = AlertRule(figure="queued", above=limit)
    stands = False
    for each in decisions(rule, values).split():
        if each == Decision.RAISE:
            assert not stands
            stands = True
        elif each == Decision.END:
            assert stands
            stands = False


@given(st.lists(st.floats(-1e3, 1e3), min_size=4, max_size=200))
def test_a_trend_turns_with_the_sign_of_its_samples(values):
    samples = [Sample(float(place), value) for place, value in enumerate(values)]
    turned = [Sample(each.at, -each.value) for each in samples]
    trend, against = trend_of(samples), trend_of(turned)
    assert trend is not None
    assert against is not None
    assert against.change == pytest.approx(-trend.change)
    assert against.steadiness == pytest.approx(-trend.steadiness)
    assert -1 <= trend.steadiness <= 1


@given(st.lists(st.floats(0, 1e6), min_size=2, max_size=60), st.sampled_from((0.5, 0.95, 0.99)))
def test_a_quantile_is_that_of_the_standard_library(values, share):
    from statistics import quantiles

    expected = quantiles(values, n=100, method="inclusive")[round(share * 100) - 1]
    assert quantile(sorted(values), share) == pytest.approx(expected)


def test_a_history_keeps_what_a_window_needs_and_bears_a_clock_that_is_set_back():
    history = History({"queued": 20})
    for at in (0, 10, 20, 30, 25):
        history.add("queued", "kernel", Sample(at, at))
    assert [each.at for each in history.of("queued", "kernel")] == [10, 20, 25]
    history.add("agents", "kernel", Sample(1, 1))
    history.add("agents", "kernel", Sample(2, 2))
    assert [each.at for each in history.of("agents", "kernel")] == [2]


def test_default_rules_are_about_figures_that_are_measured_and_weigh_as_their_impact_says():
    for rule in default_rules().values():
        assert rule.figure in FIGURES
        assert rule.severity or rule.weight
    assert default_rules()["agent_failed"].weight is Severity.CRITICAL
    assert default_rules()["store_slow"].weight is Severity.WARNING


def test_a_configured_rule_is_laid_over_the_default_one():
    config = KernelConfig.parse(
        {
            "alerts": {
                "agent_slow": {"above": 9.0},
                "disk_low": {"enabled": False},
                "busy": {"figure": "queued", "above": 50, "impact": "latency"},
            }
        }
    )
    slow = config.alerts["agent_slow"]
    assert (slow.figure, slow.above, slow.clear, slow.hold) == ("agent_response", 9.0, None, 20)
    assert not config.alerts["disk_low"].enabled
    assert config.alerts["busy"].impact is Impact.LATENCY
    assert config.alerts["run_failed"] == default_rules()["run_failed"]


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        ({"figure": "agent_respons", "above": 1}, "Did you mean 'agent_response'?"),
        ({"figure": "queued", "abov": 1}, "Did you mean 'above'?"),
        ({"figure": "queued"}, "needs one limit"),
        ({"figure": "queued", "above": 1, "below": 0}, "needs one limit"),
        ({"figure": "queued", "when": "absence", "above": 1}, "no limit"),
        ({"figure": "queued", "above": 1, "clear": 2}, "wrong side"),
        ({"figure": "queued", "when": "sometimes", "above": 1}, "absence"),
        ({"figure": "queued", "above": "many"}, "alerts.mine.above"),
    ],
)
def test_a_rule_that_can_not_be_is_refused_with_the_nearest_name(rule, says):
    with pytest.raises(ConfigError) as caught:
        KernelConfig.parse({"alerts": {"mine": rule}})
    assert says in str(caught.value)
    assert "alerts.mine" in str(caught.value)
