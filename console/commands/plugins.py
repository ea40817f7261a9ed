"""`dataagents plugins`: what is installed; with `--check`, what it provides and what is broken."""

import sys
from collections.abc import Sequence
from contextlib import redirect_stdout
from typing import TYPE_CHECKING, Annotated

import typer

from dataagents.console.commands.ending import Ending
from dataagents.console.commands.options import (
    ConfigOption,
    DebugOption,
    DisablePluginOption,
    JsonOption,
    NoPluginsOption,
)

if TYPE_CHECKING:
    from rich.console import RenderableType

    from dataagents.core.config import KernelConfig
    from dataagents.core.plugin_manager import PluginRecord

EXAMPLES = """\b
Examples:
  dataagents plugins                              what is installed
  dataagents plugins --check                      what it provides, what is broken
  dataagents plugins --check --no-plugins         the bundled ones alone
  dataagents plugins --check --disable-plugin my-checks
"""


def plugins(
    check: Annotated[
        bool,
        typer.Option(
            "--check",
            help="Import the plugins, as a run would, and show what each provides, or why not.",
        ),
    ] = False,
    config: ConfigOption = None,
    disable_plugin: DisablePluginOption = None,
    no_plugins: NoPluginsOption = False,
    json: JsonOption = False,
    debug: DebugOption = False,
) -> None:
    """List the plugins: where each comes from, and whether it would be loaded.

    Nothing is imported for that. With --check they are imported, and the list has what each
    provides, or why it failed.
    """
    with Ending(debug):
        from dataagents.console.commands.output import show, write_json
        from dataagents.console.commands.settings import load_config, with_plugins
        from dataagents.core.plugin_manager import installed_plugins
        from dataagents.core.values import to_json

        settings = with_plugins(load_config(config), disable_plugin or (), none=no_plugins)
        if check:
            records = load_plugins(settings)
        else:
            kept = settings.disabled_plugins, settings.allowed_plugins
            records = installed_plugins(*kept)
        if json:
            write_json({"plugins": [to_json(record) for record in records]})
        else:
            show(_listing(records))


def load_plugins(config: "KernelConfig") -> "tuple[PluginRecord, ...]":
    """Load what is installed, as a kernel would, and return what became of each plugin."""
    from dataagents.core.plugin_manager import PluginManager

    manager = PluginManager.configured(config)
    with redirect_stdout(sys.stderr):  # what a plugin prints is no part of the list
        manager.load()
    return tuple(manager.records)


def _listing(records: "Sequence[PluginRecord]") -> "RenderableType":
    from rich import box
    from rich.table import Table
    from rich.text import Text

    from dataagents.console.commands.output import shown
    from dataagents.core.plugin_manager import PluginState

    styles = {PluginState.LOADED: "green", PluginState.FAILED: "red"}
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("plugin", no_wrap=True)
    table.add_column("from")
    table.add_column("state", no_wrap=True)
    imported = any(record.provides for record in records)
    table.add_column("provides" if imported else "is", ratio=1)
    for record in records:
        provides = Text("\n").join(
            Text.assemble((f"{concern.replace('_', ' ')}: ", "dim"), shown(", ".join(names)))
            for concern, names in record.provides.items()
        )
        table.add_row(
            shown(record.name),
            shown(f"{record.distribution} {record.version}"),
            Text(record.state.value, styles.get(record.state, "dim")),
            shown(record.error, "red") if record.error else provides or shown(record.target),
        )
    return table
