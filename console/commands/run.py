"""`dataagents run`: clean data."""

from pathlib import Path
from typing import Annotated

import typer

from dataagents.console.commands.ending import Ending
from dataagents.console.commands.options import (
    ByOption,
    ConfigOption,
    DebugOption,
    DetectOption,
    DisablePluginOption,
    FormatOption,
    JoinOption,
    JsonOption,
    LogFormatOption,
    MatchedOnlyOption,
    MeasureOption,
    MemoryOption,
    ModelOption,
    NoPluginsOption,
    OnDriftOption,
    OnLowQualityOption,
    RecordOption,
    RepairOption,
    SeedOption,
    StoreOption,
)
from dataagents.console.launch import DEFAULT_STORE

EXAMPLES = """\b
Examples:
  dataagents run orders.csv                           look, keep nothing
  dataagents run orders.csv --out results             keep what came of it
  dataagents run daily/ --out results                 a folder is one data set
  dataagents run 'daily/2026-*.csv.gz' --out results  so is a pattern, in quotes
  zcat orders.csv.gz | dataagents run - --out results
  dataagents run new.csv --contract results/contract.yaml --on-drift ask
  dataagents run new.csv --out results --min-score 0.95 --max-quarantine 5%
  dataagents run orders.csv customers.csv --join auto --by country --measure 'sum(amount)'
  dataagents run new.csv --out results --repair value
  dataagents run new.csv --dry-run --json | jq .datasets
  dataagents run orders.csv --model openai:gpt-5-mini --record said.jsonl
  dataagents run orders.csv --model replay:said.jsonl

\b
Exit codes: 0 done, 1 not released by the agents or a gate, 2 something given
can't be used, 3 drift needs a decision (--on-drift), 4 internal failure,
130 interrupted. Ctrl-C stops in order; a second one at once.
"""


def run(
    paths: Annotated[
        list[str],
        typer.Argument(
            metavar="PATH",
            help="Files, folders or quoted patterns, each of them one data set; - is stdin.",
        ),
    ],
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            metavar="DIR",
            help="Write the results here, in the place of those of the run before. "
            "Your own files there stay.",
        ),
    ] = None,
    contract: Annotated[
        Path | None,
        typer.Option(
            "--contract",
            metavar="FILE",
            help="What the data has to look like: the contract.yaml of an earlier run, a JSON "
            "Schema, a dbt schema.yml or a pandera YAML. Otherwise it is learned.",
        ),
    ] = None,
    on_drift: OnDriftOption = None,
    min_score: Annotated[
        str | None,
        typer.Option(
            "--min-score", metavar="SHARE", help="Release nothing below this data quality: 0.9."
        ),
    ] = None,
    max_quarantine: Annotated[
        str | None,
        typer.Option(
            "--max-quarantine",
            metavar="SHARE",
            help="Release nothing when more rows than this are held back: 5% or 0.05.",
        ),
    ] = None,
    on_low_quality: OnLowQualityOption = None,
    detect: DetectOption = None,
    repair: RepairOption = None,
    join: JoinOption = None,
    matched_only: MatchedOnlyOption = False,
    by: ByOption = None,
    measure: MeasureOption = None,
    dry_run: Annotated[
        bool,
        typer.Option("--dry-run", help="Do everything but write; say what would be written."),
    ] = False,
    format: FormatOption = None,
    model: ModelOption = None,
    record: RecordOption = None,
    memory: MemoryOption = None,
    store: StoreOption = DEFAULT_STORE,
    config: ConfigOption = None,
    seed: SeedOption = None,
    json: JsonOption = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Show no progress.")] = False,
    log_level: Annotated[
        str | None,
        typer.Option(
            "--log-level",
            metavar="LEVEL",
            help="DEBUG, INFO, WARNING or ERROR. Otherwise as configured; otherwise INFO, "
            "but WARNING beside live progress and with --quiet.",
            show_default=False,
        ),
    ] = None,
    log_format: LogFormatOption = None,
    disable_plugin: DisablePluginOption = None,
    no_plugins: NoPluginsOption = False,
    debug: DebugOption = False,
) -> None:
    """Clean data: good rows one way, doubtful ones to quarantine, each with its reason.

    The agents find out what the data looks like, compare it with the contract, vote, fix what is
    certain and separate the rest. Nothing is lost: rows in = clean + quarantine + rejects +
    duplicates. Every step is recorded; `dataagents trace` shows the whole reasoning.
    """
    with Ending(debug):
        from dataagents.console.commands.cleaning import run_files
        from dataagents.console.commands.relating import Related
        from dataagents.console.commands.request import RunRequest

        related = Related(
            join=tuple(join or ()),
            matched_only=matched_only,
            by=tuple(by or ()),
            measures=tuple(measure or ()),
        )
        request = RunRequest(
            paths=tuple(paths), out=out, contract=contract, on_drift=on_drift, min_score=min_score,
            max_quarantine=max_quarantine, dry_run=dry_run, format=format, model=model,
            record=record, memory=memory, store=store, config=config, seed=seed, json=json,
            quiet=quiet, log_level=log_level, on_low_quality=on_low_quality, detect=detect,
            repair=repair, related=related,
            log_format=log_format, disable_plugins=tuple(disable_plugin or ()),
            no_plugins=no_plugins,
        )  # fmt: skip
        raise typer.Exit(run_files(request))
