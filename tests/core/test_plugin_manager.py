"""A broken plugin costs itself; every way to be broken has a test."""

import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from dataagents.core import Strategy, hookimpl
from dataagents.core.errors import DuplicateNameError, HookError, PluginLoadError
from dataagents.core.plugin_manager import PluginManager, PluginState, installed_plugins
from dataagents.core.registry import Concern


class Nameless:
    @hookimpl
    def register_voting_rules(self):
        return [Strategy("", lambda options: object())]


class OddOptions:
    @hookimpl
    def register_voting_rules(self):
        return [Strategy("x", lambda options: object(), dict)]


class NotBuildable:
    @hookimpl
    def register_voting_rules(self):
        return [Strategy("x", "no function")]


class Good:
    @hookimpl
    def register_voting_rules(self):
        return [Strategy("mine", lambda options: object())]


class Raises:
    @hookimpl
    def register_tools(self):
        return [Strategy("kept", lambda options: object())]

    @hookimpl
    def register_voting_rules(self):
        raise RuntimeError("boom")


class Exits:
    @hookimpl
    def register_voting_rules(self):
        raise SystemExit(3)


class ReturnsNonsense:
    @hookimpl
    def register_voting_rules(self):
        return ["supermajority"]


class ReturnsNoIterable:
    @hookimpl
    def register_voting_rules(self):
        return 3


class RaisesWhileIterated:
    @hookimpl
    def register_voting_rules(self):
        yield Strategy("first", lambda options: object())
        raise ValueError("late")


class Coroutine:
    @hookimpl
    async def register_voting_rules(self):
        return []


class Wrapper:
    @hookimpl(wrapper=True)
    def register_voting_rules(self):
        return (yield)


class Misspelt:
    @hookimpl
    def register_voting_rule(self):
        return []


class ExtraArgument:
    @hookimpl
    def register_voting_rules(self, kernel):
        return []


class Copycat:
    @hookimpl
    def register_voting_rules(self):
        return [Strategy("mine", lambda options: object())]


class Twice:
    @hookimpl
    def register_voting_rules(self):
        return [
            Strategy("one", lambda options: object()),
            Strategy("one", lambda options: object()),
        ]


def load(*plugins: object, **options: object) -> PluginManager:
    manager = PluginManager(plugins=plugins, discover=False, **options)
    manager.load()
    return manager


def test_a_plugin_provides_its_strategies():
    manager = load(Good())
    assert list(manager.registry.voting_rules) == ["mine"]
    assert manager.records[0].state is PluginState.LOADED
    assert manager.records[0].provides == {"voting_rules": ("mine",)}


@pytest.mark.parametrize(
    ("broken", "says"),
    [
        (Raises, "register_voting_rules raised RuntimeError: boom"),
        (Exits, "raised SystemExit"),
        (ReturnsNonsense, "returned str, not Strategy"),
        (ReturnsNoIterable, "raised TypeError"),
        (RaisesWhileIterated, "raised ValueError: late"),
        (Coroutine, "'register_voting_rules' is a coroutine"),
        (Wrapper, "is a wrapper"),
        (Misspelt, "Did you mean 'register_voting_rules'?"),
        (ExtraArgument, "kernel"),
        (Twice, "'one' is already provided"),
        (Nameless, "whose name is ''"),
        (OddOptions, "options are no StrategyOptions"),
        (NotBuildable, "can't be built"),
    ],
)
def test_a_broken_plugin_costs_only_itself_and_says_why(broken: type, says: str):
    manager = load(broken(), Good())
    record = manager.records[0]
    assert record.state is PluginState.FAILED
    assert says in record.error
    assert broken.__name__ in record.name
    assert list(manager.registry.voting_rules) == ["mine"]
    assert list(manager.registry.tools) == []


def test_strict_raises_about_the_first_broken_plugin():
    with pytest.raises(HookError, match="Misspelt"):
        load(Misspelt(), strict=True)
    with pytest.raises(PluginLoadError, match="boom"):
        load(Raises(), strict=True)


def test_a_name_that_is_taken_is_refused_naming_both():
    manager = load(Good(), Copycat())
    first, second = manager.records
    assert first.state is PluginState.LOADED
    assert second.state is PluginState.FAILED
    assert "voting rule 'mine'" in second.error
    assert first.name in second.error
    with pytest.raises(DuplicateNameError):
        load(Good(), Copycat(), strict=True)


def test_the_same_plugin_twice_is_refused():
    manager = load(Good(), Good())
    assert [record.state for record in manager.records] == [PluginState.LOADED, PluginState.FAILED]


def test_a_disabled_plugin_is_not_asked():
    name = f"{Raises.__module__}.{Raises.__qualname__}"
    manager = load(Raises(), disabled=[name])
    assert manager.records[0].state is PluginState.DISABLED


def test_a_plain_namespace_can_be_a_plugin():
    @hookimpl
    def register_tools():
        return None

    namespace = SimpleNamespace(register_tools=register_tools)
    assert load(namespace).records[0].state is PluginState.LOADED


def write_distribution(folder: Path, name: str, entry: str, module: str, body: str) -> None:
    info = folder / f"{name}-1.2.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.2\n")
    (info / "entry_points.txt").write_text(f"[dataagents]\n{entry} = {module}\n")
    (folder / f"{module}.py").write_text(body)


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


def discovered() -> dict[str, tuple[PluginState, str]]:
    manager = PluginManager()
    manager.load()
    return {record.name: (record.state, record.error) for record in manager.records}


def test_installed_plugins_are_found_without_importing_them(site: Path):
    write_distribution(site, "quiet", "quiet-one", "quiet_mod", "raise SystemError('imported')")
    found = {record.name: record for record in installed_plugins()}
    assert found["quiet-one"].distribution == "quiet"
    assert found["quiet-one"].version == "1.2"
    assert found["voting"].distribution == "dataagents"
    assert "quiet_mod" not in sys.modules


@pytest.mark.parametrize(
    "body", ["import does_not_exist_at_all", "raise SystemExit(1)", "def broken(:"]
)
def test_a_plugin_that_can_not_be_imported_costs_only_itself(site: Path, body: str):
    module = f"bad_mod_{abs(hash(body))}"
    write_distribution(site, "bad", "bad-one", module, body)
    states = discovered()
    assert states["bad-one"][0] is PluginState.FAILED
    assert module in states["bad-one"][1]
    assert states["voting"][0] is PluginState.LOADED


def test_an_entry_point_can_not_take_a_bundled_name(site: Path):
    write_distribution(site, "aaa", "voting", "squatter", "")
    manager = PluginManager()
    manager.load()
    both = [record for record in manager.records if record.name == "voting"]
    assert [record.distribution for record in both] == ["dataagents", "aaa"]
    assert [record.state for record in both] == [PluginState.LOADED, PluginState.FAILED]
    assert "dataagents" in both[1].error


def test_a_disabled_installed_plugin_is_not_imported(site: Path):
    write_distribution(site, "off", "off-one", "off_mod", "")
    manager = PluginManager(disabled=["off-one"])
    manager.load()
    states = {record.name: record.state for record in manager.records}
    assert states["off-one"] is PluginState.DISABLED
    assert "off_mod" not in sys.modules


def test_every_bundled_plugin_loads_and_every_concern_has_a_strategy():
    manager = PluginManager(strict=True)
    registry = manager.load()
    assert {concern for concern in Concern if list(registry.catalogs[concern])} == set(Concern)
