"""What `dataagents vote` shows: an election with its bars and ballots, and rules side by side."""

from collections.abc import Mapping, Sequence

from rich import box
from rich.console import Group as Lines
from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from dataagents.console.commands.output import shown
from dataagents.console.view.elections import (
    ElectionLines,
    Group,
    Said,
    bar_of,
    election_lines,
)
from dataagents.core.values import Json, to_json
from dataagents.core.voting import Election

_BAR = 24
"""Cells of a bar."""
_MOST_SAID = 40
"""Lines of voters; the JSON has all."""
_STYLES = {"won": "green", "leads": "yellow"}


def election_report(election: Election, groups: Sequence[Group] = ()) -> RenderableType:
    """Return an election as people read it: the result, the bars, who voted what."""
    lines = election_lines(election, groups)
    parts: list[RenderableType] = []
    if election.motion.question:
        parts.append(shown(election.motion.question, "dim"))
    decided = election.decision is not None
    parts.append(shown(f"{election.sentence}.", "bold green" if decided else "bold yellow"))
    if lines.bars:
        parts += ["", Padding(_bars(lines), (0, 0, 0, 2))]
    parts += _footnotes(election, lines)
    if lines.said or lines.missing:
        parts += ["", Padding(_voters(lines), (0, 0, 0, 2))]
    return Lines(*parts)


def election_json(election: Election) -> dict[str, Json]:
    """Return an election as JSON."""
    body = to_json(election)
    ballots = body["ballots"]
    for ballot in ballots if isinstance(ballots, list) else ():
        if isinstance(ballot, dict):
            del ballot["at"]
    return {
        "question": election.motion.question,
        "rule": election.rule,
        "rule_options": dict(election.motion.rule_options),
        "sentence": election.sentence,
        **to_json(election.tally),
        "options": list(election.motion.options),
        "voters": list(election.motion.voters),
        "weights": dict(election.motion.weights),
        "ballots": ballots,
        "missing": dict(election.missing),
    }


def comparison(question: str, results: Mapping[str, Election | str]) -> RenderableType:
    """Return what each rule makes of the same ballots, a line for each."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("rule", no_wrap=True)
    table.add_column("decides for", max_width=24)
    table.add_column("why", ratio=1)
    for rule, result in results.items():
        if isinstance(result, str):
            table.add_row(shown(rule), Text("-", "dim"), shown(result, "red"))
            continue
        decision = result.decision
        choice = Text("nothing", "yellow") if decision is None else shown(decision, "green")
        table.add_row(shown(rule), choice, shown(result.tally.reason))
    return Lines(shown(question, "dim"), table) if question else table


def comparison_json(question: str, results: Mapping[str, Election | str]) -> dict[str, Json]:
    """Return what each rule makes of the same ballots, as JSON."""
    rules: list[Json] = [
        {"rule": rule, "failed": result}
        if isinstance(result, str)
        else {
            "rule": rule,
            "rule_options": dict(result.motion.rule_options),
            **to_json(result.tally),
        }
        for rule, result in results.items()
    ]
    return {"question": question, "rules": rules}


def _bars(lines: ElectionLines) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(max_width=30)
    if all(bar.share is not None for bar in lines.bars):
        table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    for bar in lines.bars:
        style = _STYLES.get(bar.mark, "")
        cells = [Text(bar.option, style)]
        if bar.share is not None:
            cells.append(Text(bar_of(bar.share, _BAR, lines.threshold), style or "dim"))
        table.add_row(*cells, Text(bar.value), Text(bar.mark, style))
    return table


def _footnotes(election: Election, lines: ElectionLines) -> list[RenderableType]:
    tally = election.tally
    notes: list[str] = []
    if lines.threshold is not None and lines.bars:
        more = "more than " if lines.needed.startswith(">") else ""
        notes.append(f"│ {more}{lines.threshold:.4g} needed ({lines.needed})")
    elif tally.figures:
        notes.append(f"what {election.rule} compares; the highest figure leads")
    if tally.quorum > 1:
        notes.append(f"quorum: {tally.quorum} needed, {len(election.ballots)} ballots")
    if tally.tie_broken:
        notes.append(f"tie: {', '.join(tally.leaders)}; broken for {tally.tie_broken}")
    return [Padding(shown(note, "dim"), (0, 0, 0, 2)) for note in notes]


def _voters(lines: ElectionLines) -> Table:
    table = Table.grid(padding=(0, 2))
    sure = any(said.confidence not in (None, 0.5) for said in lines.said)
    weighed = any(said.weight != 1.0 for said in lines.said)
    for said in lines.said[:_MOST_SAID]:
        table.add_row(*_said(said, sure=sure, weighed=weighed))
    hidden = len(lines.said) - _MOST_SAID
    if hidden > 0:
        table.add_row("", Text(f"and {hidden} more: --json has all", "dim"))
    for voter, why in lines.missing.items():
        table.add_row(Text(voter), Text(why, "dim"))
    return table


def _said(said: Said, *, sure: bool, weighed: bool) -> list[Text]:
    cells = [Text(said.voter, "dim"), Text(said.vote)]
    if sure:
        confident = said.confidence is not None
        cells.append(Text(f"confidence {said.confidence:.3g}" if confident else "", "dim"))
    if weighed:
        cells.append(Text(f"weight {said.weight:.4g}", "dim"))
    return [*cells, Text(said.reason, "italic")]
