"""`dataagents reason`: one question to one agent."""

from typing import Annotated

import typer

from dataagents.console.commands.ending import Ending
from dataagents.console.commands.options import (
    ConfigOption,
    DebugOption,
    DisablePluginOption,
    JsonOption,
    LogFormatOption,
    MemoryOption,
    ModelOption,
    NoPluginsOption,
    RecordOption,
    SeedOption,
    StoreOption,
)
from dataagents.console.launch import DEFAULT_STORE

EXAMPLES = """\b
Examples:
  dataagents reason 'Are there gaps?' orders.csv --model openai:gpt-5-mini
  dataagents reason 'Which is best?' daily/ --model ollama:qwen3 --max-steps 12
  zcat orders.csv.gz | dataagents reason 'How many orders?' - --quiet
  dataagents reason 'How many orders?' orders.csv --json | jq -r .answer
  dataagents reason 'Why?' a.csv --model openai:gpt-5-mini --record said.jsonl
  dataagents reason 'Why?' a.csv --model replay:said.jsonl
  dataagents trace --analysis           how good the reasoning was

\b
The answer goes to stdout, the steps that led to it to stderr: a pipe gets the
answer alone. Without a model rules decide; they can't read the question, and
report what they measured.

\b
Exit codes: 0 answered, 1 not released, 2 something given can't be used, 3 drift
needs a decision, 4 there is no answer, 130 interrupted. Ctrl-C stops in order;
a second one at once.
"""


def reason(
    question: Annotated[str, typer.Argument(metavar="QUESTION", help="The question, in quotes.")],
    path: Annotated[
        str,
        typer.Argument(
            metavar="PATH", help="A file, a folder or a quoted pattern: one data set; - is stdin."
        ),
    ],
    model: ModelOption = None,
    record: RecordOption = None,
    max_steps: Annotated[
        int | None,
        typer.Option(
            "--max-steps",
            metavar="N",
            min=1,
            help="Steps that the reasoning may take. Otherwise as configured; otherwise 8.",
            show_default=False,
        ),
    ] = None,
    memory: MemoryOption = None,
    store: StoreOption = DEFAULT_STORE,
    config: ConfigOption = None,
    seed: SeedOption = None,
    json: JsonOption = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Show the answer and nothing else.")
    ] = False,
    log_level: Annotated[
        str | None,
        typer.Option(
            "--log-level",
            metavar="LEVEL",
            help="DEBUG, INFO, WARNING or ERROR. Otherwise as configured; otherwise WARNING, "
            "as the steps tell what happens.",
            show_default=False,
        ),
    ] = None,
    log_format: LogFormatOption = None,
    disable_plugin: DisablePluginOption = None,
    no_plugins: NoPluginsOption = False,
    debug: DebugOption = False,
) -> None:
    """Answer a question about data: one agent thinks, acts and observes until it knows.

    Every step is shown as it is taken: the thought, the action, what it observed, how far it can be
    trusted, and who decided. The data is read, never changed. All of it is recorded.
    """
    with Ending(debug):
        from dataagents.console.commands.answering import answer_question
        from dataagents.console.commands.question import QuestionRequest

        request = QuestionRequest(
            question=question, path=path, model=model, record=record, max_steps=max_steps,
            memory=memory, store=store, config=config, seed=seed, json=json, quiet=quiet,
            log_level=log_level,
            log_format=log_format, disable_plugins=tuple(disable_plugin or ()),
            no_plugins=no_plugins,
        )  # fmt: skip
        raise typer.Exit(answer_question(request))
