"""Options that several commands have."""

import os
from pathlib import Path
from typing import Annotated, Literal, TypeAlias

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
OnDrift: TypeAlias = Literal["evolve", "freeze", "discard_row", "discard_value", "ask"]
Format: TypeAlias = Literal["parquet", "csv", "json"]
OnLowQuality: TypeAlias = Literal["withhold", "quarantine"]
Detect: TypeAlias = Literal["full", "sample", "off"]
Repair: TypeAlias = Literal["none", "format", "value"]

OnDriftOption: TypeAlias = Annotated[
    OnDrift | None,
    typer.Option(
        "--on-drift",
        help="When the data no longer fits the contract: take its shape over (evolve), release "
        "nothing (freeze), quarantine the rows or empty the cells that do not fit (discard_row, "
        "discard_value), or ask you. Otherwise the agents vote.",
    ),
]
OnLowQualityOption: TypeAlias = Annotated[
    OnLowQuality | None,
    typer.Option(
        "--on-low-quality",
        help="Below --min-score: release nothing (withhold, unless you say otherwise), or hold "
        "back rows with suspicious cells too and judge by the others (quarantine).",
        show_default=False,
    ),
]
DetectOption: TypeAlias = Annotated[
    Detect | None,
    typer.Option(
        "--detect",
        help="Where to look for wrong cells: in all of them (full), in a sample and then in full "
        "in the columns where it has some (sample), or nowhere (off). Otherwise by size.",
        show_default=False,
    ),
]
RepairOption: TypeAlias = Annotated[
    Repair | None,
    typer.Option(
        "--repair",
        help="Which repairs to apply to cells that were found to be wrong: none, those of their "
        "format (format, unless you say otherwise), or those of their value too (value). The "
        "others are proposed in repairs.parquet.",
        show_default=False,
    ),
]
JoinOption: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        "--join",
        metavar="LEFT=RIGHT",
        help="Join the other data sets to the first, by a column of each; once for each of them, "
        "in order, or 'auto' to have the columns found.",
        show_default=False,
    ),
]
MatchedOnlyOption: TypeAlias = Annotated[
    bool, typer.Option("--matched-only", help="Leave out of a join the rows without a match.")
]
ByOption: TypeAlias = Annotated[
    list[str] | None,
    typer.Option("--by", metavar="COLUMN", help="Group the rows by this, too.", show_default=False),
]
MeasureOption: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        "--measure",
        metavar="MEASURE",
        help="Calculate this of each group: count, or count, distinct, sum, mean, median, min or "
        "max of a column: 'sum(amount)'.",
        show_default=False,
    ),
]
FormatOption: TypeAlias = Annotated[
    Format | None,
    typer.Option("--format", help="How to write the tables. Otherwise as they came."),
]
MemoryOption: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--memory", metavar="SIZE", help="Memory for the engine: 2GB or 512MB. [default: 2GB]"
    ),
]
SeedOption: TypeAlias = Annotated[
    int | None, typer.Option("--seed", help="Make everything random repeatable.")
]
ModelOption: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--model",
        metavar="NAME",
        help="The language model that thinks and decides: openai:gpt-5-mini, ollama:qwen3, or "
        "replay:FILE for what --record kept. A key comes from the environment, such as "
        "OPENAI_API_KEY. Otherwise as configured; otherwise, or when it is '', rules decide.",
        show_default=False,
    ),
]
RecordOption: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--record",
        metavar="FILE",
        help="Keep all that the model was asked and said, for --model replay:FILE: the same "
        "reasoning again, without network and at no cost.",
    ),
]
LogFormatOption: TypeAlias = Annotated[
    Literal["plain", "json"] | None,
    typer.Option(
        "--log-format",
        help="How to log: lines for people, or one JSON object a line. Otherwise as configured; "
        "otherwise plain.",
        show_default=False,
    ),
]
DisablePluginOption: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        "--disable-plugin",
        metavar="NAME",
        help="Leave a plugin out, without importing it; may be there several times.",
        show_default=False,
    ),
]
NoPluginsOption: TypeAlias = Annotated[
    bool,
    typer.Option("--no-plugins", help="Import no plugin but those that come with dataagents."),
]
JsonOption: TypeAlias = Annotated[
    bool, typer.Option("--json", help="Print one JSON object on stdout, and nothing else.")
]
PlainOption: TypeAlias = Annotated[
    bool,
    typer.Option(
        "--plain",
        help="Labelled lines, for screen readers and scripts: no columns, colours or marks, each "
        "state a word. So it is without being asked where TERM is dumb.",
    ),
]
DebugOption: TypeAlias = Annotated[
    bool, typer.Option("--debug", help="Show the traceback of an error.")
]


def wants_plain(asked: bool) -> bool:
    """Return whether output is to be labelled lines: it was asked for, or the terminal is dumb."""
    return asked or os.environ.get("TERM") == "dumb"
