"""Faults 22 and 23: plugins that break at import, that share a name, or misspell a hook."""

import sys
from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest

from dataagents.core import Kernel, KernelConfig, Strategy, hookimpl
from dataagents.core.errors import ConfigError
from dataagents.core.plugin_manager import PluginManager, PluginState, installed_plugins

AT_IMPORT = {
    "is missing": "import there_is_no_such_module",
    "exits": "import sys; sys.exit(3)",
    "interrupts": "raise KeyboardInterrupt",
    "raises a base exception": "class Fatal(BaseException): ...\nraise Fatal('on purpose')",
    "cancels": "import asyncio\nraise asyncio.CancelledError",
    "recurses": "def again(): again()\nagain()",
    "is no Python": "def broken(:",
    "can't say why": (
        "class Mute(Exception):\n    def __str__(self): raise RuntimeError\nraise Mute"
    ),
    "says too much": "raise ValueError('x' * 10_000_000)",
}


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], None]:
    """Install a distribution with one plugin of the same name."""
    monkeypatch.syspath_prepend(str(tmp_path))

    def write(name: str, body: str) -> None:
        info = tmp_path / f"{name}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(f"[dataagents]\n{name} = {name}\n")
        (tmp_path / f"{name}.py").write_text(body)
        monkeypatch.delitem(sys.modules, name, raising=False)

    return write


@pytest.mark.parametrize("way", AT_IMPORT)
async def test_a_plugin_that_breaks_at_import_is_listed_as_failed_and_the_rest_loads(
    install: Callable[[str, str], None], way: str
):
    install("faulty", AT_IMPORT[way])
    install("zealous", "")
    async with Kernel(KernelConfig(agents=(), monitoring=False)) as kernel:
        states = {each.name: each.state for each in kernel.plugins}
        (faulty,) = (each for each in kernel.health().plugins if each.name == "faulty")
    assert states.pop("faulty") is PluginState.FAILED
    assert states["zealous"] is PluginState.LOADED
    assert states["voting"] is PluginState.LOADED
    assert "import of faulty failed" in faulty.error
    assert len(faulty.error) < 3_000


def test_a_hook_that_never_ends_is_refused():
    class Endless:
        @hookimpl
        def register_tools(self):
            return (Strategy(f"tool {number}", lambda options: None) for number in count())

    manager = PluginManager(plugins=[Endless()], discover=False)
    manager.load()
    assert manager.records[0].state is PluginState.FAILED
    assert manager.records[0].error == "register_tools returned more than 1000 values"
    assert list(manager.registry.tools) == []


@pytest.mark.parametrize("listed", [("quiet",), (), None])
def test_only_what_is_allowed_is_imported(
    install: Callable[[str, str], None], listed: tuple[str, ...] | None
):
    install("quiet", "")
    install("loud", "raise SystemExit('I was imported')")
    manager = PluginManager.configured(KernelConfig(allowed_plugins=listed))
    manager.load()
    states = {each.name: each.state for each in manager.records}
    before = {each.name: each.state for each in installed_plugins((), listed)}
    assert states["voting"] is PluginState.LOADED, "bundled ones need no permission"
    if listed is None:
        assert states["loud"] is PluginState.FAILED
        assert before["loud"] is PluginState.INSTALLED
    else:
        assert states["loud"] is before["loud"] is PluginState.NOT_ALLOWED
        assert "loud" not in sys.modules
        assert (states["quiet"] is PluginState.LOADED) == bool(listed)


def test_what_an_application_hands_over_needs_no_permission():
    class Mine:
        @hookimpl
        def register_tools(self):
            return None

    manager = PluginManager(plugins=[Mine()], allowed=(), discover=False)
    manager.load()
    assert manager.records[0].state is PluginState.LOADED


def test_a_denied_plugin_stays_out_even_if_it_is_allowed(install: Callable[[str, str], None]):
    install("torn", "raise SystemExit('I was imported')")
    config = KernelConfig(allowed_plugins=("torn",), disabled_plugins=("torn",))
    manager = PluginManager.configured(config)
    manager.load()
    states = {each.name: each.state for each in manager.records}
    assert states["torn"] is PluginState.DISABLED


def test_a_name_in_a_list_that_no_plugin_has_is_told(caplog: pytest.LogCaptureFixture):
    config = KernelConfig(disabled_plugins=("vting",), allowed_plugins=("dta",))
    PluginManager.configured(config).load()
    told = caplog.text
    assert "disabled_plugins: no plugin is called 'vting'. Did you mean 'voting'?" in told
    assert "allowed_plugins: no plugin is called 'dta'. Did you mean 'data'?" in told


def test_a_list_of_plugins_is_a_list():
    with pytest.raises(ConfigError, match="allowed_plugins"):
        KernelConfig.parse({"allowed_plugins": "voting"})
