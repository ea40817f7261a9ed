from dataagents.core.plugin_manager import PluginManager, PluginState


def test_the_installed_plugin_loads_and_provides_its_strategies() -> None:
    manager = PluginManager()
    manager.load()
    (plugin,) = (each for each in manager.records if each.target == "dataagents_example")
    assert (plugin.state, plugin.error) == (PluginState.LOADED, "")
    assert plugin.provides == {"voting_rules": ("clear-lead",), "tools": ("count_rows",)}
