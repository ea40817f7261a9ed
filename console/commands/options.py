"""Options that several commands have."""

from pathlib import Path
from typing import Annotated, TypeAlias

import typer

StoreOption: TypeAlias = Annotated[
    Path, typer.Option("--store", metavar="FILE", help="The store that keeps what happened.")
]
ConfigOption: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--config",
        metavar="FILE",
        help="A configuration; ./dataagents.toml when there is one. "
        "DATAAGENTS_* variables override it.",
        show_default=False,
    ),
]
JsonOption: TypeAlias = Annotated[
    bool, typer.Option("--json", help="Print one JSON object on stdout, and nothing else.")
]
DebugOption: TypeAlias = Annotated[
    bool, typer.Option("--debug", help="Show the traceback of an error.")
]
