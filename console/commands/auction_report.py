"""What `dataagents auction` shows: bids as they rank, the price, who could not take part, loads."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

from rich import box
from rich.console import Group as Lines
from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from dataagents.console.commands.holding import Held, Round
from dataagents.console.commands.output import shown
from dataagents.console.view.row import figure
from dataagents.console.view.words import duration
from dataagents.core.allocation import Allocation
from dataagents.core.bidding import Award, Bid, Lot
from dataagents.core.values import Json, JsonObject, to_json

_MOST_ROWS = 60
"""Rows of one table; the JSON has all."""
_INDENT = (0, 0, 0, 2)


def auctions_report(held: Sequence[Held], name: str) -> RenderableType:
    """Return auctions as people read them."""
    parts: list[RenderableType] = []
    for each in held:
        if parts:
            parts.append("")
        parts += [award_lines(each.award, name, each.lot.task.id)]
        if len(each.rounds) > 1:
            parts += ["", Padding(_rounds(each.rounds), _INDENT)]
    return Lines(*parts)


def award_lines(award: Award, name: str, task: str) -> RenderableType:
    """Return an award: the result in a sentence, the bids as they rank, and who made none."""
    won = award.winner is not None
    result = f"goes to {award.winner} for {figure(award.price)}" if won else "is not awarded"
    style = "bold green" if won else "bold yellow"
    parts: list[RenderableType] = [shown(f"By {name}, {task} {result}: {award.reason}.", style)]
    if award.bids:
        parts.append(Padding(_bids(award), _INDENT))
    parts += _excluded("does not count", award.rejected)
    parts += _excluded("can't take part", award.ineligible)
    return Lines(*parts)


def auctions_json(held: Sequence[Held], name: str, terms: JsonObject) -> dict[str, Json]:
    """Return auctions as JSON."""
    awards: list[Json] = []
    for each in held:
        rounds: list[Json] = [
            {
                "round": each_round.number,
                "asking": each_round.asking,
                "bids": {bid.bidder: bid.cost for bid in each_round.bids},
            }
            for each_round in each.rounds
        ]
        awards.append({**award_json(each.award), "rounds": rounds})
    return {"auction": name, "auction_options": dict(terms), "awards": awards}


def award_json(award: Award) -> dict[str, Json]:
    """Return an award as JSON, without the times of a file that has none."""
    body = to_json(award)
    del body["at"]
    bids = body["bids"]
    for bid in bids if isinstance(bids, list) else ():
        if isinstance(bid, dict):
            del bid["at"]
    return body


def allocation_report(allocation: Allocation, lots: Sequence[Lot]) -> RenderableType:
    """Return an allocation as people read it."""
    left = sum(award.winner is None for award in allocation.awards)
    sentence = (
        f"{len(allocation.awards) - left} of {len(allocation.awards)} lots are awarded, at "
        f"{allocation.objective} {allocation.value:g}, by {allocation.method}: "
        f"{_bound(allocation)}."
    )
    parts: list[RenderableType] = [shown(sentence, "bold yellow" if left else "bold green")]
    if allocation.awards:
        parts += [_shared(allocation.awards)]
    if allocation.loads:
        parts.append(Padding(_loads(allocation, lots), _INDENT))
    for award in allocation.awards[:_MOST_ROWS]:
        parts += _excluded(f"does not count for {award.lot}", award.rejected)
        parts += _excluded(f"can't do {award.lot}", award.ineligible)
    return Lines(*parts)


def allocation_json(allocation: Allocation, name: str, terms: JsonObject) -> dict[str, Json]:
    """Return an allocation as JSON."""
    return {
        "auction": name,
        "auction_options": dict(terms),
        "method": allocation.method,
        "objective": allocation.objective,
        "exact": allocation.exact,
        "value": allocation.value,
        "bound": allocation.bound,
        "gap": allocation.gap,
        "loads": dict(allocation.loads),
        "awards": [award_json(award) for award in allocation.awards],
    }


def _bound(allocation: Allocation) -> str:
    if not allocation.gap:
        return "nothing better is possible"
    return f"at most {allocation.gap:.2%} above the optimum, which is at least {allocation.bound:g}"


def _bids(award: Award) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    columns = _columns(award)
    table.add_column("rank", justify="right")
    table.add_column("bidder")
    for column in columns:
        table.add_column(column, justify="right", no_wrap=True)
    table.add_column("")
    for rank, bid in enumerate(award.bids[:_MOST_ROWS], start=1):
        cells = (Text(columns[column][rank - 1]) for column in columns)
        table.add_row(str(rank), shown(bid.bidder), *cells, *_marks(award, bid))
    return table


def _columns(award: Award) -> Mapping[str, Sequence[str]]:
    """Return the figures of the bids by column, without those that say nothing."""
    bids = award.bids
    columns = {"cost": [f"{bid.cost:g}" for bid in bids]}
    columns["quality"] = [f"{bid.quality:g}" for bid in bids]
    if any(bid.reputation != 1.0 for bid in bids):
        columns["reputation"] = [f"{bid.reputation:.3g}" for bid in bids]
    if any(bid.seconds is not None for bid in bids):
        columns["time"] = [duration(bid.seconds) or "-" for bid in bids]
    if award.scores:
        columns["score"] = [figure(award.scores.get(bid.bidder)) or "-" for bid in bids]
    return columns


def _marks(award: Award, bid: Bid) -> list[Text]:
    if bid.bidder == award.winner:
        return [Text(f"wins, is paid {figure(award.price)}", "green")]
    return [Text("runner-up", "cyan") if bid.bidder == award.runner_up else Text("")]


def _rounds(rounds: Sequence[Round]) -> Table:
    table = Table.grid(padding=(0, 2))
    picked = rounds if len(rounds) <= 12 else (*rounds[:6], *rounds[-6:])
    for before, each in pairwise((None, *picked)):
        if each is None:
            continue
        if before is not None and each.number != before.number + 1:
            table.add_row(Text("…", "dim"))
        asked = "any price" if each.asking is None else f"asks {each.asking:g}"
        bidders = ", ".join(bid.bidder for bid in each.bids) or "nobody"
        table.add_row(Text(f"round {each.number}", "dim"), Text(asked), shown(bidders))
    return table


def _shared(awards: Sequence[Award]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in ("lot", "winner"):
        table.add_column(column)
    table.add_column("price", justify="right", no_wrap=True)
    table.add_column("runner-up")
    left = any(award.winner is None for award in awards)
    if left:
        table.add_column("why")
    for award in awards[:_MOST_ROWS]:
        winner = shown(award.winner, "green") if award.winner else Text("nobody", "yellow")
        cells = [shown(award.task or award.lot), winner, Text(figure(award.price) or "-")]
        why = [shown("" if award.winner else award.reason)] if left else []
        table.add_row(*cells, shown(award.runner_up or "-"), *why)
    if len(awards) > _MOST_ROWS:
        table.add_row(Text(f"and {len(awards) - _MOST_ROWS} more: --json has all", "dim"))
    return table


def _loads(allocation: Allocation, lots: Sequence[Lot]) -> RenderableType:
    """Return how many lots each agent got, and how long it takes it."""
    estimates = {lot.id: lot.task.seconds for lot in lots}
    times = dict.fromkeys(allocation.loads, 0.0)
    costs = dict.fromkeys(allocation.loads, 0.0)
    for award in allocation.awards:
        if award.winner is not None:
            seconds = award.expected_seconds
            times[award.winner] += estimates.get(award.lot, 0.0) if seconds is None else seconds
            costs[award.winner] += award.price or 0.0
    table = Table.grid(padding=(0, 2))
    for agent, lots_ in sorted(allocation.loads.items())[:_MOST_ROWS]:
        taken = f"{lots_} lot{'' if lots_ == 1 else 's'}"
        spent = duration(times[agent]) if times[agent] else ""
        table.add_row(shown(agent), taken, f"paid {costs[agent]:g}", spent)
    longest = max(times.values(), default=0.0)
    done = [shown(f"everybody is done after {duration(longest)}", "dim")] if longest else []
    return Lines(table, *done)


def _excluded(what: str, reasons: Mapping[str, str]) -> list[RenderableType]:
    """Return who is left out, those with one reason on one line."""
    agents: dict[str, list[str]] = {}
    for agent, why in reasons.items():
        agents.setdefault(why, []).append(agent)
    lines = (f"{what}: {', '.join(names)} ({why})" for why, names in agents.items())
    return [Padding(shown(each, "dim"), _INDENT) for each in lines]
