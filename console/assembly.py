"""Assembly: a console with everything it needs, from what the command line said."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from dataagents.console.app import ConsoleApp
from dataagents.console.feeds.following import following
from dataagents.console.feeds.library import Library
from dataagents.console.keymap import bound_keys, keymap_path, read_keymap
from dataagents.console.keys import GROUPS
from dataagents.console.options import ConsoleOptions
from dataagents.console.preferences import PreferencesFile, preferences_path
from dataagents.console.session import Session
from dataagents.console.source import StoreSource
from dataagents.core.clock import Clock
from dataagents.storage import doubt_about_sqlite

if TYPE_CHECKING:
    from dataagents.console.hosting.host import Host


def assemble(
    store: Path,
    clock: Clock,
    options: ConsoleOptions,
    host: "Host | None" = None,
    has_terminal: Callable[[], bool] = lambda: True,
    environ: Mapping[str, str] = os.environ,
) -> ConsoleApp:
    """Return a console that watches a store.

    Args:
        store: The file; it need not be there yet.
        clock: Where times come from.
        options: What the command line said.
        host: The kernel in this process, if there is one.
        has_terminal: Whether anybody can see the console.
        environ: Where the operator's folders are named.
    """
    home = Path(environ.get("HOME", "."))
    file = PreferencesFile(preferences_path(environ, home))
    preferences, problem = file.load()
    session = Session(
        Library(store), clock, options, preferences, file, operator=options.operator,
        warning=doubt_about_sqlite(),
    )  # fmt: skip
    app = ConsoleApp(session, StoreSource(store, following, clock), host, has_terminal)
    chosen = read_keymap(keymap_path(environ, home), bound_keys(GROUPS))
    app.set_keymap(chosen.keymap)
    app.first_words = tuple(filter(None, (problem, *chosen.warnings)))
    return app
