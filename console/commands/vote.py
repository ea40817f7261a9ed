"""`dataagents vote`: ballots in a file, counted by a rule, or by all of them."""

from typing import TYPE_CHECKING, Annotated

import typer

from dataagents.console.commands.ending import Ending, ExitCode
from dataagents.console.commands.options import DebugOption, JsonOption

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from dataagents.console.commands.vote_file import Poll, VoteFile
    from dataagents.core.registry import Registry
    from dataagents.core.voting import Election

EXAMPLES = """\b
A file, in YAML or JSON:
  question: Which file format?
  options: [csv, json, parquet]        those that ballots name, if left out
  rule: borda                          supermajority, if left out
  rule_options: {tie_break: order}
  quorum: 3
  ballots:
    - {voter: ann, choice: csv, confidence: 0.9, reason: smaller}
    - {voter: bob, ranking: json > csv = parquet}
    - {voter: cy, approvals: [csv, json], weight: 1.2}
    - {voter: di, scores: {csv: 0.9, json: 0.4}}
    - {voter: ed, reason: no view}     abstains

\b
Or rankings alone, each with the number of its voters:
  profile:
    - "42: Memphis > Nashville > Chattanooga = Knoxville"
    - "26: Nashville > Chattanooga > Knoxville > Memphis"

\b
Examples:
  dataagents vote capital.yaml
  dataagents vote capital.yaml --rule borda
  dataagents vote capital.yaml --all       what each rule makes of it
  dataagents vote capital.yaml --rule supermajority --option threshold=2/3
  dataagents vote formats.json --json | jq -r .decision

\b
Exit codes: 0 decided (or compared, with --all), 1 nothing is decided: too few
votes, a tie, a veto or no quorum, 2 something in the file can't be used.
"""


def vote(
    file: Annotated[str, typer.Argument(metavar="FILE", help="Options and ballots; - is stdin.")],
    rule: Annotated[
        str | None,
        typer.Option(
            "--rule",
            metavar="NAME",
            help="The rule; otherwise that of the file. Options in the file that are meant for "
            "the file's own rule do not count for another one.",
        ),
    ] = None,
    all_rules: Annotated[
        bool, typer.Option("--all", help="Compare all installed rules on the same ballots.")
    ] = False,
    option: Annotated[
        list[str] | None,
        typer.Option(
            "--option",
            metavar="KEY=VALUE",
            help="An option of the rule: threshold=2/3, tie_break=order. May be repeated; with "
            "--all it counts for every rule that knows it.",
        ),
    ] = None,
    json: JsonOption = False,
    debug: DebugOption = False,
) -> None:
    """Count the ballots of a file: who wins by a rule, and why.

    Nothing runs and nothing is kept: the same file always gives the same result.
    """
    with Ending(debug):
        from dataagents.console.commands.decision_file import read_decision
        from dataagents.console.commands.output import show, write_json
        from dataagents.console.commands.strategies import check_name, installed, options_of
        from dataagents.console.commands.vote_file import VoteFile, poll_of
        from dataagents.console.commands.vote_report import (
            comparison,
            comparison_json,
            election_json,
            election_report,
        )

        read, source = read_decision(VoteFile, file)
        poll, chosen, registry = poll_of(read, source), options_of(option or ()), installed()
        name, where = rule or _rule_of(read), "--rule" if rule else f"{source}: rule"
        check_name(name, registry.voting_rules, "voting rule", where=where)
        if all_rules:
            results = _compared(read, source, poll, chosen, registry)
            if json:
                write_json(comparison_json(read.question, results))
            else:
                show(comparison(read.question, results))
            return
        election = _counted(read, source, poll, name, chosen, registry)
        if json:
            write_json(election_json(election))
        else:
            show(election_report(election, poll.groups))
        raise typer.Exit(ExitCode.DONE if election.decision is not None else ExitCode.WITHHELD)


def _rule_of(file: "VoteFile") -> str:
    from dataagents.core.config import StrategyChoices

    return file.rule or StrategyChoices().voting_rule


def _counted(
    file: "VoteFile",
    source: str,
    poll: "Poll",
    rule: str,
    chosen: "Mapping[str, Any]",
    registry: "Registry",
) -> "Election":
    from dataclasses import replace

    from dataagents.console.commands.strategies import boundary, build
    from dataagents.core.services.voting.counting import count
    from dataagents.core.voting import Election

    given: dict[str, Any] = {}
    if file.rule in (None, rule):
        given = {} if file.threshold is None else {"threshold": file.threshold}
        given |= file.rule_options
    built = build(registry.voting_rules, rule, given, chosen, source=source, key="rule_options")
    options = built.options.model_dump(mode="json")
    motion = replace(poll.motion, rule=rule, rule_options=options)
    tally = count(built, boundary(), motion, poll.ballots)
    return Election(motion, rule, poll.ballots, poll.missing, tally, motion.at)


def _compared(
    file: "VoteFile",
    source: str,
    poll: "Poll",
    chosen: "Mapping[str, Any]",
    registry: "Registry",
) -> "dict[str, Election | str]":
    """Return what each rule makes of the ballots, or why it failed."""
    from dataagents.core.errors import ConfigError, StrategyError

    rules = registry.voting_rules
    models = {rule: rules.find(rule).strategy.options.model_fields for rule in rules}
    known = {key for fields in models.values() for key in fields}
    for key in chosen:
        if key not in known:
            raise ConfigError(key, "no installed rule has it", source="--option", known=known)
    own = _rule_of(file)
    results: dict[str, Election | str] = {}
    for rule, fields in models.items():
        options = {key: value for key, value in chosen.items() if key in fields}
        alone = file if rule == own else file.model_copy(update={"rule": own})
        try:
            results[rule] = _counted(alone, source, poll, rule, options, registry)
        except StrategyError as error:
            results[rule] = f"failed: {error.problem}"
    return results
