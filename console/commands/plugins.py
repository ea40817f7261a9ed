"""`dataagents plugins`: what is installed, what it provides, and what is broken."""

import sys
from collections.abc import Sequence
from contextlib import redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING

from dataagents.console.commands.ending import Ending
from dataagents.console.commands.options import ConfigOption, DebugOption, JsonOption

if TYPE_CHECKING:
    from rich.console import RenderableType

    from dataagents.core.plugin_manager import PluginRecord


def plugins(
    config: ConfigOption = None, json: JsonOption = False, debug: DebugOption = False
) -> None:
    """List the plugins: where each comes from, what it provides, and why one failed."""
    with Ending(debug):
        from dataagents.console.commands.output import show, write_json
        from dataagents.core.values import to_json

        records = load_plugins(config)
        if json:
            write_json({"plugins": [to_json(record) for record in records]})
        else:
            show(_listing(records))


def load_plugins(config: Path | None) -> "tuple[PluginRecord, ...]":
    """Load what is installed, as a kernel would, and return what became of each plugin."""
    from dataagents.console.commands.settings import load_config
    from dataagents.core.plugin_manager import PluginManager

    manager = PluginManager(disabled=load_config(config).disabled_plugins)
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
    table.add_column("provides", ratio=1)
    for record in records:
        provides = Text("\n").join(
            Text.assemble((f"{concern.replace('_', ' ')}: ", "dim"), shown(", ".join(names)))
            for concern, names in record.provides.items()
        )
        table.add_row(
            shown(record.name),
            shown(f"{record.distribution} {record.version}"),
            Text(record.state.value, styles.get(record.state, "dim")),
            shown(record.error, "red") if record.error else provides,
        )
    return table
