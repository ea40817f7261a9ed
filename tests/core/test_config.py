from pathlib import Path

import pytest

from dataagents.core import ConfigError, KernelConfig


def test_defaults_are_the_documented_ones():
    config = KernelConfig()
    assert config.max_agents == 50
    assert config.consensus_timeout == 30
    assert config.health_check_interval == 10
    assert config.monitoring is True
    assert config.log_level == "INFO"
    assert config.batch_size == 10_000
    assert config.max_parallel_streams == 8
    assert config.max_reasoning_steps == 8


def test_file_and_environment_are_read_the_environment_last(tmp_path: Path):
    file = tmp_path / "dataagents.toml"
    file.write_text('max_agents = 7\nlog_level = "DEBUG"\n[strategies]\nplanner = "mine"\n')
    environment = {
        "DATAAGENTS_MAX_AGENTS": "9",
        "DATAAGENTS_STRATEGIES__ROUTER": "round-robin",
        "UNRELATED": "1",
    }
    config = KernelConfig.load(file, environment=environment)
    assert config.max_agents == 9
    assert config.log_level == "DEBUG"
    assert config.strategies.planner == "mine"
    assert config.strategies.router == "round-robin"


@pytest.mark.parametrize(
    ("text", "key", "hint"),
    [
        ("max_agent = 3", "max_agent", "max_agents"),
        ('[strategies]\nplaner = "htn"', "strategies.planer", "planner"),
        ('[[agents]]\nid = "a"\nkind = "b"\ncapabilites = {}', "agents.0.capabilites", "capabil"),
    ],
)
def test_an_unknown_key_is_refused_naming_the_nearest(
    tmp_path: Path, text: str, key: str, hint: str
):
    file = tmp_path / "dataagents.toml"
    file.write_text(text)
    with pytest.raises(ConfigError) as caught:
        KernelConfig.load(file)
    assert caught.value.key == key
    assert str(file) in str(caught.value)
    assert f"Did you mean '{hint}" in str(caught.value)


@pytest.mark.parametrize(
    "text",
    ["max_agents = 0", "max_agents = 'many'", "consensus_timeout = nan", "log_level = 'LOUD'"],
)
def test_a_wrong_value_names_its_key(tmp_path: Path, text: str):
    file = tmp_path / "dataagents.toml"
    file.write_text(text)
    with pytest.raises(ConfigError, match=text.split(" = ")[0]):
        KernelConfig.load(file)


def test_a_missing_or_broken_file_is_a_clear_error(tmp_path: Path):
    with pytest.raises(ConfigError, match="No such file"):
        KernelConfig.load(tmp_path / "absent.toml")
    broken = tmp_path / "broken.toml"
    broken.write_text("= 3")
    with pytest.raises(ConfigError, match="not valid TOML"):
        KernelConfig.load(broken)


def test_a_variable_that_goes_through_a_value_is_refused():
    with pytest.raises(ConfigError, match="is not a table"):
        KernelConfig.load(
            environment={"DATAAGENTS_MAX_AGENTS": "3", "DATAAGENTS_MAX_AGENTS__X": "1"}
        )


@pytest.mark.parametrize(
    ("variable", "value", "says"),
    [
        ("DATAAGENTS_MAX_AGENT", "3", "Did you mean 'max_agents'"),
        ("DATAAGENTS_MAX_AGENTS", "none", "DATAAGENTS_MAX_AGENTS: max_agents: "),
        ("DATAAGENTS_STRATEGIES__PLANER", "htn", "Did you mean 'planner'"),
    ],
)
def test_what_is_wrong_in_the_environment_names_the_variable(variable: str, value: str, says: str):
    with pytest.raises(ConfigError) as caught:
        KernelConfig.load(environment={variable: value})
    assert caught.value.source == variable
    assert says in str(caught.value)


def test_an_agents_id_occurs_once():
    twice = [{"id": "a", "kind": "router"}] * 2
    with pytest.raises(ConfigError, match="'a' occurs twice"):
        KernelConfig.parse({"agents": twice})


@pytest.mark.parametrize(
    ("alerts", "says"),
    [
        ({"agent_slo": {"above": 1}}, "alerts: a rule 'agent_slo' of your own needs a 'figure'. "
                                      "Did you mean 'agent_slow'?"),
        ({"x": {"figur": "queued"}}, "alerts.x.figur: unknown key. Did you mean 'figure'?"),
        ({"x": {"figure": "queud"}}, "alerts.x: nothing measures the figure 'queud'. "
                                     "Did you mean 'queued'?"),
    ],
)  # fmt: skip
def test_a_misspelt_alert_is_refused_with_the_nearest(alerts, says):
    with pytest.raises(ConfigError) as raised:
        KernelConfig.parse({"alerts": alerts})
    assert str(raised.value) == f"configuration: {says}"
