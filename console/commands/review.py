"""`dataagents review`: a person judges the cells that teach most, and the next run is better."""

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from dataagents.console.commands.ending import Ending
from dataagents.console.commands.options import DebugOption, JsonOption, StoreOption
from dataagents.console.launch import DEFAULT_STORE
from dataagents.core.errors import InputError

if TYPE_CHECKING:
    from dataagents.console.view.reviews import Asked
    from dataagents.core.detection.review import Label
    from dataagents.core.detection.sheet import SheetCell

EXAMPLES = """\b
Examples:
  dataagents review                        20 cells of the latest run, one by one
  dataagents review 7m3k --rows            20 whole rows: teaches most
  dataagents review --json > cells.json    the cells, for a program or an editor
  dataagents review --answers cells.json   the same, with the answers filled in

\b
A file of answers is what --json wrote, or CSV: row,column,answer,correct.
An answer is wrong, right or skip. The next run of the data set goes by them;
'dataagents lessons' lists them, and can disable or forget them.
"""
BATCH = 5
"""So many cells are answered before the next are chosen by what they taught."""


def review(
    run: Annotated[
        str, typer.Argument(metavar="[RUN]", help="Its id, or the beginning or end of it.")
    ] = "latest",
    rows: Annotated[
        bool, typer.Option("--rows", help="Ask about whole rows, not single cells.")
    ] = False,
    count: Annotated[
        int, typer.Option("--count", metavar="N", min=1, max=200, help="How many to ask about.")
    ] = 20,
    dataset: Annotated[
        str | None,
        typer.Option("--dataset", metavar="NAME", help="Which data set of a run with several."),
    ] = None,
    answers: Annotated[
        str | None,
        typer.Option("--answers", metavar="FILE", help="Take answers from here; - is stdin."),
    ] = None,
    store: StoreOption = DEFAULT_STORE,
    json: JsonOption = False,
    debug: DebugOption = False,
) -> None:
    """Judge the cells whose answers teach most; the next run of the data goes by them."""
    with Ending(debug):
        from dataagents.console.commands.ending import tell
        from dataagents.console.commands.output import say, write_json
        from dataagents.console.commands.review_file import keep_answers, load_answers, read_sheet
        from dataagents.console.commands.review_report import kept_json
        from dataagents.console.view.reviews import cells_json, kept_lines

        asked = read_sheet(store, run, dataset)
        if answers is not None:
            given = load_answers(answers, asked)
        elif json:
            write_json(cells_json(asked, _cells(asked, count, rows=rows)))
            return
        else:
            given = _ask(asked, count, rows=rows)
        if not given:
            tell("No answers; nothing changes.")
            return
        kept = keep_answers(store, asked, given)
        if json:
            write_json(kept_json(kept))
        else:
            say(kept_lines(kept))


def _cells(asked: "Asked", count: int, *, rows: bool) -> tuple["SheetCell", ...]:
    from dataagents.core.detection.sheet import select_cells

    if rows:
        return tuple(cell for row in asked.sheet.rows[:count] for cell in row)
    return select_cells(asked.sheet.groups, asked.labels, count)


def _ask(asked: "Asked", count: int, *, rows: bool) -> tuple["Label", ...]:
    """Ask a person at the terminal; what was answered before they quit counts.

    Raises:
        InputError: There is nobody at a terminal.
    """
    if not _attended():
        hint = "Write the cells with --json, and give the answers with --answers FILE."
        raise InputError("review", "there is no terminal to ask at", hint=hint)
    given: list[Label] = []
    try:
        for label in _by_rows(asked, count) if rows else _by_cells(asked, count, given):
            given.append(label)
    except (typer.Abort, EOFError):
        typer.echo(err=True)
    return tuple(given)


def _attended() -> bool:
    return sys.stdin.isatty() and sys.stderr.isatty()


def _by_cells(asked: "Asked", count: int, given: list["Label"]) -> Iterator["Label"]:
    """Ask about cells, the next few always by what the answers taught so far."""
    from dataagents.console.commands.output import Screen, put
    from dataagents.console.commands.review_report import cell_report
    from dataagents.core.detection.review import merged
    from dataagents.core.detection.sheet import select_cells

    screen, done = Screen("stderr"), 0
    passed: set[tuple[int, str]] = set()
    while done < count:
        labels = merged(asked.labels, given)
        chosen = select_cells(asked.sheet.groups, labels, count + len(passed))
        batch = [each for each in chosen if (each.row, each.column) not in passed]
        if not batch:
            return
        for cell in batch[: min(BATCH, count - done)]:
            done += 1
            put(screen, cell_report(asked, cell, done, count))
            said = _prompt("wrong, right, skip, quit, or =VALUE when wrong and known")
            if said in ("q", "quit"):
                return
            if said.startswith("="):
                yield cell.label(wrong=True, correction=said[1:])
            elif said in ("w", "wrong", "r", "right"):
                yield cell.label(wrong=said[0] == "w")
            else:
                passed.add((cell.row, cell.column))


def _by_rows(asked: "Asked", count: int) -> Iterator["Label"]:
    from dataagents.console.commands.output import Screen, put
    from dataagents.console.commands.review_report import row_report

    screen, rows = Screen("stderr"), asked.sheet.rows[:count]
    for number, cells in enumerate(rows, start=1):
        put(screen, row_report(cells, number, len(rows)))
        while True:
            said = _prompt("numbers of the wrong cells (2 or 2=VALUE), none, skip, quit")
            if said in ("q", "quit"):
                return
            wrong = _numbers(said, len(cells))
            if wrong is not None:
                break
        if said not in ("s", "skip", ""):
            for place, cell in enumerate(cells, start=1):
                yield cell.label(wrong=place in wrong, correction=wrong.get(place))


def _numbers(said: str, most: int) -> dict[int, str | None] | None:
    """Return numbers of cells, with what should be there if said; None when it can't be meant."""
    if said in ("none", "n", "s", "skip", ""):
        return {}
    found: dict[int, str | None] = {}
    for each in said.split(","):
        number, equals, value = each.strip().partition("=")
        if not (number.isdecimal() and 1 <= int(number) <= most):
            return None
        found[int(number)] = value if equals else None
    return found


def _prompt(question: str) -> str:
    answer: str = typer.prompt(question, default="", show_default=False, err=True)
    return answer.strip()
