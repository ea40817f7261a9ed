"""`dataagents auction`: bids in a file, awarded by the rules of an auction."""

from typing import TYPE_CHECKING, Annotated

import typer

from dataagents.console.commands.ending import Ending, ExitCode
from dataagents.console.commands.options import DebugOption, JsonOption

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dataagents.core.bidding import Award

EXAMPLES = """\b
A file, in YAML or JSON. The lower price is the better one; a reserve is the
highest price that is paid, and bidders are not told of it:
  auction: vickrey                     sealed-bid, if left out
  lot:
    task: clean
    requires: {transform: 0.5}         capabilities, each with its least level
    budget: 20
    bids:
      ann: {cost: 10, quality: 0.9, seconds: 30}
      bob: {cost: 12, quality: 1.0, reputation: 0.8}
      cy: 15                           a cost alone
  agents:                              whoever is not here can do everything
    ann: {capabilities: {transform: 0.9}}

\b
With several lots, all are shared out at once for the least total cost:
  auction_options: {capacity: 1}
  lots:
    - {task: first, bids: {a: 1, b: 2, c: 9}}
    - {task: second, bids: {a: 1, b: 9, c: 9}}

\b
Examples:
  dataagents auction bids.yaml
  dataagents auction bids.yaml --auction english --option step=1
  dataagents auction tasks.yaml --option method=one-by-one
  dataagents auction tasks.yaml --auction sealed-bid   each lot on its own
  dataagents auction bids.json --json | jq .awards

\b
Exit codes: 0 every lot is awarded, 1 one is not, 2 something in the file
can't be used.
"""


def auction(
    file: Annotated[str, typer.Argument(metavar="FILE", help="Lots and bids; - is stdin.")],
    auction: Annotated[
        str | None,
        typer.Option(
            "--auction",
            metavar="NAME",
            help="The auction, or the allocator that shares all lots out at once. Otherwise that "
            "of the file; otherwise sealed-bid for one lot and assignment for several.",
        ),
    ] = None,
    option: Annotated[
        list[str] | None,
        typer.Option(
            "--option",
            metavar="KEY=VALUE",
            help="An option of the auction: minimum_quality=0.5, step=1. May be repeated.",
        ),
    ] = None,
    json: JsonOption = False,
    debug: DebugOption = False,
) -> None:
    """Award the tasks of a file to the bids in it: who wins, at what price, and why.

    Nothing runs and nothing is kept: the same file always gives the same result.
    """
    with Ending(debug):
        from dataagents.console.commands.auction_file import AuctionFile, market_of
        from dataagents.console.commands.auction_report import (
            allocation_json,
            allocation_report,
            auctions_json,
            auctions_report,
        )
        from dataagents.console.commands.decision_file import read_decision
        from dataagents.console.commands.holding import allocate, hold
        from dataagents.console.commands.output import show, write_json
        from dataagents.console.commands.strategies import (
            boundary,
            build,
            check_name,
            installed,
            options_of,
        )
        from dataagents.core.config import StrategyChoices

        read, source = read_decision(AuctionFile, file)
        chosen, registry, usual = options_of(option or ()), installed(), StrategyChoices()
        own = read.auction or (usual.allocator if len(read.lots) > 1 else usual.auction)
        name = auction or own
        known = (*registry.auctions, *registry.allocators)
        where = "--auction" if auction else f"{source}: auction"
        check_name(name, known, "auction", where=where)
        given = read.auction_options if name == own else {}
        if name in registry.allocators.entries:
            allocator = build(
                registry.allocators, name, given, chosen, source=source, key="auction_options"
            )
            terms = allocator.options.model_dump(mode="json")
            market = market_of(read, source, name, terms, batch=True)
            allocation = allocate(allocator, boundary(), market)
            awards: Sequence[Award] = allocation.awards
            if json:
                write_json(allocation_json(allocation, name, terms))
            else:
                show(allocation_report(allocation, market.lots))
        else:
            rules = build(
                registry.auctions, name, given, chosen, source=source, key="auction_options"
            )
            terms = rules.options.model_dump(mode="json")
            held = hold(rules, boundary(), market_of(read, source, name, terms, batch=False))
            awards = [each.award for each in held]
            if json:
                write_json(auctions_json(held, name, terms))
            else:
                show(auctions_report(held, name))
        done = all(award.winner is not None for award in awards)
        raise typer.Exit(ExitCode.DONE if done else ExitCode.WITHHELD)
