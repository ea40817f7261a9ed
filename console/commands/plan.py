"""`dataagents plan`: what would be done, why, how long it takes and what may go wrong."""

from typing import Annotated, Literal, TypeAlias

import typer

from dataagents.console.commands.ending import Ending, ExitCode, tell
from dataagents.console.commands.options import ConfigOption, DebugOption, JsonOption, SeedOption

Shape: TypeAlias = Literal["text", "json", "mermaid"]
Aim: TypeAlias = Literal["first", "cost", "seconds", "probability"]

EXAMPLES = """\b
Examples:
  dataagents plan clean orders.csv              what a run would do
  dataagents plan clean orders.csv --explain    and why, and what else it could
  dataagents plan tonight.yaml                  a problem that you wrote
  dataagents plan tonight.yaml --objective seconds --workers 2
  dataagents plan mine.yaml clean orders.csv    a goal of a domain that you wrote
  dataagents plan tonight.yaml --format mermaid > plan.mmd
  dataagents plan tonight.yaml --format json | jq .schedule.critical_path

\b
A method of your own, on top of the bundled domain:
  extends: data-pipeline
  methods:
    repair:
      look again:
        parameters: [dataset]
        unless: ['transformed:$dataset']
        subtasks: [validate_data, transform_data]

\b
A problem:
  domain: mine.yaml            or operators and methods right here
  objects: {table: [orders, customers]}
  state: {'landed:orders': true}
  tasks:
    - refresh: {table: orders}
  workers: 4

\b
Exit codes: 0 there is a plan, 2 something given can't be used (an unknown
goal, a mistake in the file), 4 there is no plan: the error names the task
that blocks it, and why.
"""


def plan(
    what: Annotated[
        str,
        typer.Argument(
            metavar="GOAL|FILE.yaml",
            help="A goal of the configured domain, such as clean, profile or answer; or a file "
            "with a problem or a domain.",
        ),
    ],
    more: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="FILES",
            help="The data sets it is for. They need not be there; of those that are, the size "
            "counts, and nothing is read. After a domain in a file, first the goal.",
            show_default=False,
        ),
    ] = None,
    explain: Annotated[
        bool,
        typer.Option(
            "--explain", help="Tell why each method was chosen, and what was rejected and why."
        ),
    ] = False,
    format: Annotated[
        Shape,
        typer.Option("--format", help="For people, for programs, or as a Mermaid flowchart."),
    ] = "text",
    objective: Annotated[
        Aim | None,
        typer.Option(
            "--objective",
            help="What makes a plan better: nothing (the first one is taken), its cost, its "
            "length or its probability. Otherwise as in the file, or first.",
            show_default=False,
        ),
    ] = None,
    seconds: Annotated[
        float,
        typer.Option(
            "--seconds", metavar="N", min=0.01, max=3600.0, help="How long to look for plans."
        ),
    ] = 10.0,
    workers: Annotated[
        int | None,
        typer.Option(
            "--workers",
            metavar="N",
            min=1,
            max=1_000_000,
            help="Tasks that can run side by side. Otherwise as in the file, or as many as the "
            "configuration lets run.",
            show_default=False,
        ),
    ] = None,
    seed: SeedOption = None,
    config: ConfigOption = None,
    json: JsonOption = False,
    debug: DebugOption = False,
) -> None:
    """Plan, and do nothing: which tasks there would be, in which order, by which methods.

    No data is read, nothing is kept. The same question always gives the same plan.
    """
    with Ending(debug):
        from dataagents.console.commands.output import Screen, put, write_json, write_lines
        from dataagents.console.commands.plan_asking import Asked, make_plan
        from dataagents.console.commands.plan_report import plan_json, plan_report
        from dataagents.console.view.flowchart import flowchart
        from dataagents.core.errors import NoPlanError

        asked = Asked(what, tuple(more or ()), objective, seconds, workers, seed, config)
        try:
            made = make_plan(asked)
        except NoPlanError as error:
            if debug:
                raise
            tell(str(error))  # that there is none is an answer: nothing to look for in a traceback
            raise typer.Exit(ExitCode.FAILED) from error
        if json or format == "json":
            write_json(plan_json(made))
        elif format == "mermaid":
            write_lines(flowchart(made.plan))
        else:
            put(Screen(), plan_report(made, explain=explain))
